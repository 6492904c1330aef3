// Where the `heapmark` program is: the setting, else HEAPMARK_SERVER, else the one in this extension, else the PATH.
// Not here: running it (see connection.ts). Nothing is ever downloaded.

import { execFile } from "node:child_process";
import { constants } from "node:fs";
import { access, stat } from "node:fs/promises";
import * as path from "node:path";

export const SERVER_VARIABLE = "HEAPMARK_SERVER";

/** Everything that the look-up depends on. */
export interface Surroundings {
    /** The setting heapmark.server.path; empty when not set. */
    readonly setting: string;
    readonly environment: Readonly<Record<string, string | undefined>>;
    /** The folder that this extension is installed in. */
    readonly extensionFolder: string;
    readonly home: string;
    readonly platform: NodeJS.Platform;
}

/** A program that answers to `--version`, or the sentence that says why there is none. */
export type Located =
    | { readonly program: string; readonly version: string; readonly origin: string }
    | { readonly problem: string };

/** Looks in the four places in their order. What the user named explicitly is used or complained about, never passed over. */
export async function locateServer(surroundings: Surroundings): Promise<Located> {
    const setting = surroundings.setting.trim();
    if (setting !== "") {
        return named(setting, "the setting heapmark.server.path", surroundings.home);
    }
    const variable = surroundings.environment[SERVER_VARIABLE] ?? "";
    if (variable !== "") {
        return named(variable, `the environment variable ${SERVER_VARIABLE}`, surroundings.home);
    }
    const executable = surroundings.platform === "win32" ? "heapmark.exe" : "heapmark";
    const problems: string[] = [];
    for (const [program, origin] of implicitPlaces(surroundings, executable)) {
        if (!(await isFile(program))) {
            continue;
        }
        const version = await versionOf(program);
        if (typeof version === "string") {
            return { program, version, origin };
        }
        problems.push(`${program} does not run: ${version.problem}.`);
    }
    const tried = problems.length === 0 ? "It is neither in this extension nor on the PATH." : problems.join(" ");
    return { problem: `The Heapmark server was not found. ${tried} Install heapmark, or say where it is in the setting heapmark.server.path.` };
}

async function named(text: string, origin: string, home: string): Promise<Located> {
    const program = text.startsWith("~/") || text.startsWith("~\\") ? path.join(home, text.slice(2)) : text;
    if (!path.isAbsolute(program)) {
        return { problem: `The Heapmark server "${text}", from ${origin}, is not an absolute path.` };
    }
    if (!(await isFile(program))) {
        return { problem: `The Heapmark server "${program}", from ${origin}, does not exist.` };
    }
    const version = await versionOf(program);
    return typeof version === "string"
        ? { program, version, origin }
        : { problem: `The Heapmark server "${program}", from ${origin}, does not run: ${version.problem}.` };
}

function* implicitPlaces(surroundings: Surroundings, executable: string): Generator<[string, string]> {
    yield [path.join(surroundings.extensionFolder, "server", executable), "this extension"];
    const variable = surroundings.environment.PATH ?? surroundings.environment.Path ?? "";
    for (const folder of variable.split(path.delimiter)) {
        // A relative entry would mean the workspace's files, which must not choose what is run.
        if (path.isAbsolute(folder)) {
            yield [path.join(folder, executable), "the PATH"];
        }
    }
}

async function isFile(program: string): Promise<boolean> {
    try {
        return (await stat(program)).isFile();
    } catch {
        return false;
    }
}

/** What `heapmark --version` says after the name. */
async function versionOf(program: string): Promise<string | { readonly problem: string }> {
    try {
        await access(program, constants.X_OK);
    } catch {
        return { problem: "it is not executable" };
    }
    return new Promise((resolve) => {
        execFile(program, ["--version"], { timeout: 10_000, windowsHide: true }, (error, stdout) => {
            const version = /^heapmark (\S+)/.exec(stdout)?.[1];
            if (version !== undefined) {
                resolve(version);
            } else {
                resolve({ problem: error === null ? "it does not answer --version as heapmark does" : firstLine(error.message) });
            }
        });
    });
}

function firstLine(text: string): string {
    return text.split("\n", 1)[0] ?? "";
}
