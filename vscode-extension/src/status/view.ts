// What the status bar item says for each state. Pure: words and command names only (see item.ts for the item).

import type { ServerStatus } from "../protocol";
import { count } from "../text";

/** The states of the client's own, when there is no server to ask. */
export type ClientState = "starting" | "stopped";

export type Status = ServerStatus | { readonly state: ClientState };

export interface StatusView {
    /** With `$(icon)` markup. */
    readonly text: string;
    /** A sentence in plain text: it may hold anything the server says, file names among it. */
    readonly detail: string;
    /** The command that a click runs, and what it does. */
    readonly click: { readonly command: string; readonly title: string };
    readonly background: "none" | "warning" | "error";
}

const showProblems = { command: "workbench.actions.view.problems", title: "Show the findings" };
const capture = { command: "heapmark.capture", title: "Capture a heap snapshot" };
const showOutput = { command: "heapmark.showOutput", title: "Show the output" };
const restart = { command: "heapmark.restartServer", title: "Restart the server" };

/** The view of a state. */
export function viewOf(status: Status): StatusView {
    switch (status.state) {
        case "starting":
            return { text: "$(loading~spin) Heapmark", detail: "The server is starting.", click: showOutput, background: "none" };
        case "stopped":
            return { text: "$(circle-slash) Heapmark", detail: "The server is not running.", click: restart, background: "none" };
        case "analyzing":
            return { text: "$(loading~spin) Heapmark: analyzing", detail: status.message, click: showOutput, background: "none" };
        case "capturing":
            return { text: "$(loading~spin) Heapmark: capturing", detail: status.message, click: showOutput, background: "none" };
        case "error":
            return { text: "$(error) Heapmark", detail: status.message, click: showOutput, background: "error" };
        case "idle":
            return idle(status);
    }
}

function idle({ outcome, findings, warnings, message: detail }: ServerStatus): StatusView {
    // What was found leads to the findings; where there are none, the next thing to do is another snapshot.
    const click = findings > 0 ? showProblems : capture;
    switch (outcome) {
        case "leak":
            return { text: `$(warning) ${count(warnings, "leak")}`, detail, click, background: "warning" };
        case "cannot-tell":
            return { text: "$(question) Heapmark: cannot tell yet", detail, click, background: "none" };
        case "clean":
            return { text: "$(pass) Heapmark: no leak", detail, click, background: "none" };
        case null:
            return { text: "$(pulse) Heapmark", detail, click: capture, background: "none" };
    }
}
