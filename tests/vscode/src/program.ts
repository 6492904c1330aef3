// The leaking web server: a copy of it as a workspace, and the program as it runs with an open inspector.

import { cp, readFile, readdir, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import path from "node:path";
import { Process } from "./processes.ts";

const SOURCE = path.resolve(import.meta.dirname, "../../programs/leaky-server");
const MARK = /\s*\/\/ heapmark: (.+)$/;

/** What must be found at a line, as the program's own comment says. */
export interface Mark {
    /** Relative to the workspace. */
    readonly file: string;
    /** 1-based. */
    readonly line: number;
    readonly rule: string;
    readonly role: string;
    /** Whether it must be the first finding of the report. */
    readonly first: boolean;
    /** The line without the mark. */
    readonly text: string;
}

/** Copies the program without its marks, which nobody's own program has, and answers them. */
export async function copyProgram(folder: string): Promise<Mark[]> {
    await cp(SOURCE, folder, { recursive: true, filter: (source) => path.basename(source) !== ".heapmark" });
    const marks: Mark[] = [];
    for (const file of await readdir(folder, { recursive: true })) {
        if (!file.endsWith(".js")) {
            continue;
        }
        const lines = (await readFile(path.join(folder, file), "utf8")).split("\n");
        const unmarked = lines.map((line, index) => {
            const text = line.replace(MARK, "");
            for (const mark of MARK.exec(line)?.[1]?.split(";") ?? []) {
                const [rule = "", role = "", first] = mark.trim().split(" ");
                marks.push({ file, line: index + 1, rule, role, first: first === "first", text });
            }
            return text;
        });
        await writeFile(path.join(folder, file), unmarked.join("\n"));
    }
    return marks;
}

/** A free port of those where programs with an inspector are looked for. */
export async function freeInspectorPort(): Promise<number> {
    for (let port = 9229; port <= 9249; port += 1) {
        const server = createServer();
        const free = await new Promise<boolean>((resolve) => {
            server.once("error", () => {
                resolve(false);
            });
            server.listen(port, "127.0.0.1", () => {
                resolve(true);
            });
        });
        if (free) {
            await new Promise((resolve) => server.close(resolve));
            return port;
        }
    }
    throw new Error("all ports from 9229 to 9249 are in use: end some of the programs that run with --inspect");
}

export class LeakyServer {
    private readonly process: Process;
    private readonly address: string;
    private users = 0;
    /** `127.0.0.1:PORT`, where the inspector listens. */
    readonly inspector: string;

    private constructor(process: Process, address: string, inspector: string) {
        this.process = process;
        this.address = address;
        this.inspector = inspector;
    }

    /** `inspectorPort` 0 is any that is free. */
    static async start(folder: string, inspectorPort: number): Promise<LeakyServer> {
        const child = new Process("the leaking server", process.execPath, [`--inspect=127.0.0.1:${String(inspectorPort)}`, "server.js"], { cwd: folder, env: { ...process.env, PORT: "0" } });
        try {
            const inspector = await child.printed(/ws:\/\/(127\.0\.0\.1:\d+)\//);
            const address = await child.printed(/listening on (http:\S+)/);
            return new LeakyServer(child, address, inspector);
        } catch (error) {
            await child.stop();
            throw error;
        }
    }

    /** Asks for pages as so many new users: each makes it keep a page more. */
    async visit(users: number): Promise<void> {
        for (let i = 0; i < users; i += 1) {
            this.users += 1;
            const response = await fetch(`${this.address}/pages/${String((i % 60) + 1)}?user=reader-${String(this.users)}`);
            if (!response.ok) {
                throw new Error(`the leaking server answered ${String(response.status)}`);
            }
            await response.text();
        }
    }

    async stop(): Promise<void> {
        await this.process.stop();
    }
}
