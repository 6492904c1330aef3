//! Files that hold whoever opens them: the server goes on, and leaves when it is told to.
#![cfg(unix)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

#[cfg(target_os = "linux")]
use heapmark_tests::{heapmark_beside_mount_that_falls_silent, heapmark_beside_silent_mount};
use serde_json::{Value, json};

use crate::client::{Client, Options};
use crate::scene::{Scene, position};

/// A named pipe in the place of a file. Nobody ever writes to it.
fn make_pipe(path: &Path) {
    let _ = fs::remove_file(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
}

#[test]
fn what_is_no_regular_file_holds_nobody_and_is_said_where_it_would_be_missed() {
    let scene = Scene::with_snapshots("map-cache", 2);
    let file = scene.file(&scene.program.entry);
    let (sidecar, list) = (".heapmark/step-2.scripts.json", "heapmark-accepted.json");
    let more = ".heapmark/more.heapsnapshot";
    let silent = [".gitignore", ".ignore", ".git/info/exclude", "tsconfig.json", "src/pipe.js"];
    for name in [sidecar, list, more].iter().chain(&silent) {
        make_pipe(&scene.file(name));
    }
    let mut client = Client::open(&Options::in_folder(scene.folder()));
    let status = client.wait_for_result();
    assert!(status["warnings"].as_u64() >= Some(1), "the good files count: {status}");
    let (line, column) = scene.position(&scene.program.entry, "cards = new Map");
    assert!(client.hover(&file, line, column).is_some());
    let accept = client.execute("accept", json!({ "fingerprint": "no such" })).unwrap_err();
    assert!(accept["message"].is_string(), "an answer: {accept}");
    let logged = client.heard.iter().filter(|it| it["method"] == "window/logMessage");
    let logged: Vec<_> = logged.filter_map(|it| it["params"]["message"].as_str()).collect();
    for (name, what) in [
        ("step-2.scripts.json", " was not read: it is a named pipe, not a regular file."),
        (list, " cannot be read: it is a named pipe, not a regular file."),
        (more, " is passed over: it is a named pipe, not a regular file."),
    ] {
        let said = logged.iter().filter(|it| it.contains(&format!("{name}{what}")));
        assert_eq!(said.count(), 1, "{name} in {logged:?}");
    }
    for name in silent {
        assert!(!logged.iter().any(|it| it.contains(name)), "{name} in {logged:?}");
    }
    client.finish();
}

#[test]
fn an_open_text_whose_file_became_a_pipe_is_closed() {
    let scene = Scene::with_snapshots("map-cache", 2);
    let file = scene.file(&scene.program.entry);
    let mut client = Client::open(&Options::in_folder(scene.folder()));
    client.wait_for_result();
    let uri = crate::client::uri(&file);
    let text = scene.text(&scene.program.entry);
    make_pipe(&file);
    // More often than there may be handlers at once.
    for version in 0..70 {
        let document =
            json!({ "uri": uri, "languageId": "javascript", "version": version, "text": text });
        client.notify("textDocument/didOpen", json!({ "textDocument": document }));
        client.notify("textDocument/didClose", json!({ "textDocument": { "uri": uri } }));
    }
    let (line, column) = position(&text, "cards = new Map");
    assert!(client.hover(&file, line, column).is_some());
    client.finish();
}

/// Whether the file of this one holds a thread or is refused: the next analysis has its turn.
#[test]
fn an_analysis_that_was_cancelled_is_in_nobodys_way() {
    let scene = Scene::with_snapshots("map-cache", 2);
    let mut client = Client::open(&Options::quiet(scene.folder()));
    let pipe = scene.file("pipe.heapsnapshot");
    make_pipe(&pipe);
    let hanging = client.send_command("analyze", json!({ "files": [pipe] }));
    client.listen_for(Duration::from_millis(300));
    client.notify("$/cancelRequest", json!({ "id": hanging }));
    client.answer_to(hanging).unwrap_err();
    let answer = client.execute("analyze", json!({})).expect("the others can be analysed");
    assert_eq!(answer["snapshots"], 2, "{answer}");
    assert_eq!(client.execute("clear", Value::Null), Ok(Value::Null));
    client.finish();
}

/// A workspace with snapshots, and a folder in it for a file system.
#[cfg(target_os = "linux")]
fn with_mount_point() -> (Scene, PathBuf) {
    let scene = Scene::with_snapshots("map-cache", 2);
    let mount = scene.file("src/far away");
    fs::create_dir_all(&mount).unwrap();
    (scene, mount)
}

/// A workspace that a file system is mounted in which never answers: a FUSE program that serves nothing.
/// The server has a mount table and user of its own for that, and can be told to leave.
#[cfg(target_os = "linux")]
#[test]
fn a_file_system_that_does_not_answer_is_named_and_the_rest_is_analysed() {
    let (scene, mount) = with_mount_point();
    let mut client =
        Client::open_by(heapmark_beside_silent_mount(&mount), &Options::in_folder(scene.folder()));
    let status = client.wait_for_result();
    assert!(status["warnings"].as_u64() >= Some(1), "the rest is analysed: {status}");
    let said = client.messages().join("\n");
    let expected = format!("{} does not answer", mount.canonicalize().unwrap().display());
    assert!(said.contains(&expected), "{said}");
    let file = scene.file(&scene.program.entry);
    let (line, column) = scene.position(&scene.program.entry, "cards = new Map");
    assert!(client.hover(&file, line, column).is_some());
    client.finish();
}

/// One that answers when it is asked first, and hangs whoever goes into it then.
#[cfg(target_os = "linux")]
#[test]
fn a_file_system_that_falls_silent_during_an_analysis_is_named_and_the_rest_is_analysed() {
    let (scene, mount) = with_mount_point();
    let command = heapmark_beside_mount_that_falls_silent(&mount, 1);
    let mut client = Client::open_by(command, &Options::quiet(scene.folder()));
    let answer = client.execute("analyze", json!({})).expect("the rest is analysed");
    assert!(answer["warnings"].as_u64() >= Some(1), "{answer}");
    let said = client.messages().join("\n");
    let expected = format!("{} does not answer", mount.display());
    assert!(said.contains(&expected), "{said}");
    client.finish();
}

#[cfg(target_os = "linux")]
#[test]
fn a_workspace_without_snapshots_says_what_does_not_answer() {
    let scene = Scene::new("map-cache");
    let mount = scene.file("far");
    fs::create_dir_all(&mount).unwrap();
    let mut client =
        Client::open_by(heapmark_beside_silent_mount(&mount), &Options::in_folder(scene.folder()));
    client.wait_until("the user is told", |client| {
        client.messages().join("\n").contains("far does not answer (a network drive that is gone")
    });
    client.wait_for("and so in the status", |message| {
        let told = message["params"]["message"].as_str().unwrap_or_default();
        (message["method"] == "heapmark/status" && told.contains("does not answer")).then_some(())
    });
    client.finish();
}
