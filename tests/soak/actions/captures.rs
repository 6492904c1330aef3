//! Snapshots that are taken of a running program meanwhile, and that are not.

use anyhow::Result;
use serde_json::{Value, json};

use crate::soak::Soak;

fn capture(soak: &mut Soak, url: &str) -> (Value, Value) {
    let token = json!(format!("capture/{}", soak.random.below(1_000_000)));
    let name = format!("captured-{}", soak.random.below(3));
    let argument = json!({ "websocketUrl": url, "name": name });
    let params = json!({
        "command": "heapmark.server.capture",
        "arguments": [argument],
        "workDoneToken": token,
    });
    let id = soak.client.request("workspace/executeCommand", params);
    (json!(id), token)
}

fn url(soak: &Soak) -> String {
    soak.running.as_ref().map_or(String::new(), |running| running.websocket_url().to_owned())
}

pub(super) fn capture_it(soak: &mut Soak) -> Result<String> {
    let url = url(soak);
    let (_, token) = capture(soak, &url);
    // Another action may press the button at any time.
    soak.client.tokens.push_back(token);
    Ok(String::new())
}

pub(super) fn capture_and_cancel(soak: &mut Soak) -> Result<String> {
    let url = url(soak);
    let (id, token) = capture(soak, &url);
    let pause = soak.random.below(300);
    soak.client.listen(std::time::Duration::from_millis(pause as u64))?;
    if soak.random.percent(50) {
        soak.client.notify("window/workDoneProgress/cancel", json!({ "token": token }));
    } else {
        soak.client.notify("$/cancelRequest", json!({ "id": id }));
    }
    Ok(format!("after {pause} ms"))
}

pub(super) fn capture_from_nobody(soak: &mut Soak) -> Result<String> {
    let urls = ["ws://127.0.0.1:1/x", "ws://[::", "http://127.0.0.1:1", "file:///etc/passwd", ""];
    let url = soak.random.pick(&urls);
    capture(soak, url);
    Ok(format!("{url:?}"))
}
