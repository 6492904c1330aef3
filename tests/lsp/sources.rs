//! Somebody else changes the sources: another program writes to one, one comes that was missing, one goes. The
//! editor shows what a fresh server would.

use std::fs;
use std::path::Path;
use std::time::Duration;

use serde_json::json;

use crate::client::{Client, Options, uri};
use crate::scene::Scene;

fn open(client: &mut Client, file: &Path) {
    let text = fs::read_to_string(file).unwrap();
    let document =
        json!({ "uri": uri(file), "languageId": "javascript", "version": 1, "text": text });
    client.notify("textDocument/didOpen", json!({ "textDocument": document }));
}

/// As an editor tells of a file that another program wrote, or took away.
fn tell(client: &mut Client, file: &Path, kind: u8) {
    let change = json!({ "uri": uri(file), "type": kind });
    client.notify("workspace/didChangeWatchedFiles", json!({ "changes": [change] }));
}

fn wait_for_line(client: &mut Client, file: &Path, line: u32) {
    client.wait_until(&format!("the squiggle is in line {line}"), |client| {
        let shown = client.diagnostics(file);
        let holders = shown.iter().filter(|it| it["code"] == "growing-collection");
        let lines: Vec<_> = holders.map(|it| it["range"]["start"]["line"].as_u64()).collect();
        lines.contains(&Some(line.into()))
    });
}

fn analyses(client: &Client) -> usize {
    let all = client.heard.iter().filter(|it| it["method"] == "heapmark/status");
    let states: Vec<_> = all.map(|it| it["params"]["state"] == "analyzing").collect();
    states.chunk_by(|one, two| one == two).filter(|run| run[0]).count()
}

#[test]
fn lines_that_another_program_put_in_front_move_what_is_shown_below() {
    let scene = Scene::with_snapshots("map-cache", 2);
    let file = scene.file(&scene.program.entry);
    let text = scene.text(&scene.program.entry);
    let holder = scene.marked_line("growing-collection", "holder");
    let write = |lines: usize| fs::write(&file, "// one\n".repeat(lines) + &text).unwrap();
    let mut client = Client::open(&Options::in_folder(scene.folder()));
    client.wait_for_result();
    wait_for_line(&mut client, &file, holder);
    let before = analyses(&client);

    write(3);
    tell(&mut client, &file, 2);
    wait_for_line(&mut client, &file, holder + 3);
    let (line, column) = scene.position(&scene.program.entry, "cards = new Map");
    assert_eq!(line, holder + 3);
    assert!(client.hover(&file, line, column).is_some());

    // Not every client tells.
    write(5);
    open(&mut client, &file);
    wait_for_line(&mut client, &file, holder + 5);
    client.notify("textDocument/didClose", json!({ "textDocument": { "uri": uri(&file) } }));
    write(1);
    tell(&mut client, &file, 2);
    wait_for_line(&mut client, &file, holder + 1);
    assert_eq!(analyses(&client), before, "an edit is followed");
    client.finish();
}

#[test]
fn what_is_open_counts_and_not_what_is_on_disk() {
    let scene = Scene::with_snapshots("map-cache", 2);
    let file = scene.file(&scene.program.entry);
    let holder = scene.marked_line("growing-collection", "holder");
    let mut client = Client::open(&Options::in_folder(scene.folder()));
    client.wait_for_result();
    open(&mut client, &file);
    let text = scene.text(&scene.program.entry);
    fs::write(&file, "// one\n".to_owned() + &text).unwrap();
    tell(&mut client, &file, 2);
    client.listen_for(Duration::from_millis(500));
    wait_for_line(&mut client, &file, holder);
    client.finish();
}

#[test]
fn a_source_that_comes_is_shown_and_one_that_goes_is_not() {
    for is_told in [true, false] {
        let scene = Scene::with_snapshots("map-cache", 2);
        let file = scene.file(&scene.program.entry);
        let holder = scene.marked_line("growing-collection", "holder");
        let aside = scene.file("aside");
        fs::rename(&file, &aside).unwrap();
        let mut client = Client::open(&Options::in_folder(scene.folder()));
        client.wait_for_result();
        assert!(client.diagnostics(&file).is_empty());
        fs::rename(&aside, &file).unwrap();
        if is_told {
            tell(&mut client, &file, 1);
        } else {
            open(&mut client, &file);
        }
        wait_for_line(&mut client, &file, holder);
        if is_told {
            fs::rename(&file, &aside).unwrap();
            tell(&mut client, &file, 3);
            client.wait_until("nothing is shown in it", |client| {
                client.diagnostics(&file).is_empty()
            });
        }
        client.finish();
    }
}

#[test]
fn other_sources_cause_no_work() {
    let scene = Scene::with_snapshots("map-cache", 2);
    let mut client = Client::open(&Options::in_folder(scene.folder()));
    client.wait_for_result();
    client.listen_for(Duration::from_millis(300));
    let before = client.heard.len();
    let other = scene.file("other.ts");
    fs::write(&other, "let a;\n").unwrap();
    for kind in [1, 2, 2] {
        tell(&mut client, &other, kind);
    }
    open(&mut client, &other);
    client.listen_for(Duration::from_millis(500));
    let news = &client.heard[before..];
    assert!(news.iter().all(|it| it["params"]["state"] != "analyzing"), "{news:#?}");
    client.finish();
}
