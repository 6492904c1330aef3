// Heapmark in the real VS Code: a program that leaks, snapshots taken from the palette, and the finding on the line that is to blame.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test, type TestContext } from "node:test";
import { promisify } from "node:util";
import { installCodeServer } from "./code-server.ts";
import { LeakyServer, copyProgram, freeInspectorPort, type Mark } from "./program.ts";
import { packageExtension } from "./vsix.ts";
import { Workbench } from "./workbench.ts";

const OUTPUT = path.resolve(import.meta.dirname, "../output");
const IMAGE = path.resolve(import.meta.dirname, "../../../docs/images/editor.png");
const SIZE = /\d[\d,.]* (?:B|kB|MB|GB)/;

let folder: string;

before(
    async () => {
        await installCodeServer();
        folder = await mkdtemp(path.join(tmpdir(), "heapmark-vscode-"));
        await rm(OUTPUT, { recursive: true, force: true });
    },
    { timeout: 1_500_000 },
);

after(async () => {
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
});

test("without a server, the extension says so and what to do about it", { timeout: 300_000 }, async (t) => {
    const workspace = path.join(folder, "no-server-workspace");
    await mkdir(path.join(workspace, ".heapmark"), { recursive: true });
    const vsix = await packageExtension(folder, "no-server");
    const workbench = await Workbench.open({ workspace, vsix, folder: path.join(folder, "no-server") });
    await inWorkbench(t, workbench, async (step) => {
        await step("a message tells where it was looked for, and leads to the setting", async () => {
            const message = await workbench.message("The Heapmark server was not found");
            await workbench.screenshot(path.join(OUTPUT, "no-server.png"));
            await workbench.press(message, "Open Settings");
            await workbench.page.locator(".settings-editor", { hasText: "Server: Path" }).waitFor();
            await workbench.screenshot(path.join(OUTPUT, "settings.png"));
        });
    });
});

