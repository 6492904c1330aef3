//! Where sources are looked for is an input of an analysis like the snapshots are: what the server says
//! to do about sources that are missing helps at once.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::client::{Client, Options, uri};
use crate::scene::{Scene, position};

/// Snapshots in one folder of a program that is not where it ran any more, but copied to others.
struct Moved {
    root: TempDir,
    entry: String,
    /// Where it ran.
    ran_in: PathBuf,
}

impl Moved {
    fn to(copies: &[&str]) -> Self {
        let scene = Scene::with_snapshots("map-cache", 2);
        let root = tempfile::tempdir().unwrap();
        fs::rename(scene.snapshots(), root.path().join("snapshots")).unwrap();
        for copy in copies {
            fs::create_dir_all(root.path().join(copy)).unwrap();
            let entry = &scene.program.entry;
            fs::copy(scene.file(entry), root.path().join(copy).join(entry)).unwrap();
        }
        let (entry, ran_in) = (scene.program.entry.clone(), scene.folder().to_owned());
        Self { root, entry, ran_in }
    }

    fn folder(&self, name: &str) -> PathBuf {
        self.root.path().canonicalize().unwrap().join(name)
    }

    fn source(&self, copy: &str) -> PathBuf {
        self.folder(copy).join(&self.entry)
    }

    fn open(&self, folders: &[&str], settings: Value) -> Client {
        let first = self.folder(folders[0]);
        let folders = folders.iter().map(|name| self.folder(name)).collect();
        Client::open(&Options { folders, settings, ..Options::in_folder(&first) })
    }
}

fn change_folders(client: &mut Client, added: &[PathBuf], removed: &[PathBuf]) {
    let named = |folders: &[PathBuf]| -> Vec<Value> {
        folders.iter().map(|folder| json!({ "uri": uri(folder), "name": "a folder" })).collect()
    };
    let event = json!({ "added": named(added), "removed": named(removed) });
    client.notify("workspace/didChangeWorkspaceFolders", json!({ "event": event }));
}

fn wait_until_shown(client: &mut Client, file: &Path) {
    client.wait_until("the leak is shown", |client| {
        client.diagnostics(file).iter().any(|it| it["severity"] == 2)
    });
}

fn analyses(client: &Client) -> usize {
    let all = client.heard.iter().filter(|it| it["method"] == "heapmark/status");
    let states: Vec<_> = all.map(|it| it["params"]["state"] == "analyzing").collect();
    states.chunk_by(|one, two| one == two).filter(|run| run[0]).count()
}

#[test]
fn the_folder_that_has_the_sources_is_opened() {
    let moved = Moved::to(&["program"]);
    let mut client = moved.open(&["snapshots"], json!({}));
    client.wait_for_result();
    client.wait_until("the advice", |client| {
        client.messages().iter().any(|it| it.contains("Open the folder that holds them"))
    });
    assert!(client.diagnostics(&moved.source("program")).is_empty());
    change_folders(&mut client, &[moved.folder("program")], &[]);
    wait_until_shown(&mut client, &moved.source("program"));
    client.finish();
}

#[test]
fn of_two_folders_with_the_same_sources_one_is_closed() {
    let moved = Moved::to(&["one", "two"]);
    let mut client = moved.open(&["snapshots", "one", "two"], json!({}));
    client.wait_for_result();
    assert!(client.diagnostics(&moved.source("one")).is_empty(), "which is meant nobody knows");
    let said = client.messages().join("\n");
    assert!(said.contains(" may be "), "{said}");
    assert!(!said.contains("not in the workspace"), "there are even two: {said}");
    change_folders(&mut client, &[], &[moved.folder("two")]);
    wait_until_shown(&mut client, &moved.source("one"));
    client.finish();
}

#[test]
fn copies_in_folders_of_one_name_are_told_by_their_whole_paths() {
    let moved = Moved::to(&["one/app", "two/app"]);
    let mut client = moved.open(&["snapshots", "one/app", "two/app"], json!({}));
    client.wait_for_result();
    let said = client.messages().join("\n");
    for copy in ["one/app", "two/app"] {
        assert!(said.contains(&moved.source(copy).display().to_string()), "{said}");
    }
    client.finish();
}

