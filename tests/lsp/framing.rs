//! What is sent may be damaged, or no message at all: it is answered with an error, and whatever
//! follows is read.
//!
//! How frames and messages are read is tested beside the code; here stand the real pipes.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::client::{Client, Options, uri};
use crate::scene::Scene;

fn framed(text: impl AsRef<[u8]>) -> Vec<u8> {
    let text = text.as_ref();
    [format!("Content-Length: {}\r\n\r\n", text.len()).as_bytes(), text].concat()
}

/// That the server still answers.
fn is_alive(client: &mut Client) {
    assert_eq!(client.hover("/nowhere.js".as_ref(), 0, 0), None);
}

#[test]
fn what_is_no_message_is_answered_and_the_next_one_read() {
    let scene = Scene::new("lru-full");
    let mut client = Client::open(&Options::quiet(scene.folder()));
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    for (bytes, code) in [
        (framed("{nonsense"), -32700),
        (framed("7"), -32600),
        (framed("{}"), -32600),
        (framed("[]"), -32600),
        (
            framed(r#"[{"jsonrpc":"2.0","id":1,"method":"a"},{"jsonrpc":"2.0","method":"$/x"}]"#),
            -32600,
        ),
        (framed(b"{\"jsonrpc\":\"2.0\",\"method\":\"a\",\"params\":\"\xff\"}"), -32700),
        (framed(format!("{{\"jsonrpc\":\"2.0\",\"method\":\"a\",\"params\":{deep}}}")), -32700),
        (b"Content-Length: -5\r\n\r\n{}".to_vec(), -32600),
        (b"Content-Length: 1000000000000000\r\n\r\n{}".to_vec(), -32600),
        (b"Content-Length: 100\r\n\r\n{}".to_vec(), -32700),
        (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n".to_vec(), -32600),
        (vec![b'x'; 100_000], -32600),
        (b"content-length: 2\r\n\r\n{}".to_vec(), -32600),
        (b"Content-Length: 2\n\n{}".to_vec(), -32600),
    ] {
        client.send_raw(&bytes);
        is_alive(&mut client);
        let said = client.complaint();
        let start = String::from_utf8_lossy(&bytes[..bytes.len().min(80)]).into_owned();
        assert_eq!(said["code"], code, "{start}: {said}");
    }
    client.finish();
}

#[test]
fn a_length_that_is_too_large_loses_neither_its_request_nor_the_next() {
    let scene = Scene::new("lru-full");
    let mut client = Client::open(&Options::quiet(scene.folder()));
    for more in 1..=25 {
        let id = 900 + more;
        let request = format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"nothing"}}"#);
        let head = format!("Content-Length: {}\r\n\r\n", request.len() + more);
        client.send_raw(format!("{head}{request}").as_bytes());
        is_alive(&mut client);
        let id = i64::try_from(id).unwrap();
        assert_eq!(client.answer_to(id).unwrap_err()["code"], -32601, "{more} bytes too many");
    }
    client.finish();
}

#[test]
fn a_request_that_is_none_is_answered_under_its_id() {
    let scene = Scene::new("lru-full");
    let mut client = Client::open(&Options::quiet(scene.folder()));
    client.send_raw(&framed(r#"{"jsonrpc":"1.0","id":901,"method":"textDocument/hover"}"#));
    assert_eq!(client.answer_to(901).unwrap_err()["code"], -32600);
    is_alive(&mut client);
    client.finish();
}

#[test]
fn trouble_is_answered_before_initialize_too() {
    let mut client = Client::start();
    client.send_raw(&framed("{nonsense"));
    assert_eq!(client.complaint()["code"], -32700);
    client.request("initialize", json!({ "capabilities": {} })).unwrap();
    client.finish();
}

#[test]
fn half_a_character_in_a_text_is_no_trouble() {
    let scene = Scene::with_snapshots("map-cache", 2);
    let file = scene.file(&scene.program.entry);
    let (line, column) = scene.position(&scene.program.entry, "cards = new Map");
    let mut client = Client::open(&Options::in_folder(scene.folder()));
    client.wait_for_result();
    // As an editor sends it whose texts are in UTF-16: `"\ud83d"` is half of a smiley.
    let half = |text: String| framed(text.replace("HALF", r"\ud83d"));
    let text = scene.text(&scene.program.entry);
    let document =
        json!({ "uri": uri(&file), "languageId": "javascript", "version": 1, "text": text });
    client.notify("textDocument/didOpen", json!({ "textDocument": document }));
    let insert = |version: u32, text: &str| {
        let start = json!({ "line": 0, "character": 0 });
        let change = json!({ "range": { "start": start, "end": start }, "text": text });
        json!({ "jsonrpc": "2.0", "method": "textDocument/didChange", "params": {
            "textDocument": { "uri": uri(&file), "version": version }, "contentChanges": [change] } })
    };
    client.send_raw(&half(insert(2, "// HALF\n").to_string()));
    client.send_raw(&half(insert(3, "// HALFHALF\n").to_string()));
    assert!(client.hover(&file, line + 2, column).is_some(), "the text has two lines more");
    assert_eq!(client.messages(), [""; 0]);
    client.finish();
}

#[test]
fn a_text_of_200_mb_is_refused_and_passed_over() {
    let scene = Scene::new("lru-full");
    let mut client = Client::open(&Options::quiet(scene.folder()));
    client.send_raw(b"Content-Length: 200000000\r\n\r\n");
    let said = client.complaint();
    let expected = "Invalid request: the message of 200 MB is too long: at most 134 MB are read";
    assert_eq!(said["message"], expected);
    let block = vec![b' '; 1_000_000];
    for _ in 0..200 {
        client.send_raw(&block);
    }
    is_alive(&mut client);
    client.finish();
}

#[test]
fn an_end_in_the_middle_of_a_message_is_an_end() {
    let mut client = Client::open(&Options::quiet(Scene::new("lru-full").folder()));
    client.send_raw(b"Content-Length: 100\r\n\r\n{");
    let started = Instant::now();
    client.hang_up();
    assert_eq!(client.wait_for_exit().code(), Some(1));
    assert!(started.elapsed() < Duration::from_secs(5));
}
