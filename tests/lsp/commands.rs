//! What people ask for: targets, capture, analyze, clear.

use std::collections::BTreeSet;
use std::fs;
use std::net::TcpListener;
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::client::{Client, Options, PATIENCE};
use crate::scene::Scene;

fn message(error: &Value) -> String {
    error["message"].as_str().expect("an error has a message").to_owned()
}

/// The loop that the product serves, as far as the server takes part in it.
#[test]
fn capture_work_capture_and_the_leak_is_shown() {
    let scene = Scene::new("map-cache");
    let file = scene.file(&scene.program.entry);
    let mut running = scene.run();
    let mut client = Client::open(&Options::in_folder(scene.folder()));
    let mut captured = Vec::new();
    for name in ["baseline", "target", "final"] {
        running.round().and_then(|()| running.round()).expect("the program works");
        let argument = json!({ "websocketUrl": running.websocket_url(), "name": name });
        let answer = client.execute("capture", argument).expect("it can be captured");
        assert!(answer["seconds"].as_f64() > Some(0.0), "{answer}");
        let path = std::path::PathBuf::from(answer["file"].as_str().unwrap());
        assert_eq!(path, scene.snapshots().join(format!("{name}.heapsnapshot")));
        assert_eq!(path.metadata().unwrap().len(), answer["bytes"].as_u64().unwrap());
        captured.push(path);
    }
    let answer =
        client.execute("analyze", json!({ "files": captured })).expect("it can be analysed");
    assert_eq!(answer["snapshots"], 3, "all are of one process: {answer}");
    assert!(answer["warnings"].as_u64() >= Some(1), "{answer}");
    assert!(answer["summary"].as_str().unwrap().starts_with("LEAK: 1 leak, "), "{answer}");
    let holder = scene.marked_line("growing-collection", "holder");
    let shown = client.diagnostics(&file);
    assert!(shown.iter().any(|it| it["range"]["start"]["line"] == holder), "{shown:#?}");

    assert_eq!(client.execute("clear", Value::Null), Ok(Value::Null));
    assert_eq!(client.diagnostics(&file), Vec::<Value>::new());
    let (line, column) = scene.position(&scene.program.entry, "cards = new Map");
    assert_eq!(client.hover(&file, line, column), None);
    client.finish();
}

#[test]
fn analyze_without_files_takes_the_newest_of_the_workspace() {
    let scene = Scene::with_snapshots("static-registry", 2);
    let mut client = Client::open(&Options::quiet(scene.folder()));
    let answer = client.execute("analyze", json!({})).expect("it can be analysed");
    assert_eq!(answer["snapshots"], 2, "{answer}");
    let again = client.execute("analyze", Value::Null).expect("as often as one likes");
    assert_eq!(again, answer);
    client.finish();
}

#[test]
fn files_may_be_named_by_path_uri_or_relative_to_the_folder() {
    let scene = Scene::new("lru-full");
    let files = scene.capture(2);
    let mut client = Client::open(&Options::quiet(scene.folder()));
    let argument =
        json!({ "files": [crate::client::uri(&files[0]), ".heapmark/step-2.heapsnapshot"] });
    let answer = client.execute("analyze", argument).expect("it can be analysed");
    assert_eq!(answer["snapshots"], 2, "{answer}");
    client.finish();
}

/// What an analysis will need when the files have been edited.
#[test]
fn a_capture_writes_down_the_texts_that_run_and_those_they_were_made_from() {
    let scene = Scene::new("lru-full");
    let source = "const kept: string[] = [];\nsetInterval(() => kept.push(''), 1000);\n";
    let built = "const kept = [];\nsetInterval(() => kept.push(''), 1000);\n//# sourceMappingURL=main.js.map\n";
    let map = r#"{"version":3,"sources":["../src/main.ts"],"names":[],"mappings":"AAAA;AACA"}"#;
    for (file, text) in
        [("src/main.ts", source), ("dist/main.js.map", map), ("dist/main.js", built)]
    {
        let file = scene.file(file);
        fs::create_dir_all(file.parent().expect("a folder")).expect("a writable folder");
        fs::write(file, text).expect("a writable folder");
    }
    let port = free_port();
    let mut node = Command::new("node")
        .arg(format!("--inspect=127.0.0.1:{port}"))
        .arg(scene.file("dist/main.js"))
        .stderr(Stdio::null())
        .spawn()
        .expect("node starts");
    let mut client = Client::open(&Options::in_folder(scene.folder()));
    find_target(&mut client, port);
    let argument = json!({ "host": "127.0.0.1", "port": port, "name": "built" });
    client.execute("capture", argument).expect("it can be captured");
    client.finish();
    node.kill().and_then(|()| node.wait()).expect("it was running");
    let beside = scene.snapshots().join("built.scripts.json");
    let beside = fs::read_to_string(beside).expect("a capture has a sidecar");
    let beside: Value = serde_json::from_str(&beside).expect("it is JSON");
    let scripts = beside["scripts"].as_array().expect("a list");
    let is_it = |it: &&Value| it["url"].as_str().is_some_and(|url| url.ends_with("dist/main.js"));
    assert_eq!(scripts.iter().find(is_it).expect("it runs")["source"], built);
    let files = beside["files"].as_array().expect("a list");
    let text_of = |name: &str| {
        let path = scene.file(name).canonicalize().expect("it is there");
        let file = files.iter().find(|file| file["path"] == path.to_str().expect("text"));
        file.unwrap_or_else(|| panic!("no {name} in {files:#?}"))["text"].clone()
    };
    assert_eq!(text_of("src/main.ts"), source);
    assert_eq!(text_of("dist/main.js.map"), map);
}

