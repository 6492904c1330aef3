// Messages for the user. Errors come with a way to the output, and without a button VS Code would fold a long one into a single line.

import { window, type LogOutputChannel } from "vscode";
import { MessageType, ShowMessageNotification, type LanguageClient } from "vscode-languageclient/node";

const SHOW_OUTPUT = "Show Output";

/** Shows an error, without waiting for the user. */
export function showError(message: string, log: LogOutputChannel): void {
    void window.showErrorMessage(message, SHOW_OUTPUT).then((choice) => {
        if (choice !== undefined) {
            log.show();
        }
    });
}

/** Shows the messages that the server sends by itself. It logs them, too. */
export function showServerMessages(client: LanguageClient, log: LogOutputChannel): void {
    client.onNotification(ShowMessageNotification.type, ({ type, message }) => {
        if (type === MessageType.Error) {
            showError(message, log);
        } else if (type === MessageType.Warning) {
            void window.showWarningMessage(message);
        } else {
            void window.showInformationMessage(message);
        }
    });
}
