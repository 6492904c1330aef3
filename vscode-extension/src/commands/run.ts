// Runs a command of the server's where the user can see how far it is, cancel it, and read why it failed.

import { ProgressLocation, window, type LogOutputChannel } from "vscode";
import { LSPErrorCodes, ResponseError } from "vscode-languageclient/node";
import { showError } from "../server/messages";
import type { ProgressListener, ServerConnection } from "../server/connection";

/** What the commands work with. */
export interface Tools {
    readonly server: ServerConnection;
    readonly log: LogOutputChannel;
}

/** How often a command is asked again that the server dropped. */
const ATTEMPTS = 5;

/** The server's answer; undefined when there is none, for whatever reason: the user knows then. */
export async function runWithProgress<Answer>({ server, log }: Tools, title: string, command: string, argument: object): Promise<Answer | undefined> {
    const client = await server.ready();
    if (client === undefined) {
        return undefined;
    }
    return window.withProgress({ location: ProgressLocation.Notification, title, cancellable: true }, async (progress, token) => {
        let reached = 0;
        const listener: ProgressListener = ({ message, percentage }) => {
            const increment = percentage === undefined ? 0 : Math.max(0, percentage - reached);
            reached += increment;
            progress.report({ increment, ...(message === undefined ? {} : { message }) });
        };
        for (let attempt = 1; ; attempt += 1) {
            try {
                return await server.executeLong<Answer>(client, command, argument, listener, token);
            } catch (error) {
                if (token.isCancellationRequested) {
                    return undefined;
                }
                // A snapshot that appears makes the server begin anew by itself, and drop what it was asked for.
                const dropped = error instanceof ResponseError && error.code === LSPErrorCodes.RequestCancelled;
                if (!dropped || attempt === ATTEMPTS) {
                    showFailure(log, error);
                    return undefined;
                }
            }
        }
    });
}

/** A failed command's message is shown as it is: the server writes it for people. */
export function showFailure(log: LogOutputChannel, error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    log.error(message);
    showError(message, log);
}
