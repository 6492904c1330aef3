//! Coming and going.

use std::io::Write;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::client::{Client, Options};
use crate::scene::Scene;

#[test]
fn initialize_says_what_the_server_can_do() {
    let scene = Scene::new("map-cache");
    let (client, mut answer) = Client::open_and_look(&Options::in_folder(scene.folder()));
    answer["serverInfo"]["version"] = "[version]".into();
    insta::assert_json_snapshot!(answer, @r#"
    {
      "capabilities": {
        "codeActionProvider": {
          "codeActionKinds": [
            "quickfix"
          ]
        },
        "executeCommandProvider": {
          "commands": [
            "heapmark.server.analyze",
            "heapmark.server.capture",
            "heapmark.server.targets",
            "heapmark.server.clear",
            "heapmark.server.accept",
            "heapmark.server.show"
          ],
          "workDoneProgress": true
        },
        "hoverProvider": true,
        "positionEncoding": "utf-16",
        "textDocumentSync": {
          "change": 2,
          "openClose": true,
          "save": true
        },
        "workspace": {
          "workspaceFolders": {
            "changeNotifications": true,
            "supported": true
          }
        }
      },
      "serverInfo": {
        "name": "heapmark",
        "version": "[version]"
      }
    }
    "#);
    client.finish();
}

#[test]
fn without_folders_and_with_a_client_of_the_first_hour_it_still_serves() {
    let mut client = Client::open(&Options {
        folders: Vec::new(),
        settings: Value::Null,
        capabilities: json!({}),
        process_id: None,
    });
    assert_eq!(client.hover("/nowhere.js".as_ref(), 0, 0), None);
    let error = client.execute("analyze", Value::Null).unwrap_err();
    insta::assert_snapshot!(error["message"].as_str().unwrap(), @"there is no heap snapshot in this workspace yet: capture one from a running program, or name the files to analyse");
    assert!(!client.heard.iter().any(|it| it["method"] == "window/workDoneProgress/create"));
    client.finish();
}

#[test]
fn exit_without_shutdown_is_a_failure() {
    let mut client = Client::open(&Options::in_folder(Scene::new("lru-full").folder()));
    client.notify("exit", Value::Null);
    assert_eq!(client.wait_for_exit().code(), Some(1));
}

#[test]
fn a_client_that_hangs_up_ends_the_server() {
    let mut client = Client::open(&Options::in_folder(Scene::new("lru-full").folder()));
    client.hang_up();
    assert_eq!(client.wait_for_exit().code(), Some(1));
}

#[test]
fn a_client_that_reads_no_more_ends_the_server() {
    let mut server = Command::new(heapmark_tests::heapmark_binary())
        .arg("lsp")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the binary starts");
    drop(server.stdout.take());
    let body = json!({ "jsonrpc": "2.0", "id": 1, "method": "textDocument/hover" }).to_string();
    let mut input = server.stdin.take().expect("it is piped");
    write!(input, "Content-Length: {}\r\n\r\n{body}", body.len()).expect("it reads");
    let until = Instant::now() + Duration::from_secs(5);
    let status = loop {
        match server.try_wait().expect("it is our own process") {
            Some(status) => break status,
            None if Instant::now() > until => {
                server.kill().expect("it is our own process");
                panic!("the server serves on, and nobody hears it");
            }
            None => std::thread::sleep(Duration::from_millis(10)),
        }
    };
    assert_eq!(status.code(), Some(1));
    drop(input);
}

#[test]
fn an_editor_that_is_gone_ends_the_server_even_if_the_pipe_stays_open() {
    let scene = Scene::new("lru-full");
    let mut editor = Command::new("sleep").arg("600").spawn().expect("sleep starts");
    let options = Options { process_id: Some(editor.id()), ..Options::in_folder(scene.folder()) };
    let mut client = Client::open(&options);
    assert_eq!(client.hover(&scene.file("lru.js"), 0, 0), None, "the editor lives: so does it");
    editor.kill().and_then(|()| editor.wait()).expect("it was running");
    let status = client.wait_for_exit_within(Duration::from_secs(10));
    assert_eq!(status.code(), Some(1));
}

#[test]
fn after_shutdown_requests_are_refused() {
    let mut client = Client::open(&Options::in_folder(Scene::new("lru-full").folder()));
    assert_eq!(client.request("shutdown", Value::Null), Ok(Value::Null));
    let refused = client.request("textDocument/hover", json!({})).unwrap_err();
    assert_eq!(refused["code"], -32600);
    client.notify("exit", Value::Null);
    assert_eq!(client.wait_for_exit().code(), Some(0));
}

#[test]
fn garbage_on_the_pipe_is_answered_and_survived() {
    let scene = Scene::new("lru-full");
    let mut client = Client::open(&Options::in_folder(scene.folder()));
    let unknown = client.request("textDocument/nonsense", json!({})).unwrap_err();
    assert_eq!(unknown["code"], -32601);
    // Notifications of this kind may be passed over; a request is answered.
    let unknown = client.request("$/nonsense", json!({})).unwrap_err();
    assert_eq!(unknown["code"], -32601);
    client.notify("$/nonsense", json!({}));
    let wrong = client.request("textDocument/hover", json!({ "textDocument": 5 })).unwrap_err();
    assert_eq!(wrong["code"], -32602);
    client.notify("textDocument/didChange", json!({ "nonsense": true }));
    client.notify("window/workDoneProgress/cancel", json!({ "token": "never heard of" }));
    assert_eq!(client.hover(&scene.file("lru.js"), 0, 0), None);
    client.finish();
}

#[test]
fn a_setting_that_makes_no_sense_is_said_once() {
    let scene = Scene::new("lru-full");
    let settings = json!({ "analyzeOnOpen": "never" });
    let mut client = Client::open(&Options { settings, ..Options::in_folder(scene.folder()) });
    client.wait_until("the user is told", |client| !client.messages().is_empty());
    insta::assert_snapshot!(client.messages().join("\n"), @r#"heapmark.analyzeOnOpen must be true or false, not "never"."#);
    client.finish();
}

#[test]
fn the_server_asks_for_the_settings_if_the_client_does_not_send_them() {
    let scene = Scene::new("lru-full");
    let mut client = Client::open(&Options::in_folder(scene.folder()));
    client.notify("workspace/didChangeConfiguration", json!({ "settings": null }));
    let asked = client.wait_for("a question", |message| {
        (message["method"] == "workspace/configuration").then(|| message["params"].clone())
    });
    assert_eq!(asked["items"][0]["section"], "heapmark");
    client.finish();
}

#[test]
fn it_asks_to_be_told_of_snapshots() {
    let scene = Scene::new("lru-full");
    let mut client = Client::open(&Options::in_folder(scene.folder()));
    let asked = client.wait_for("a registration", |message| {
        (message["method"] == "client/registerCapability").then(|| message["params"].clone())
    });
    let registration = &asked["registrations"][0];
    assert_eq!(registration["method"], "workspace/didChangeWatchedFiles");
    assert_eq!(registration["registerOptions"]["watchers"][0]["globPattern"], "**/*.heapsnapshot");
    client.finish();
}
