// The extension's start and end: makes the parts and joins them. Nothing is decided here.

import { commands, window, workspace, type ExtensionContext, type Uri } from "vscode";
import { analyze } from "./commands/analyze";
import { capture } from "./commands/capture";
import { clear } from "./commands/clear";
import type { Tools } from "./commands/run";
import { ServerConnection } from "./server/connection";
import { ANALYSIS_SECTIONS } from "./settings";
import { StatusItem } from "./status/item";

let server: ServerConnection | undefined;

export function activate(context: ExtensionContext): void {
    const log = window.createOutputChannel("Heapmark", { log: true });
    const connection = new ServerConnection(context, log);
    const status = new StatusItem();
    const tools: Tools = { server: connection, log };
    server = connection;
    context.subscriptions.push(
        log,
        status,
        connection,
        connection.onVersion((version) => {
            status.setVersion(version);
        }),
        connection.onStatus((state) => {
            status.show(state);
        }),
        commands.registerCommand("heapmark.capture", () => capture(tools)),
        commands.registerCommand("heapmark.analyze", (clicked?: Uri, selected?: Uri[]) => analyze(tools, clicked, selected)),
        commands.registerCommand("heapmark.clear", () => clear(tools)),
        commands.registerCommand("heapmark.restartServer", () => connection.restart()),
        commands.registerCommand("heapmark.showOutput", () => {
            log.show();
        }),
        workspace.onDidChangeConfiguration((change) => {
            if (change.affectsConfiguration("heapmark.server")) {
                void connection.restart();
            } else if (ANALYSIS_SECTIONS.some((section) => change.affectsConfiguration(section))) {
                void connection.settingsChanged();
            }
        }),
    );
    // Not awaited: a command that activates us waits for the server by itself.
    void connection.ready();
}

export async function deactivate(): Promise<void> {
    await server?.stop();
}
