//! A program is never left in the middle of a snapshot: Node.js 18, 20 and 22 crash of it now and then.

mod support;

use futures_util::{SinkExt, StreamExt};
use heapmark_capture::{
    CaptureError, CaptureOptions, Destination, Session, SessionKeeper, Target, Unmonitored,
};
use std::{
    future::pending,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use support::{Node, Watch, names_in, objects, to_folder};
use tokio::{
    net::TcpListener,
    sync::{Notify, mpsc},
    time::timeout,
};
use tokio_tungstenite::tungstenite::Message;

/// Enough objects for a snapshot of some 18 MB, far more than sockets buffer.
const A_LOT: &str = "100000";

#[tokio::test]
async fn a_program_that_is_left_half_way_lives_and_can_be_captured_again() {
    let mut node = Node::start("keeper.js", &[A_LOT]);
    let folder = tempfile::tempdir().unwrap();
    let options = to_folder(folder.path(), "a");
    for _ in 0..5 {
        let half_way = Notify::new();
        let watch = Watch::new(|| half_way.notify_one());
        let mut session = Session::connect(&node.target).await.unwrap();
        let cancelled = session.take_snapshot(&options, &watch, half_way.notified()).await;
        assert!(matches!(cancelled, Err(CaptureError::Cancelled)), "{cancelled:?}");
        assert_eq!(names_in(folder.path()), [""; 0], "at once");
        assert!(session.is_taking());
        session.close().await;
    }
    assert!(node.child.try_wait().unwrap().is_none(), "it lives");
    let mut session = Session::connect(&node.target).await.unwrap();
    let captured = session.take_snapshot(&options, &Unmonitored, pending()).await.unwrap();
    assert_eq!(objects(&captured.file, "KeptForGood").len(), 1);
}

/// How many chunks the scripted inspector sends, 100 kB each: more than sockets buffer.
const CHUNKS: usize = 200;

/// What the scripted inspector saw when its client had gone.
#[derive(Debug, PartialEq, Eq)]
enum Left {
    /// After it had sent all of the snapshot and the reply.
    InOrder,
    /// After so many chunks.
    After(usize),
}

/// An inspector that takes snapshots of [`CHUNKS`] chunks, and tells how its clients left.
async fn scripted() -> (Target, mpsc::UnboundedReceiver<Left>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let port = listener.local_addr().expect("bound").port();
    let (tell, told) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let tell = tell.clone();
            tokio::spawn(async move {
                let mut socket =
                    tokio_tungstenite::accept_async(stream).await.expect("a handshake");
                while let Some(Ok(Message::Text(text))) = socket.next().await {
                    let request: serde_json::Value =
                        serde_json::from_str(&text).expect("we send JSON");
                    let is_snapshot = request["method"] == "HeapProfiler.takeHeapSnapshot";
                    for sent in 0..if is_snapshot { CHUNKS } else { 0 } {
                        let chunk = "1,".repeat(50_000);
                        let event = serde_json::json!({
                            "method": "HeapProfiler.addHeapSnapshotChunk",
                            "params": { "chunk": if sent == 0 { "{" } else { &chunk } },
                        });
                        if socket.send(Message::text(event.to_string())).await.is_err() {
                            tell.send(Left::After(sent)).expect("the test listens");
                            return;
                        }
                    }
                    let reply = format!(r#"{{"id":{},"result":{{}}}}"#, request["id"]);
                    if socket.send(Message::text(reply)).await.is_err() {
                        tell.send(Left::After(CHUNKS)).expect("the test listens");
                        return;
                    }
                }
                tell.send(Left::InOrder).expect("the test listens");
            });
        }
    });
    (Target::from_websocket_url(&format!("ws://127.0.0.1:{port}/x")).expect("a URL"), told)
}

async fn how_it_was_left(mut told: mpsc::UnboundedReceiver<Left>) -> Left {
    timeout(Duration::from_secs(60), told.recv()).await.expect("it is left").expect("it tells")
}

