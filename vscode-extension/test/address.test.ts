import assert from "node:assert/strict";
import { test } from "node:test";
import { formatAddress, parseAddress } from "../src/address";

const understood: readonly [string, ReturnType<typeof parseAddress>][] = [
    ["9229", { host: "127.0.0.1", port: 9229 }],
    [":9230", { host: "127.0.0.1", port: 9230 }],
    ["localhost:9229", { host: "localhost", port: 9229 }],
    ["  10.0.0.7:9229 ", { host: "10.0.0.7", port: 9229 }],
    ["[::1]:9229", { host: "::1", port: 9229 }],
    ["my-server.internal:65535", { host: "my-server.internal", port: 65_535 }],
    ["ws://127.0.0.1:41003/0f2c936f", { host: "127.0.0.1", port: 41_003, websocketUrl: "ws://127.0.0.1:41003/0f2c936f" }],
    ["ws://[::1]:9229/0f2c", { host: "::1", port: 9229, websocketUrl: "ws://[::1]:9229/0f2c" }],
    ["ws://127.0.0.1:9229", { host: "127.0.0.1", port: 9229 }],
    ["ws://example.test/0f2c", { host: "example.test", port: 80, websocketUrl: "ws://example.test/0f2c" }],
    ["Debugger listening on ws://127.0.0.1:9229/0f2c936f-b1cd", { host: "127.0.0.1", port: 9229, websocketUrl: "ws://127.0.0.1:9229/0f2c936f-b1cd" }],
];

for (const [text, expected] of understood) {
    test(`"${text}" is understood`, () => {
        assert.deepEqual(parseAddress(text), expected);
    });
}

const refused: readonly [string, RegExp][] = [
    ["", /Enter the host and port/],
    ["localhost", /not a host and port/],
    ["localhost:", /not a host and port/],
    ["::1:9229", /not a host and port/],
    ["a b:9229", /not a host and port/],
    ["localhost:0", /not a port/],
    ["localhost:65536", /not a port/],
    ["localhost:99999999999999999999", /not a port/],
    ["ws://127.0.0.1:99999/x", /not a ws/],
];

for (const [text, complaint] of refused) {
    test(`"${text}" is refused with a sentence`, () => {
        const answer = parseAddress(text);
        assert.ok(typeof answer === "string");
        assert.match(answer, complaint);
    });
}

test("an IPv6 host is written with brackets, and reads back", () => {
    assert.equal(formatAddress({ host: "::1", port: 9229 }), "[::1]:9229");
    assert.equal(formatAddress({ host: "localhost", port: 80 }), "localhost:80");
    assert.deepEqual(parseAddress(formatAddress({ host: "fe80::1", port: 1 })), { host: "fe80::1", port: 1 });
});
