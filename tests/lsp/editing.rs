//! The user types on: what is shown stays with the code it is about.

use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::client::{Client, Options, uri};
use crate::scene::{Scene, position};

fn open(client: &mut Client, file: &Path, text: &str) {
    let document =
        json!({ "uri": uri(file), "languageId": "javascript", "version": 1, "text": text });
    client.notify("textDocument/didOpen", json!({ "textDocument": document }));
}

fn insert(client: &mut Client, file: &Path, version: u32, line: u32, text: &str) {
    let at = json!({ "line": line, "character": 0 });
    client.notify(
        "textDocument/didChange",
        json!({
            "textDocument": { "uri": uri(file), "version": version },
            "contentChanges": [{ "range": { "start": at, "end": at }, "text": text }],
        }),
    );
}

fn lines(diagnostics: &[Value], code: &str) -> Vec<u64> {
    let of_rule = diagnostics.iter().filter(|it| it["code"] == code && it["severity"] == 2);
    of_rule.map(|it| it["range"]["start"]["line"].as_u64().unwrap()).collect()
}

#[test]
fn squiggles_and_hovers_move_with_the_text() {
    let scene = Scene::with_snapshots("map-cache", 2);
    let file = scene.file(&scene.program.entry);
    let holder = scene.marked_line("growing-collection", "holder");
    let (line, column) = scene.position(&scene.program.entry, "cards = new Map");
    assert_eq!(line, holder);
    let mut client = Client::open(&Options::in_folder(scene.folder()));
    client.wait_for_result();
    open(&mut client, &file, &scene.text(&scene.program.entry));
    for key in 0..40 {
        insert(&mut client, &file, key + 2, 0, "//\n");
    }
    let moved = u64::from(holder) + 40;
    client.wait_until("the squiggle moves", |client| {
        lines(&client.diagnostics(&file), "growing-collection") == [moved]
    });
    assert!(client.hover(&file, line + 40, column).is_some());
    assert_eq!(client.hover(&file, line, column), None);
    // Lines in sentences, too.
    let grows = scene.marked_line("growing-collection", "grows") + 40;
    let told = format!("(line {})", grows + 1);
    let diagnostics = client.diagnostics(&file);
    let is_told = |it: &Value| it["message"].as_str().is_some_and(|it| it.contains(&told));
    assert!(diagnostics.iter().any(is_told), "{told} in {diagnostics:?}");

    // Closed without saving: all as it was.
    client.notify("textDocument/didClose", json!({ "textDocument": { "uri": uri(&file) } }));
    client.wait_until("the squiggle is back", |client| {
        lines(&client.diagnostics(&file), "growing-collection") == [u64::from(holder)]
    });
    assert!(client.hover(&file, line, column).is_some());
    client.finish();
}

#[test]
fn the_line_that_is_deleted_takes_its_squiggle_with_it() {
    let scene = Scene::with_snapshots("map-cache", 2);
    let file = scene.file(&scene.program.entry);
    let holder = scene.marked_line("growing-collection", "holder");
    let mut client = Client::open(&Options::in_folder(scene.folder()));
    client.wait_for_result();
    open(&mut client, &file, &scene.text(&scene.program.entry));
    let start = json!({ "line": holder, "character": 0 });
    let end = json!({ "line": holder + 1, "character": 0 });
    client.notify(
        "textDocument/didChange",
        json!({
            "textDocument": { "uri": uri(&file), "version": 2 },
            "contentChanges": [{ "range": { "start": start, "end": end }, "text": "" }],
        }),
    );
    client.wait_until("the squiggle is gone", |client| {
        lines(&client.diagnostics(&file), "growing-collection").is_empty()
    });
    client.finish();
}

fn change(client: &mut Client, file: &Path, version: u32, changes: &Value) {
    client.notify(
        "textDocument/didChange",
        json!({
            "textDocument": { "uri": uri(file), "version": version },
            "contentChanges": changes,
        }),
    );
}

