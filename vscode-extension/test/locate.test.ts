import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { SERVER_VARIABLE, locateServer, type Surroundings } from "../src/server/locate";

// Real programs in a real folder: shell scripts that answer --version.
let folder: string;

beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), "heapmark-locate-"));
});

afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
});

function program(name: string, output: string, mode = 0o755): string {
    const file = path.join(folder, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, `#!/bin/sh\n[ "$1" = --version ] && echo '${output}'\n`);
    chmodSync(file, mode);
    return file;
}

function surroundings(changes: Partial<Surroundings> = {}): Surroundings {
    return {
        setting: "",
        environment: { PATH: [path.join(folder, "bin"), "/usr/bin", "/bin"].join(path.delimiter) },
        extensionFolder: path.join(folder, "extension"),
        home: path.join(folder, "home"),
        platform: "linux",
        ...changes,
    };
}

async function problem(changes: Partial<Surroundings>): Promise<string> {
    const located = await locateServer(surroundings(changes));
    assert.ok("problem" in located, JSON.stringify(located));
    return located.problem;
}

test("the setting comes before the variable, this before the extension's own server, this before the PATH", async () => {
    const onPath = program("bin/heapmark", "heapmark 0.1.0");
    assert.deepEqual(await locateServer(surroundings()), { program: onPath, version: "0.1.0", origin: "the PATH" });

    const bundled = program("extension/server/heapmark", "heapmark 0.2.0");
    assert.deepEqual(await locateServer(surroundings()), { program: bundled, version: "0.2.0", origin: "this extension" });

    const variable = program("variable/heapmark", "heapmark 0.3.0");
    const environment = { ...surroundings().environment, [SERVER_VARIABLE]: variable };
    assert.deepEqual(await locateServer(surroundings({ environment })), {
        program: variable,
        version: "0.3.0",
        origin: "the environment variable HEAPMARK_SERVER",
    });

    const setting = program("setting/heapmark-nightly", "heapmark 0.4.0-dev");
    assert.deepEqual(await locateServer(surroundings({ environment, setting })), {
        program: setting,
        version: "0.4.0-dev",
        origin: "the setting heapmark.server.path",
    });
});

test("a setting that starts with ~/ means the home folder", async () => {
    const installed = program("home/.cargo/bin/heapmark", "heapmark 1.0.0");
    const located = await locateServer(surroundings({ setting: "~/.cargo/bin/heapmark" }));
    assert.equal("program" in located && located.program, installed);
});

test("what the user named is never passed over for another server", async () => {
    program("bin/heapmark", "heapmark 0.1.0");
    assert.match(await problem({ setting: path.join(folder, "nowhere") }), /"[^"]*nowhere", from the setting heapmark.server.path, does not exist/);
    assert.match(await problem({ setting: "bin/heapmark" }), /not an absolute path/);
    assert.match(await problem({ setting: folder }), /does not exist/);
    assert.match(await problem({ environment: { [SERVER_VARIABLE]: "/no/such/heapmark" } }), /HEAPMARK_SERVER, does not exist/);
});

test("a program that is not heapmark, fails, or may not be run is refused with the reason", async () => {
    assert.match(await problem({ setting: program("other", "otherprogram 1.0") }), /does not answer --version as heapmark does/);
    assert.match(await problem({ setting: program("plain", "heapmark 1.0.0", 0o644) }), /it is not executable/);
    const failing = path.join(folder, "failing");
    writeFileSync(failing, "#!/bin/sh\nexit 3\n", { mode: 0o755 });
    assert.match(await problem({ setting: failing }), /does not run: Command failed/);
});

test("a broken server in the extension gives way to the one on the PATH", async () => {
    program("extension/server/heapmark", "heapmark 0.2.0", 0o644);
    const onPath = program("bin/heapmark", "heapmark 0.1.0");
    const located = await locateServer(surroundings());
    assert.equal("program" in located && located.program, onPath);
});

test("the complaint tells what was wrong with the ones that were found, and what to do", async () => {
    program("extension/server/heapmark", "heapmark 0.2.0", 0o644);
    assert.match(await problem({}), /extension\/server\/heapmark does not run: it is not executable\. Install heapmark, or say where it is/);
});

test("without any server the complaint says where it was looked for", async () => {
    assert.match(await problem({}), /was not found\. It is neither in this extension nor on the PATH\. Install heapmark/);
});

test("a relative entry of the PATH is not looked at", async () => {
    program("bin/heapmark", "heapmark 0.1.0");
    const relative = path.relative(process.cwd(), path.join(folder, "bin"));
    assert.match(await problem({ environment: { PATH: `${relative}${path.delimiter}.` } }), /was not found/);
});
