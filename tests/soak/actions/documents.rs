//! Texts that are opened, edited, saved and closed, as editors do it and as none would.

use anyhow::Result;
use heapmark_tests::{frame, uri};
use serde_json::{Value, json};

use crate::soak::Soak;

const DID_CHANGE: &str = "textDocument/didChange";
/// As much as somebody may paste by mistake: a log, a bundle.
const PASTE: usize = 400_000;

/// Constructs that are expensive for something: a parser, an outline, a reader of lines.
const EXPENSIVE: [&str; 7] = ["(", "a+", "`${", "if(a){", "a.", "\u{1f600}", "\r"];

fn some_open(soak: &mut Soak) -> Option<String> {
    soak.open.iter().nth(soak.random.below(soak.open.len())).cloned()
}

fn did_open(soak: &mut Soak, uri: &str, text: &str) {
    let language = if uri.ends_with("ts") { "typescript" } else { "javascript" };
    let document = json!({ "uri": uri, "languageId": language, "version": 1, "text": text });
    soak.client.notify("textDocument/didOpen", json!({ "textDocument": document }));
    soak.open.insert(uri.to_owned());
}

fn did_change(soak: &mut Soak, uri: &str, changes: &Value) {
    let params = json!({
        "textDocument": { "uri": uri, "version": 2 },
        "contentChanges": changes,
    });
    soak.client.notify(DID_CHANGE, params);
}

fn range(start: (u64, u64), end: (u64, u64)) -> Value {
    json!({
        "start": { "line": start.0, "character": start.1 },
        "end": { "line": end.0, "character": end.1 },
    })
}

pub(super) fn open(soak: &mut Soak) -> Result<String> {
    let source = soak.scene.some_good(&mut soak.random, ".js")?;
    let text = String::from_utf8_lossy(soak.scene.content(&source)).into_owned();
    let uri = uri(&soak.scene.path(&source));
    did_open(soak, &uri, &text);
    Ok(source.display().to_string())
}

pub(super) fn open_odd(soak: &mut Soak) -> Result<String> {
    let source = soak.scene.some_good(&mut soak.random, ".js")?;
    let uris = [
        uri(&soak.scene.path(&source)),
        uri(&soak.scene.path("never-was.ts")),
        uri(&soak.scene.path(".heapmark/final.scripts.json")),
        uri(&soak.scene.path(".heapmark/final.heapsnapshot")),
        "untitled:Untitled-1".to_owned(),
        "file:///c%3A/Users/x/y.js".to_owned(),
        "no uri at all".to_owned(),
    ];
    let texts = [
        "",
        "\u{0}",
        "\u{feff}let a;\r\n\r\r\n",
        "let \u{1f600} = '\u{202e}';",
        "const x = new Map();\n",
    ];
    let uri = &uris[soak.random.below(uris.len())];
    let text = soak.random.pick(&texts);
    did_open(soak, uri, text);
    Ok(format!("{uri} {text:?}"))
}

pub(super) fn edit(soak: &mut Soak) -> Result<String> {
    let Some(uri) = some_open(soak) else { return Ok("nothing is open".to_owned()) };
    let line = soak.random.below(50) as u64;
    let changes = [
        (range((line, 0), (line, 0)), "// a comment\n"),
        (range((line, 0), (line + 1, 0)), ""),
        (range((line, 0), (line + 3, 0)), ""),
        (range((line, 0), (line, 0)), "function between() { return new Map(); }\n"),
        (range((line, 2), (line, 4)), "xy"),
        (range((0, 0), (0, 0)), "\n\n\n"),
        (range((line, 0), (line, 0)), "// heapmark-ignore: because\n"),
        (range((line, 0), (line, 0)), "/*"),
    ];
    let (range, text) = &changes[soak.random.below(changes.len())];
    did_change(soak, &uri, &json!([{ "range": range, "text": text }]));
    Ok(format!("{range} {text:?}"))
}

pub(super) fn type_on(soak: &mut Soak) -> Result<String> {
    let Some(uri) = some_open(soak) else { return Ok("nothing is open".to_owned()) };
    let line = soak.random.below(50) as u64;
    for (column, character) in (0..).zip("const typed = new Map(); ".chars()) {
        let range = range((line, column), (line, column));
        did_change(soak, &uri, &json!([{ "range": range, "text": character }]));
    }
    Ok(format!("in line {line}"))
}

