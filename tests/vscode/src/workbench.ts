// The real VS Code: code-server on a workspace, in a real browser. Speaks of the workbench as its user would: commands, inputs, messages, lines.
// Not here: anything about Heapmark.

import { existsSync } from "node:fs";
import { mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { chromium, type Browser, type Locator, type Page } from "playwright-core";
import { findChromium } from "./chromium.ts";
import { installCodeServer } from "./code-server.ts";
import { Process } from "./processes.ts";

/** A quiet workbench: nothing that asks, blinks, suggests or goes to the network. */
const SETTINGS = {
    "breadcrumbs.enabled": false,
    "chat.disableAIFeatures": true,
    "editor.cursorBlinking": "solid",
    "editor.fontFamily": "DejaVu Sans Mono, monospace",
    "editor.fontSize": 14,
    "editor.hover.above": false,
    "editor.hover.delay": 100,
    "editor.minimap.enabled": false,
    "editor.occurrencesHighlight": "off",
    "extensions.autoCheckUpdates": false,
    "extensions.autoUpdate": false,
    "extensions.ignoreRecommendations": true,
    "git.enabled": false,
    "remote.autoForwardPorts": false,
    "security.workspace.trust.enabled": false,
    "telemetry.telemetryLevel": "off",
    "typescript.disableAutomaticTypeAcquisition": true,
    "update.mode": "none",
    "window.commandCenter": false,
    "window.menuBarVisibility": "compact",
    "workbench.colorTheme": "Default Dark Modern",
    "workbench.layoutControl.enabled": false,
    "workbench.reduceMotion": "on",
    "workbench.secondarySideBar.defaultVisibility": "hidden",
    "workbench.startupEditor": "none",
    "workbench.tips.enabled": false,
};

/** How often something is tried that a busy machine may spoil. */
const ATTEMPTS = 6;
/** How long one attempt waits for what it brings about, in milliseconds. */
const PATIENCE = 8_000;

/** How serious a squiggle is. */
type Kind = "warning" | "hint";

export interface WorkbenchOptions {
    readonly workspace: string;
    readonly vsix: string;
    /** For its own files; made when missing. */
    readonly folder: string;
}

export class Workbench {
    readonly page: Page;
    private readonly browser: Browser;
    private readonly server: Process;
    private readonly dataFolder: string;

    private constructor(page: Page, browser: Browser, server: Process, dataFolder: string) {
        this.page = page;
        this.browser = browser;
        this.server = server;
        this.dataFolder = dataFolder;
    }

    static async open({ workspace, vsix, folder }: WorkbenchOptions): Promise<Workbench> {
        const executablePath = findChromium();
        const entry = await installCodeServer();
        const dataFolder = path.join(folder, "data");
        const folders = ["--user-data-dir", dataFolder, "--extensions-dir", path.join(folder, "extensions")];
        await mkdir(path.join(dataFolder, "User"), { recursive: true });
        await writeFile(path.join(dataFolder, "User/settings.json"), JSON.stringify(SETTINGS, null, 4));
        const config = ["--config", path.join(folder, "config.yaml")];
        await writeFile(path.join(folder, "config.yaml"), "auth: none\n");
        const env = ownEnvironment();
        await new Process("code-server --install-extension", process.execPath, [entry, ...config, ...folders, "--install-extension", vsix], { env }).succeeded();

        const quiet = ["--auth", "none", "--disable-telemetry", "--disable-update-check", "--disable-workspace-trust", "--disable-getting-started-override"];
        const server = new Process("code-server", process.execPath, [entry, ...config, ...folders, ...quiet, "--bind-addr", "127.0.0.1:0", workspace], { env });
        let browser: Browser | undefined;
        try {
            const address = await server.printed(/HTTP server listening on (http:\S+)/, 60_000);
            browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
            const page = await browser.newPage({ viewport: { width: 1280, height: 800 }, colorScheme: "dark" });
            page.setDefaultTimeout(30_000);
            await page.goto(address);
            await page.locator(".monaco-workbench .statusbar-item").first().waitFor({ timeout: 90_000 });
            return new Workbench(page, browser, server, dataFolder);
        } catch (error) {
            await browser?.close();
            await server.stop();
            throw error;
        }
    }

    async close(): Promise<void> {
        await this.browser.close();
        await this.server.stop();
    }

    /** Runs a command by its title in the command palette. */
    async run(title: string): Promise<void> {
        // Just after the start an extension's commands are not there yet, and an open palette does not take them in.
        await this.repeatedly(async () => {
            await this.page.keyboard.press("F1");
            await this.type(`>${title}`);
            await this.choose(title, PATIENCE);
        });
    }

    /** Types into the quick input that is open. */
    async type(text: string): Promise<void> {
        const input = this.quickInput.locator("input[type=text]").first();
        await input.waitFor();
        await input.fill(text);
    }

    /** Takes the entry of the quick pick that has the text. */
    async choose(text: string, milliseconds = 30_000): Promise<void> {
        await this.quickInput.locator(".monaco-list-row", { hasText: text }).first().click({ timeout: milliseconds });
    }

    /** The quick input whose title or prompt has the text, when it is open. */
    async waitForInput(text: string | RegExp): Promise<void> {
        await this.quickInput.filter({ hasText: text }).waitFor();
    }

    async accept(): Promise<void> {
        await this.page.keyboard.press("Enter");
    }

    /** The message (a notification) that has the text, as soon as it is there. */
    async message(text: string | RegExp, milliseconds = 60_000): Promise<Locator> {
        const message = this.page.locator(".notifications-toasts .notification-list-item", { hasText: text }).first();
        await message.waitFor({ timeout: milliseconds });
        return message;
    }

    async press(message: Locator, button: string): Promise<void> {
        await message.locator(".notification-list-item-buttons-container").getByRole("button", { name: button, exact: true }).click();
    }

    /** The item of the status bar that has the text, as soon as it is there. */
    async statusItem(text: string | RegExp, milliseconds = 60_000): Promise<Locator> {
        const item = this.page.locator(".statusbar-item", { hasText: text }).first();
        await item.waitFor({ timeout: milliseconds });
        return item;
    }

    /** Opens a file of the workspace with the cursor in a line, the line in the middle of the window. */
    async openFile(file: string, line: number): Promise<void> {
        const row = this.quickInput.locator(".monaco-list-row", { hasText: path.basename(file) }).first();
        const cursor = this.page.locator('.statusbar-item[id="status.editor.selection"]', { hasText: new RegExp(`Ln ${String(line)},`) });
        // On a busy machine the list may be renewed just as its row is taken.
        await this.repeatedly(async () => {
            await this.page.keyboard.press("F1");
            await this.type(`${file}:${String(line)}`);
            await row.click({ timeout: PATIENCE });
            await this.page.locator(".tabs-container .tab.active", { hasText: path.basename(file) }).waitFor({ timeout: PATIENCE });
            await cursor.waitFor({ timeout: PATIENCE });
            await this.lineNumber(line).waitFor({ timeout: PATIENCE });
        });
    }

    /** The row of the Problems view about a place, as soon as it is there: what is said of it, and where: `[Ln 13, Col 7]`. */
    async problem(line: number): Promise<string> {
        await this.run("Problems: Focus on Problems View");
        const row = this.page.locator(".markers-panel .monaco-list-row", { hasText: `[Ln ${String(line)}, ` }).first();
        await row.waitFor();
        return row.innerText();
    }

    /** Waits until a squiggle is drawn under a line of the open file. */
    async squiggle(line: number, kind: Kind): Promise<void> {
        await this.until(`a squiggle of a ${kind} under line ${String(line)}`, async () => Array.isArray(await this.squiggleBox(line, kind)));
    }

    /** Waits until a line of the open file has none. */
    async noSquiggle(line: number, kind: Kind): Promise<void> {
        await this.until(`no squiggle of a ${kind} under line ${String(line)}`, async () => (await this.squiggleBox(line, kind)) === "none");
    }

    /** Rests the mouse on the squiggle under a line, and answers what a language server says of it in the hover; what other parts of the hover say does not count. */
    async hover(line: number, kind: Kind, awaited: RegExp): Promise<string> {
        const hover = this.page.locator(".monaco-editor .monaco-hover:not(.hidden) .monaco-hover-content").filter({ hasNotText: "(loading...)" });
        const said = hover.locator(".markdown-hover", { hasText: awaited }).first();
        // A hover comes when the mouse comes to rest, and not again before it has moved: on a busy machine the first may come without what is awaited.
        return this.repeatedly(async () => {
            // Each time anew: the editor draws its squiggles again whenever findings come.
            const [x, y] = await this.until(`a squiggle of a ${kind} under line ${String(line)}`, async () => {
                const box = await this.squiggleBox(line, kind);
                return Array.isArray(box) && box;
            });
            await this.page.mouse.move(x, y + 300);
            await this.page.mouse.move(x, y, { steps: 4 });
            return said.innerText({ timeout: PATIENCE });
        });
    }

    /** Drags the lower edge of the hover down until all of it is to be seen. */
    async enlargeHover(): Promise<void> {
        const scrolled = this.page.locator(".monaco-editor .monaco-hover:not(.hidden) > .monaco-scrollable-element");
        const hidden = await scrolled.evaluate((element) => (element.firstElementChild?.scrollHeight ?? 0) - element.clientHeight);
        if (hidden <= 0) {
            return;
        }
        const hover = this.page.locator(".monaco-editor .monaco-resizable-hover");
        const box = await boxOf(hover);
        const [x, edge] = [box.x + box.width / 2, box.y + box.height];
        await this.page.mouse.move(x, edge - 1);
        await this.page.mouse.down();
        await this.page.mouse.move(x, edge + hidden, { steps: 5 });
        await this.page.mouse.up();
        // Off the edge, which is highlighted while the mouse is there.
        const enlarged = await boxOf(hover);
        await this.page.mouse.move(x, enlarged.y + enlarged.height - 12, { steps: 4 });
        await this.page.locator(".monaco-resizable-hover .monaco-sash.hover").waitFor({ state: "detached" });
    }

    /** Writes a picture of the window. */
    async screenshot(file: string): Promise<void> {
        await mkdir(path.dirname(file), { recursive: true });
        await this.page.screenshot({ path: file });
    }

    /** What the named output channel's log files hold. */
    async log(channel: string): Promise<string> {
        const files = (await readdir(path.join(this.dataFolder, "logs"), { recursive: true }).catch(() => [])).filter((file) => path.basename(file).includes(channel) && file.endsWith(".log"));
        const texts = await Promise.all(files.map((file) => readFile(path.join(this.dataFolder, "logs", file), "utf8").catch(String)));
        return `${texts.join("\n")}\n── code-server ──\n${this.server.output}`;
    }

    /** The middle of the squiggle under a line of the open file, "none" when it has none, and nothing while the line itself is not drawn. */
    private async squiggleBox(line: number, kind: Kind): Promise<[number, number] | "none" | undefined> {
        const place = await this.lineNumber(line).boundingBox({ timeout: 1_000 }).catch(() => null);
        if (place === null) {
            return undefined;
        }
        for (const squiggle of await this.page.locator(`.editor-instance .view-overlays .squiggly-${kind}`).all()) {
            const box = await squiggle.boundingBox({ timeout: 1_000 }).catch(() => null);
            const middle = box === null ? 0 : box.y + box.height / 2;
            if (box !== null && middle > place.y && middle < place.y + place.height) {
                return [box.x + box.width / 2, middle];
            }
        }
        return "none";
    }

    /** Does something that a busy machine may spoil, several times until it is done. */
    private async repeatedly<Answer>(attempt: () => Promise<Answer>): Promise<Answer> {
        for (let attempts = 1; ; attempts += 1) {
            try {
                return await attempt();
            } catch (error) {
                if (attempts === ATTEMPTS) {
                    throw error;
                }
                await this.page.keyboard.press("Escape");
            }
        }
    }

    /** Asks again and again until the answer is one. */
    async until<Answer>(awaited: string, ask: () => Promise<Answer | undefined | false>): Promise<Answer> {
        const deadline = Date.now() + 30_000;
        for (;;) {
            const answer = await ask();
            if (answer !== undefined && answer !== false) {
                return answer;
            }
            if (Date.now() > deadline) {
                throw new Error(`waited in vain for ${awaited}`);
            }
            await this.page.waitForTimeout(100);
        }
    }

    private get quickInput(): Locator {
        return this.page.locator(".quick-input-widget:visible");
    }

    private lineNumber(line: number): Locator {
        return this.page.locator(".editor-instance .margin-view-overlays .line-numbers", { hasText: new RegExp(`^\\s*${String(line)}\\s*$`) });
    }
}

/** The environment without what npm, an editor around us, or an installed Heapmark would change. */
function ownEnvironment(): NodeJS.ProcessEnv {
    const foreign = /^(?:npm_|VSCODE_|HEAPMARK_|ELECTRON_|NODE_OPTIONS$)/i;
    const kept = Object.fromEntries(Object.entries(process.env).filter(([name]) => !foreign.test(name)));
    const folders = (process.env.PATH ?? "").split(path.delimiter).filter((folder) => !existsSync(path.join(folder, "heapmark")));
    return { ...kept, PATH: folders.join(path.delimiter) };
}

async function boxOf(locator: Locator): Promise<{ x: number; y: number; width: number; height: number }> {
    const box = await locator.boundingBox();
    if (box === null) {
        throw new Error(`${String(locator)} is not visible`);
    }
    return box;
}
