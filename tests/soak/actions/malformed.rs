//! What is no message, or comes in a frame that nobody would make. The server answers with an error
//! and goes on with the next one.

use anyhow::Result;
use heapmark_tests::frame;
use serde_json::json;

use crate::soak::Soak;

/// Contents of frames that are no message. Each is answered with an error, without an id.
const WRONG: [&[u8]; 14] = [
    b"{nonsense",
    b"{\"jsonrpc\":\"2.0\",\"method\":",
    b"{\"jsonrpc\":\"2.0\",\"method\":\"a\xff\xfe\"}",
    b"\xef\xbb\xbf\xef\xbb\xbf",
    b"\0",
    b" ",
    b"7",
    b"null",
    b"\"text\"",
    b"{}",
    b"[]",
    b"[7]",
    b"[{\"jsonrpc\":\"2.0\",\"method\":\"$/x\"},{\"jsonrpc\":\"2.0\",\"method\":\"$/y\"}]",
    b"{\"jsonrpc\":\"2.0\"}",
];

pub(super) fn wrong(soak: &mut Soak) -> Result<String> {
    if soak.random.percent(5) {
        let deep = [b"{\"jsonrpc\":\"2.0\",\"params\":".as_slice(), &b"[".repeat(100_000)].concat();
        soak.client.send_wrong("100,000 deep", frame(&deep));
        return Ok("100,000 deep".to_owned());
    }
    let content = soak.random.pick(&WRONG);
    let said = format!("{:?}", String::from_utf8_lossy(content));
    soak.client.send_wrong(&said, frame(content));
    Ok(said)
}

/// Heads that say nothing of the length, or lie about it. Where the next message begins can be told all
/// the same.
pub(super) fn wrong_length(soak: &mut Soak) -> Result<String> {
    let wrong = soak.random.pick(&[
        "Content-Length: many\r\n\r\n",
        "Content-Length: -5\r\n\r\n",
        "Content-Length: 99999999999999999999999\r\n\r\n",
        "Content-Length: 100000\r\n\r\n{}",
        "Content-Type: application/json\r\n\r\n",
    ]);
    let next = json!({ "jsonrpc": "2.0", "method": "$/next" });
    let next = frame(next.to_string().as_bytes());
    soak.client.send_wrong(&format!("{wrong:?}"), [wrong.as_bytes(), &next].concat());
    Ok(format!("{wrong:?}"))
}

/// Frames as odd clients make them, around a request that must be answered.
pub(super) fn odd_frame(soak: &mut Soak) -> Result<String> {
    let headers = [
        "content-length: {}\r\n\r\n",
        "CONTENT-LENGTH: {}\r\n\r\n",
        "Content-Length:{}\r\n\r\n",
        "Content-Length:   {}  \r\n\r\n",
        "Content-Type: application/vscode-jsonrpc; charset=utf-8\r\nContent-Length: {}\r\n\r\n",
        "Content-Length: {}\r\nContent-Type: application/vscode-jsonrpc; charset=utf8\r\n\r\n",
        "X-Something: else\r\nContent-Length: {}\r\n\r\n",
    ];
    let header = soak.random.pick(&headers);
    let id = json!(format!("odd frame {}", soak.random.below(1_000_000_000)));
    let params = json!({
        "textDocument": { "uri": "file:///nowhere.js" },
        "position": { "line": 0, "character": 0 },
    });
    let mut message =
        json!({ "jsonrpc": "2.0", "id": id, "method": "textDocument/hover", "params": params });
    if soak.random.percent(20) {
        message["params"]["padding"] = "\u{1f600}".repeat(10_000).into();
    }
    let content = message.to_string();
    let head = header.replace("{}", &content.len().to_string());
    let bytes = [head.as_bytes(), content.as_bytes()].concat();
    soak.client.await_answer(&id, "a hover in an odd frame");
    // Pipes hand on what they have: one message may come in many pieces, two in one.
    let cut = soak.random.below(bytes.len());
    soak.client.send_bytes(bytes[..cut].to_vec());
    soak.client.send_bytes(bytes[cut..].to_vec());
    Ok(format!("{header:?}"))
}

/// Notifications of this kind may be passed over; requests may not.
pub(super) fn unknown_dollar_request(soak: &mut Soak) -> Result<String> {
    let method = soak.random.pick(&["$/nonsense", "$/", "$/cancelRequest", "$/progress"]);
    soak.client.request(method, json!({ "id": 987_654_321 }));
    Ok(method.to_owned())
}

/// Messages in order that the server did not ask for and need not answer.
pub(super) fn unasked(soak: &mut Soak) -> Result<String> {
    let messages = [
        json!({ "jsonrpc": "2.0", "id": 999_999_999, "result": null }),
        json!({ "jsonrpc": "2.0", "id": "x", "error": { "code": 1, "message": "no" } }),
        json!({ "jsonrpc": "2.0", "method": "nonsense/notification", "params": {} }),
        json!({ "jsonrpc": "2.0", "method": "$/nonsense" }),
        json!({ "jsonrpc": "2.0", "method": "$/setTrace", "params": { "value": "verbose" } }),
        json!({ "jsonrpc": "2.0", "method": "initialized", "params": { "again": true } }),
        json!({ "jsonrpc": "2.0", "method": "textDocument/didOpen", "params": { "textDocument": 7 } }),
        json!({ "jsonrpc": "2.0", "method": "textDocument/didChange" }),
        json!({ "jsonrpc": "2.0", "method": "workspace/didChangeWatchedFiles", "params": { "changes": [] } }),
        json!({ "jsonrpc": "2.0", "method": "workspace/didChangeWatchedFiles",
            "params": { "changes": [{ "uri": "untitled:x", "type": 1 }, { "uri": "file:///", "type": 9 }] } }),
        json!({ "jsonrpc": "2.0", "method": "workspace/didChangeWorkspaceFolders", "params": { "event": {} } }),
    ];
    let message = &messages[soak.random.below(messages.len())];
    soak.client.send_bytes(frame(message.to_string().as_bytes()));
    Ok(message.to_string())
}