#[test]
fn a_path_is_mapped_in_settings_that_are_sent() {
    let moved = Moved::to(&["all/one", "all/two"]);
    let mut client = moved.open(&["all", "snapshots"], json!({}));
    client.wait_for_result();
    let mapped = |copy: &str| json!({ "pathMappings": { moved.ran_in.to_str().unwrap(): copy } });
    for (copy, other) in [("one", "two"), ("two", "one")] {
        // As VS Code sends them, and as others do.
        let settings = match copy {
            "one" => json!({ "heapmark": mapped(copy) }),
            _ => json!({ "heapmark.pathMappings": mapped(copy)["pathMappings"] }),
        };
        client.notify("workspace/didChangeConfiguration", json!({ "settings": settings }));
        wait_until_shown(&mut client, &moved.source(&format!("all/{copy}")));
        assert!(client.diagnostics(&moved.source(&format!("all/{other}"))).is_empty());
    }
    client.finish();
}

/// What was asked for is shown as it is now, too; and nothing happens when nothing changed.
#[test]
fn a_path_is_mapped_in_settings_that_are_asked_for() {
    let moved = Moved::to(&["all/one", "all/two"]);
    let quiet = json!({ "analyzeOnOpen": false });
    let mut client = moved.open(&["all"], quiet);
    let files: Vec<_> = ["step-1", "step-2"]
        .map(|name| moved.folder("snapshots").join(format!("{name}.heapsnapshot")))
        .into();
    client.execute("analyze", json!({ "files": files })).expect("they can be analysed");
    assert!(client.diagnostics(&moved.source("all/one")).is_empty());
    client.configuration = json!({
        "analyzeOnOpen": false,
        "pathMappings": { moved.ran_in.to_str().unwrap(): "one" },
    });
    client.notify("workspace/didChangeConfiguration", json!({ "settings": null }));
    wait_until_shown(&mut client, &moved.source("all/one"));
    client.wait_until("it is idle", |client| {
        let last = client.heard.iter().rev().find(|it| it["method"] == "heapmark/status");
        last.is_some_and(|it| it["params"]["state"] == "idle")
    });
    let before = analyses(&client);
    for _ in 0..3 {
        client.notify("workspace/didChangeConfiguration", json!({ "settings": null }));
        change_folders(&mut client, &[moved.folder("all")], &[]);
    }
    client.listen_for(std::time::Duration::from_secs(1));
    assert_eq!(analyses(&client), before, "nothing that matters changed");
    client.finish();
}

/// A route of Next.js is a folder that is called so, and not every client escapes it.
#[test]
fn brackets_in_a_path_are_the_same_escaped_or_not() {
    let moved = Moved::to(&["app/[id]"]);
    let mut client = moved.open(&["snapshots", "app"], json!({}));
    client.wait_for_result();
    let file = moved.source("app/[id]");
    let escaped = uri(&file);
    let raw = escaped.replace("%5B", "[").replace("%5D", "]");
    assert_ne!(raw, escaped);
    let text = fs::read_to_string(&file).unwrap();
    let (line, column) = position(&text, "cards = new Map");
    let is_there = |client: &mut Client, uri: &str, line: u32| {
        let at = json!({ "line": line, "character": column });
        let params = json!({ "textDocument": { "uri": uri }, "position": at });
        !client.request("textDocument/hover", params).expect("a hover never fails").is_null()
    };
    assert!(is_there(&mut client, &raw, line) && is_there(&mut client, &escaped, line));

    let document = json!({ "uri": raw, "languageId": "javascript", "version": 1, "text": text });
    client.notify("textDocument/didOpen", json!({ "textDocument": document }));
    let start = json!({ "line": 0, "character": 0 });
    client.notify(
        "textDocument/didChange",
        json!({
            "textDocument": { "uri": escaped, "version": 2 },
            "contentChanges": [{ "range": { "start": start, "end": start }, "text": "// one\n" }],
        }),
    );
    assert!(
        is_there(&mut client, &raw, line + 1) && is_there(&mut client, &escaped, line + 1),
        "one document"
    );
    client.finish();
}
