// Bundles the extension into dist/extension.js, with the licences of what is in it; with --tests, the unit tests into out/test/; with --watch, again at every change.

import { readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import esbuild from "esbuild";

const tests = process.argv.includes("--tests");
const watch = process.argv.includes("--watch");

const common = { bundle: true, platform: "node", target: "node20", format: "cjs", sourcemap: tests || watch, logLevel: "warning" };

if (tests) {
    rmSync("out/test", { recursive: true, force: true });
    const entryPoints = readdirSync("test", { recursive: true })
        .filter((name) => name.endsWith(".test.ts"))
        .map((name) => `test/${name}`);
    await esbuild.build({ ...common, entryPoints, outdir: "out/test" });
} else {
    const options = {
        ...common,
        entryPoints: ["src/extension.ts"],
        outfile: "dist/extension.js",
        external: ["vscode"],
        minify: !watch,
        keepNames: true,
        metafile: true,
    };
    if (watch) {
        await (await esbuild.context(options)).watch();
    } else {
        const { metafile } = await esbuild.build(options);
        writeFileSync("dist/THIRD-PARTY.txt", licences(Object.keys(metafile.inputs)));
    }
}

/** The licence of every package that a file of the bundle comes from. */
function licences(files) {
    const packages = new Set(files.map((file) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0]).filter((folder) => folder !== undefined));
    return [...packages]
        .sort()
        .map((folder) => {
            const { name, version, license } = JSON.parse(readFileSync(`${folder}/package.json`, "utf8"));
            const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
            if (file === undefined) {
                throw new Error(`${name} is bundled, but has no licence file`);
            }
            return `${name} ${version} (${license})\n\n${readFileSync(`${folder}/${file}`, "utf8").trim()}\n`;
        })
        .join(`\n${"-".repeat(80)}\n\n`);
}