test("a leak is captured, analyzed, and shown on the line of source that is to blame", { timeout: 600_000 }, async (t) => {
    const workspace = path.join(folder, "leaky-server");
    const marks = await copyProgram(workspace);
    const holder = marks.find((mark) => mark.first);
    assert.ok(holder, "tests/programs/leaky-server marks no line as the first finding");
    const leaked = marks.find((mark) => mark.file === holder.file && mark.rule === holder.rule && mark.role === "leaked");
    assert.ok(leaked, `${holder.file} marks no class or function whose instances pile up`);

    let program = await LeakyServer.start(workspace, 0);
    t.after(() => program.stop());
    const vsix = await packageExtension(folder, "heapmark", await serverBinary());
    const workbench = await Workbench.open({ workspace, vsix, folder: path.join(folder, "editor") });
    const anotherServer = (old: number): Promise<boolean> =>
        workbench.until(`another server than process ${String(old)}`, async () => {
            const now = await serverProcess();
            return now > 0 && now !== old;
        });
    await inWorkbench(t, workbench, async (step) => {
        await step("snapshots are captured from the palette, and again from the message", async () => {
            await program.visit(60);
            await workbench.run("Heapmark: Capture Heap Snapshot…");
            await workbench.waitForInput("Enter host and port…");
            await workbench.choose("Enter host and port…");
            await workbench.waitForInput("inspector listens");
            await workbench.type("not an address");
            await workbench.waitForInput("is not a host and port");
            await workbench.type(program.inspector);
            await workbench.accept();
            await capture(workbench, workspace, "baseline");
            for (const name of ["target", "final"]) {
                await program.visit(600);
                await workbench.press(await workbench.message(/Captured \S+\.heapsnapshot/), "Capture Another");
                await capture(workbench, workspace, name);
            }
            await workbench.screenshot(path.join(OUTPUT, "captured.png"));
        });

        await step("the analysis says in a message how many leaks there are", async () => {
            await workbench.run("Notifications: Clear All Notifications");
            await workbench.run("Heapmark: Analyze Snapshots");
            await workbench.message(/LEAK: \d+ leaks?, /);
            await workbench.statusItem(/\d+ leaks?/);
            await workbench.screenshot(path.join(OUTPUT, "analyzed.png"));
            await workbench.run("Notifications: Clear All Notifications");
        });

        await step("the marked line has the warning, in the Problems view and under the text", async () => {
            await workbench.openFile(holder.file, holder.line);
            await workbench.squiggle(holder.line, "warning");
            const warning = await workbench.problem(holder.line);
            assert.match(warning, /heapmark/);
            assert.match(warning, SIZE);
            await workbench.screenshot(path.join(OUTPUT, "problems.png"));
            await workbench.run("View: Hide Panel");
        });

        await step("a hover on the marked names tells their retained size", async () => {
            await showForPicture(workbench, holder);
            const ofHolder = await workbench.hover(holder.line, "warning", /retains/);
            assert.match(ofHolder, new RegExp(`retains ${SIZE.source}`));
            await workbench.screenshot(path.join(OUTPUT, "hover-holder.png"));
            if (process.env.HEAPMARK_UPDATE_IMAGES === "1") {
                await workbench.enlargeHover();
                await workbench.screenshot(IMAGE);
            }
            const ofLeaked = await workbench.hover(leaked.line, "hint", /[\d,]+ alive/);
            assert.match(ofLeaked, new RegExp(`retains ${SIZE.source}`));
            await workbench.screenshot(path.join(OUTPUT, "hover-leaked.png"));
        });

        await step("a truncated snapshot is said to be so, and the server still answers", async () => {
            const whole = await readFile(path.join(workspace, ".heapmark/baseline.heapsnapshot"));
            await writeFile(path.join(workspace, "broken.heapsnapshot"), whole.subarray(0, whole.length / 2));
            await workbench.message(/broken\.heapsnapshot.*cut off/);
            await workbench.screenshot(path.join(OUTPUT, "truncated.png"));
            await rm(path.join(workspace, "broken.heapsnapshot"));
            await workbench.run("Notifications: Clear All Notifications");
            await workbench.run("Heapmark: Analyze Snapshots");
            await workbench.message(/leak/);
            await workbench.hover(holder.line, "warning", /retain/);
        });

        await step("clearing takes the findings away, and a new server finds them again", async () => {
            await workbench.run("Notifications: Clear All Notifications");
            await workbench.run("Heapmark: Clear Results");
            await workbench.noSquiggle(holder.line, "warning");
            await workbench.statusItem(/^\s*Heapmark\s*$/);
            const old = await serverProcess();
            await workbench.run("Heapmark: Restart Server");
            // Until the new one runs, what the old one found may still be shown: the next step would kill a server that only starts.
            await anotherServer(old);
            await workbench.statusItem(/\d+ leaks?/);
            await workbench.squiggle(holder.line, "warning");
        });

        await step("a server that dies is started again, and answers", async () => {
            const dead = await serverProcess();
            assert.ok(dead > 0, "no server runs");
            process.kill(dead, "SIGKILL");
            await anotherServer(dead);
            await workbench.run("Notifications: Clear All Notifications");
            await workbench.run("Heapmark: Analyze Snapshots");
            await workbench.message(/leak/);
            await workbench.squiggle(holder.line, "warning");
        });

        await step("fixed, restarted and captured again, the line is clean", async () => {
            await program.stop();
            await fix(workspace, marks);
            program = await LeakyServer.start(workspace, await freeInspectorPort());
            await program.visit(400);
            await workbench.run("Heapmark: Capture Heap Snapshot…");
            await workbench.waitForInput(program.inspector);
            await workbench.screenshot(path.join(OUTPUT, "targets.png"));
            await workbench.choose(program.inspector);
            await capture(workbench, workspace, "fixed-1");
            for (const name of ["fixed-2", "fixed-3"]) {
                await program.visit(600);
                await workbench.press(await workbench.message(/Captured \S+\.heapsnapshot/), "Capture Another");
                await capture(workbench, workspace, name);
            }
            await workbench.run("Notifications: Clear All Notifications");
            await workbench.run("Heapmark: Analyze Snapshots");
            await workbench.message(/LEAK: 1 leak, [^]*fixed-1\.heapsnapshot/);
            await workbench.noSquiggle(holder.line, "warning");
            await workbench.screenshot(path.join(OUTPUT, "fixed.png"));
        });
    });
});

