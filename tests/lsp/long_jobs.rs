//! Work that takes long: shown, cancelled, replaced, and never in the way.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::client::{Client, Options};
use crate::scene::Scene;

const REQUEST_CANCELLED: i64 = -32800;

/// A snapshot that takes a while to analyse: half a million objects. Made once for all tests.
pub(crate) fn big_snapshot() -> PathBuf {
    static BIG: OnceLock<(TempDir, PathBuf)> = OnceLock::new();
    let (_, file) = BIG.get_or_init(|| {
        let folder = tempfile::tempdir().expect("there is room for temporary files");
        let file = folder.path().join("big.heapsnapshot");
        let script = "globalThis.all = Array.from({ length: 500_000 }, (_, i) => ({ i: { i } })); \
                      require('node:v8').writeHeapSnapshot(process.argv[1]);";
        let status =
            Command::new("node").args(["-e", script]).arg(&file).stdout(Stdio::null()).status();
        assert!(status.expect("node starts").success());
        (folder, file)
    });
    file.clone()
}

fn kinds_of_progress(client: &Client, token: &Value) -> Vec<String> {
    let progress = client.heard.iter().filter(|it| it["method"] == "$/progress");
    progress
        .filter(|it| it["params"]["token"] == *token)
        .map(|it| it["params"]["value"]["kind"].as_str().unwrap().to_owned())
        .collect()
}

/// Waits until a job shows that it works, and returns its token.
fn wait_for_report(client: &mut Client, start: usize) -> Value {
    client.wait_from(start, "a report of progress", |message| {
        let is_report = message["params"]["value"]["kind"] == "report";
        is_report.then(|| message["params"]["token"].clone())
    })
}

#[test]
fn progress_begins_reports_and_ends_and_never_goes_back() {
    let scene = Scene::new("lru-full");
    let mut client = Client::open(&Options::quiet(scene.folder()));
    client.execute("analyze", json!({ "files": [big_snapshot()] })).expect("it can be analysed");
    let token = client.wait_for("a token", |message| {
        let create = message["method"] == "window/workDoneProgress/create";
        create.then(|| message["params"]["token"].clone())
    });
    let kinds = kinds_of_progress(&client, &token);
    assert_eq!(kinds.first().map(String::as_str), Some("begin"), "{kinds:?}");
    assert_eq!(kinds.last().map(String::as_str), Some("end"), "before the answer: {kinds:?}");
    assert!(kinds.len() > 3, "{kinds:?}");
    assert_eq!(kinds.iter().filter(|kind| *kind != "report").count(), 2, "{kinds:?}");
    let percents: Vec<u64> =
        client.heard.iter().filter_map(|it| it["params"]["value"]["percentage"].as_u64()).collect();
    assert!(percents.is_sorted() && percents.last() > Some(&30), "{percents:?}");
    client.finish();
}

#[test]
fn progress_goes_under_the_token_of_the_request() {
    let scene = Scene::new("lru-full");
    let mut client = Client::open(&Options::quiet(scene.folder()));
    let params = json!({
        "command": "heapmark.server.analyze",
        "arguments": [{ "files": [big_snapshot()] }],
        "workDoneToken": "mine",
    });
    client.request("workspace/executeCommand", params).expect("it can be analysed");
    let kinds = kinds_of_progress(&client, &json!("mine"));
    assert_eq!(kinds.last().map(String::as_str), Some("end"), "{kinds:?}");
    assert!(!client.heard.iter().any(|it| it["method"] == "window/workDoneProgress/create"));
    client.finish();
}

#[test]
fn a_client_that_cannot_or_will_not_show_progress_gets_its_answer_all_the_same() {
    let scene = Scene::new("lru-full");
    let mut cannot = Options::quiet(scene.folder());
    cannot.capabilities["window"] = json!({});
    for (options, grants) in [(cannot, true), (Options::quiet(scene.folder()), false)] {
        let mut client = Client::open(&options);
        client.grants_progress = grants;
        client
            .execute("analyze", json!({ "files": [big_snapshot()] }))
            .expect("it can be analysed");
        assert!(!client.heard.iter().any(|it| it["method"] == "$/progress"));
        client.finish();
    }
}

#[test]
fn the_button_of_the_progress_cancels() {
    let scene = Scene::new("lru-full");
    let mut client = Client::open(&Options::quiet(scene.folder()));
    let analysis = client.send_command("analyze", json!({ "files": [big_snapshot()] }));
    let token = wait_for_report(&mut client, 0);
    let pressed = Instant::now();
    client.notify("window/workDoneProgress/cancel", json!({ "token": token }));
    let error = client.answer_to(analysis).unwrap_err();
    let after = pressed.elapsed();
    println!("cancelled within {after:?}");
    assert_eq!(error["code"], REQUEST_CANCELLED, "{error}");
    assert!(after.as_millis() < 1000, "cancelled only after {after:?}");
    assert_eq!(kinds_of_progress(&client, &token).last().map(String::as_str), Some("end"));
    client.wait_until("the server is idle", |client| {
        client.heard.iter().rev().find(|it| it["method"] == "heapmark/status").unwrap()["params"]["state"]
            == "idle"
    });
    assert_eq!(client.messages(), Vec::<String>::new(), "the user knows");
    client.finish();
}