/// One of the usual ports, which are the only ones that the server looks at; other programs may have
/// some of them.
fn free_port() -> u16 {
    static TAKEN: Mutex<BTreeSet<u16>> = Mutex::new(BTreeSet::new());
    let mut taken = TAKEN.lock().unwrap_or_else(PoisonError::into_inner);
    (9229..=9249)
        .rev()
        .filter(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok())
        .find(|&port| taken.insert(port))
        .expect("one of the usual ports is free")
}

/// Waits until a program shows up.
fn find_target(client: &mut Client, port: u16) -> Value {
    let until = Instant::now() + PATIENCE;
    loop {
        let targets = client.execute("targets", Value::Null).expect("never fails");
        let targets = targets.as_array().expect("a list").clone();
        if let Some(target) = targets.into_iter().find(|target| target["port"] == port) {
            return target;
        }
        assert!(Instant::now() < until, "node does not show up");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn targets_are_the_programs_with_an_open_inspector() {
    let scene = Scene::new("lru-full");
    let port = free_port();
    let mut node = Command::new("node")
        .arg(format!("--inspect=127.0.0.1:{port}"))
        .args(["-e", "setInterval(() => {}, 1000)"])
        .stderr(Stdio::null())
        .spawn()
        .expect("node starts");
    let mut client = Client::open(&Options::in_folder(scene.folder()));
    let found = find_target(&mut client, port);
    assert_eq!(found["host"], "127.0.0.1");
    assert!(found["websocketUrl"].as_str().unwrap().starts_with("ws://127.0.0.1:"), "{found}");
    let argument = json!({ "host": "127.0.0.1", "port": port, "name": "idle" });
    let answer = client.execute("capture", argument).expect("host and port are enough");
    assert!(answer["file"].as_str().unwrap().ends_with("idle.heapsnapshot"), "{answer}");
    client.finish();
    node.kill().and_then(|()| node.wait()).expect("it was running");
}

#[test]
fn a_command_that_fails_says_why_in_one_sentence() {
    let scene = Scene::new("lru-full");
    let mut client = Client::open(&Options::in_folder(scene.folder()));
    let mut said =
        |command: &str, argument: Value| message(&client.execute(command, argument).unwrap_err());
    insta::assert_snapshot!(said("analyze", json!({})), @"there is no heap snapshot in this workspace yet: capture one from a running program, or name the files to analyse");
    insta::assert_snapshot!(said("analyze", json!({ "files": ["gone.heapsnapshot"] })), @"gone.heapsnapshot cannot be read: No such file or directory (os error 2)");
    insta::assert_snapshot!(said("analyze", json!({ "files": ["lru.js"] })), @"lru.js is not a heap snapshot: it looks like text, and a snapshot is JSON that starts with {. A snapshot is what v8.writeHeapSnapshot(), node --heapsnapshot-signal, or `Take heap snapshot` in DevTools writes.");
    insta::assert_snapshot!(said("analyze", json!({ "files": ["https://example.org/"] })), @r#""https://example.org/" is neither a path nor the URI of a file"#);
    insta::assert_snapshot!(said("analyze", json!({ "files": 5 })), @"the argument of the command cannot be read: invalid type: integer `5`, expected a sequence");
    insta::assert_snapshot!(said("capture", json!({ "port": 1 })), @"nothing listens at 127.0.0.1:1: start the program with `node --inspect app.js`, or open the inspector of a running one with `kill -USR1 PID`");
    insta::assert_snapshot!(said("capture", json!({ "websocketUrl": "nonsense" })), @"`nonsense` is not the address of an inspector: write HOST:PORT such as 127.0.0.1:9229, or a ws:// URL");
    insta::assert_snapshot!(said("nonsense", json!({})), @"there is no command heapmark.server.nonsense");
    assert_eq!(client.hover(&scene.file("lru.js"), 0, 0), None);
    client.finish();
}