/** The program to bundle: HEAPMARK_BINARY. */
async function serverBinary(): Promise<string> {
    const named = process.env.HEAPMARK_BINARY;
    if (named === undefined || named === "") {
        throw new Error('HEAPMARK_BINARY is not set: build the server with "cargo build --package heapmark" and set it to the program\'s path');
    }
    const binary = path.resolve(named);
    await stat(binary);
    return binary;
}

/** The process id of the server that the workbench runs, when it runs one. */
async function serverProcess(): Promise<number> {
    const { stdout } = await promisify(execFile)("pgrep", ["-f", `^${folder}/.*/server/heapmark lsp`]).catch(() => ({ stdout: "" }));
    return Number(stdout.trim() || Number.NaN);
}

/** Answers the name and waits for the file. */
async function capture(workbench: Workbench, workspace: string, name: string): Promise<void> {
    await workbench.waitForInput("A name for the snapshot");
    await workbench.type(name);
    await workbench.accept();
    await workbench.message(`Captured ${name}.heapsnapshot`);
    const files = await readdir(path.join(workspace, ".heapmark"));
    assert.ok(files.includes(`${name}.heapsnapshot`), files.join(", "));
}

/** Bounds the collection that grows: what a person would do about the finding. */
async function fix(workspace: string, marks: readonly Mark[]): Promise<void> {
    const grows = marks.find((mark) => mark.rule === "growing-collection" && mark.role === "grows");
    assert.ok(grows, "tests/programs/leaky-server marks no line where its collection grows");
    const collection = /(\w+)\.set\(/.exec(grows.text)?.[1];
    assert.ok(collection, `no map grows in ${grows.text}`);
    const file = path.join(workspace, grows.file);
    const lines = (await readFile(file, "utf8")).split("\n");
    // On the same line, so that the lines below stay where they are.
    lines[grows.line - 1] = `${grows.text} if (${collection}.size > 100) ${collection}.delete(${collection}.keys().next().value);`;
    await writeFile(file, lines.join("\n"));
}

/** The file alone in the window. */
async function showForPicture(workbench: Workbench, mark: Mark): Promise<void> {
    await workbench.run("View: Close Primary Side Bar");
    await workbench.openFile(mark.file, mark.line);
}

type Step = (name: string, body: () => Promise<void>) => Promise<void>;

/** Runs the steps of a test up to the first that fails, of which it leaves a picture and the logs; closes the workbench. */
async function inWorkbench(t: TestContext, workbench: Workbench, steps: (step: Step) => Promise<void>): Promise<void> {
    try {
        await steps(async (name, body) => {
            let failure: unknown;
            await t.test(name, async () => {
                try {
                    await body();
                } catch (error) {
                    failure = error;
                    await keepEvidence(workbench, name);
                    throw error;
                }
            });
            if (failure !== undefined) {
                throw new Error(`the steps after "${name}" were not tried`);
            }
        });
    } finally {
        await workbench.close();
    }
}

async function keepEvidence(workbench: Workbench, name: string): Promise<void> {
    const file = path.join(OUTPUT, `failed-${name.replace(/\W+/g, "-").slice(0, 40)}`);
    await mkdir(OUTPUT, { recursive: true });
    await workbench.screenshot(`${file}.png`).catch(console.error);
    await writeFile(`${file}.log`, await workbench.log("eapmark"));
    console.error(`a picture and the logs: ${file}.png, .log`);
}
