//! What the real `heapmark capture` writes down of a program that tsc has built.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use heapmark_tests::{Program, Running, Workspace, heapmark, output_of, tests_folder};
use serde::Deserialize;

use crate::{Slot, tools};

#[derive(Deserialize)]
struct Sidecar {
    scripts: Vec<Script>,
    #[serde(default)]
    files: Vec<RecordedFile>,
}

#[derive(Deserialize)]
struct Script {
    url: String,
    source: Option<String>,
}

#[derive(Deserialize)]
struct RecordedFile {
    path: PathBuf,
    text: String,
}

/// The program of these tests, built by tsc without its sources in the maps, and running.
struct Built {
    workspace: Workspace,
    running: Running,
    _slot: Slot,
}

impl Built {
    fn start() -> Self {
        let tools = tools();
        let slot = Slot::take();
        let mut program = Program::at(&tests_folder().join("maps/program")).expect("a program");
        let workspace = program.copy().expect("the program can be copied");
        let script = tools.parent().expect("a folder").join("build.mjs");
        output_of(Command::new("node").arg(script).arg(workspace.path()).arg("tsc"))
            .unwrap_or_else(|error| panic!("{error:#}"));
        "dist/main.js".clone_into(&mut program.entry);
        let running = Running::start(&program, workspace.path()).expect("it can be started");
        Self { workspace, running, _slot: slot }
    }

    fn path(&self) -> PathBuf {
        self.workspace.path().canonicalize().expect("it exists")
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path().join(name)).expect("it is there")
    }

    /// What stands beside a snapshot that is taken now.
    fn capture(&self, folder: &Path, arguments: &[&str]) -> Sidecar {
        let name = format!("taken-{}", arguments.len());
        let mut capture = heapmark();
        capture.args(["capture", self.running.inspector(), "--name", &name]).args(arguments);
        output_of(capture.current_dir(folder)).unwrap_or_else(|error| panic!("{error:#}"));
        let file = folder.join(".heapmark").join(format!("{name}.scripts.json"));
        let json = fs::read_to_string(file).expect("it stands beside its snapshot");
        serde_json::from_str(&json).expect("it follows its schema")
    }

    /// The recorded files by their names below the workspace.
    fn files(&self, sidecar: Sidecar) -> BTreeMap<String, String> {
        let name = |path: &Path| {
            let below = path.strip_prefix(self.path()).expect("nothing else is read");
            below.to_string_lossy().into_owned()
        };
        sidecar.files.into_iter().map(|file| (name(&file.path), file.text)).collect()
    }
}

const FILES: [&str; 12] = [
    "dist/callbacks.js.map",
    "dist/main.js.map",
    "dist/pages.js.map",
    "dist/prices.js.map",
    "dist/sessions.js.map",
    "dist/uploads.js.map",
    "src/callbacks.ts",
    "src/main.ts",
    "src/pages.ts",
    "src/prices.ts",
    "src/sessions.ts",
    "src/uploads.ts",
];

#[test]
fn the_program_as_it_runs_its_maps_and_its_sources() {
    let built = Built::start();
    let ran = built.read("dist/pages.js");
    let sidecar = built.capture(&built.path(), &[]);
    let is_pages = |script: &&Script| script.url.ends_with("dist/pages.js");
    let pages = sidecar.scripts.iter().find(is_pages).expect("it runs");
    assert_eq!(pages.source.as_ref(), Some(&ran));
    let files = built.files(sidecar);
    assert_eq!(files.keys().collect::<Vec<_>>(), FILES);
    for (name, text) in files {
        assert_eq!(text, built.read(&name), "{name}");
    }
}

#[test]
fn edited_since_it_runs() {
    let built = Built::start();
    let ran = built.read("dist/pages.js");
    // Another build of one file, and an edit of another.
    fs::write(built.path().join("dist/pages.js"), "// built anew\n").expect("a writable file");
    let source = built.read("src/uploads.ts");
    fs::write(built.path().join("src/uploads.ts"), format!("//\n{source}"))
        .expect("a writable file");
    let sidecar = built.capture(&built.path(), &[]);
    let is_pages = |script: &&Script| script.url.ends_with("dist/pages.js");
    let pages = sidecar.scripts.iter().find(is_pages).expect("it runs");
    assert_eq!(pages.source.as_ref(), Some(&ran), "what runs is known");
    let files = built.files(sidecar);
    let left_out = ["dist/pages.js.map", "src/pages.ts", "src/uploads.ts"];
    let expected: Vec<_> = FILES.into_iter().filter(|name| !left_out.contains(name)).collect();
    assert_eq!(files.keys().collect::<Vec<_>>(), expected, "what it was made from is not");
}

#[test]
fn nothing_is_read_outside_of_the_workspace() {
    let built = Built::start();
    let elsewhere = tempfile::tempdir().expect("a folder");
    let sidecar = built.capture(elsewhere.path(), &[]);
    assert!(sidecar.files.is_empty(), "the current folder is another");
    let dist = built.path().join("dist");
    let dist = dist.to_str().expect("text");
    let files = built.files(built.capture(elsewhere.path(), &["--workspace", dist]));
    assert_eq!(files.keys().collect::<Vec<_>>(), FILES[..6], "the sources lie beside it");
}
