// A Chromium that is installed on this machine: playwright-core brings none.

import { accessSync, constants } from "node:fs";
import path from "node:path";

const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
const PLACES = ["/Applications/Google Chrome.app/Contents/MacOS/Google Chrome", "/Applications/Chromium.app/Contents/MacOS/Chromium", "/snap/bin/chromium"];

/** The path of the browser: the variable CHROMIUM, else on the PATH, else in the usual places. */
export function findChromium(): string {
    const named = process.env.CHROMIUM;
    if (named !== undefined && named !== "") {
        if (!isExecutable(named)) {
            throw new Error(`CHROMIUM is ${named}, which cannot be run`);
        }
        return named;
    }
    const folders = (process.env.PATH ?? "").split(path.delimiter).filter((folder) => folder !== "");
    const candidates = [...folders.flatMap((folder) => NAMES.map((name) => path.join(folder, name))), ...PLACES];
    const found = candidates.find(isExecutable);
    if (found === undefined) {
        throw new Error('no Chromium found: install one ("apt-get install chromium" on Debian), or set CHROMIUM to its path');
    }
    return found;
}

function isExecutable(file: string): boolean {
    try {
        accessSync(file, constants.X_OK);
        return true;
    } catch {
        return false;
    }
}
