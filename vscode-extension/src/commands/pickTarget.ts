// Asks which running program is meant: one of those that the server found, or a host and port typed in.

import { QuickPickItemKind, window, type QuickPickItem } from "vscode";
import { formatAddress, parseAddress } from "../address";
import { ServerCommand, type CaptureRequest, type InspectorTarget } from "../protocol";
import { fileName } from "../text";
import type { Tools } from "./run";

interface TargetItem extends QuickPickItem {
    /** Undefined for "Enter host and port…". */
    readonly request?: CaptureRequest;
}

const TITLE = "Capture Heap Snapshot";
const ENTER_ADDRESS: TargetItem = { label: "$(edit) Enter host and port…", alwaysShow: true };

/** Undefined when the user changed their mind, or when there is no server. */
export async function pickTarget(tools: Tools): Promise<CaptureRequest | undefined> {
    const chosen = await window.showQuickPick(targetItems(tools), {
        title: TITLE,
        placeHolder: "A program that runs with node --inspect",
        matchOnDescription: true,
        matchOnDetail: true,
    });
    if (chosen === undefined) {
        return undefined;
    }
    return chosen.request ?? enterAddress();
}

async function targetItems({ server, log }: Tools): Promise<TargetItem[]> {
    const client = await server.ready();
    if (client === undefined) {
        return [ENTER_ADDRESS];
    }
    try {
        const targets = await server.execute<InspectorTarget[]>(client, ServerCommand.targets);
        const separator = { label: "", kind: QuickPickItemKind.Separator };
        return [...targets.map(targetItem), ...(targets.length === 0 ? [] : [separator]), ENTER_ADDRESS];
    } catch (error) {
        // The list is a convenience: an address can still be typed in.
        log.warn("looking for running programs:", error);
        return [ENTER_ADDRESS];
    }
}

function targetItem(target: InspectorTarget): TargetItem {
    const { host, port, websocketUrl } = target;
    const name = target.title === "" ? fileName(target.url) : target.title;
    return {
        label: `$(vm-running) ${name}`,
        description: formatAddress({ host, port }),
        detail: target.url,
        request: { host, port, websocketUrl },
    };
}

async function enterAddress(): Promise<CaptureRequest | undefined> {
    const text = await window.showInputBox({
        title: TITLE,
        prompt: "Where the program's inspector listens: host:port, or the ws:// address that Node.js printed",
        value: "127.0.0.1:9229",
        ignoreFocusOut: true,
        validateInput: (typed) => {
            const parsed = parseAddress(typed);
            return typeof parsed === "string" ? parsed : undefined;
        },
    });
    const address = text === undefined ? undefined : parseAddress(text);
    return typeof address === "string" ? undefined : address;
}
