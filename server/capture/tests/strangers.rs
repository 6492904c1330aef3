//! What listens on a port need not be an inspector, nor mean well.

use heapmark_capture::{
    CaptureError, CaptureOptions, Destination, Session, Target, Unmonitored, targets_at,
};
use std::{
    future::pending,
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// Answers every connection with `answer`, over and over if `forever`.
async fn stranger(answer: &'static [u8], forever: bool) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let port = listener.local_addr().expect("bound").port();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut request = [0; 1_024];
                // The client may close at any time.
                let _ = stream.read(&mut request).await;
                while stream.write_all(answer).await.is_ok() && forever {
                    tokio::task::yield_now().await;
                }
            });
        }
    });
    port
}

async fn said(answer: &'static [u8], forever: bool) -> String {
    let port = stranger(answer, forever).await;
    let error = targets_at("127.0.0.1", port).await.expect_err("this is no inspector");
    error.to_string().replace(&port.to_string(), "PORT")
}

#[tokio::test]
async fn a_web_server_is_no_inspector() {
    let page = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<!doctype html><p>Hello";
    assert_eq!(
        said(page, false).await,
        "127.0.0.1:PORT is not an inspector: its answer is not a list of targets; the port is \
         printed by Node.js as `Debugger listening on ws://…`"
    );
    let not_found = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n";
    assert!(said(not_found, false).await.contains("it answers with HTTP status 404"));
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let redirect = b"HTTP/1.1 307 Temporary Redirect\r\nLocation: http://127.0.0.1:1/\r\n\r\n";
    assert!(said(redirect, false).await.contains("it answers with HTTP status 307"));
}

#[tokio::test]
async fn other_protocols_are_no_inspectors() {
    assert!(said(b"SSH-2.0-OpenSSH_9.6\r\n", false).await.contains("does not answer in HTTP"));
    assert!(said(b"\x16\x03\x01\x00\xff\xfe", false).await.contains("does not answer in HTTP"));
    assert!(said(b"", false).await.contains("closed the connection without an answer"));
}

#[tokio::test]
async fn an_answer_without_end_is_given_up() {
    let started = Instant::now();
    let endless = b"HTTP/1.1 200 OK\r\n\r\n[{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{}";
    assert!(said(endless, true).await.contains("too long or cut off"));
    assert!(started.elapsed().as_secs() < 30);
}

/// An inspector that takes the handshake and then sends what it wants, as text messages.
async fn hostile(messages: Vec<&'static str>) -> Target {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let port = listener.local_addr().expect("bound").port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(converse(stream, messages.clone()));
        }
    });
    Target::from_websocket_url(&format!("ws://127.0.0.1:{port}/x")).expect("a URL")
}

