//! Snapshots that ended the server before.

use std::fs;
use std::process::Command;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::client::{Client, Options};
use crate::long_jobs::big_snapshot;
use crate::scene::{Scene, make_old};

/// A large snapshot in a folder, and a place for what servers leave of it.
struct Scenery {
    scene: Scene,
    indexes: TempDir,
}

impl Scenery {
    fn new() -> Self {
        let scene = Scene::new("lru-full");
        let snapshot = scene.file("big.heapsnapshot");
        fs::copy(big_snapshot(), &snapshot).unwrap();
        make_old(&snapshot);
        Self { scene, indexes: tempfile::tempdir().unwrap() }
    }

    fn open(&self) -> Client {
        let settings = json!({ "index": { "folder": self.indexes.path() } });
        Client::open(&Options { settings, ..Options::in_folder(self.scene.folder()) })
    }
}

fn has_begun(message: &Value) -> Option<()> {
    (message["params"]["value"]["kind"] == "report").then_some(())
}

#[test]
fn a_snapshot_that_two_servers_did_not_survive_is_analysed_when_the_user_asks() {
    let scenery = Scenery::new();
    for _ in 0..2 {
        let mut client = scenery.open();
        client.wait_for("an analysis by itself, also after one death", has_begun);
        client.kill();
    }

    let mut client = scenery.open();
    client.wait_until("the user is told", |client| !client.messages().is_empty());
    insta::assert_snapshot!(client.messages().join("\n"), @"big.heapsnapshot was not analysed: the last 2 times the server was killed over it, perhaps for want of memory. *Analyze Snapshots* tries all the same.");
    assert!(!client.heard.iter().any(|message| has_begun(message).is_some()), "nothing is tried");
    let answer = client.execute("analyze", json!({})).expect("it is a good one");
    assert_eq!(answer["snapshots"], 1, "{answer}");
    client.finish();

    let mut client = scenery.open();
    let status = client.wait_for_result();
    assert_eq!(status["state"], "idle", "what went well once is tried again: {status}");
    client.finish();
}

/// What stands in the folder of indexes after the server was ended in the middle of an analysis.
fn left_after(end: impl FnOnce(Client)) -> Vec<String> {
    let scenery = Scenery::new();
    let mut client = scenery.open();
    client.wait_for("an analysis", has_begun);
    end(client);
    let left =
        fs::read_dir(scenery.indexes.path()).unwrap().map(|entry| entry.unwrap().file_name());
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
