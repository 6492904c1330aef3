import assert from "node:assert/strict";
import { test } from "node:test";
import type { Outcome } from "../src/protocol";
import { viewOf, type Status } from "../src/status/view";

function idle(outcome: Outcome | null, findings: number, warnings: number): Status {
    return { state: "idle", outcome, findings, warnings, message: "said by the server" };
}

test("leaks are counted, coloured, and lead to the Problems view", () => {
    const view = viewOf(idle("leak", 5, 2));
    assert.equal(view.text, "$(warning) 2 leaks");
    assert.equal(view.background, "warning");
    assert.equal(view.click.command, "workbench.actions.view.problems");
    assert.equal(viewOf(idle("leak", 1, 1)).text, "$(warning) 1 leak");
});

test("where nobody can tell yet, nothing says that there is no leak", () => {
    const view = viewOf(idle("cannot-tell", 3, 0));
    assert.equal(view.text, "$(question) Heapmark: cannot tell yet");
    assert.equal(view.background, "none");
    assert.equal(view.click.command, "workbench.actions.view.problems");
    assert.equal(viewOf(idle("cannot-tell", 0, 0)).click.command, "heapmark.capture");
});

test("no leak is said where snapshots were compared, and what is worth a look is a click away", () => {
    assert.equal(viewOf(idle("clean", 0, 0)).text, "$(pass) Heapmark: no leak");
    assert.equal(viewOf(idle("clean", 0, 0)).click.command, "heapmark.capture");
    assert.equal(viewOf(idle("clean", 2, 0)).click.command, "workbench.actions.view.problems");
});

test("with nothing to show, a click captures", () => {
    const view = viewOf(idle(null, 0, 0));
    assert.equal(view.text, "$(pulse) Heapmark");
    assert.equal(view.click.command, "heapmark.capture");
});

test("work in progress spins", () => {
    for (const state of ["analyzing", "capturing"] as const) {
        const view = viewOf({ state, outcome: null, findings: 0, warnings: 0, message: "reading final.heapsnapshot" });
        assert.equal(view.text, `$(loading~spin) Heapmark: ${state}`);
        assert.equal(view.detail, "reading final.heapsnapshot");
    }
});

test("an error is shown with the server's own sentence, and a click shows the output", () => {
    const view = viewOf({ state: "error", outcome: null, findings: 0, warnings: 0, message: "final.heapsnapshot is cut off" });
    assert.equal(view.background, "error");
    assert.equal(view.detail, "final.heapsnapshot is cut off");
    assert.equal(view.click.command, "heapmark.showOutput");
});

test("a click on a stopped server starts it again", () => {
    assert.equal(viewOf({ state: "stopped" }).click.command, "heapmark.restartServer");
    assert.equal(viewOf({ state: "starting" }).text, "$(loading~spin) Heapmark");
});
