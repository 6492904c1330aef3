// What the extension and `heapmark lsp` say to each other beyond plain LSP. Types and names only.

/** The server's commands (`workspace/executeCommand`). They are not the extension's own commands, which have no `server.` in their names. */
export const ServerCommand = {
    analyze: "heapmark.server.analyze",
    capture: "heapmark.server.capture",
    clear: "heapmark.server.clear",
    targets: "heapmark.server.targets",
} as const;

/** A running program with an open inspector: one element of what `heapmark.server.targets` answers. */
export interface InspectorTarget {
    readonly title: string;
    /** The script that it runs, as a URL or a path. */
    readonly url: string;
    readonly host: string;
    readonly port: number;
    readonly websocketUrl: string;
}

/** What `heapmark.server.capture` is told. */
export interface CaptureRequest {
    readonly host: string;
    readonly port: number;
    /** Which of the targets at that address; the only one, when left out. */
    readonly websocketUrl?: string;
    /** The snapshot's file name without its extension; the server finds one when left out. */
    readonly name?: string;
}

/** What `heapmark.server.capture` answers. */
export interface Captured {
    /** Path of the snapshot on the server's machine. */
    readonly file: string;
    readonly bytes: number;
    readonly seconds: number;
}

/** What `heapmark.server.analyze` is told. */
export interface AnalyzeRequest {
    /** Paths or file URIs; the workspace's newest snapshots of one process, when left out. */
    readonly files?: readonly string[];
}

/** What a report comes to. `cannot-tell`: something may leak, or a single snapshot shows no growth. */
export type Outcome = "leak" | "clean" | "cannot-tell";

/** What `heapmark.server.analyze` answers. */
export interface Analyzed {
    readonly snapshots: number;
    readonly outcome: Outcome;
    readonly findings: number;
    readonly warnings: number;
    /** The whole result for people; it opens with the outcome. */
    readonly summary: string;
}

/** The notification that the server sends whenever its state changes. */
export const STATUS_NOTIFICATION = "heapmark/status";

/** What the notification says. */
export interface ServerStatus {
    readonly state: "idle" | "analyzing" | "capturing" | "error";
    /** Of the report that is shown; null if there is none. */
    readonly outcome: Outcome | null;
    /** All findings, warnings among them. */
    readonly findings: number;
    readonly warnings: number;
    /** For people; may be empty. Of a report it opens with the outcome. */
    readonly message: string;
}