#[test]
fn what_is_cut_is_not_shown_and_what_is_pasted_is_shown_where_it_is() {
    let scene = Scene::with_snapshots("map-cache", 2);
    let file = scene.file(&scene.program.entry);
    let holder = scene.marked_line("growing-collection", "holder");
    let text = scene.text(&scene.program.entry);
    let cut = text.lines().nth(holder as usize).expect("the line is there").to_owned() + "\n";
    let mut client = Client::open(&Options::in_folder(scene.folder()));
    client.wait_for_result();
    open(&mut client, &file, &text);
    let (start, end) =
        (json!({ "line": holder, "character": 0 }), json!({ "line": holder + 1, "character": 0 }));
    change(
        &mut client,
        &file,
        2,
        &json!([{ "range": { "start": start, "end": end }, "text": "" }]),
    );
    client.wait_until("the squiggle is gone", |client| {
        lines(&client.diagnostics(&file), "growing-collection").is_empty()
    });
    let top = json!({ "line": 3, "character": 0 });
    change(&mut client, &file, 3, &json!([{ "range": { "start": top, "end": top }, "text": cut }]));
    client.wait_until("the squiggle is where the line was pasted", |client| {
        lines(&client.diagnostics(&file), "growing-collection") == [3]
    });
    let column = cut.find("cards").expect("the variable is in its line") as u32;
    assert!(client.hover(&file, 3, column).is_some());
    client.finish();
}

#[test]
fn a_formatter_and_a_new_name_take_nothing_away() {
    let scene = Scene::with_snapshots("map-cache", 2);
    let file = scene.file(&scene.program.entry);
    let mut client = Client::open(&Options::in_folder(scene.folder()));
    client.wait_for_result();
    open(&mut client, &file, &scene.text(&scene.program.entry));
    // Another style, sent as the whole text.
    let text = scene.text(&scene.program.entry);
    let text = text.replace(";\n", "\n").replace("  ", "\t").replace(" {\n", "\n{\n");
    change(&mut client, &file, 2, &json!([{ "text": text }]));
    let (line, _) = position(&text, "cards = new Map");
    client.wait_until("the squiggle is at the same variable", |client| {
        lines(&client.diagnostics(&file), "growing-collection") == [u64::from(line)]
    });
    // Renamed everywhere at once, from the end.
    let at = |(start, name): (usize, &str)| {
        let (line, column) = (text[..start].matches('\n').count(), text[..start].rfind('\n'));
        let column = start - column.map_or(0, |end| end + 1);
        json!({
            "range": {
                "start": { "line": line, "character": column },
                "end": { "line": line, "character": column + name.len() },
            },
            "text": "pages",
        })
    };
    let renamed: Vec<Value> = text.rmatch_indices("cards").map(at).collect();
    change(&mut client, &file, 3, &json!(renamed));
    insert(&mut client, &file, 4, 0, "// One more.\n");
    client.wait_until("the squiggle is at the renamed variable", |client| {
        lines(&client.diagnostics(&file), "growing-collection") == [u64::from(line) + 1]
    });
    client.finish();
}

#[test]
fn edits_made_while_an_analysis_runs_count() {
    let scene = Scene::with_snapshots("map-cache", 2);
    let file = scene.file(&scene.program.entry);
    let holder = scene.marked_line("growing-collection", "holder");
    let mut client = Client::open(&Options::quiet(scene.folder()));
    open(&mut client, &file, &scene.text(&scene.program.entry));
    let analysis = client.send_command("analyze", json!({}));
    client.wait_for("the analysis to begin", |message| {
        (message["params"]["state"] == "analyzing").then_some(())
    });
    let mut text = scene.text(&scene.program.entry);
    for version in 0..25 {
        insert(&mut client, &file, version + 2, 0, "//\n");
        text.insert_str(0, "//\n");
    }
    client.answer_to(analysis).expect("it can be analysed");
    let moved = u64::from(holder) + 25;
    client.wait_until("the squiggle stands where the code is now", |client| {
        lines(&client.diagnostics(&file), "growing-collection") == [moved]
    });
    let (line, column) = position(&text, "cards = new Map");
    assert!(client.hover(&file, line, column).is_some());
    client.finish();
}

#[test]
fn what_ran_is_on_disk_and_unsaved_edits_do_not_hide_its_leaks() {
    let scene = Scene::with_snapshots("map-cache", 2);
    let file = scene.file(&scene.program.entry);
    let holder = u64::from(scene.marked_line("growing-collection", "holder"));
    let mut client = Client::open(&Options::quiet(scene.folder()));
    open(&mut client, &file, &scene.text(&scene.program.entry));
    insert(&mut client, &file, 2, 0, "// a\n// b\n");
    insert(&mut client, &file, 3, 40, "// far below\n");
    client.execute("analyze", json!({})).expect("it can be analysed");
    let shown = client.diagnostics(&file);
    assert_eq!(lines(&shown, "growing-collection"), [holder + 2], "{shown:#?}");
    client.finish();
}

