//! Requests as an editor sends them, right ones and odd ones, and taking them back.

use anyhow::Result;
use heapmark_tests::uri;
use serde_json::{Value, json};

use crate::soak::Soak;

const EXECUTE: &str = "workspace/executeCommand";

/// A place that is shown now: the URI, the range and the fingerprint.
fn some_shown(soak: &mut Soak) -> Option<(String, Value, Value)> {
    let (uri, diagnostics) =
        soak.client.shown.iter().nth(soak.random.below(soak.client.shown.len()))?;
    let diagnostics = diagnostics.as_array()?;
    let diagnostic = &diagnostics[soak.random.below(diagnostics.len())];
    Some((uri.clone(), diagnostic["range"].clone(), diagnostic["data"].clone()))
}

pub(super) fn hover_at_shown(soak: &mut Soak) -> Result<String> {
    let Some((uri, range, _)) = some_shown(soak) else { return Ok("nothing is shown".to_owned()) };
    let at = range["start"].clone();
    let params = json!({ "textDocument": { "uri": uri }, "position": at });
    soak.client.request("textDocument/hover", params);
    Ok(at.to_string())
}

pub(super) fn hover_anywhere(soak: &mut Soak) -> Result<String> {
    let source = soak.scene.some_good(&mut soak.random, ".js")?;
    let uris = [
        uri(&soak.scene.path(source)),
        uri(&soak.scene.path("never-was.js")),
        "file:///c%3A/Users/x/y.js".to_owned(),
        "untitled:Untitled-1".to_owned(),
        "file:///%00%FF".to_owned(),
        "no uri at all".to_owned(),
        String::new(),
    ];
    let numbers =
        [json!(0), json!(7), json!(40), json!(u32::MAX), json!(-1), json!("x"), json!(1e30)];
    let at = soak.random.below(2 * uris.len());
    let uri = uris.get(at).unwrap_or(&uris[0]);
    let mut number =
        || numbers[soak.random.below(2 * numbers.len()).min(numbers.len() - 1)].clone();
    let position = json!({ "line": number(), "character": number() });
    let params = json!({ "textDocument": { "uri": uri }, "position": position });
    soak.client.request("textDocument/hover", params);
    Ok(format!("{uri} {position}"))
}

pub(super) fn code_actions(soak: &mut Soak) -> Result<String> {
    let Some((uri, range, _)) = some_shown(soak) else { return Ok("nothing is shown".to_owned()) };
    let params = json!({
        "textDocument": { "uri": uri },
        "range": range,
        "context": { "diagnostics": [] },
    });
    soak.client.request("textDocument/codeAction", params);
    Ok(range.to_string())
}

pub(super) fn analyze_newest(soak: &mut Soak) -> Result<String> {
    let mut params = json!({ "command": "heapmark.server.analyze", "arguments": [{}] });
    if soak.random.percent(50) {
        let token = json!(format!("soak/{}", soak.random.below(1_000_000)));
        soak.client.tokens.push_back(token.clone());
        params["workDoneToken"] = token;
    }
    soak.client.request(EXECUTE, params);
    Ok(String::new())
}

pub(super) fn analyze_named(soak: &mut Soak) -> Result<String> {
    let secret = soak.scene.outside().join("secret");
    let names = [
        ".heapmark/baseline.heapsnapshot".to_owned(),
        ".heapmark/target.heapsnapshot".to_owned(),
        ".heapmark/final.heapsnapshot".to_owned(),
        uri(&soak.scene.path(".heapmark/final.heapsnapshot")),
        ".heapmark/impostor.heapsnapshot".to_owned(),
        ".heapmark".to_owned(),
        "never-was.heapsnapshot".to_owned(),
        "../../../../../etc/passwd".to_owned(),
        secret.display().to_string(),
        "/dev/zero".to_owned(),
        "/proc/self/mem".to_owned(),
        "https://example.org/a.heapsnapshot".to_owned(),
        "\u{202e}\u{1b}[31m".to_owned(),
        String::new(),
    ];
    let count = 1 + soak.random.below(4);
    let files: Vec<&String> = (0..count).map(|_| &names[soak.random.below(names.len())]).collect();
    let arguments = json!([{ "files": files }]);
    let said = format!("{files:?}");
    let params = json!({ "command": "heapmark.server.analyze", "arguments": arguments });
    soak.client.request(EXECUTE, params);
    Ok(said)
}

pub(super) fn clear(soak: &mut Soak) -> Result<String> {
    soak.client.request(EXECUTE, json!({ "command": "heapmark.server.clear" }));
    Ok(String::new())
}

