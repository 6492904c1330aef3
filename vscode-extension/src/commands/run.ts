// Runs a command of the server's where the user can see how far it is, cancel it, and read why it failed.

import { ProgressLocation, window, type LogOutputChannel } from "vscode";
import { LSPErrorCodes, ResponseError } from "vscode-languageclient/node";
import type { ServerConnection } from "../server/connection";

/** What the commands work with. */
export interface Tools {
    readonly server: ServerConnection;
    readonly log: LogOutputChannel;
}

/** The server's answer; undefined when there is none, for whatever reason: the user knows then. */
export async function runWithProgress<Answer>({ server, log }: Tools, title: string, command: string, argument: object): Promise<Answer | undefined> {
    const client = await server.ready();
    if (client === undefined) {
        return undefined;
    }
    try {
        return await window.withProgress({ location: ProgressLocation.Notification, title, cancellable: true }, (progress, token) => {
            let reached = 0;
            return server.executeLong<Answer>(
                client,
                command,
                argument,
                ({ message, percentage }) => {
                    const increment = percentage === undefined ? 0 : Math.max(0, percentage - reached);
                    reached += increment;
                    progress.report({ increment, ...(message === undefined ? {} : { message }) });
                },
                token,
            );
        });
    } catch (error) {
        if (!(error instanceof ResponseError && error.code === LSPErrorCodes.RequestCancelled)) {
            showFailure(log, command, error);
        }
        return undefined;
    }
}

/** Shows a failed command's message as it is: the server writes it for people. */
export function showFailure(log: LogOutputChannel, command: string, error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    log.error(`${command}: ${message}`);
    void window.showErrorMessage(message, "Show Output").then((choice) => {
        if (choice !== undefined) {
            log.show();
        }
    });
}