pub(super) fn edit_oddly(soak: &mut Soak) -> Result<String> {
    let Some(uri) = some_open(soak) else { return Ok("nothing is open".to_owned()) };
    let far = u64::from(u32::MAX);
    let changes = [
        json!([{ "range": range((far, far), (far, far)), "text": "x" }]),
        json!([{ "range": range((0, far), (0, 0)), "text": "y" }]),
        json!([{ "range": range((5, 3), (2, 1)), "text": "the wrong way round" }]),
        json!([{ "range": range((0, 0), (far, far)), "text": "" }]),
        json!([{ "range": range((0, 0), (0, 0)), "text": "\u{1f600}\u{1f600}" }]),
        json!([{ "range": range((0, 1), (0, 1)), "text": "in the middle of one" }]),
        json!([{ "range": range((0, 1), (0, 3)), "text": "" }]),
        json!([{ "range": range((1, 0), (2, 0)), "text": "\r" }]),
        json!([{ "range": range((0, 0), (0, 0)), "rangeLength": 99, "text": "\u{0}" }]),
        json!([{ "text": "\r\r\n\n\r" }]),
        json!([{ "text": "" }]),
        json!([]),
        json!([{ "range": 7, "text": "x" }]),
        json!([{ "range": range((0, 0), (0, 0)) }]),
        json!([{ "range": { "start": { "line": -1, "character": 0 } }, "text": "x" }]),
        json!("none"),
    ];
    let changes = &changes[soak.random.below(changes.len())];
    did_change(soak, &uri, changes);
    Ok(changes.to_string())
}

/// Half an emoji is legal in JSON, and what an editor may send of a text with one.
pub(super) fn half_an_emoji(soak: &mut Soak) -> Result<String> {
    let source = soak.scene.some_good(&mut soak.random, ".js")?;
    let uri = some_open(soak).unwrap_or_else(|| uri(&soak.scene.path(source)));
    let half = soak.random.pick(&["\\ud83d", "\\ude00", "\\udfff\\ud800", "\\ud83dx"]);
    let (method, params) = if soak.random.percent(50) {
        soak.open.insert(uri.clone());
        let text = "const half = 'HALF';\n";
        let document =
            json!({ "uri": uri, "languageId": "javascript", "version": 1, "text": text });
        ("textDocument/didOpen", json!({ "textDocument": document }))
    } else {
        let changes = json!([{ "range": range((0, 0), (0, 0)), "text": "HALF" }]);
        let document = json!({ "uri": uri, "version": 3 });
        (DID_CHANGE, json!({ "textDocument": document, "contentChanges": changes }))
    };
    let message = json!({ "jsonrpc": "2.0", "method": method, "params": params });
    let content = message.to_string().replace("HALF", half);
    soak.client.send_bytes(frame(content.as_bytes()));
    Ok(format!("{method} {half}"))
}

pub(super) fn paste(soak: &mut Soak) -> Result<String> {
    let Some(uri) = some_open(soak) else { return Ok("nothing is open".to_owned()) };
    let piece = soak.random.pick(&EXPENSIVE);
    let text = piece.repeat(soak.random.below(PASTE) / piece.len());
    let line = soak.random.below(20) as u64;
    let changes = json!([{ "range": range((line, 0), (line, 0)), "text": text }]);
    did_change(soak, &uri, &changes);
    Ok(format!("{} bytes of {piece:?}", text.len()))
}

pub(super) fn save(soak: &mut Soak) -> Result<String> {
    let Some(uri) = some_open(soak) else { return Ok("nothing is open".to_owned()) };
    soak.client.notify("textDocument/didSave", json!({ "textDocument": { "uri": uri } }));
    Ok(uri)
}

pub(super) fn close(soak: &mut Soak) -> Result<String> {
    let Some(uri) = some_open(soak) else { return Ok("nothing is open".to_owned()) };
    soak.open.remove(&uri);
    soak.client.notify("textDocument/didClose", json!({ "textDocument": { "uri": uri } }));
    Ok(uri)
}

pub(super) fn not_open(soak: &mut Soak) -> Result<String> {
    let uri = uri(&soak.scene.path("never-opened.js"));
    did_change(soak, &uri, &json!([{ "text": "x" }]));
    for method in ["textDocument/didSave", "textDocument/didClose"] {
        soak.client.notify(method, json!({ "textDocument": { "uri": uri } }));
    }
    Ok(String::new())
}