pub(super) fn accept(soak: &mut Soak) -> Result<String> {
    let fingerprint = match some_shown(soak) {
        Some((_, _, data)) if soak.random.percent(80) => match data.as_str() {
            Some(fingerprint) => json!(fingerprint),
            None => data["fingerprint"].clone(),
        },
        _ => json!("00000000"),
    };
    let arguments = json!([{ "fingerprint": fingerprint }]);
    let params = json!({ "command": "heapmark.server.accept", "arguments": arguments });
    soak.client.request(EXECUTE, params);
    Ok(fingerprint.to_string())
}

pub(super) fn show(soak: &mut Soak) -> Result<String> {
    let argument = match some_shown(soak) {
        Some((uri, range, _)) => json!({ "uri": uri, "position": range["start"] }),
        None => json!({ "uri": "::", "position": { "line": 0, "character": 0 } }),
    };
    let params = json!({ "command": "heapmark.server.show", "arguments": [argument] });
    soak.client.request(EXECUTE, params);
    Ok(String::new())
}

pub(super) fn odd_command(soak: &mut Soak) -> Result<String> {
    let commands =
        ["analyze", "capture", "accept", "show", "clear", "targets", "nonsense", "\u{0}"];
    let arguments = [
        json!(null),
        json!([]),
        json!([7]),
        json!([null, 1, 2]),
        json!([{ "files": 7 }]),
        json!([{ "files": [7] }]),
        json!([{ "fingerprint": { "a": [] } }]),
        json!([{ "uri": "::", "position": { "line": -1, "character": 0.5 } }]),
        json!([{ "websocketUrl": "ws://[::", "pid": -1, "name": "../../x" }]),
        json!({ "not": "a list" }),
        json!([[[[[[[[[]]]]]]]]]),
    ];
    let command = soak.random.pick(&commands);
    let arguments = &arguments[soak.random.below(arguments.len())];
    let params = json!({
        "command": format!("heapmark.server.{command}"),
        "arguments": arguments,
    });
    soak.client.request(EXECUTE, params);
    Ok(format!("{command:?} {arguments}"))
}

pub(super) fn unknown(soak: &mut Soak) -> Result<String> {
    let methods = [
        "textDocument/nonsense",
        "textDocument/completion",
        "",
        "initialize",
        "textDocument/hover",
        "textDocument/codeAction",
        "workspace/executeCommand",
        "textDocument/didOpen",
    ];
    let params = [json!(null), json!({}), json!([]), json!({ "textDocument": 5 }), json!([1, 2])];
    let method = soak.random.pick(&methods);
    let params = params[soak.random.below(params.len())].clone();
    if soak.random.percent(30) {
        let id = json!(format!("odd {}", soak.random.below(1_000_000_000)));
        soak.client.request_as(id, method, params.clone());
    } else {
        soak.client.request(method, params.clone());
    }
    Ok(format!("{method:?} {params}"))
}

pub(super) fn cancel_request(soak: &mut Soak) -> Result<String> {
    let Some(id) = soak.client.some_waiting(&mut soak.random) else {
        return Ok("nothing to cancel".to_owned());
    };
    soak.client.notify("$/cancelRequest", json!({ "id": id }));
    Ok(id.to_string())
}

pub(super) fn cancel_progress(soak: &mut Soak) -> Result<String> {
    let at = soak.random.below(soak.client.tokens.len());
    let Some(token) = soak.client.tokens.get(at).cloned() else {
        return Ok("nothing to cancel".to_owned());
    };
    soak.client.notify("window/workDoneProgress/cancel", json!({ "token": token }));
    Ok(token.to_string())
}

pub(super) fn cancel_nothing(soak: &mut Soak) -> Result<String> {
    let params =
        [json!({ "id": 987_654_321 }), json!({ "id": "x" }), json!({ "id": null }), json!({})];
    for params in params {
        soak.client.notify("$/cancelRequest", params);
    }
    for token in [json!("never heard of"), json!(-1), json!({}), json!(null)] {
        soak.client.notify("window/workDoneProgress/cancel", json!({ "token": token }));
    }
    Ok(String::new())
}

pub(super) fn many_and_cancel(soak: &mut Soak) -> Result<String> {
    let count = 10 + soak.random.below(100);
    let params = json!({ "command": "heapmark.server.analyze", "arguments": [{}] });
    let ids: Vec<i64> = (0..count).map(|_| soak.client.request(EXECUTE, params.clone())).collect();
    let most = ids.len() - 1;
    for id in &ids[..most] {
        soak.client.notify("$/cancelRequest", json!({ "id": id }));
    }
    Ok(format!("{count} analyses"))
}
