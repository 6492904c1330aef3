//! Heapmark's numbers against those of Chrome DevTools' own engine: every node and every class, in
//! every column, without one difference. README.md in this folder tells what is compared.

mod compare;
mod devtools;
mod graph_file;
mod graphs;
mod tables;

use std::collections::BTreeSet;
use std::fs;
use std::num::NonZero;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;

use anyhow::{Context, Result};
use heapmark_heap::{
    Analysis, EdgeType, NodeOrdinal, NodeType, Snapshot, Unmonitored, is_snapshot_file,
};
use heapmark_tests::{heapmark, heapmark_binary, output_of, tests_folder};

use devtools::DevTools;

/// How many random graphs are compared, unless `HEAPMARK_PARITY_GRAPHS` says otherwise.
const GRAPHS: u64 = 2000;

#[test]
fn every_committed_sample() {
    let samples = std::env::var_os("HEAPMARK_PARITY_SAMPLES")
        .map_or_else(|| tests_folder().join("parity/samples"), PathBuf::from);
    let mut files = Vec::new();
    let mut folders = vec![samples];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("there are samples") {
            let path = entry.expect("the folder can be read").path();
            if path.is_dir() {
                folders.push(path);
            } else if is_snapshot_file(&path) {
                files.push(path);
            }
        }
    }
    files.sort();
    assert!(files.len() >= 2, "samples are missing: {files:?}");
    assert_equal(&files);
}

/// No table of DevTools' tells the names of variables in blocks; `varied.cjs` has twenty such blocks.
#[test]
fn variables_of_blocks_have_names_in_every_version_of_node() {
    for version in ["node14", "node20", "node24", "node26"] {
        let file = format!("parity/samples/{version}.heapsnapshot.gz");
        let heap = analysis(&tests_folder().join(file));
        let closures = heap.nodes().filter(|&node| heap.node_type(node) == NodeType::Closure);
        let scopes = closures.filter_map(|closure| heap.scopes(closure).into_iter().next());
        let inner = scopes.filter(|scope| {
            let names = scope.variables.iter().filter_map(|variable| variable.name);
            names.map(|name| heap.string(name)).eq(["inner"])
        });
        // Two closures share each of the blocks.
        let blocks: BTreeSet<_> = inner.map(|scope| scope.context).collect();
        assert_eq!(blocks.len(), 20, "{version}");
    }
}

#[test]
fn two_snapshots_of_the_node_at_hand() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let files =
        ["varied", "later"].map(|name| folder.path().join(name).with_extension("heapsnapshot"));
    let program = tests_folder().join("parity/varied.cjs");
    output_of(Command::new("node").arg(program).args(&files)).expect("node writes two snapshots");
    assert_equal(&files);
}

/// The two switches of V8's that change what is in a file.
#[test]
fn snapshots_with_internals_and_with_numbers() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let program = tests_folder().join("parity/varied.cjs");
    for (option, files) in [
        ("exposeInternals", ["internals", "internals-later"]),
        ("exposeNumericValues", ["numbers", "numbers-later"]),
    ] {
        let files = files.map(|name| folder.path().join(name).with_extension("heapsnapshot"));
        let options = format!("{{\"{option}\":true}}");
        let mut node = Command::new("node");
        output_of(node.arg(&program).args(&files).arg(options)).expect("node writes two snapshots");
        let heap = analysis(&files[0]);
        let is_number = |&node: &NodeOrdinal| heap.node_type(node) == NodeType::Number;
        let has_value = |node| heap.child(node, EdgeType::Internal, "value").is_some();
        // The switch was understood.
        let has_roots = heap.distance(NodeOrdinal::ROOT) != 0;
        let has_values = heap.nodes().filter(is_number).any(has_value);
        assert!(if option == "exposeInternals" { !has_roots } else { has_values }, "{option}");
        assert_equal(&files);
    }
}

/// Timelines with the stacks of allocations, recorded from outside and by the program itself.
#[test]
fn recordings_of_the_node_at_hand() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let program = tests_folder().join("parity/recorded.cjs");
    let files = ["recorded", "alone"].map(|name| folder.path().join(name));
    let files = files.map(|file| file.with_extension("heaptimeline"));
    let mut node = Command::new("node");
    output_of(node.arg(&program).arg(&files[0])).expect("node writes a timeline");
    let mut node = Command::new("node");
    output_of(node.arg(&program).arg(&files[1]).arg("--alone")).expect("node writes a timeline");
    let [right, wrong] = files.each_ref().map(|file| counted_functions(file));
    assert_eq!(right[0], right[1], "the worker's count is right");
    assert!(wrong[0] < wrong[1], "the header must count too few functions: {wrong:?}");
    for file in &files {
        let heap = analysis(file);
        assert!(heap.samples().len() > 2, "there are intervals");
        assert!(heap.nodes().any(|node| heap.allocation_stack(node).len() > 50), "deep stacks");
    }
    assert_equal(&files);
}

