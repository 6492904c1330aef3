// The message that says why there is no server, with buttons for what a user can do about it.

import { commands, window, type LogOutputChannel } from "vscode";

const OPEN_SETTINGS = "Open Settings";
const TRY_AGAIN = "Try Again";
const SHOW_OUTPUT = "Show Output";

export async function offerHelp(problem: string, log: LogOutputChannel, restart: () => Promise<void>): Promise<void> {
    switch (await window.showErrorMessage(problem, OPEN_SETTINGS, TRY_AGAIN, SHOW_OUTPUT)) {
        case OPEN_SETTINGS:
            await commands.executeCommand("workbench.action.openSettings", "heapmark.server");
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
