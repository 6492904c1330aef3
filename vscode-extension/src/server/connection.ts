// The one language server of this window: started when first needed, restarted on demand.
// Not here: where its program is (locate.ts), what its commands are for (../commands).

import { homedir } from "node:os";
import { EventEmitter, type CancellationToken, type Disposable, type ExtensionContext, type LogOutputChannel } from "vscode";
import {
    DidChangeConfigurationNotification,
    ExecuteCommandRequest,
    LanguageClient,
    RevealOutputChannelOn,
    State,
    WorkDoneProgress,
    WorkDoneProgressCancelNotification,
    type LanguageClientOptions,
} from "vscode-languageclient/node";
import { STATUS_NOTIFICATION, type ServerStatus } from "../protocol";
import { SECTION, analysisSettings, serverSettings } from "../settings";
import type { Status } from "../status/view";
import { locateServer } from "./locate";
import { showServerMessages } from "./messages";
import { offerHelp } from "./trouble";

const LANGUAGES = ["javascript", "javascriptreact", "typescript", "typescriptreact"];

/** What a command reports while it runs: the listener of one work-done progress. */
export type ProgressListener = (report: { readonly message: string | undefined; readonly percentage: number | undefined }) => void;

export class ServerConnection implements Disposable {
    private client: LanguageClient | undefined;
    private starting: Promise<LanguageClient | undefined> | undefined;
    private commands = 0;
    private status: Status = { state: "stopped" };
    private readonly statusEmitter = new EventEmitter<Status>();
    private readonly versionEmitter = new EventEmitter<string>();

    readonly onStatus = this.statusEmitter.event;
    readonly onVersion = this.versionEmitter.event;

    constructor(
        private readonly context: ExtensionContext,
        private readonly log: LogOutputChannel,
    ) {}

    /** The running client; starts it when it does not run. Undefined when that fails, which the user has been told then. */
    ready(): Promise<LanguageClient | undefined> {
        if (this.starting === undefined && this.client?.state === State.Running) {
            return Promise.resolve(this.client);
        }
        this.starting ??= this.start().finally(() => {
            this.starting = undefined;
        });
        return this.starting;
    }

    async restart(): Promise<void> {
        await this.stop();
        await this.ready();
    }

    async stop(): Promise<void> {
        await this.starting;
        const client = this.client;
        this.client = undefined;
        try {
            await client?.dispose();
        } catch (error) {
            // A server that hangs or is gone already: there is nothing left to stop.
            this.log.warn("stopping the server:", error);
        }
    }

    /** Tells a running server that the settings of the analysis have changed. */
    async settingsChanged(): Promise<void> {
        if (this.client?.state === State.Running) {
            await this.client.sendNotification(DidChangeConfigurationNotification.type, { settings: { [SECTION]: analysisSettings() } });
        }
    }

    /** Runs one of the server's commands. Throws what the server answers in case of an error: its message is for people. */
    async execute<Answer>(client: LanguageClient, command: string, ...arguments_: object[]): Promise<Answer> {
        return (await client.sendRequest(ExecuteCommandRequest.type, { command, arguments: arguments_ })) as Answer;
    }

    /** The same for a command that takes long: tells how far it is, and ends it when the token says so. */
    async executeLong<Answer>(client: LanguageClient, command: string, argument: object, listener: ProgressListener, token: CancellationToken): Promise<Answer> {
        this.commands += 1;
        const workDoneToken = `heapmark-${String(this.commands)}`;
        const progress = client.onProgress(WorkDoneProgress.type, workDoneToken, (report) => {
            if (report.kind !== "end") {
                listener({ message: report.message, percentage: report.percentage });
            }
        });
        // The server ends the job for this one, and the request's own cancellation only lets it be answered.
        const cancellation = token.onCancellationRequested(() => client.sendNotification(WorkDoneProgressCancelNotification.type, { token: workDoneToken }));
        try {
            return (await client.sendRequest(ExecuteCommandRequest.type, { command, arguments: [argument], workDoneToken }, token)) as Answer;
        } finally {
            progress.dispose();
            cancellation.dispose();
        }
    }

    dispose(): void {
        void this.stop();
        this.statusEmitter.dispose();
        this.versionEmitter.dispose();
    }

    private async start(): Promise<LanguageClient | undefined> {
        await this.client?.dispose().catch(() => undefined);
        this.client = undefined;
        this.say({ state: "starting" });
        const settings = serverSettings();
        const located = await locateServer({
            setting: settings.path,
            environment: process.env,
            extensionFolder: this.context.extensionPath,
            home: homedir(),
            platform: process.platform,
        });
        if ("problem" in located) {
            this.failed(located.problem);
            return undefined;
        }
        this.log.info(`starting heapmark ${located.version} from ${located.origin}: ${located.program}`);
        this.versionEmitter.fire(located.version);
        const client = new LanguageClient(
            SECTION,
            "Heapmark",
            { command: located.program, args: ["lsp"], options: { env: { ...process.env, ...settings.extraEnv } } },
            this.clientOptions(),
        );
        showServerMessages(client, this.log);
        client.onNotification(STATUS_NOTIFICATION, (status: ServerStatus) => {
            this.say(status);
        });
        client.onDidChangeState(({ newState }) => {
            if (this.client !== client) {
                return;
            }
            if (newState === State.Stopped) {
                this.say({ state: "stopped" });
            } else if (newState === State.Running && (this.status.state === "starting" || this.status.state === "stopped")) {
                // The server speaks up only when it has something to say.
                this.say({ state: "idle", outcome: null, findings: 0, warnings: 0, message: "" });
            }
        });
        this.client = client;
        try {
            await client.start();
        } catch (error) {
            this.failed(`The Heapmark server ${located.program} did not start: ${error instanceof Error ? error.message : String(error)}`);
            return undefined;
        }
        return client;
    }

    private clientOptions(): LanguageClientOptions {
        return {
            documentSelector: LANGUAGES.map((language) => ({ language, scheme: "file" })),
            initializationOptions: analysisSettings(),
            outputChannel: this.log,
            revealOutputChannelOn: RevealOutputChannelOn.Never,
            // What a hover shows comes from somebody's heap: no commands, no HTML.
            markdown: { isTrusted: false, supportHtml: false, supportThemeIcons: true },
            // The reason of a failed start is shown by `failed`, once, with what to do.
            initializationFailedHandler: () => false,
        };
    }

    private say(status: Status): void {
        this.status = status;
        this.statusEmitter.fire(status);
    }

    /** Tells the user once, without waiting for an answer. */
    private failed(problem: string): void {
        this.log.error(problem);
        this.say({ state: "error", outcome: null, findings: 0, warnings: 0, message: problem });
        void offerHelp(problem, this.log, () => this.restart());
    }
}