/// While the request waits for its turn, or looks for snapshots, nothing is shown yet.
#[test]
fn a_job_can_be_cancelled_under_the_token_of_its_request_before_it_has_begun() {
    let scene = Scene::new("lru-full");
    let big = scene.file("big.heapsnapshot");
    fs::copy(big_snapshot(), &big).unwrap();
    let mut client = Client::open(&Options::quiet(scene.folder()));
    for (token, argument) in [("named", json!({ "files": [big] })), ("the newest", json!({}))] {
        let params = json!({ "command": "heapmark.server.analyze", "arguments": [argument],
            "workDoneToken": token });
        let analysis = client.send_request("workspace/executeCommand", params);
        client.notify("window/workDoneProgress/cancel", json!({ "token": token }));
        let error = client.answer_to(analysis).unwrap_err();
        assert_eq!(error["code"], REQUEST_CANCELLED, "{token}: {error}");
    }
    client.finish();
}

#[test]
fn cancelling_the_request_stops_the_work_too() {
    let scene = Scene::new("lru-full");
    let mut client = Client::open(&Options::quiet(scene.folder()));
    let analysis = client.send_command("analyze", json!({ "files": [big_snapshot()] }));
    let token = wait_for_report(&mut client, 0);
    client.notify("$/cancelRequest", json!({ "id": analysis }));
    let error = client.answer_to(analysis).unwrap_err();
    assert_eq!(error["code"], REQUEST_CANCELLED, "{error}");
    client.wait_until("the progress ends", |client| {
        kinds_of_progress(client, &token).last().map(String::as_str) == Some("end")
    });
    client.finish();
}

#[test]
fn a_newer_analysis_takes_the_place_of_an_older() {
    let scene = Scene::new("lru-full");
    let mut client = Client::open(&Options::quiet(scene.folder()));
    let older = client.send_command("analyze", json!({ "files": [big_snapshot()] }));
    wait_for_report(&mut client, 0);
    let newer = client.send_command("analyze", json!({ "files": [big_snapshot()] }));
    let error = client.answer_to(older).unwrap_err();
    assert_eq!(error["code"], REQUEST_CANCELLED, "{error}");
    let answer = client.answer_to(newer).expect("the newer one is done");
    assert_eq!(answer["snapshots"], 1, "{answer}");
    client.finish();
}

#[test]
fn hovers_are_answered_while_an_analysis_runs() {
    let scene = Scene::new("lru-full");
    let file = scene.file("lru.js");
    let mut client = Client::open(&Options::quiet(scene.folder()));
    let analysis = client.send_command("analyze", json!({ "files": [big_snapshot()] }));
    wait_for_report(&mut client, 0);
    let mut slowest = std::time::Duration::ZERO;
    for _ in 0..20 {
        let start = Instant::now();
        assert_eq!(client.hover(&file, 0, 0), None);
        slowest = slowest.max(start.elapsed());
    }
    println!("slowest hover beside an analysis: {slowest:?}");
    assert!(slowest.as_millis() < 250, "{slowest:?}");
    client.send_command("clear", Value::Null);
    assert_eq!(client.answer_to(analysis).unwrap_err()["code"], REQUEST_CANCELLED);
    client.finish();
}

#[test]
fn leaving_does_not_wait_for_the_analysis() {
    let scene = Scene::new("lru-full");
    let mut client = Client::open(&Options::quiet(scene.folder()));
    client.send_command("analyze", json!({ "files": [big_snapshot()] }));
    wait_for_report(&mut client, 0);
    client.finish();
}

#[test]
fn hanging_up_during_an_analysis_ends_the_server() {
    let scene = Scene::new("lru-full");
    let mut client = Client::open(&Options::quiet(scene.folder()));
    client.send_command("analyze", json!({ "files": [big_snapshot()] }));
    wait_for_report(&mut client, 0);
    client.hang_up();
    assert_eq!(client.wait_for_exit().code(), Some(1));
}

#[test]
fn a_capture_can_be_cancelled_and_leaves_nothing_behind() {
    let scene = Scene::new("lru-full");
    let running = scene.run();
    let mut client = Client::open(&Options::quiet(scene.folder()));
    let argument = json!({ "websocketUrl": running.websocket_url(), "name": "stopped" });
    let capture = client.send_command("capture", argument.clone());
    let token = client.wait_for("the capture to begin", |message| {
        (message["params"]["value"]["kind"] == "begin").then(|| message["params"]["token"].clone())
    });
    client.notify("window/workDoneProgress/cancel", json!({ "token": token }));
    let error = client.answer_to(capture).unwrap_err();
    assert_eq!(error["code"], REQUEST_CANCELLED, "{error}");
    let left: Vec<_> = std::fs::read_dir(scene.snapshots())
        .map(|entries| entries.filter_map(|it| it.ok()?.file_name().into_string().ok()).collect())
        .unwrap_or_default();
    assert!(!left.iter().any(|name| name.contains("stopped")), "{left:?}");
    client.execute("capture", argument).expect("the next one works");
    client.finish();
}

#[cfg(unix)]
#[test]
fn a_server_that_is_shut_down_stays_until_the_program_has_finished_its_snapshot() {
    let scene = Scene::new("lru-full");
    let running = scene.run();
    let mut client = Client::open(&Options::quiet(scene.folder()));
    client.send_command("capture", json!({ "websocketUrl": running.websocket_url(), "name": "x" }));
    client.wait_for("V8 is at it", |message| {
        let said = message["params"]["value"]["message"].as_str()?;
        said.contains("taking the snapshot").then_some(())
    });
    // As if its heap had gigabytes.
    let signal = |name: &str| {
        let kill = Command::new("kill").args(["-s", name, &running.id().to_string()]).status();
        assert!(kill.expect("there is kill").success());
    };
    signal("STOP");
    client.request("shutdown", Value::Null).expect("it is allowed");
    client.notify("exit", Value::Null);
    std::thread::sleep(Duration::from_secs(12));
    assert!(client.is_running(), "an editor would wait, or kill it");
    signal("CONT");
    assert!(client.wait_for_exit().success(), "V8 is done");
    signal("0");
}
