//! Drawn programs for tests of rules: a module's source beside heaps that are drawn, several of one process,
//! without Node and in milliseconds.
//!
//! ```ignore
//! let program = Drawn::module("const jobs = [];\nfunction add(job) { jobs.push(job); }\n");
//! let found = program.series([100, 200, 300].map(|count| array("jobs", "Job", count))).leaks();
//! ```
//!
//! What is drawn hangs on the module's scope by the names of its variables; see
//! [`heapmark_heap::sketch`] for how. A node has the same id in each heap in which its label is drawn.

use std::fmt::Write as _;
use std::path::PathBuf;

use heapmark_heap::sketch::Sketch;
use heapmark_source::Workspace;

use crate::census::Census;
use crate::report::Finding;
use crate::testing::ask;
use crate::triage::detect;
use crate::words;

/// The number of the module's script.
const SCRIPT: u32 = 7;
/// Ids of what is in every heap begin here; others follow in the order of their labels.
const FIRST_ID: u32 = 1_001;

/// A module, and what hangs on its scope in each snapshot.
pub(crate) struct Drawn {
    source: String,
    heaps: Vec<String>,
}

impl Drawn {
    /// A module of CommonJS. It has at least one function: V8 knows a scope by those that see it.
    pub(crate) fn module(source: &str) -> Self {
        Self { source: source.to_owned(), heaps: Vec::new() }
    }

    /// With what hangs on its scope, oldest first.
    pub(crate) fn series<const N: usize>(self, heaps: [String; N]) -> Self {
        Self { heaps: heaps.to_vec(), ..self }
    }

    /// Every finding, as a person would read it: `warning growing-collection main.js:1 TITLE`.
    pub(crate) fn findings(&self) -> Vec<String> {
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

    /// Every finding.
    pub(crate) fn found(&self) -> Vec<Finding> {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let folder_path = folder.path().canonicalize().expect("it is there");
        let file = folder_path.join("main.js");
        std::fs::write(&file, &self.source).expect("the folder is writable");
        let file = file.to_string_lossy().into_owned();
        let draw = |heap: &String| {
            let mut sketch = Sketch::parse(&self.drawing(heap, &file));
            // V8 writes the beginning of the text; this one is short.
            sketch.rename("source", &self.source);
            sketch
        };
        let sketches: Vec<Sketch> = self.heaps.iter().map(draw).collect();
        let censuses: Vec<Census> = sketches.iter().map(|it| Census::of(&it.snapshot())).collect();
        let heap = sketches.last().expect("there is a heap to ask about").analysis();
        let workspace = Workspace::new(vec![PathBuf::from(&folder_path)]);
        ask(&heap, &censuses, &workspace, |e| detect(e).into_iter().map(words::finding).collect())
    }

    /// The module itself, then what hangs on it.
    fn drawing(&self, heap: &str, file: &str) -> String {
        let (name, line, column) = self.first_function();
        let mut drawing = format!(
            "root --element 1--> seen
             seen: closure {name} 64 @{FIRST_ID} at {SCRIPT}:{line}:{column}
             seen --internal shared--> shared
             shared: code \"(shared function info)\" 64 @{}
             shared --internal script--> script
             script: code \"{file}\" 64 @{}
             script --internal source--> source
             source: string 64 @{}
             seen --internal context--> scope
             scope: object \"system / Context\" 64 @{}
             ",
            FIRST_ID + 2,
            FIRST_ID + 4,
            FIRST_ID + 6,
            FIRST_ID + 8,
        );
        drawing.push_str(heap);
        drawing
    }

    /// The name of the first function of the source, and where V8 says that it begins: at its parameters.
    fn first_function(&self) -> (&str, usize, usize) {
        let keyword = "function ";
        let name = self.source.find(keyword).expect("the source has a function") + keyword.len();
        let at = name + self.source[name..].find('(').expect("it has parameters");
        let before = &self.source[..at];
        let line_start = before.rfind('\n').map_or(0, |end| end + 1);
        (&self.source[name..at], before.matches('\n').count(), at - line_start)
    }
}

/// An array in a variable, with so many instances of a class that its source does not have. Ids: the
/// array's is 2,001, those of the members follow, so that older ones have smaller ids.
pub(crate) fn array(variable: &str, class: &str, count: usize) -> String {
    members(variable, class, 0..count)
}

/// The same with members of these numbers, each with an id of its own.
pub(crate) fn members(
    variable: &str,
    class: &str,
    numbers: impl IntoIterator<Item = usize>,
) -> String {
    let mut drawing = format!(
        "scope --context {variable}--> {variable}
         {variable}: object Array 16 @2001
         {variable} --internal elements--> {variable}_store
         {variable}_store: array \"(object elements)\" 1600 @2003
         "
    );
    for (index, number) in numbers.into_iter().enumerate() {
        let id = 3_001 + 2 * number;
        // Writing to a text cannot fail.
        let _ = write!(
            drawing,
            "{variable} --element {index}--> {variable}_{number}
             {variable}_store --internal {index}--> {variable}_{number}
             {variable}_{number}: object {class} 400 @{id}
             "
        );
    }
    drawing
}
