//! Drawn programs for tests of rules: a module's source beside heaps that are drawn, several of one process,
//! without Node and in milliseconds.
//!
//! ```ignore
//! let source = "const jobs = [];\nfunction add(job) { jobs.push(job); }\n";
//! let said = said(source, [100, 200, 300].map(|count| array("jobs", "Job", count)));
//! ```
//!
//! What is drawn hangs on the module's scope by the names of its variables, or on the root; see
//! [`heapmark_heap::sketch`] for how, and [`pieces`] for what is drawn often. Beyond that:
//!
//! ```text
//! tick: closure onTick 64 at onTick      where the source has that function or class
//! name: string "$FILE"                   the path of the module
//! ```
//!
//! Ids need not be drawn: a node has the same one in each heap in which its label is drawn, and what is
//! drawn first in a later heap is younger.

mod pieces;

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use heapmark_heap::sketch::Sketch;
use heapmark_source::Workspace;

use crate::census::Census;
use crate::report::{Finding, NextMeasurement};
use crate::testing::ask;
use crate::triage::detect;
use crate::words;

pub(crate) use pieces::*;

/// The number of the module's script.
const SCRIPT: u32 = 7;

/// Every finding in a series of what hangs on the scope of a module of CommonJS, oldest first:
/// `warning growing-collection main.js:1 TITLE`. The module has at least one function: V8 knows a scope by
/// those that see it.
pub(crate) fn said(source: &str, heaps: impl Into<Vec<String>>) -> Vec<String> {
    Drawn { source, heaps: heaps.into() }.findings()
}

/// The same with all that is said of each instead of the titles.
pub(crate) fn messages(source: &str, heaps: impl Into<Vec<String>>) -> Vec<String> {
    let found = Drawn { source, heaps: heaps.into() }.found();
    found.iter().map(|finding| finding.message.to_string()).collect()
}

/// What to measure next for each of them.
pub(crate) fn next(source: &str, heaps: impl Into<Vec<String>>) -> Vec<Option<NextMeasurement>> {
    Drawn { source, heaps: heaps.into() }.found().iter().map(|finding| finding.next).collect()
}

/// The snapshots of such a series as files in the folder of the module, which is written as well.
pub(crate) fn written(folder: &Path, source: &str, heaps: impl Into<Vec<String>>) -> Vec<PathBuf> {
    let sketches = Drawn { source, heaps: heaps.into() }.sketches(folder);
    let write = |(number, sketch): (usize, Sketch)| {
        let file = folder.join(format!("{number}.heapsnapshot"));
        std::fs::write(&file, sketch.file()).expect("the folder is writable");
        file
    };
    sketches.into_iter().enumerate().map(write).collect()
}

/// A module, and what hangs on its scope in each snapshot.
struct Drawn<'a> {
    source: &'a str,
    heaps: Vec<String>,
}

impl Drawn<'_> {
    fn findings(&self) -> Vec<String> {
        let say = |finding: Finding| {
            let place = finding.primary().map_or_else(
                || "nowhere".to_owned(),
                |place| format!("main.js:{}", place.range.start.line + 1),
            );
            let (severity, rule) = (finding.severity.name(), finding.rule.name());
            format!("{severity} {rule} {place} {}", finding.title)
        };
        self.found().into_iter().map(say).collect()
    }

    fn found(&self) -> Vec<Finding> {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let folder_path = folder.path().canonicalize().expect("it is there");
        let sketches = self.sketches(&folder_path);
        let censuses: Vec<Census> = sketches.iter().map(|it| Census::of(&it.snapshot())).collect();
        let heap = sketches.last().expect("there is a heap to ask about").analysis();
        let workspace = Workspace::new(vec![folder_path]);
        ask(&heap, &censuses, &workspace, |e| {
            let leaks = detect(e, || ()).expect("nobody cancels").0;
            leaks.into_iter().map(words::finding).collect()
        })
    }

    /// The heaps, with the module in a file of this folder.
    fn sketches(&self, folder: &Path) -> Vec<Sketch> {
        let file = folder.join("main.js");
        std::fs::write(&file, self.source).expect("the folder is writable");
        let file = file.to_string_lossy().into_owned();
        let mut ids: HashMap<String, u32> = HashMap::new();
        let draw = |heap: &String| {
            let mut sketch = Sketch::parse(&self.drawing(heap, &file));
            // V8 writes the beginning of the text; this one is short.
            sketch.rename("module_source", self.source);
            sketch.number(|label| {
                let next = 2 * ids.len() as u32 + 1;
                *ids.entry(label.to_owned()).or_insert(next)
            });
            sketch
        };
        self.heaps.iter().map(draw).collect()
    }

    /// The module itself, then what hangs on it.
    fn drawing(&self, heap: &str, file: &str) -> String {
        let name = self.first_function();
        let module = format!(
            "root --element 1--> module_function
             module_function: closure {name} 64 at {name}
             module_function --internal context--> scope
             scope: object \"system / Context\" 64
             module_function --internal shared--> module_shared
             module_shared: code \"(shared function info)\" 64
             module_shared --internal script--> module_script
             module_script: code \"$FILE\" 64
             module_script --internal source--> module_source
             module_source: string 64
             "
        );
        let lines = module.lines().chain(heap.lines());
        lines.map(|line| self.placed(line).replace("$FILE", file) + "\n").collect()
    }

    /// A line whose place is told by a name, with the place as V8 says it.
    fn placed(&self, line: &str) -> String {
        match line.rsplit_once(" at ") {
            Some((node, name)) if !name.contains(':') => {
                let (line, column) = self.place_of(name.trim());
                format!("{node} at {SCRIPT}:{line}:{column}")
            }
            _ => line.to_owned(),
        }
    }

    fn first_function(&self) -> &str {
        let (_, rest) = self.source.split_once("function ").expect("the source has a function");
        rest.split('(').next().expect("it has parameters")
    }

    /// Where V8 says that a function begins: at its parameters; a class without a constructor: at its
    /// keyword. Line and column from 0.
    fn place_of(&self, name: &str) -> (usize, usize) {
        let (function, class) = (format!("function {name}("), format!("class {name} "));
        let of_function = self.source.find(&function).map(|at| at + function.len() - 1);
        let at = of_function.or_else(|| self.source.find(&class));
        let before = &self.source[..at.unwrap_or_else(|| panic!("the source has no {name}"))];
        let line_start = before.rfind('\n').map_or(0, |end| end + 1);
        (before.matches('\n').count(), before.len() - line_start)
    }
}
