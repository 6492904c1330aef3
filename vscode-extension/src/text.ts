// Numbers and names as people read and write them. Pure.

const UNITS = ["B", "kB", "MB", "GB", "TB"] as const;

/** Bytes in decimal units, as Chrome DevTools shows them: `12.3 MB`. */
export function formatBytes(bytes: number): string {
    let value = bytes;
    let unit = 0;
    while (value >= 999.5 && unit < UNITS.length - 1) {
        value /= 1000;
        unit += 1;
    }
    const digits = unit === 0 || value >= 99.95 ? 0 : 1;
    return `${value.toFixed(digits)} ${UNITS[unit] ?? ""}`;
}

/** `1 leak`, `2 leaks`. */
export function count(amount: number, noun: string): string {
    return `${amount.toLocaleString("en-US")} ${noun}${amount === 1 ? "" : "s"}`;
}

/** The last part of a path of either kind of system. */
export function fileName(path: string): string {
    return path.slice(Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\")) + 1);
}

/** What is wrong with the name of a new snapshot, or undefined. An empty one is fine: the server finds a name then. */
export function snapshotNameProblem(name: string): string | undefined {
    if (/[/\\:*?"<>|]/.test(name) || /\p{Cc}/u.test(name)) {
        return 'A file name cannot contain / \\ : * ? " < > |';
    }
    if (name.trim().startsWith(".")) {
        return "A name that starts with a dot makes a hidden file.";
    }
    return undefined;
}
