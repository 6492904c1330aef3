// Where an inspector listens, as people type or paste it. Not here: whether anything does listen there.

/** An inspector's address, and the one target there if the text named it. */
export interface InspectorAddress {
    readonly host: string;
    readonly port: number;
    readonly websocketUrl?: string;
}

const DEFAULT_HOST = "127.0.0.1";

/**
 * Reads `9229`, `:9229`, `host:9229`, `[::1]:9229`, or what Node.js prints at its start, `Debugger listening on ws://127.0.0.1:9229/…`.
 * Answers a sentence that says what is wrong when it is none of them.
 */
export function parseAddress(text: string): InspectorAddress | string {
    const trimmed = text.trim();
    if (trimmed === "") {
        return "Enter the host and port that the inspector listens on, such as 127.0.0.1:9229.";
    }
    const websocket = /ws:\/\/\S+/.exec(trimmed)?.[0];
    if (websocket !== undefined) {
        return fromWebsocketUrl(websocket);
    }
    const match = /^(?:(?<host>\[[0-9a-fA-F:.]+\]|[^\s:/[\]]+)?:)?(?<port>\d+)$/.exec(trimmed);
    const port = match?.groups?.port;
    if (port === undefined) {
        return `"${trimmed}" is not a host and port. Enter something like 127.0.0.1:9229, or paste the ws:// address that Node.js printed.`;
    }
    return withPort(withoutBrackets(match?.groups?.host ?? DEFAULT_HOST), port);
}

/** The address as people write it, with the brackets that an IPv6 host needs. */
export function formatAddress(address: InspectorAddress): string {
    return `${address.host.includes(":") ? `[${address.host}]` : address.host}:${String(address.port)}`;
}

function fromWebsocketUrl(text: string): InspectorAddress | string {
    if (!URL.canParse(text)) {
        return `"${text}" is not a ws:// address.`;
    }
    const url = new URL(text);
    // 80 is what ws:// means without a port, and URL leaves it out.
    const address = withPort(withoutBrackets(url.hostname), url.port === "" ? "80" : url.port);
    return typeof address === "string" || url.pathname === "/" ? address : { ...address, websocketUrl: text };
}

function withPort(host: string, digits: string): InspectorAddress | string {
    const port = Number(digits);
    return port >= 1 && port <= 65_535 ? { host, port } : `${digits} is not a port: ports go from 1 to 65535.`;
}

function withoutBrackets(host: string): string {
    return host.startsWith("[") ? host.slice(1, -1) : host;
}
