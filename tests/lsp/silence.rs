//! What the user does not want to hear of any more: by a comment that is typed, and by the project's
//! list of accepted leaks.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::client::{Client, Options, uri};
use crate::scene::Scene;

const RULE: &str = "growing-collection";

/// A leaking program in an editor that has its file open.
struct Opened {
    scene: Scene,
    file: PathBuf,
    client: Client,
}

impl Opened {
    fn new() -> Self {
        let scene = Scene::with_snapshots("map-cache", 2);
        let file = scene.file(&scene.program.entry);
        let mut client = Client::open(&Options::in_folder(scene.folder()));
        client.wait_for_result();
        let text = scene.text(&scene.program.entry);
        let document =
            json!({ "uri": uri(&file), "languageId": "javascript", "version": 1, "text": text });
        client.notify("textDocument/didOpen", json!({ "textDocument": document }));
        Self { scene, file, client }
    }

    /// Applies an edit as an editor would.
    fn edit(&mut self, edit: &Value, version: u32) {
        self.client.notify(
            "textDocument/didChange",
            json!({
                "textDocument": { "uri": uri(&self.file), "version": version },
                "contentChanges": [{ "range": edit["range"], "text": edit["newText"] }],
            }),
        );
    }

    /// The code actions at the line that declares the cache, by the beginning of their titles.
    fn action(&mut self, title: &str) -> Value {
        let (line, column) = self.scene.position(&self.scene.program.entry, "cards = new Map");
        let at = json!({ "line": line, "character": column });
        let params = json!({
            "textDocument": { "uri": uri(&self.file) },
            "range": { "start": at, "end": at },
            "context": { "diagnostics": [] },
        });
        let actions = self.client.request("textDocument/codeAction", params).expect("actions");
        let actions = actions.as_array().expect("a list").clone();
        let named = |it: &Value| it["title"].as_str().is_some_and(|it| it.starts_with(title));
        actions.into_iter().find(named).unwrap_or_else(|| panic!("no action {title:?}"))
    }

    fn run(&mut self, command: &Value) -> Value {
        let params = json!({ "command": command["command"], "arguments": command["arguments"] });
        self.client.request("workspace/executeCommand", params).expect("it succeeds")
    }

    fn wait_for_warnings(&mut self, what: &str, wanted: usize) {
        let file = self.file.clone();
        self.client.wait_until(what, |client| {
            let status = client.heard.iter().rfind(|it| it["method"] == "heapmark/status");
            warnings(client, &file).len() == wanted
                && status.is_some_and(|it| it["params"]["warnings"] == wanted)
        });
    }
}

fn warnings(client: &Client, file: &Path) -> Vec<Value> {
    let shown = client.diagnostics(file).into_iter();
    shown.filter(|it| it["severity"] == 2 && it["code"] == RULE).collect()
}

fn hints(client: &Client, file: &Path) -> Vec<String> {
    let shown = client.diagnostics(file).into_iter().filter(|it| it["code"] == "heapmark-ignore");
    shown.map(|it| it["message"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_leak_is_ignored_by_a_code_action_that_asks_for_the_reason() {
    let mut opened = Opened::new();
    let holder = opened.scene.marked_line(RULE, "holder");
    opened.wait_for_warnings("the leak is shown", 1);
    let action = opened.action("Ignore this leak here");
    let edit = action["edit"]["changes"][uri(&opened.file)][0].clone();
    assert_eq!(edit["newText"], "// heapmark-ignore growing-collection: \n");

    // An editor applies the edit, then runs the command.
    opened.edit(&edit, 2);
    opened.run(&action["command"]);
    let shown = opened.client.wait_for("the cursor", |message| {
        (message["method"] == "window/showDocument").then(|| message["params"].clone())
    });
    assert_eq!(shown["uri"], uri(&opened.file));
    let end_of_comment = json!({ "line": holder, "character": 39 });
    assert_eq!(shown["selection"]["start"], end_of_comment);
    opened.wait_for_warnings("the leak is silent", 0);
    let said = hints(&opened.client, &opened.file);
    assert!(said[0].starts_with("This comment does not say why"), "{said:?}");

    // The reason is typed.
    let at = json!({ "start": end_of_comment, "end": end_of_comment });
    opened.edit(&json!({ "range": at, "newText": "a card a country" }), 3);
    let file = opened.file.clone();
    opened.client.wait_until("nothing is wrong", |client| hints(client, &file).is_empty());
    assert!(warnings(&opened.client, &file).is_empty());

    // Without the comment it is back.
    let line = |line: u32| json!({ "line": line, "character": 0 });
    let range = json!({ "start": line(holder), "end": line(holder + 1) });
    opened.edit(&json!({ "range": range, "newText": "" }), 4);
    opened.wait_for_warnings("the leak is shown again", 1);
    opened.client.finish();
}

#[test]
fn an_accepted_leak_is_listed_in_the_project_and_shown_again_when_it_is_taken_out() {
    let mut opened = Opened::new();
    opened.wait_for_warnings("the leak is shown", 1);
    let fingerprint = warnings(&opened.client, &opened.file)[0]["data"].clone();
    let action = opened.action("Accept this leak");
    let answer = opened.run(&action["command"]);
    opened.wait_for_warnings("the leak is silent", 0);

    let list = opened.scene.file("heapmark-accepted.json");
    assert_eq!(answer["file"], list.to_str().expect("a plain path"));
    let text = fs::read_to_string(&list).expect("it was made");
    let written: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(written["accepted"][0]["fingerprint"], fingerprint);

    // Somebody takes it out, or changes the branch.
    let tell = |client: &mut Client| {
        let change = json!({ "uri": uri(&list), "type": 2 });
        client.notify("workspace/didChangeWatchedFiles", json!({ "changes": [change] }));
    };
    fs::remove_file(&list).expect("it is there");
    tell(&mut opened.client);
    opened.wait_for_warnings("the leak is shown again", 1);
    fs::write(&list, &text).expect("it can be written");
    tell(&mut opened.client);
    opened.wait_for_warnings("the leak is silent again", 0);

    // What is broken accepts nothing, and is said.
    fs::write(&list, "<<<<<<< HEAD").expect("it can be written");
    tell(&mut opened.client);
    opened.wait_for_warnings("the leak is shown", 1);
    let said = opened.client.messages().join(" ");
    assert!(said.contains("heapmark-accepted.json is no list of accepted leaks: "), "{said}");
    opened.client.finish();
}

#[test]
fn what_the_project_has_accepted_is_not_shown_from_the_beginning() {
    let scene = Scene::with_snapshots("map-cache", 2);
    let mut client = Client::open(&Options::in_folder(scene.folder()));
    client.wait_for_result();
    let file = scene.file(&scene.program.entry);
    let fingerprint = warnings(&client, &file)[0]["data"].clone();
    client.finish();

    let entry = json!({ "fingerprint": fingerprint, "rule": RULE, "title": "", "reason": "few" });
    let list = json!({ "schemaVersion": 1, "accepted": [entry] });
    fs::create_dir(scene.file("config")).expect("a folder");
    fs::write(scene.file("config/leaks.json"), list.to_string()).expect("it can be written");
    let settings = json!({ "acceptedFile": "config/leaks.json" });
    let options = Options { settings, ..Options::in_folder(scene.folder()) };
    let mut client = Client::open(&options);
    let status = client.wait_for_result();
    assert_eq!(status["warnings"], 0, "{status}");
    assert!(status["message"].as_str().unwrap().ends_with("; 1 ignored or accepted"), "{status}");
    assert!(warnings(&client, &file).is_empty());
    client.finish();
}
