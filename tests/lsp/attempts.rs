//! Snapshots that ended the server before.

use std::fs;
use std::path::Path;
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

/// What unpacks to some 4.6 GB of strings, 65 times its 70 MB; only the beginning of it is there, since
/// nobody reads more.
fn write_too_long(snapshot: &Path) {
    let start = r#"{"snapshot":{"meta":{"node_fields":["type","name","id","self_size","edge_count"],
        "node_types":[["synthetic"]],"edge_fields":["type","name_or_index","to_node"],
        "edge_types":[[]]}},"nodes":[0,0,1,0,0],"edges":[],"strings":[""#;
    // A frame of zstd with a window of 1 MB, of blocks: bytes as they are, and 128 kB of `x`.
    let mut bytes = vec![0x28, 0xB5, 0x2F, 0xFD, 0x00, 0x50];
    for text in
        std::iter::once(start.as_bytes()).chain(std::iter::repeat_n(&[b'y'; 2000][..], 2300))
    {
        bytes.extend(&((text.len() as u32) << 3).to_le_bytes()[..3]);
        bytes.extend(text);
        bytes.extend([0x02, 0x00, 0x10, b'x']);
    }
    fs::write(snapshot, bytes).unwrap();
    fs::File::options().write(true).open(snapshot).unwrap().set_len(70_000_000).unwrap();
    make_old(snapshot);
}

#[test]
fn a_snapshot_that_was_refused_as_too_large_is_not_tried_again_until_it_changes_or_the_user_asks() {
    let scenery = Scenery::new();
    let snapshot = scenery.scene.file("big.heapsnapshot");
    fs::remove_file(&snapshot).unwrap();
    let snapshot = snapshot.with_extension("heapsnapshot.zst");
    write_too_long(&snapshot);
    let refusal =
        "big.heapsnapshot.zst is too large: its strings are about 4.6 GB of text together";

    let mut client = scenery.open();
    client.wait_until("it is refused", |client| client.messages().join(" ").contains(refusal));
    client.finish();

    let mut client = scenery.open();
    client.wait_until("the user is told", |client| !client.messages().is_empty());
    let said = client.messages().join("\n");
    insta::assert_snapshot!(said, @"big.heapsnapshot.zst was not analysed again: it was too large before. By itself that is tried once more when it changes, or when there is more memory if that was what it took. *Analyze Snapshots* tries all the same.");
    assert!(!client.heard.iter().any(|message| has_begun(message).is_some()), "nothing is tried");
    let asked = client.execute("analyze", json!({})).expect_err("it is as large as before");
    assert!(asked["message"].as_str().is_some_and(|it| it.contains(refusal)), "{asked}");
    client.finish();

    fs::File::options().write(true).open(&snapshot).unwrap().set_len(70_000_001).unwrap();
    make_old(&snapshot);
    let mut client = scenery.open();
    client.wait_until("it is tried", |client| client.messages().join(" ").contains(refusal));
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
