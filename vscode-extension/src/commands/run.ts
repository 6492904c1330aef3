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

/** How a command ended: with an answer; with none, and the user knows why; or stopped by the server for newer work of the same kind. */
export type Outcome<Answer> = { readonly answer: Answer } | "none" | "replaced";

export async function runWithProgress<Answer>({ server, log }: Tools, title: string, command: string, argument: object): Promise<Outcome<Answer>> {
    const client = await server.ready();
    if (client === undefined) {
        return "none";
    }
    return window.withProgress({ location: ProgressLocation.Notification, title, cancellable: true }, async (progress, token) => {
        let reached = 0;
        const listener: ProgressListener = ({ message, percentage }) => {
            const increment = percentage === undefined ? 0 : Math.max(0, percentage - reached);
            reached += increment;
            progress.report({ increment, ...(message === undefined ? {} : { message }) });
        };
        try {
            return { answer: await server.executeLong<Answer>(client, command, argument, listener, token) };
        } catch (error) {
            if (token.isCancellationRequested) {
                return "none";
            }
            if (error instanceof ResponseError && error.code === LSPErrorCodes.RequestCancelled) {
                return "replaced";
            }
            showFailure(log, error);
            return "none";
        }
    });
}

/** A failed command's message is shown as it is: the server writes it for people. */
export function showFailure(log: LogOutputChannel, error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    log.error(message);
    showError(message, log);
}
