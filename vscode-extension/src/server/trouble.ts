// The message that says why there is no server, with buttons for what a user can do about it.

import { commands, env, window, type LogOutputChannel } from "vscode";

const OPEN_SETTINGS = "Open Settings";
const TRY_AGAIN = "Try Again";
const SHOW_OUTPUT = "Show Output";

export async function offerHelp(problem: string, log: LogOutputChannel, restart: () => Promise<void>): Promise<void> {
    switch (await window.showErrorMessage(problem, OPEN_SETTINGS, TRY_AGAIN, SHOW_OUTPUT)) {
        case OPEN_SETTINGS:
            // The path of a program belongs to one machine: in a remote window, the User settings do not show it.
            await commands.executeCommand(env.remoteName === undefined ? "workbench.action.openSettings" : "workbench.action.openRemoteSettings", { query: "heapmark.server" });
            break;
        case TRY_AGAIN:
            await restart();
            break;
        case SHOW_OUTPUT:
            log.show();
            break;
        case undefined:
            break;
    }
}
