//! Commands of all kinds, started with their inspector open.

mod support;

use heapmark_capture::{CaptureError, Launched, Session, Unmonitored};
use std::{
    fs,
    future::pending,
    path::Path,
    time::{Duration, Instant},
};
use support::{objects, program, runs, to_folder};

fn command(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

async fn gone(process_id: u32) {
    let started = Instant::now();
    while runs(process_id) {
        assert!(started.elapsed() < Duration::from_secs(10), "process {process_id} still runs");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn a_node_program_is_started_captured_and_killed() {
    let folder = tempfile::tempdir().unwrap();
    let keeper = program("keeper.js");
    let words = command(&["node", keeper.to_str().unwrap()]);
    let mut launched = Launched::start(&words, folder.path()).await.unwrap();
    let process_id = launched.process_id().unwrap();
    let target = launched.target().await.unwrap();
    assert_eq!(target.name(), "keeper.js");
    let mut session = Session::connect(&target).await.unwrap();
    let captured = session
        .take_snapshot(&to_folder(folder.path(), "a"), &Unmonitored, pending())
        .await
        .unwrap();
    assert_eq!(captured.process_id, Some(process_id));
    assert_eq!(objects(&captured.file, "KeptForGood").len(), 1);
    drop(launched);
    gone(process_id).await;
}

/// npm is a Node.js program too, and its inspector opens first.
#[tokio::test]
async fn npm_start_leads_to_the_program_that_it_starts() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(
        folder.path().join("package.json"),
        r#"{ "name": "app", "private": true, "scripts": { "start": "node server.js" } }"#,
    )
    .unwrap();
    fs::copy(program("keeper.js"), folder.path().join("server.js")).unwrap();
    let words = command(&["npm", "start"]);
    let mut launched = Launched::start(&words, folder.path()).await.unwrap();
    let target = launched.target().await.unwrap();
    assert_eq!(target.name(), "server.js");
    let mut session = Session::connect(&target).await.unwrap();
    let captured = session
        .take_snapshot(&to_folder(folder.path(), "a"), &Unmonitored, pending())
        .await
        .unwrap();
    assert_eq!(objects(&captured.file, "KeptForGood").len(), 1);
    let (npm, server) = (launched.process_id().unwrap(), captured.process_id.unwrap());
    assert_ne!(npm, server);
    session.close().await;
    launched.stop().await;
    gone(npm).await;
    gone(server).await;
}

#[tokio::test]
async fn children_of_a_command_that_ended_by_itself_are_killed_too() {
    let folder = tempfile::tempdir().unwrap();
    let keeper = program("keeper.js");
    let script = format!("node '{}' & sleep 1", keeper.display());
    let mut launched =
        Launched::start(&command(&["sh", "-c", &script]), folder.path()).await.unwrap();
    let target = launched.target().await.unwrap();
    let mut session = Session::connect(&target).await.unwrap();
    let captured = session
        .take_snapshot(&to_folder(folder.path(), "a"), &Unmonitored, pending())
        .await
        .unwrap();
    while launched.still_runs().is_ok() {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let server = captured.process_id.unwrap();
    assert!(runs(server));
    drop(launched);
    gone(server).await;
}

#[tokio::test]
async fn a_command_that_does_not_exist_is_called_by_its_name() {
    let words = command(&["no-such-command-here", "a\u{1b}[2J"]);
    let error = Launched::start(&words, Path::new(".")).await.unwrap_err();
    assert!(matches!(error, CaptureError::Launch { .. }));
    let message = error.to_string();
    assert!(message.starts_with(r"`no-such-command-here a\u{1b}[2J` cannot be started: "));
}

#[tokio::test]
async fn a_command_that_ends_says_how() {
    let error = Launched::start(&command(&["sh", "-c", "exit 3"]), Path::new(".")).await;
    let message = error.unwrap_err().to_string();
    assert!(message.starts_with("`sh -c exit 3` ended (exit status: 3) before its snapshot"));

    let words = command(&["node", "-e", "process.exitCode = 4"]);
    let mut launched = Launched::start(&words, Path::new(".")).await.unwrap();
    while launched.still_runs().is_ok() {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let message = launched.target().await.unwrap_err().to_string();
    assert!(message.contains("ended (exit status: 4) before its snapshot"), "{message}");
}

#[tokio::test]
async fn a_command_that_is_no_node_says_so() {
    let words = command(&["sh", "-c", "exec 2>&-; sleep 60"]);
    let message = Launched::start(&words, Path::new(".")).await.unwrap_err().to_string();
    assert!(message.contains("it seems not to start Node.js"), "{message}");
}
