// The user's settings. Names and defaults are in package.json.

import { workspace } from "vscode";

export const SECTION = "heapmark";

/** What decides which program is run and how: a change needs a new server. */
export interface ServerSettings {
    readonly path: string;
    readonly extraEnv: Readonly<Record<string, string>>;
}

export function serverSettings(): ServerSettings {
    const section = workspace.getConfiguration(SECTION);
    return { path: section.get("server.path", ""), extraEnv: section.get("server.extraEnv", {}) };
}

/** What the server itself is told of, when it starts and at every change. */
export interface AnalysisSettings {
    readonly analyzeOnOpen: boolean;
    readonly snapshots: { readonly exclude: readonly string[] };
    readonly pathMappings: Readonly<Record<string, string>>;
    readonly acceptedFile: string;
    readonly index: { readonly enabled: boolean; readonly folder: string; readonly maxSize: number };
}

export const ANALYSIS_SECTIONS = ["heapmark.analyzeOnOpen", "heapmark.snapshots", "heapmark.pathMappings", "heapmark.acceptedFile", "heapmark.index"];

export function analysisSettings(): AnalysisSettings {
    const section = workspace.getConfiguration(SECTION);
    return {
        analyzeOnOpen: section.get("analyzeOnOpen", true),
        snapshots: { exclude: section.get("snapshots.exclude", []) },
        pathMappings: section.get("pathMappings", {}),
        acceptedFile: section.get("acceptedFile", "heapmark-accepted.json"),
        index: {
            enabled: section.get("index.enabled", true),
            folder: section.get("index.folder", ""),
            maxSize: section.get("index.maxSize", 4096),
        },
    };
}
