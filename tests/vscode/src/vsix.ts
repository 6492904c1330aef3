// Packages the extension as it is in the working tree, with or without a server inside. Nothing is left in the tree but its node_modules.

import { existsSync } from "node:fs";
import { chmod, copyFile, cp, mkdir, symlink } from "node:fs/promises";
import path from "node:path";
import { npm } from "./npm.ts";

const EXTENSION = path.resolve(import.meta.dirname, "../../../vscode-extension");
const LEFT_OUT = new Set(["node_modules", "dist", "out", "server"]);

/** The path of the new VSIX in `folder`. `server` is the program that is bundled. */
export async function packageExtension(folder: string, name: string, server?: string): Promise<string> {
    if (!existsSync(path.join(EXTENSION, "node_modules/esbuild"))) {
        await npm(EXTENSION, ["ci"]);
    }
    const staging = path.join(folder, `${name}-staging`);
    await cp(EXTENSION, staging, { recursive: true, filter: (source) => !LEFT_OUT.has(path.relative(EXTENSION, source)) && !source.endsWith(".vsix") });
    await symlink(path.join(EXTENSION, "node_modules"), path.join(staging, "node_modules"));
    if (server !== undefined) {
        const bundled = path.join(staging, "server/heapmark");
        await mkdir(path.dirname(bundled));
        await copyFile(server, bundled);
        await chmod(bundled, 0o755);
    }
    const vsix = path.join(folder, `${name}.vsix`);
    await npm(staging, ["run", "package", "--", "--out", vsix]);
    return vsix;
}
