//! Snapshots come and go: the editor shows what the newest ones prove.

use std::fs::{self, File};
use std::io::Write;
use std::time::Duration;

use serde_json::{Value, json};

use crate::client::{Client, Options, uri};
use crate::scene::Scene;

/// As an editor tells of a file that appeared, changed or went.
fn tell(client: &mut Client, file: &std::path::Path) {
    let change = json!({ "uri": uri(file), "type": 1 });
    client.notify("workspace/didChangeWatchedFiles", json!({ "changes": [change] }));
}

#[test]
fn a_new_snapshot_is_analysed_with_those_before_it() {
    let scene = Scene::new("map-cache");
    let file = scene.file(&scene.program.entry);
    let files = scene.capture(2);
    let later = scene.file("later");
    fs::rename(&files[1], &later).unwrap();
    let mut client = Client::open(&Options::in_folder(scene.folder()));
    let status = client.wait_for_result();
    assert_eq!(status["warnings"], 0, "one proves nothing: {status}");

    let start = client.heard.len();
    fs::rename(&later, &files[1]).unwrap();
    tell(&mut client, &files[1]);
    let status = client.wait_for_result_from(start);
    assert!(status["warnings"].as_u64() >= Some(1), "{status}");
    let holder = scene.marked_line("growing-collection", "holder");
    let shown = client.diagnostics(&file);
    assert!(shown.iter().any(|it| it["range"]["start"]["line"] == holder && it["severity"] == 2));
    client.finish();
}

/// The end of the loop: the snapshots of the repaired program win over the older ones beside them.
#[test]
fn a_fix_captured_again_takes_the_squiggle_away() {
    let scene = Scene::new("map-cache");
    let source = scene.program.entry.clone();
    let file = scene.file(&source);
    let mut client = Client::open(&Options::in_folder(scene.folder()));
    scene.capture_as("leaking", 3);
    tell(&mut client, &scene.snapshots());
    client.wait_until("the leak is shown", |client| {
        client.diagnostics(&file).iter().any(|it| it["severity"] == 2)
    });

    let key = "JSON.stringify(props)";
    let repaired = scene.text(&source).replace(key, "`${props.sku} ${props.locale}`");
    assert!(!repaired.contains(key));
    fs::write(&file, repaired).unwrap();
    scene.capture_as("repaired", 2);
    tell(&mut client, &scene.snapshots());
    client.wait_until("the squiggle is gone", |client| client.diagnostics(&file).is_empty());
    let status = client.wait_for("the verdict", |message| {
        let status = &message["params"];
        let good = status["message"].as_str()?.starts_with("CLEAN: No leak in 2 snapshots");
        good.then(|| status.clone())
    });
    assert_eq!(status["findings"], 0, "{status}");
    client.finish();
}

#[test]
fn a_half_written_snapshot_is_waited_for() {
    let scene = Scene::new("map-cache");
    let original = scene.capture(1).remove(0);
    let content = fs::read(&original).unwrap();
    fs::remove_dir_all(scene.snapshots()).unwrap();
    let mut client = Client::open(&Options::in_folder(scene.folder()));

    let path = scene.file("slow.heapsnapshot");
    let mut file = File::create(&path).unwrap();
    tell(&mut client, &path);
    for part in content.chunks(content.len() / 4 + 1) {
        file.write_all(part).unwrap();
        client.listen_for(Duration::from_millis(500));
        assert_eq!(client.messages(), Vec::<String>::new(), "nothing is wrong with it");
    }
    drop(file);
    let status = client.wait_for_result();
    assert_eq!(status["state"], "idle", "{status}");
    assert_eq!(client.messages(), Vec::<String>::new());
    client.finish();
}

#[test]
fn one_that_is_touched_all_the_time_does_not_hide_the_others() {
    let scene = Scene::new("map-cache");
    let files = scene.capture(3);
    let touched = files[0].with_file_name("touched.heapsnapshot");
    fs::copy(&files[0], &touched).unwrap();
    let (stop, stopped) = std::sync::mpsc::channel::<()>();
    let toucher = std::thread::spawn(move || {
        while stopped.recv_timeout(Duration::from_millis(100)).is_err() {
            let file = File::options().write(true).open(&touched).unwrap();
            file.set_modified(std::time::SystemTime::now()).unwrap();
        }
    });
    let mut client = Client::open(&Options::in_folder(scene.folder()));
    let status = client.wait_for_result();
    assert!(status["warnings"].as_u64() >= Some(1), "{status}");
    stop.send(()).unwrap();
    toucher.join().unwrap();
    client.finish();
}

#[test]
fn when_the_snapshots_go_so_does_what_they_proved() {
    let scene = Scene::with_snapshots("map-cache", 2);
    let file = scene.file(&scene.program.entry);
    let mut client = Client::open(&Options::in_folder(scene.folder()));
    client.wait_for_result();
    assert!(!client.diagnostics(&file).is_empty());
    fs::remove_dir_all(scene.snapshots()).unwrap();
    tell(&mut client, &scene.snapshots());
    client.wait_until("the squiggles are gone", |client| client.diagnostics(&file).is_empty());
    client.finish();
}

