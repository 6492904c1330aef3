// The item in the status bar: it shows a view of the server's state. Which words: see view.ts.

import { MarkdownString, StatusBarAlignment, ThemeColor, window, type Disposable } from "vscode";
import { viewOf, type Status, type StatusView } from "./view";

const LINKS = [
    ["heapmark.capture", "Capture Heap Snapshot…"],
    ["heapmark.analyze", "Analyze Snapshots"],
    ["heapmark.clear", "Clear Results"],
    ["heapmark.restartServer", "Restart Server"],
    ["heapmark.showOutput", "Show Output"],
] as const;

export class StatusItem implements Disposable {
    private readonly item = window.createStatusBarItem("heapmark.status", StatusBarAlignment.Left);
    private version: string | undefined;

    constructor() {
        this.item.name = "Heapmark";
        this.show({ state: "stopped" });
        this.item.show();
    }

    /** Says in the tooltip which server runs. */
    setVersion(version: string): void {
        this.version = version;
    }

    show(status: Status): void {
        const view = viewOf(status);
        this.item.text = view.text;
        this.item.tooltip = this.tooltip(view);
        this.item.command = { ...view.click };
        this.item.backgroundColor = view.background === "none" ? undefined : new ThemeColor(`statusBarItem.${view.background}Background`);
        this.item.accessibilityInformation = { label: `Heapmark: ${view.detail === "" ? view.text.replace(/\$\([^)]*\)/g, "").trim() : view.detail}` };
    }

    dispose(): void {
        this.item.dispose();
    }

    private tooltip(view: StatusView): MarkdownString {
        const tooltip = new MarkdownString();
        tooltip.isTrusted = { enabledCommands: LINKS.map(([command]) => command) };
        tooltip.appendMarkdown(`**Heapmark** ${this.version ?? ""}\n\n`);
        if (view.detail !== "") {
            tooltip.appendText(view.detail);
            tooltip.appendMarkdown("\n\n");
        }
        tooltip.appendMarkdown(`Click: ${view.click.title}\n\n---\n\n`);
        tooltip.appendMarkdown(LINKS.map(([command, title]) => `[${title}](command:${command})`).join("  \n"));
        return tooltip;
    }
}
