// Heapmark: Analyze Snapshots. The workspace's newest ones, or the files chosen in the Explorer.

import { commands, window, type Uri } from "vscode";
import { ServerCommand, type AnalyzeRequest, type Analyzed } from "../protocol";
import { runWithProgress, type Tools } from "./run";

const SHOW_PROBLEMS = "Show Problems";

/** VS Code hands over what was clicked and all that is selected; nothing from the palette. */
export async function analyze(tools: Tools, clicked?: Uri, selected?: readonly Uri[]): Promise<void> {
    const chosen = selected ?? (clicked === undefined ? [] : [clicked]);
    const request: AnalyzeRequest = chosen.length === 0 ? {} : { files: chosen.map((uri) => uri.toString()) };
    const result = await runWithProgress<Analyzed>(tools, "Analyzing heap snapshots", ServerCommand.analyze, request);
    if (result === undefined) {
        return;
    }
    tools.log.info(result.summary);
    const show = result.outcome === "leak" ? window.showWarningMessage : window.showInformationMessage;
    const choice = await (result.findings > 0 ? show(result.summary, SHOW_PROBLEMS) : show(result.summary));
    if (choice === SHOW_PROBLEMS) {
        await commands.executeCommand("workbench.actions.view.problems");
    }
}
