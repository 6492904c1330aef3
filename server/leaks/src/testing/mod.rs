//! Heaps for tests: [real ones](Ran) of a small program that runs under Node, looked at beside its source,
//! and [drawn ones](drawn), which take milliseconds.

pub(crate) mod drawn;
pub(crate) mod placed;

use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;

use heapmark_heap::sketch::Sketch;
use heapmark_heap::{Analysis, NodeOrdinal, NodeType, Snapshot, Unmonitored};
use heapmark_source::{AsItRan, Workspace};

use crate::census::Census;
use crate::evidence::{Evidence, Watch};
use crate::locate::Locator;
use crate::locate::sidecar::Scripts;
use crate::rules::leak::Leak;
use crate::v8::layouts::Shapes;
use crate::v8::module_exports::Modules;

/// What is said of a leak, as text.
pub(crate) struct Told {
    pub(crate) title: String,
    pub(crate) message: String,
    pub(crate) help: String,
}

/// What is said of a leak by itself.
pub(crate) fn told(leak: &Leak) -> Told {
    let words = leak.facts.words(leak);
    Told {
        title: words.title.to_string(),
        message: words.message.to_string(),
        help: words.help.to_string(),
    }
}

/// A program that ran, with its heap at the end.
pub(crate) struct Ran {
    folder: tempfile::TempDir,
    heap: Analysis,
}

impl Ran {
    /// Runs a module of CommonJS (`main.js`) with others beside it. What shall stay alive hangs on
    /// `globalThis`.
    pub(crate) fn modules(files: &[(&str, &str)]) -> Ran {
        let folder = tempfile::tempdir().expect("a temporary folder");
        for (name, text) in files {
            let file = folder.path().join(name);
            let parent = file.parent().expect("a file is in a folder");
            std::fs::create_dir_all(parent).expect("the folder is writable");
            std::fs::write(file, text).expect("the folder is writable");
        }
        let snapshot = folder.path().join("end.heapsnapshot");
        let script = "import(process.argv[1]).then(() => require('node:v8').writeHeapSnapshot(process.argv[2]))";
        let output = Command::new("node")
            .args(["-e", script])
            .args([folder.path().join(files[0].0), snapshot.clone()])
            .output()
            .expect("these tests need Node 20 or later as `node` on the PATH");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let snapshot = Snapshot::open(&snapshot, &Unmonitored).expect("a whole snapshot");
        let heap = Analysis::new(snapshot, &Unmonitored).expect("nobody cancels");
        Ran { folder, heap }
    }

    /// Runs a single file.
    pub(crate) fn file(text: &str) -> Ran {
        Ran::modules(&[("main.js", text)])
    }

    /// Deletes a file of the program, which ran.
    pub(crate) fn delete(&self, name: &str) {
        std::fs::remove_file(self.folder.path().join(name)).expect("the file is there");
    }

    /// Where a file of the program is.
    pub(crate) fn path(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(name)
    }

    /// Writes another text to a file of the program, which ran.
    pub(crate) fn edit(&self, name: &str, text: &str) {
        std::fs::write(self.folder.path().join(name), text).expect("the folder is writable");
    }

    /// The living closures of a name in the program, in the order of their ids.
    pub(crate) fn closures(&self, name: &str) -> Vec<NodeOrdinal> {
        let is_it = |&node: &NodeOrdinal| {
            self.heap.node_type(node) == NodeType::Closure && self.heap.name(node) == name
        };
        let mut closures: Vec<NodeOrdinal> = self.heap.nodes().filter(is_it).collect();
        closures.sort_by_key(|&node| self.heap.node_id(node).0);
        closures
    }

    /// Asks about the only snapshot.
    pub(crate) fn ask<T>(&self, question: impl FnOnce(&Evidence) -> T) -> T {
        let workspace = Workspace::new(vec![PathBuf::from(self.folder.path())]);
        ask(&self.heap, &[Census::of(&self.heap)], &workspace, question)
    }
}

/// Asks about drawn heaps of one process, oldest first.
pub(crate) fn ask_of_drawn<T>(series: &[&Sketch], question: impl FnOnce(&Evidence) -> T) -> T {
    let censuses: Vec<Census> = series.iter().map(|it| Census::of(&it.snapshot())).collect();
    let heap = series.last().expect("there is a heap to ask about").analysis();
    ask(&heap, &censuses, &Workspace::new(Vec::new()), question)
}

fn ask<T>(
    heap: &Analysis,
    censuses: &[Census],
    workspace: &Workspace,
    question: impl FnOnce(&Evidence) -> T,
) -> T {
    let shapes = Shapes::of(heap);
    let scripts = Scripts::default();
    let past = AsItRan::new(workspace);
    let locator = Locator::new(heap, &shapes, &past, &scripts);
    let modules = Modules::of(heap);
    question(&Evidence {
        heap,
        shapes: &shapes,
        censuses,
        one_process: true,
        seconds: 0,
        locator: &locator,
        modules: &modules,
        watch: &Watch::of(&Unmonitored),
        new: OnceLock::new(),
    })
}