#[test]
fn diagnostics_come_under_the_very_name_that_the_client_uses() {
    let scene = Scene::with_snapshots("map-cache", 2);
    let file = scene.file(&scene.program.entry);
    // An editor may escape what needs no escape.
    let spelled = uri(&file).replace("cards", "c%61rds");
    let mut client = Client::open(&Options::in_folder(scene.folder()));
    client.wait_for_result();
    let text = scene.text(&scene.program.entry);
    let document =
        json!({ "uri": spelled, "languageId": "javascript", "version": 1, "text": text });
    client.notify("textDocument/didOpen", json!({ "textDocument": document }));
    client.wait_for("diagnostics under the client's name", |message| {
        let params = &message["params"];
        (params["uri"] == spelled.as_str() && params["diagnostics"] != json!([])).then_some(())
    });
    assert_eq!(client.diagnostics(&file), Vec::<Value>::new(), "and not twice");
    client.finish();
}

/// Four hundred kilobytes that no program has, and that take the parser seconds.
#[test]
fn what_is_pasted_holds_nobody_and_what_is_no_program_is_said_once() {
    let scene = Scene::with_snapshots("map-cache", 2);
    let file = scene.file(&scene.program.entry);
    let holder = u64::from(scene.marked_line("growing-collection", "holder"));
    let (line, column) = scene.position(&scene.program.entry, "cards = new Map");
    let mut client = Client::open(&Options::in_folder(scene.folder()));
    client.wait_for_result();
    open(&mut client, &file, &scene.text(&scene.program.entry));
    insert(&mut client, &file, 2, 0, &("a+".repeat(200_000) + "a;\n"));
    let asked = Instant::now();
    assert!(client.hover(&file, line + 1, column).is_some(), "it moved with its bytes");
    assert!(asked.elapsed() < Duration::from_secs(2), "{:?}", asked.elapsed());
    client.wait_until("it is said", |client| !client.messages().is_empty());
    insert(&mut client, &file, 3, 0, "b+");
    let (start, end) = (json!({ "line": 0, "character": 0 }), json!({ "line": 1, "character": 0 }));
    let undone = json!([{ "range": { "start": start, "end": end }, "text": "" }]);
    change(&mut client, &file, 4, &undone);
    client.wait_until("the squiggle is back", |client| {
        lines(&client.diagnostics(&file), "growing-collection") == [holder]
    });
    assert!(client.hover(&file, line, column).is_some());
    insert(&mut client, &file, 5, 0, "//\n");
    client.wait_until("it is followed again", |client| {
        lines(&client.diagnostics(&file), "growing-collection") == [holder + 1]
    });
    let said = client.messages();
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(said[0].starts_with("cards.js is not followed while you edit it: "), "{said:?}");
    client.finish();
}

/// Two megabytes of code that were pasted and understood, and then the file as it was: a revert, a
/// checkout of another branch.
#[test]
fn a_large_text_that_gives_way_to_another_holds_nobody() {
    let scene = Scene::with_snapshots("map-cache", 2);
    let file = scene.file(&scene.program.entry);
    let holder = u64::from(scene.marked_line("growing-collection", "holder"));
    let text = scene.text(&scene.program.entry);
    let mut client = Client::open(&Options::in_folder(scene.folder()));
    client.wait_for_result();
    open(&mut client, &file, &text);
    let pasted = "f(1,{b:[2,3]});".repeat(130_000) + "\n";
    insert(&mut client, &file, 2, 0, &pasted);
    client.wait_until("the squiggle moves", |client| {
        lines(&client.diagnostics(&file), "growing-collection") == [holder + 1]
    });
    // Until the parser is done with it.
    thread::sleep(Duration::from_secs(5));
    let (start, end) =
        (json!({ "line": 0, "character": 0 }), json!({ "line": 99_999, "character": 0 }));
    let other = format!("// Of another branch.\n\n{text}");
    let whole = json!([{ "range": { "start": start, "end": end }, "text": other }]);
    change(&mut client, &file, 3, &whole);
    let asked = Instant::now();
    client.hover(&scene.file("elsewhere.js"), 0, 0);
    assert!(asked.elapsed() < Duration::from_secs(2), "{:?}", asked.elapsed());
    client.wait_until("it is found again", |client| {
        lines(&client.diagnostics(&file), "growing-collection") == [holder + 2]
    });
    client.finish();
}