fn somewhere(folder: &tempfile::TempDir) -> CaptureOptions {
    CaptureOptions::new(Destination::File(folder.path().join("a")))
}

#[tokio::test]
async fn a_session_that_is_dropped_half_way_reads_on_to_the_end() {
    let (target, told) = scripted().await;
    let folder = tempfile::tempdir().unwrap();
    let options = somewhere(&folder);
    let half_way = Notify::new();
    let watch = Watch::new(|| half_way.notify_one());
    let mut session = Session::connect(&target).await.unwrap();
    tokio::select! {
        biased;
        () = half_way.notified() => {}
        taken = session.take_snapshot(&options, &watch, pending()) => panic!("{taken:?}"),
    }
    assert_eq!(names_in(folder.path()), [""; 0], "at once");
    drop(session);
    assert_eq!(how_it_was_left(told).await, Left::InOrder);
}

#[tokio::test]
async fn a_snapshot_that_gets_too_large_is_read_to_the_end() {
    let (target, told) = scripted().await;
    let folder = tempfile::tempdir().unwrap();
    let mut options = somewhere(&folder);
    options.size_limit = 1_000_000;
    let mut session = Session::connect(&target).await.unwrap();
    let error = session.take_snapshot(&options, &Unmonitored, pending()).await.unwrap_err();
    assert!(error.to_string().contains("goes on after 1.0 MB of a snapshot"), "{error}");
    assert_eq!(names_in(folder.path()), [""; 0]);
    drop(session);
    assert_eq!(how_it_was_left(told).await, Left::InOrder);
}

#[tokio::test]
async fn a_keeper_answers_a_cancel_at_once_and_reads_on_behind_it() {
    let (target, told) = scripted().await;
    let folder = tempfile::tempdir().unwrap();
    let options = somewhere(&folder);
    let half_way = Notify::new();
    let watch = Watch::new(|| half_way.notify_one());
    let keeper = SessionKeeper::default();
    let cancelled = keeper.take_snapshot(&target, &options, &watch, half_way.notified()).await;
    assert!(matches!(cancelled, Err(CaptureError::Cancelled)), "{cancelled:?}");
    assert_eq!(names_in(folder.path()), [""; 0], "at once");
    keeper.release_all().await;
    assert_eq!(how_it_was_left(told).await, Left::InOrder);
}

#[tokio::test]
async fn who_must_leave_at_once_can() {
    let (target, told) = scripted().await;
    let folder = tempfile::tempdir().unwrap();
    let half_way = Notify::new();
    let watch = Watch::new(|| half_way.notify_one());
    let mut session = Session::connect(&target).await.unwrap();
    let options = somewhere(&folder);
    let _ = session.take_snapshot(&options, &watch, half_way.notified()).await;
    session.abandon();
    assert!(matches!(how_it_was_left(told).await, Left::After(sent) if sent < CHUNKS));
}

/// Closing one session while another's snapshot is taken is nothing that the other would notice.
#[tokio::test]
async fn sessions_come_and_go_while_another_takes_a_snapshot() {
    let mut node = Node::start("keeper.js", &[A_LOT]);
    let folder = tempfile::tempdir().unwrap();
    let options = to_folder(folder.path(), "a");
    let guests = Arc::new(AtomicUsize::new(0));
    let target = node.target.clone();
    let visiting = tokio::spawn({
        let guests = Arc::clone(&guests);
        async move {
            while let Ok(session) = Session::connect(&target).await {
                session.close().await;
                guests.fetch_add(1, Ordering::Relaxed);
            }
        }
    });
    let mut session = Session::connect(&node.target).await.unwrap();
    for _ in 0..3 {
        session.take_snapshot(&options, &Unmonitored, pending()).await.unwrap();
    }
    visiting.abort();
    assert!(guests.load(Ordering::Relaxed) > 0);
    assert!(node.child.try_wait().unwrap().is_none(), "it lives");
}
