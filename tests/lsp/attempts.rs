//! Snapshots that ended the server before.

use std::fs;
use std::process::Command;

use serde_json::{Value, json};

use crate::client::{Client, Options};
use crate::long_jobs::big_snapshot;
use crate::scene::{Scene, make_old};

fn has_begun(message: &Value) -> Option<()> {
    (message["params"]["value"]["kind"] == "report").then_some(())
}

#[test]
fn a_snapshot_that_two_servers_did_not_survive_is_analysed_when_the_user_asks() {
    let scene = Scene::new("lru-full");
    let snapshot = scene.file("big.heapsnapshot");
    fs::copy(big_snapshot(), &snapshot).unwrap();
    make_old(&snapshot);
    let indexes = tempfile::tempdir().unwrap();
    let settings = json!({ "index": { "folder": indexes.path() } });
    let options = Options { settings, ..Options::in_folder(scene.folder()) };

    for _ in 0..2 {
        let mut client = Client::open(&options);
        client.wait_for("an analysis by itself, also after one death", has_begun);
        client.kill();
    }

    let mut client = Client::open(&options);
    client.wait_until("the user is told", |client| !client.messages().is_empty());
    insta::assert_snapshot!(client.messages().join("\n"), @"big.heapsnapshot was not analysed: the last 2 times the server was killed over it, perhaps for want of memory. *Analyze Snapshots* tries all the same.");
    assert!(!client.heard.iter().any(|message| has_begun(message).is_some()), "nothing is tried");
    let answer = client.execute("analyze", json!({})).expect("it is a good one");
    assert_eq!(answer["snapshots"], 1, "{answer}");
    client.finish();

    let mut client = Client::open(&options);
    let status = client.wait_for_result();
    assert_eq!(status["state"], "idle", "what went well once is tried again: {status}");
    client.finish();
}

/// What stands in the folder of indexes after the server was ended in the middle of an analysis.
fn left_after(end: impl FnOnce(Client)) -> Vec<String> {
    let scene = Scene::new("lru-full");
    let snapshot = scene.file("big.heapsnapshot");
    fs::copy(big_snapshot(), &snapshot).unwrap();
    make_old(&snapshot);
    let indexes = tempfile::tempdir().unwrap();
    let settings = json!({ "index": { "folder": indexes.path() } });
    let mut client = Client::open(&Options { settings, ..Options::in_folder(scene.folder()) });
    client.wait_for("an analysis", has_begun);
    end(client);
    let left = fs::read_dir(indexes.path()).unwrap().map(|entry| entry.unwrap().file_name());
    let left = left.map(|name| name.to_string_lossy().into_owned());
    left.filter(|name| name.ends_with(".attempt")).collect()
}

#[test]
fn an_orderly_end_in_the_middle_of_an_analysis_is_no_death() {
    assert_eq!(left_after(Client::finish), [""; 0]);
}

#[cfg(unix)]
#[test]
fn a_signal_that_asks_the_server_to_end_is_no_death() {
    for signal in ["TERM", "INT", "HUP"] {
        let left = left_after(|mut client| {
            let id = client.connection.id().to_string();
            let sent = Command::new("kill").args(["-s", signal, &id]).status().unwrap();
            assert!(sent.success());
            assert_eq!(client.wait_for_exit().code(), Some(1), "{signal}: without a shutdown");
        });
        assert_eq!(left, [""; 0], "{signal}");
    }
    assert_eq!(left_after(Client::kill).len(), 1, "but what kills it is");
}

#[test]
fn an_index_in_a_folder_that_nobody_chose_is_not_made_and_the_user_is_told() {
    let scene = Scene::with_snapshots("map-cache", 2);
    let options = Options::in_folder(scene.folder());
    let mut client = Client::open_with_variable(&options, "HEAPMARK_INDEX", "here");
    let status = client.wait_for_result();
    assert_eq!(status["state"], "idle", "{status}");
    let said = client.messages().join("\n");
    let expected = "HEAPMARK_INDEX must be an absolute path or `off`, and is \"here\"";
    assert!(said.contains(expected), "{said}");
    assert!(!scene.file("here").exists());
    client.finish();
}