#[test]
fn the_same_snapshots_are_not_analysed_twice() {
    let scene = Scene::with_snapshots("lru-full", 1);
    let mut client = Client::open(&Options::in_folder(scene.folder()));
    client.wait_for_result();
    client.listen_for(Duration::from_millis(300));
    let start = client.heard.len();
    for _ in 0..5 {
        tell(&mut client, &scene.snapshots().join("step-1.heapsnapshot"));
    }
    client.listen_for(Duration::from_secs(1));
    let news = &client.heard[start..];
    assert!(news.iter().all(|it| it["params"]["state"] != "analyzing"), "{news:#?}");
    client.finish();
}

#[test]
fn nothing_is_analysed_unasked_if_the_user_says_so() {
    let scene = Scene::with_snapshots("lru-full", 1);
    let mut client = Client::open(&Options::quiet(scene.folder()));
    tell(&mut client, &scene.snapshots().join("step-1.heapsnapshot"));
    client.listen_for(Duration::from_millis(1500));
    assert!(client.heard.iter().all(|it| it["params"]["state"] != "analyzing"));

    // Changed while it runs: from now on it does.
    let settings = json!({ "heapmark": { "analyzeOnOpen": true } });
    client.notify("workspace/didChangeConfiguration", json!({ "settings": settings }));
    let status = client.wait_for_result();
    assert_eq!(status["state"], "idle", "{status}");
    client.finish();
}

#[test]
fn what_is_excluded_is_not_looked_at() {
    let scene = Scene::with_snapshots("lru-full", 1);
    let settings = json!({ "snapshots": { "exclude": [".heapmark/"] } });
    let mut client = Client::open(&Options { settings, ..Options::in_folder(scene.folder()) });
    client.listen_for(Duration::from_millis(1500));
    assert!(client.heard.iter().all(|it| it["params"]["state"] != "analyzing"));
    let error = client.execute("analyze", json!({})).unwrap_err();
    assert!(error["message"].as_str().unwrap().contains("no heap snapshot"), "{error}");
    client.finish();
}

#[test]
fn a_folder_that_is_added_is_looked_at_too() {
    let empty = Scene::new("lru-full");
    let scene = Scene::with_snapshots("map-cache", 2);
    let mut client = Client::open(&Options::in_folder(empty.folder()));
    let added = json!({ "uri": uri(scene.folder()), "name": "added" });
    client.notify(
        "workspace/didChangeWorkspaceFolders",
        json!({ "event": { "added": [added], "removed": [] } }),
    );
    let status = client.wait_for_result();
    assert!(status["warnings"].as_u64() >= Some(1), "{status}");
    assert_ne!(client.diagnostics(&scene.file(&scene.program.entry)), Vec::<Value>::new());
    client.finish();
}

#[test]
fn what_an_older_look_has_found_never_takes_the_place_of_what_a_newer_one_has() {
    let scene = Scene::with_snapshots("map-cache", 2);
    let file = scene.file(&scene.program.entry);
    // Another folder has newer snapshots: of all but one it takes a while to see that they are none.
    let other = tempfile::tempdir().unwrap();
    let add = |name: &str, content: &[u8]| {
        let folder = other.path().join(name);
        fs::create_dir(&folder).unwrap();
        fs::write(folder.join("a.heapsnapshot"), content).unwrap();
    };
    add("good", &fs::read(scene.snapshots().join("step-2.heapsnapshot")).unwrap());
    for number in 0..400 {
        add(&format!("bad-{number}"), b"nonsense");
    }
    let mut client = Client::open(&Options::in_folder(scene.folder()));
    let status = client.wait_for_result();
    let folder = json!({ "uri": uri(&other.path().canonicalize().unwrap()), "name": "other" });
    let change = |client: &mut Client, added: &[&Value], removed: &[&Value]| {
        let event = json!({ "event": { "added": added, "removed": removed } });
        client.notify("workspace/didChangeWorkspaceFolders", event);
    };
    let refusals = |client: &Client| {
        let logged = client.heard.iter().filter(|it| it["method"] == "window/logMessage");
        let said = logged.filter_map(|it| it["params"]["message"].as_str());
        said.filter(|it| it.contains("is not a heap snapshot")).count()
    };
    // It is stopped as a rule while it runs, and here shall be stopped between one file and the next, too.
    for round in 0..10 {
        let before = refusals(&client);
        change(&mut client, &[&folder], &[]);
        client.wait_until("some are refused", |client| refusals(client) > before + 3 + round);
        change(&mut client, &[], &[&folder]);
        client.listen_for(Duration::from_millis(1200));
        let then = refusals(&client);
        client.listen_for(Duration::from_millis(600));
        assert_eq!(refusals(&client), then, "it goes on, round {round}");
        let now = client.heard.iter().rev().find(|it| it["method"] == "heapmark/status").unwrap();
        assert_eq!(now["params"]["message"], status["message"], "round {round}");
        assert!(!client.diagnostics(&file).is_empty());
    }
    client.finish();
}
