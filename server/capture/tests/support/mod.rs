//! The real Node.js with an inspector, for the tests of this room.
#![allow(dead_code, reason = "each test file uses its part")]

use heapmark_capture::{CaptureMonitor, CaptureOptions, Destination, Phase, Sidecar, Target};
use std::{
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::Mutex,
    time::Duration,
};

/// A program of `tests/programs`.
pub(crate) fn program(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/programs").join(name)
}

/// A running `node --inspect`, killed when dropped.
pub(crate) struct Node {
    pub(crate) child: Child,
    pub(crate) target: Target,
}

impl Node {
    /// Starts `tests/programs/NAME` with an inspector on a free port and waits until it says
    /// `ready`.
    pub(crate) fn start(name: &str, arguments: &[&str]) -> Self {
        Self::start_at(0, name, arguments).expect("a free port opens")
    }

    /// As [`Node::start`], with a program that is anywhere.
    pub(crate) fn run(program: &Path, arguments: &[&str]) -> Self {
        Self::run_at(0, program, arguments).expect("a free port opens")
    }

    /// As [`Node::start`]; `None` if the port is taken.
    pub(crate) fn start_at(port: u16, name: &str, arguments: &[&str]) -> Option<Self> {
        Self::run_at(port, &program(name), arguments)
    }

    fn run_at(port: u16, program: &Path, arguments: &[&str]) -> Option<Self> {
        let mut child = Command::new("node")
            .arg(format!("--inspect=127.0.0.1:{port}"))
            .arg(program)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("these tests need `node` on the PATH");
        let mut lines = BufReader::new(child.stderr.take().expect("stderr is piped")).lines();
        let mut next = || lines.next().expect("node ended early").expect("stderr is text");
        let url = loop {
            let line = next();
            if let Some(url) = line.strip_prefix("Debugger listening on ") {
                break url.to_owned();
            }
            if line.starts_with("Starting inspector on") {
                child.kill().expect("it can be killed");
                child.wait().expect("it ends");
                return None;
            }
        };
        while next() != "ready" {}
        // Keeps reading, so that the program never waits for a full pipe.
        std::thread::spawn(move || lines.for_each(drop));
        let target = Target::from_websocket_url(&url).expect("node prints its URL");
        Some(Self { child, target })
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        // It may have been killed by the test.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Whether a process of this id runs.
pub(crate) fn runs(process_id: u32) -> bool {
    signal("-0", process_id)
}

/// Sends a signal; false if there is no such process.
pub(crate) fn signal(signal: &str, process_id: u32) -> bool {
    Command::new("kill")
        .args([signal, &process_id.to_string()])
        .stderr(Stdio::null())
        .status()
        .expect("these tests need `kill` on the PATH")
        .success()
}

pub(crate) fn to_folder(folder: &Path, name: &str) -> CaptureOptions {
    CaptureOptions::new(Destination::Folder {
        folder: folder.to_owned(),
        name: Some(name.to_owned()),
    })
}

/// The names in a folder, sorted.
pub(crate) fn names_in(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> = std::fs::read_dir(folder)
        .expect("the folder exists")
        .map(|entry| entry.expect("entry").file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

pub(crate) fn sidecar(file: &Path) -> Sidecar {
    let text = std::fs::read_to_string(file).expect("the sidecar is there");
    serde_json::from_str(&text).expect("the sidecar follows its schema")
}

/// The sum of all sizes in a snapshot, in bytes.
pub(crate) fn heap_size(file: &Path) -> u64 {
    let text = std::fs::read_to_string(file).expect("the snapshot is there");
    let snapshot: serde_json::Value = serde_json::from_str(&text).expect("the snapshot is whole");
    let fields = snapshot["snapshot"]["meta"]["node_fields"].as_array().expect("node_fields");
    let size = fields.iter().position(|name| name == "self_size").expect("self_size");
    let nodes = snapshot["nodes"].as_array().expect("nodes");
    nodes.iter().skip(size).step_by(fields.len()).filter_map(serde_json::Value::as_u64).sum()
}

/// V8's ids of all objects of a class in a snapshot, by a reader of its own.
pub(crate) fn objects(file: &Path, class: &str) -> Vec<u64> {
    let text = std::fs::read_to_string(file).expect("the snapshot is there");
    let snapshot: serde_json::Value = serde_json::from_str(&text).expect("the snapshot is whole");
    let meta = &snapshot["snapshot"]["meta"];
    let fields = meta["node_fields"].as_array().expect("node_fields").len();
    let types = meta["node_types"][0].as_array().expect("node_types");
    let object = types.iter().position(|name| name == "object").expect("type object") as u64;
    let strings = snapshot["strings"].as_array().expect("strings");
    let Some(name) = strings.iter().position(|string| string == class) else { return Vec::new() };
    let nodes: Vec<u64> = snapshot["nodes"]
        .as_array()
        .expect("nodes")
        .iter()
        .map(|value| value.as_u64().expect("nodes are numbers"))
        .collect();
    let named = |node: &&[u64]| node[0] == object && node[1] == name as u64;
    nodes.chunks(fields).filter(named).map(|node| node[2]).collect()
}

/// Remembers what a capture said, and does something when the first chunk has come.
pub(crate) struct Watch<F: Fn()> {
    said: Mutex<Vec<(Phase, u64, u64)>>,
    waits: Mutex<Vec<(String, Duration)>>,
    at_first_chunk: F,
}

impl<F: Fn()> Watch<F> {
    pub(crate) fn new(at_first_chunk: F) -> Self {
        Self { said: Mutex::default(), waits: Mutex::default(), at_first_chunk }
    }

    pub(crate) fn said(&self) -> Vec<(Phase, u64, u64)> {
        self.said.lock().expect("no test panics here").clone()
    }

    /// What it waited for, and how long at most.
    pub(crate) fn waits(&self) -> Vec<(String, Duration)> {
        self.waits.lock().expect("no test panics here").clone()
    }
}

impl<F: Fn() + Sync> CaptureMonitor for Watch<F> {
    fn advance(&self, phase: Phase, done: u64, total: u64) {
        let mut said = self.said.lock().expect("no test panics here");
        let is_first = phase == Phase::Writing && said.iter().all(|(before, ..)| *before != phase);
        said.push((phase, done, total));
        if is_first {
            (self.at_first_chunk)();
        }
    }

    fn waiting(&self, reason: &str, limit: Duration) {
        self.waits.lock().expect("no test panics here").push((reason.to_owned(), limit));
    }
}