/// How many functions the header counts, and how many there are.
fn counted_functions(timeline: &Path) -> [u64; 2] {
    let text = fs::read(timeline).expect("it has been written");
    let file: serde_json::Value = serde_json::from_slice(&text).expect("it is JSON");
    let list = |pointer| file.pointer(pointer).and_then(serde_json::Value::as_array);
    let length = |pointer| list(pointer).expect("a list").len() as u64;
    let counted = file["snapshot"]["trace_function_count"].as_u64().expect("a number");
    let fields = length("/snapshot/meta/trace_function_info_fields");
    [counted, length("/trace_function_infos") / fields]
}

#[test]
fn random_graphs() {
    let number = |name: &str| -> Option<u64> {
        let text = std::env::var(name).ok()?;
        Some(text.parse().unwrap_or_else(|_| panic!("{name} is not a number: {text}")))
    };
    let seeds = match number("HEAPMARK_PARITY_SEED") {
        // The one before too: each is compared with it.
        Some(seed) => seed.saturating_sub(1)..seed + 1,
        None => 0..number("HEAPMARK_PARITY_GRAPHS").unwrap_or(GRAPHS),
    };
    let folder = tempfile::Builder::new().prefix("heapmark-graphs-").tempdir();
    let folder = folder.expect("a temporary folder").keep(); // removed below, unless something differs
    let write = |seed| {
        let file = folder.join(format!("seed-{seed}.heapsnapshot"));
        fs::write(&file, graphs::random(seed)).expect("the graph can be written");
        file
    };
    let files: Vec<PathBuf> = seeds.map(write).collect();
    assert_equal(&files);
    fs::remove_dir_all(&folder).expect("the graphs can be removed");
}

/// Compares all tables of every file, and fails with all that differ. The Comparison view is that of
/// each file against the one before.
fn assert_equal(files: &[PathBuf]) {
    let names: BTreeSet<_> = files.iter().filter_map(|file| file.file_name()).collect();
    assert_eq!(names.len(), files.len(), "of one name, one file would hide another: {files:?}");
    heapmark_binary();
    let tables = tempfile::tempdir().expect("a temporary folder");
    let devtools = DevTools::ready().write_tables(files, tables.path());
    devtools.unwrap_or_else(|error| panic!("{error:#}"));

    let threads = thread::available_parallelism().map_or(1, NonZero::get);
    let share = files.len().div_ceil(threads);
    let differences: Vec<String> = thread::scope(|scope| {
        let workers: Vec<_> = (0..files.len())
            .step_by(share)
            .map(|start| {
                let end = files.len().min(start + share);
                let tables = tables.path();
                scope.spawn(move || compare_files(files, start..end, tables))
            })
            .collect();
        workers.into_iter().flat_map(|worker| worker.join().expect("a comparison ends")).collect()
    });
    assert!(
        differences.is_empty(),
        "{} tables of {} files are not what DevTools computes:\n\n{}",
        differences.len(),
        files.len(),
        differences[..differences.len().min(10)].join("\n")
    );
}

/// What differs in the tables of some of the files, with their names.
fn compare_files(files: &[PathBuf], share: Range<usize>, tables: &Path) -> Vec<String> {
    let mut differences = Vec::new();
    let mut before = share.start.checked_sub(1).map(|before| analysis(&files[before]));
    for file in &files[share] {
        let heap = analysis(file);
        let mut compare = |table: &str, ours: Result<String>| {
            let theirs = devtools_table(file, table, tables);
            let told = match (ours, theirs) {
                (Ok(ours), Ok(theirs)) if ROWS_IN_ANY_ORDER.contains(&table) => {
                    compare::difference(&sorted(&ours), &sorted(&theirs))
                }
                (Ok(ours), Ok(theirs)) => compare::difference(&ours, &theirs),
                (Err(error), _) | (_, Err(error)) => Some(format!("{error:#}")),
            };
            differences.extend(told.map(|told| format!("{}, {table}: {told}", file.display())));
        };
        for table in ["nodes", "classes"] {
            let mut export = heapmark();
            export.arg("export").arg(file).args(["--table", table, "--format", "tsv"]);
            compare(table, output_of(&mut export));
        }
        for (table, ours) in tables::NAMES.into_iter().zip(tables::of(&heap)) {
            compare(table, Ok(ours));
        }
        if let Some(before) = &before {
            compare("changes", Ok(tables::changes(&heap, before)));
        }
        before = Some(heap);
    }
    differences
}

/// Tables of which DevTools itself sorts the rows only when it shows them.
const ROWS_IN_ANY_ORDER: [&str; 3] = ["filtered", "strings", "changes"];

fn sorted(table: &str) -> String {
    let (columns, rows) = table.split_once('\n').unwrap_or((table, ""));
    let mut rows: Vec<&str> = rows.lines().collect();
    rows.sort_unstable();
    format!("{columns}\n{}", rows.join("\n"))
}

fn analysis(file: &Path) -> Analysis {
    let snapshot = Snapshot::open(file, &Unmonitored).expect("DevTools could load it too");
    Analysis::new(snapshot, &Unmonitored).expect("nobody cancels")
}

fn devtools_table(file: &Path, table: &str, tables: &Path) -> Result<String> {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let name = name.trim_end_matches(".gz");
    let path = tables.join(format!("{name}.{table}.tsv"));
    fs::read_to_string(&path).with_context(|| format!("DevTools wrote no {}", path.display()))
}
