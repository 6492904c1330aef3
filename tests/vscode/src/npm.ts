// Runs the npm that runs these tests, on the Node.js that runs them.

import { Process } from "./processes.ts";

/** Fails with the end of what npm printed. */
export async function npm(folder: string, command: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<void> {
    const program = process.env.npm_execpath;
    if (program === undefined) {
        throw new Error('npm_execpath is not set: run the tests with "npm test"');
    }
    const child = new Process(`npm ${command.join(" ")} in ${folder}`, process.execPath, [program, ...command], {
        cwd: folder,
        env: { ...process.env, npm_config_audit: "false", npm_config_fund: "false", ...env },
    });
    await child.succeeded();
}