/// Replies to every request with an empty result; before the reply to `takeHeapSnapshot` come the
/// messages.
async fn converse(stream: TcpStream, messages: Vec<&'static str>) {
    use futures_util::{SinkExt, StreamExt};
    use tokio_tungstenite::tungstenite::Message;

    let Ok(mut socket) = tokio_tungstenite::accept_async(stream).await else { return };
    while let Some(Ok(Message::Text(text))) = socket.next().await {
        let request: serde_json::Value = serde_json::from_str(&text).expect("we send JSON");
        if request["method"] == "HeapProfiler.takeHeapSnapshot" {
            for message in &messages {
                if socket.send(Message::text(*message)).await.is_err() {
                    return;
                }
            }
        }
        let reply = format!(r#"{{"id":{},"result":{{}}}}"#, request["id"]);
        if socket.send(Message::text(reply)).await.is_err() {
            return;
        }
    }
}

async fn capture_from(messages: Vec<&'static str>) -> CaptureError {
    let target = hostile(messages).await;
    let folder = tempfile::tempdir().expect("a folder");
    let options = CaptureOptions::new(Destination::File(folder.path().join("a")));
    let mut session = Session::connect(&target).await.expect("it takes the handshake");
    let error = session
        .take_snapshot(&options, &Unmonitored, pending())
        .await
        .expect_err("this is no snapshot");
    assert_eq!(std::fs::read_dir(folder.path()).expect("it is there").count(), 0, "{error}");
    error
}

#[tokio::test]
async fn a_snapshot_that_is_not_whole_is_not_kept() {
    let nothing = capture_from(vec![]).await;
    assert!(matches!(nothing, CaptureError::Incomplete { received: 0, .. }), "{nothing}");
    let cut = capture_from(vec![
        r#"{"method":"HeapProfiler.addHeapSnapshotChunk","params":{"chunk":"{\"snapshot\":{}"}}"#,
    ])
    .await;
    assert!(matches!(cut, CaptureError::Incomplete { received: 14, .. }), "{cut}");
}

#[tokio::test]
async fn what_is_no_snapshot_is_not_kept_though_it_is_whole() {
    for chunk in ["{}", "[]", "{\"snapshots\":{\"a\":[]}", "<html></html>"] {
        let params = serde_json::json!({ "chunk": chunk });
        let event =
            serde_json::json!({ "method": "HeapProfiler.addHeapSnapshotChunk", "params": params });
        let error = capture_from(vec![event.to_string().leak()]).await;
        let said = error.to_string();
        assert!(said.ends_with("protocol: what it sent is no heap snapshot"), "{chunk}: {said}");
    }
}

#[tokio::test]
async fn messages_that_are_none_end_the_capture() {
    for message in ["not JSON", "[]", "{}", r#"{"method":"HeapProfiler.addHeapSnapshotChunk"}"#] {
        let error = capture_from(vec![message]).await;
        assert!(matches!(error, CaptureError::Protocol { .. }), "{message}: {error}");
    }
}

/// An inspector that replies to everything but `method`; there it sends `event`, again and again.
async fn endless(method: &'static str, event: String, pause: Duration) -> Target {
    use futures_util::{SinkExt, StreamExt};
    use tokio_tungstenite::tungstenite::Message;

    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let port = listener.local_addr().expect("bound").port();
    tokio::spawn(async move {
        let (stream, _) = listener.accept().await.expect("a client");
        let mut socket = tokio_tungstenite::accept_async(stream).await.expect("a handshake");
        while let Some(Ok(Message::Text(text))) = socket.next().await {
            let request: serde_json::Value = serde_json::from_str(&text).expect("we send JSON");
            let reply = format!(r#"{{"id":{},"result":{{}}}}"#, request["id"]);
            let is_it = request["method"] == method;
            let answer = if is_it { event.clone() } else { reply };
            while socket.send(Message::text(answer.clone())).await.is_ok() && is_it {
                tokio::time::sleep(pause).await;
            }
        }
    });
    Target::from_websocket_url(&format!("ws://127.0.0.1:{port}/x")).expect("a URL")
}

/// What a capture from `target` ends with, whose patience is one second.
async fn given_up(target: Target) -> CaptureError {
    let folder = tempfile::tempdir().expect("a folder");
    let mut options = CaptureOptions::new(Destination::File(folder.path().join("a")));
    options.silence_limit = Duration::from_secs(1);
    options.size_limit = 10_000_000;
    let mut session = Session::connect(&target).await.expect("it takes the handshake");
    let taken = session.take_snapshot(&options, &Unmonitored, pending());
    let error = tokio::time::timeout(Duration::from_secs(30), taken).await;
    let error = error.expect("it is given up").expect_err("this is no snapshot");
    assert_eq!(std::fs::read_dir(folder.path()).expect("it is there").count(), 0, "{error}");
    session.abandon();
    error
}

#[tokio::test]
async fn events_instead_of_an_answer_are_no_sign_of_life() {
    for method in ["HeapProfiler.enable", "Debugger.enable", "HeapProfiler.takeHeapSnapshot"] {
        let target = endless(method, r#"{"method":"x"}"#.to_owned(), Duration::from_millis(100));
        let error = given_up(target.await).await;
        assert!(matches!(error, CaptureError::Unresponsive { .. }), "{method}: {error}");
    }
}

#[tokio::test]
async fn scripts_without_end_are_given_up() {
    let script = serde_json::json!({
        "method": "Debugger.scriptParsed",
        "params": { "scriptId": "7", "url": "u".repeat(1_000), "hash": "h".repeat(60_000) },
    });
    let target = endless("Debugger.enable", script.to_string(), Duration::ZERO).await;
    let error = given_up(target).await;
    assert!(matches!(error, CaptureError::Unresponsive { .. }), "{error}");
}

#[tokio::test]
async fn chunks_without_end_are_given_up() {
    let chunk = serde_json::json!({
        "method": "HeapProfiler.addHeapSnapshotChunk", "params": { "chunk": "1,".repeat(50_000) },
    });
    let target = endless("HeapProfiler.takeHeapSnapshot", chunk.to_string(), Duration::ZERO).await;
    let error = given_up(target).await;
    assert!(matches!(error, CaptureError::TooLarge { received: 10_000_001.., .. }), "{error}");
    assert!(error.to_string().ends_with("more than is allowed: it was given up and removed"));
}
