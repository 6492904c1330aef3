// code-server, the npm package that carries the real VS Code, installed once a machine into a cache folder.
// Not here: how it is run (see workbench.ts).

import { existsSync } from "node:fs";
import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import path from "node:path";
import { npm } from "./npm.ts";

const VERSION = "4.139.1";
const NATIVE_MODULES = ["@parcel/watcher", "@vscode/native-watchdog", "@vscode/spdlog", "node-pty"];
const NODE_PACKAGE = path.resolve(import.meta.dirname, "../node_modules/node");

/** The path of code-server's entry script, to be run with the Node.js that runs these tests. The first call on a machine takes minutes. */
export async function installCodeServer(): Promise<string> {
    const major = process.versions.node.split(".")[0];
    if (major !== "24") {
        throw new Error(`code-server ${VERSION} needs Node.js 24, and this is ${process.version}: run the tests with "npm test", which uses the one from package.json`);
    }
    // Native modules are built for one Node.js: the folder's name says which.
    const folder = path.join(cacheFolder(), `code-server-${VERSION}-node-${process.versions.node}-${process.platform}-${process.arch}`);
    const entry = path.join(folder, "node_modules/code-server/out/node/entry.js");
    const stamp = path.join(folder, "installed");
    if (existsSync(stamp) && existsSync(entry)) {
        return entry;
    }
    console.log(`installing code-server ${VERSION} into ${folder} (once, it takes a few minutes)`);
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    await writeFile(path.join(folder, "package.json"), JSON.stringify({ private: true }));
    // What the package's own install script does, less the native modules that a quiet workbench never loads: `kerberos`, for
    // one, wants the headers of a Kerberos library, which a plain machine does not have.
    const inside = path.join(folder, "node_modules/code-server/lib/vscode");
    const env = {
        PATH: `${path.dirname(process.execPath)}${path.delimiter}${process.env.PATH ?? ""}`,
        // The headers of the very Node.js that will load the native modules; node-gyp would download them otherwise.
        npm_config_nodedir: await nodeHeaders(),
    };
    await npm(folder, ["install", "--ignore-scripts", "--no-package-lock", `code-server@${VERSION}`], env);
    await npm(inside, ["install", "--ignore-scripts", "--omit=dev"], env);
    await npm(inside, ["rebuild", ...NATIVE_MODULES], env);
    await npm(path.join(inside, "extensions"), ["install", "--ignore-scripts", "--omit=dev"], env);
    if (!existsSync(entry)) {
        throw new Error(`npm installed code-server ${VERSION}, but ${entry} is not there: the package's layout has changed`);
    }
    await writeFile(stamp, `${new Date().toISOString()}\n`);
    return entry;
}

function cacheFolder(): string {
    const base = process.env.HEAPMARK_TEST_CACHE ?? process.env.XDG_CACHE_HOME ?? path.join(homedir(), ".cache");
    return path.join(base, "heapmark-tests");
}

async function nodeHeaders(): Promise<string> {
    const packages = path.join(NODE_PACKAGE, "node_modules");
    for (const name of await readdir(packages)) {
        const folder = path.join(packages, name);
        if (existsSync(path.join(folder, "include/node/node_api.h"))) {
            return folder;
        }
    }
    throw new Error(`no Node.js headers below ${packages}: remove node_modules and run "npm ci" again`);
}
