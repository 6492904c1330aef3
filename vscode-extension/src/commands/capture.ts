// Heapmark: Capture Heap Snapshot… From a running program, as often as wanted, and then on to the analysis.

import { commands, window, workspace } from "vscode";
import { ServerCommand, type CaptureRequest, type Captured } from "../protocol";
import { analysisSettings } from "../settings";
import { fileName, formatBytes, snapshotNameProblem } from "../text";
import { analyze } from "./analyze";
import { pickTarget } from "./pickTarget";
import { runWithProgress, type Tools } from "./run";

const ANALYZE = "Analyze";
const CAPTURE_ANOTHER = "Capture Another";
const OPEN_FOLDER = "Open Folder…";

export async function capture(tools: Tools): Promise<void> {
    if (workspace.workspaceFolders === undefined) {
        await askForFolder();
        return;
    }
    if ((await tools.server.ready()) === undefined) {
        return;
    }
    const target = await pickTarget(tools);
    if (target !== undefined) {
        await captureFrom(tools, target);
    }
}

async function captureFrom(tools: Tools, target: CaptureRequest): Promise<void> {
    const name = await askForName();
    if (name === undefined) {
        return;
    }
    const request = name === "" ? target : { ...target, name };
    const captured = await runWithProgress<Captured>(tools, "Capturing a heap snapshot", ServerCommand.capture, request);
    if (captured === undefined) {
        return;
    }
    const message = `Captured ${fileName(captured.file)}: ${formatBytes(captured.bytes)} in ${captured.seconds.toFixed(1)} s.`;
    tools.log.info(message);
    // A new snapshot is analysed without being asked, unless the user does not want that.
    const offers = analysisSettings().analyzeOnOpen ? ([CAPTURE_ANOTHER] as const) : ([ANALYZE, CAPTURE_ANOTHER] as const);
    switch (await window.showInformationMessage(message, ...offers)) {
        case ANALYZE:
            await analyze(tools);
            break;
        case CAPTURE_ANOTHER:
            await captureFrom(tools, target);
            break;
        case undefined:
            break;
    }
}

/** Empty when the server shall find a name; undefined when the user changed their mind. */
async function askForName(): Promise<string | undefined> {
    const name = await window.showInputBox({
        title: "Capture Heap Snapshot",
        prompt: "A name for the snapshot, or nothing",
        placeHolder: "such as: baseline, after-1000-requests",
        ignoreFocusOut: true,
        validateInput: snapshotNameProblem,
    });
    return name?.trim();
}

async function askForFolder(): Promise<void> {
    const choice = await window.showErrorMessage("Open the folder of your program first: snapshots are kept in its folder .heapmark.", OPEN_FOLDER);
    if (choice === OPEN_FOLDER) {
        await commands.executeCommand("workbench.action.files.openFolder");
    }
}
