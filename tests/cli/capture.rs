//! `heapmark capture` when it is broken off, by whatever signal: the program it looks at lives, one that
//! it started does not stay behind, and nothing half is left on disk. And what it says of workers.
#![cfg(unix)]

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use heapmark_tests::heapmark;

use crate::run;

/// A Node.js with its inspector open, killed when dropped.
struct Node {
    child: Child,
    /// `127.0.0.1:PORT`
    address: String,
}

impl Node {
    fn running(code: &str) -> Self {
        let mut child = Command::new("node")
            .args(["--inspect=127.0.0.1:0", "-e", code])
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("node starts");
        let mut lines = BufReader::new(child.stderr.take().expect("it is piped")).lines();
        let line = lines.next().expect("a line").expect("text");
        let address = line.split('/').nth(2).expect("it says where it listens").to_owned();
        std::thread::spawn(move || lines.for_each(drop));
        Self { child, address }
    }

    fn lives(&mut self) -> bool {
        self.child.try_wait().expect("it is our child").is_none()
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A heap whose snapshot has 45 MB, which take V8 most of a second once it writes them.
const LARGE: &str = "globalThis.all = Array.from({ length: 300_000 }, (_, i) => ({ i, text: `t${i}` })); \
                     setInterval(() => {}, 1000)";

fn capture(folder: &Path) -> Command {
    let mut command = heapmark();
    command.arg("capture").args(["--name", "x"]).current_dir(folder);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn signal(name: &str, process: u32) -> bool {
    let mut kill = Command::new("kill");
    kill.args(["-s", name, &process.to_string()]).stderr(Stdio::null());
    kill.status().expect("there is kill").success()
}

/// The names in `.heapmark`, but for git's.
fn left_in(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder.join(".heapmark")).expect("it was made");
    let names = entries.map(|it| it.expect("an entry").file_name().into_string().expect("text"));
    names.filter(|name| name != ".gitignore").collect()
}

fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let started = Instant::now();
    while !is_so() {
        assert!(started.elapsed() < Duration::from_secs(60), "{what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Starts a capture of `node` and waits until a part of the snapshot has come.
fn half_way(folder: &Path, node: &Node) -> Child {
    let capture = capture(folder).arg(&node.address).spawn().expect("it starts");
    let part = folder.join(".heapmark/x.heapsnapshot.part");
    wait_until("it begins", || part.metadata().is_ok_and(|part| part.len() > 0));
    capture
}

#[test]
fn a_capture_that_is_broken_off_lets_the_program_finish_and_says_so() {
    for name in ["INT", "TERM", "HUP"] {
        let mut node = Node::running(LARGE);
        let folder = tempfile::tempdir().expect("a folder");
        let capture = half_way(folder.path(), &node);
        assert!(signal(name, capture.id()));
        wait_until("nothing half is left", || left_in(folder.path()).is_empty());
        let said = capture.wait_with_output().expect("it ends");
        let err = String::from_utf8_lossy(&said.stderr);
        assert_eq!(said.status.code(), Some(2), "{err}");
        let cancelled = "cancelled, nothing was kept of the unfinished snapshot";
        let lasts = "letting the program finish its snapshot: leaving now could crash it; Ctrl-C \
                     again leaves at once";
        assert!(err.contains(cancelled) && err.contains(lasts), "{err}");
        assert!(node.lives(), "SIG{name}");
    }
}

#[test]
fn who_insists_leaves_at_once_and_is_warned() {
    let node = Node::running(LARGE);
    let folder = tempfile::tempdir().expect("a folder");
    let mut capture = half_way(folder.path(), &node);
    let mut lines = BufReader::new(capture.stderr.take().expect("it is piped")).lines();
    assert!(signal("INT", capture.id()));
    let mut said = String::new();
    while !said.contains("Ctrl-C again leaves at once") {
        said += &lines.next().expect("it says more").expect("text");
    }
    assert!(signal("INT", capture.id()));
    let last = lines.next().expect("it says more").expect("text");
    assert_eq!(last, "left in the middle of the snapshot: the program may crash");
    assert_eq!(capture.wait().expect("it ends").code(), Some(2));
}

#[test]
fn what_a_killed_capture_leaves_behind_goes() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut killed = capture(folder.path())
        .args(["--after", "0s", "--", "node", "-e", LARGE])
        .spawn()
        .expect("it starts");
    wait_until("it begins", || folder.path().join(".heapmark/x.heapsnapshot.part").exists());
    let children = |of: u32| {
        let listed = Command::new("ps").args(["-A", "-o", "pid=,ppid=,args="]).output();
        let listed = String::from_utf8(listed.expect("there is ps").stdout).expect("text");
        let rows = listed.lines().map(str::to_owned);
        rows.filter(|row| row.split_whitespace().nth(1) == Some(&of.to_string()))
            .collect::<Vec<_>>()
    };
    let started: Vec<u32> = children(killed.id())
        .iter()
        .filter_map(|row| row.split_whitespace().next()?.parse().ok())
        .collect();
    assert!(!started.is_empty(), "the command, and who watches over it");
    killed.kill().expect("it can be killed");
    killed.wait().expect("it ends");
    wait_until("what it started ends", || !started.iter().any(|&process| signal("0", process)));
    assert_eq!(left_in(folder.path()), ["x.heapsnapshot.part"], "nobody could remove it");

    let node = Node::running("setInterval(() => {}, 1000)");
    let said = run(capture(folder.path()).arg(&node.address));
    assert_eq!(said.code, Some(0), "{}", said.err);
    let mut left = left_in(folder.path());
    left.sort();
    assert_eq!(left, ["x.heapsnapshot", "x.scripts.json"], "its name was free again");
}

#[test]
fn a_sidecar_that_was_damaged_or_changed_is_told_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let program = "const kept = []; setInterval(() => kept.push({ text: 'x' + kept.length }), 10);";
    fs::write(folder.path().join("app.js"), program).expect("room");
    let series = ["--count", "3", "--every", "200ms", "--after", "200ms", "--", "node", "app.js"];
    let said = run(capture(folder.path()).args(series));
    assert_eq!(said.code, Some(0), "{}", said.err);
    let sidecar = |number: u32| folder.path().join(format!(".heapmark/x-{number}.scripts.json"));
    let whole = fs::read_to_string(sidecar(3)).expect("it is there");
    let told = || {
        let mut command = heapmark();
        command.args(["analyze", "--format", "json", ".heapmark"]).current_dir(folder.path());
        let json: serde_json::Value = serde_json::from_str(&run(&mut command).out).expect("JSON");
        let notices = json["notices"].as_array().expect("a list").clone();
        let told = notices.iter().map(|it| it["message"].as_str().expect("text").to_owned());
        told.filter(|it| it.contains(".scripts.json")).collect::<Vec<_>>()
    };
    assert_eq!(told(), [""; 0], "nothing is wrong");

    assert!(whole.contains("const kept"), "the text that ran is in it");
    fs::write(sidecar(3), whole.replace("const kept", "const keep")).expect("room");
    let [other] = &told()[..] else { panic!("one notice: {:?}", told()) };
    assert!(other.starts_with("x-3.scripts.json tells of ") && other.contains("app.js"), "{other}");

    for number in 1..=3 {
        fs::write(sidecar(number), &whole[..whole.len() / 2]).expect("room");
    }
    let [cut] = &told()[..] else { panic!("one notice: {:?}", told()) };
    let names = "x-1.scripts.json, x-2.scripts.json, x-3.scripts.json were not used: it is cut off";
    assert!(cut.starts_with(names), "{cut}");
}

#[test]
fn what_git_may_take_up_is_told() {
    let node = Node::running("setInterval(() => {}, 1000)");
    let folder = tempfile::tempdir().expect("a folder");
    let said = run(capture(folder.path()).arg(&node.address));
    assert!(!said.err.contains(".gitignore"), "ours ignores everything: {}", said.err);
    fs::write(folder.path().join(".heapmark/.gitignore"), "*.log\n").expect("room");
    let said = run(capture(folder.path()).arg(&node.address));
    let warning =
        "warning: .heapmark/.gitignore was not written by Heapmark and does not ignore everything";
    assert!(said.err.contains(warning), "{}", said.err);
}

#[test]
fn a_limit_of_the_size_of_files_is_an_error_and_the_program_may_finish() {
    let mut node = Node::running(LARGE);
    let folder = tempfile::tempdir().expect("a folder");
    let mut limited = Command::new("bash");
    limited.args(["-c", "ulimit -f 4000; exec \"$0\" capture \"$1\""]);
    limited.arg(heapmark().get_program()).arg(&node.address).current_dir(folder.path());
    let said = run(limited.stdout(Stdio::piped()).stderr(Stdio::piped()));
    assert_eq!(said.code, Some(2), "{}", said.err);
    assert!(said.err.contains("cannot be written: File too large"), "{}", said.err);
    assert!(said.err.contains("letting the program finish its snapshot"), "{}", said.err);
    assert!(node.lives());
    let left = fs::read_dir(folder.path().join(".heapmark")).expect("the folder is there");
    let left = left.filter_map(|it| it.ok()?.file_name().into_string().ok());
    assert_eq!(left.filter(|it| !it.starts_with('.')).collect::<Vec<_>>(), [""; 0]);
}

#[test]
fn child_processes_are_told() {
    let node = Node::running("require('child_process').spawn('sleep', ['100'])");
    let folder = tempfile::tempdir().expect("a folder");
    let said = run(capture(folder.path()).arg(&node.address));
    assert!(
        said.err.contains("note: 1 child process ran, which is a program of its own"),
        "{}",
        said.err
    );
    let said = run(heapmark().current_dir(folder.path()).args(["analyze", ".heapmark"]));
    let note = "note: 1 child process was running; it is a program of its own";
    assert!(said.out.contains(note), "{}", said.out);
}

#[test]
fn two_captures_into_one_folder_have_a_series_each() {
    let node = Node::running("setInterval(() => {}, 1000)");
    let folder = tempfile::tempdir().expect("a folder");
    let series = ["--count", "2", "--every", "500ms", &node.address];
    let one = capture(folder.path()).args(series).spawn().expect("it starts");
    let two = capture(folder.path()).args(series).spawn().expect("it starts");
    let mut said: Vec<String> = [one, two]
        .map(|it| it.wait_with_output().expect("it ends").stdout)
        .map(|it| String::from_utf8(it).expect("text"))
        .map(|it| {
            it.lines().filter_map(|line| line.split("  ").next()).collect::<Vec<_>>().join(" ")
        })
        .into();
    said.sort();
    let of = |suffix: &str| {
        format!(".heapmark/x-1{suffix}.heapsnapshot .heapmark/x-2{suffix}.heapsnapshot")
    };
    assert_eq!(said, [of("-2"), of("")]);
}

#[test]
fn worker_threads_are_not_passed_over_in_silence() {
    let node = Node::running(
        "const { Worker } = require('node:worker_threads'); \
         for (let i = 0; i < 2; i++) new Worker('setInterval(() => {}, 1000)', { eval: true });",
    );
    let folder = tempfile::tempdir().expect("a folder");
    let said =
        run(capture(folder.path()).args(["--count", "2", "--every", "300ms", &node.address]));
    assert_eq!(said.code, Some(0), "{}", said.err);
    let note = "note: 2 worker threads ran, which have heaps of their own: only the main thread was \
                captured";
    assert!(said.err.contains(note), "{}", said.err);
    let sidecar = fs::read_to_string(folder.path().join(".heapmark/x-1.scripts.json"));
    let sidecar: serde_json::Value = serde_json::from_str(&sidecar.expect("it is there")).unwrap();
    assert_eq!(sidecar["workers"], 2);

    let analyze = |format: &str| {
        let mut command = heapmark();
        command.args(["analyze", "--format", format, ".heapmark"]).current_dir(folder.path());
        run(&mut command)
    };
    let said = analyze("text");
    let verdict = "No leak found in the main thread; its 2 worker threads were not looked at.";
    assert!(said.out.contains(verdict) && !said.out.contains("No leak found."), "{}", said.out);
    let json: serde_json::Value = serde_json::from_str(&analyze("json").out).expect("JSON");
    let notice = json["notices"][0]["message"].as_str().expect("a notice");
    assert!(notice.starts_with("2 worker threads were running; each has a heap of its own"));
}
