//! Files that are no snapshots, or not whole ones.

use std::fs;
use std::path::PathBuf;
use std::time::SystemTime;

use serde_json::{Value, json};

use crate::client::{Client, Options};
use crate::scene::{Scene, make_old};

fn write_old(scene: &Scene, name: &str, content: &[u8]) -> PathBuf {
    let file = scene.file(name);
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(&file, content).unwrap();
    make_old(&file);
    file
}

/// Opens the folder with the one file in it and returns what the user is told.
#[track_caller]
fn told_about(name: &str, content: &[u8]) -> String {
    let scene = Scene::new("lru-full");
    write_old(&scene, name, content);
    let mut client = Client::open(&Options::in_folder(scene.folder()));
    client.wait_until("the user is told", |client| !client.messages().is_empty());
    let status = client.wait_for_result();
    assert_eq!(status["state"], "error", "{status}");
    let said = client.messages();
    assert_eq!(said.len(), 1, "once: {said:?}");
    assert_eq!(client.hover(&scene.file("lru.js"), 0, 0), None, "and it goes on");
    client.finish();
    said[0].clone()
}

#[test]
fn an_empty_file() {
    insta::assert_snapshot!(told_about("a.heapsnapshot", b""), @"a.heapsnapshot is empty: not a byte of it was written. V8 was probably killed before it was done: a snapshot takes several times the heap's size in free memory, and room on the disk. Make room and capture again.");
}

#[test]
fn something_else_altogether() {
    insta::assert_snapshot!(told_about("a.heapsnapshot", b"<html>not here</html>"), @"a.heapsnapshot is not a heap snapshot: it looks like a web page or XML, and a snapshot is JSON that starts with {. A snapshot is what v8.writeHeapSnapshot(), node --heapsnapshot-signal, or `Take heap snapshot` in DevTools writes.");
    insta::assert_snapshot!(told_about("b.heapsnapshot", b"{\"version\": 3, \"mappings\": \"\"}"), @"b.heapsnapshot is not a heap snapshot: it looks like a source map. A snapshot is what v8.writeHeapSnapshot(), node --heapsnapshot-signal, or `Take heap snapshot` in DevTools writes.");
    insta::assert_snapshot!(told_about("c.heapsnapshot.gz", b"\x1f\x8b nonsense"), @"c.heapsnapshot.gz is damaged: its gzip data cannot be unpacked after byte 0. Was it changed or copied incompletely? Capture or copy it again.");
}

#[test]
fn a_snapshot_that_is_cut_off() {
    let scene = Scene::new("lru-full");
    let whole = fs::read(&scene.capture(1)[0]).unwrap();
    let said = told_about("cut.heapsnapshot", &whole[..whole.len() / 2]);
    assert!(said.starts_with("cut.heapsnapshot is cut off"), "{said}");
    assert!(said.contains("capture again"), "and what to do: {said}");
}

#[test]
fn the_whole_ones_beside_it_are_analysed_all_the_same() {
    let scene = Scene::with_snapshots("map-cache", 2);
    write_old(&scene, ".heapmark/cut.heapsnapshot", b"{\"snapshot\":{\"meta\":");
    write_old(&scene, "elsewhere/empty.heapsnapshot", b"");
    let mut client = Client::open(&Options::in_folder(scene.folder()));
    let status = client.wait_for_result();
    assert_eq!(status["state"], "idle", "{status}");
    let message = status["message"].as_str().unwrap();
    let shown = ".heapmark/step-1.heapsnapshot and step-2.heapsnapshot";
    assert!(message.contains("Snapshots (") && message.contains(shown), "{message}");
    assert!(message.ends_with("1 other snapshot was left out (the log says why)"), "{message}");
    let said = client.messages().join("\n");
    assert!(said.contains("cut.heapsnapshot is cut off"), "what was left out is said: {said}");
    assert!(said.starts_with(&format!("What is shown is of {shown}. ")), "{said}");
    client.finish();
}

/// Nobody can tell it from the one that is meant, but the user.
#[test]
fn a_newer_one_that_can_be_read_is_shown_and_named() {
    let scene = Scene::with_snapshots("map-cache", 2);
    for file in fs::read_dir(scene.snapshots()).unwrap() {
        make_old(&file.unwrap().path());
    }
    fs::create_dir(scene.file("odd")).unwrap();
    let odd = scene.file("odd/mutant.heapsnapshot");
    // As if a bit had turned over on a disk: the root has another object's name.
    let whole = fs::read_to_string(scene.snapshots().join("step-2.heapsnapshot")).unwrap();
    let damaged = whole.replacen("\"nodes\":[9,1,", "\"nodes\":[9,3,", 1);
    assert_ne!(damaged, whole, "the root is the first node");
    fs::write(&odd, damaged).unwrap();
    fs::File::options().write(true).open(&odd).unwrap().set_modified(SystemTime::now()).unwrap();
    let mut client = Client::open(&Options::in_folder(scene.folder()));
    let status = client.wait_for_result();
    let message = status["message"].as_str().unwrap();
    assert!(message.starts_with("CANNOT TELL YET: One snapshot cannot show growth."), "{message}");
    assert!(message.ends_with("): odd/mutant.heapsnapshot"), "{message}");
    client.finish();
}

#[test]
fn a_newer_bad_file_in_another_folder_does_not_hide_the_good_ones() {
    let scene = Scene::with_snapshots("map-cache", 2);
    for file in fs::read_dir(scene.snapshots()).unwrap() {
        make_old(&file.unwrap().path());
    }
    let bad = scene.file("bad.heapsnapshot.gz");
    fs::write(&bad, b"nonsense").unwrap();
    let mut client = Client::open(&Options::quiet(scene.folder()));
    let answer = client.execute("analyze", json!({})).expect("two of three can be analysed");
    assert_eq!(answer["snapshots"], 2, "{answer}");
    let refused = "bad.heapsnapshot.gz is not a heap snapshot: ";
    let shown = ".heapmark/step-1.heapsnapshot and step-2.heapsnapshot";
    let summary = answer["summary"].as_str().unwrap();
    assert!(summary.contains(&format!("{shown}. Newer, but not analysed: {refused}")), "{summary}");
    let said = client.messages();
    assert_eq!(said.len(), 1, "{said:?}");
    let expected = format!("What is shown is of {shown}. {refused}");
    assert!(said[0].starts_with(&expected), "{said:?}");
    client.finish();
}

#[test]
fn a_file_that_vanishes_and_a_folder_in_its_place_are_errors_like_any_other() {
    let scene = Scene::new("lru-full");
    fs::create_dir_all(scene.file("folder.heapsnapshot")).unwrap();
    let mut client = Client::open(&Options::quiet(scene.folder()));
    for name in ["gone.heapsnapshot", "folder.heapsnapshot"] {
        let error = client.execute("analyze", json!({ "files": [name] })).unwrap_err();
        assert!(error["message"].as_str().unwrap().contains(name), "{error}");
    }
    assert_eq!(client.execute("clear", Value::Null), Ok(Value::Null));
    client.finish();
}
