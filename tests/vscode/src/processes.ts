// Child processes that end with the tests, whatever happens, and whose output can be waited for.

import { spawn, type ChildProcess, type SpawnOptions } from "node:child_process";

const running = new Set<ChildProcess>();

process.on("exit", () => {
    for (const child of running) {
        signalGroup(child, "SIGKILL");
    }
});
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.once(signal, () => process.exit(1));
}

export class Process {
    readonly name: string;
    private readonly child: ChildProcess;
    private readonly ended: Promise<void>;
    private text = "";
    private readonly listeners = new Set<() => void>();

    /** Starts a program in a process group of its own. */
    constructor(name: string, command: string, args: readonly string[], options: SpawnOptions = {}) {
        this.name = name;
        this.child = spawn(command, args, { ...options, stdio: ["ignore", "pipe", "pipe"], detached: true });
        running.add(this.child);
        const heard = (chunk: Buffer): void => {
            this.text += chunk.toString();
            this.notify();
        };
        this.child.stdout?.on("data", heard);
        this.child.stderr?.on("data", heard);
        this.ended = new Promise((resolve) => {
            const end = (): void => {
                running.delete(this.child);
                resolve();
                this.notify();
            };
            this.child.once("error", (error) => {
                this.text += `\n${error.message}`;
                end();
            });
            this.child.once("close", end);
        });
    }

    /** Everything that it has printed, on both streams. */
    get output(): string {
        return this.text;
    }

    /** The match's first group, as soon as the output has it. Fails when the program ends, or the time is over, before that. */
    async printed(pattern: RegExp, milliseconds = 30_000): Promise<string> {
        const deadline = Date.now() + milliseconds;
        for (;;) {
            const match = pattern.exec(this.text);
            if (match !== null) {
                return match[1] ?? match[0];
            }
            if (!running.has(this.child) || Date.now() >= deadline) {
                throw new Error(`${this.name} did not print ${String(pattern)}; it printed:\n${this.text}`);
            }
            await new Promise<void>((resolve) => {
                const timer = setTimeout(done, deadline - Date.now());
                const listeners = this.listeners;
                listeners.add(done);
                function done(): void {
                    clearTimeout(timer);
                    listeners.delete(done);
                    resolve();
                }
            });
        }
    }

    /** Waits for its own end; fails unless it ended well. */
    async succeeded(): Promise<void> {
        await this.ended;
        if (this.child.exitCode !== 0) {
            throw new Error(`${this.name} ended with ${String(this.child.exitCode ?? this.child.signalCode)}:\n${this.text.slice(-8000)}`);
        }
    }

    /** Ends it and all that it started. */
    async stop(): Promise<void> {
        signalGroup(this.child, "SIGTERM");
        const kill = setTimeout(() => {
            signalGroup(this.child, "SIGKILL");
        }, 5_000);
        await this.ended;
        clearTimeout(kill);
        // What the program itself had started, and outlived it.
        signalGroup(this.child, "SIGKILL");
    }

    private notify(): void {
        for (const listener of [...this.listeners]) {
            listener();
        }
    }
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
    try {
        if (child.pid !== undefined) {
            process.kill(-child.pid, signal);
        }
    } catch {
        // The group is gone already.
    }
}
