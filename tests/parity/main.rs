//! Heapmark's numbers against those of Chrome DevTools' own engine: every node and every class, in
//! every column, without one difference. README.md in this folder tells what is compared.

mod compare;
mod devtools;
mod graph_file;
mod graphs;
mod random;

use std::fs;
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;

use anyhow::{Context, Result};
use heapmark_tests::{heapmark, heapmark_binary, output_of, tests_folder};

use devtools::DevTools;

/// How many random graphs are compared, unless `HEAPMARK_PARITY_GRAPHS` says otherwise.
const GRAPHS: u64 = 2000;

#[test]
fn every_committed_sample() {
    let samples = tests_folder().join("parity/samples");
    let entries = fs::read_dir(&samples).expect("there are samples");
    let mut files: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "gz"));
    files.sort();
    assert!(files.len() >= 5, "samples are missing: {files:?}");
    assert_equal(&files);
}

#[test]
fn a_snapshot_of_the_node_at_hand() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("varied.heapsnapshot");
    let program = tests_folder().join("parity/varied.cjs");
    output_of(Command::new("node").arg(program).arg(&file)).expect("node writes a snapshot");
    assert_equal(&[file]);
}

#[test]
fn random_graphs() {
    let number = |name: &str| {
        let text = std::env::var(name).ok()?;
        Some(text.parse().unwrap_or_else(|_| panic!("{name} is not a number: {text}")))
    };
    let seeds = match number("HEAPMARK_PARITY_SEED") {
        Some(seed) => seed..seed + 1,
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

/// Compares both tables of every file, and fails with all that differ.
fn assert_equal(files: &[PathBuf]) {
    heapmark_binary();
    let tables = tempfile::tempdir().expect("a temporary folder");
    let devtools = DevTools::ready().write_tables(files, tables.path());
    devtools.unwrap_or_else(|error| panic!("{error:#}"));

    let threads = thread::available_parallelism().map_or(1, NonZero::get);
    let differences: Vec<String> = thread::scope(|scope| {
        let shares = files.chunks(files.len().div_ceil(threads));
        let workers: Vec<_> = shares
            .map(|share| {
                scope.spawn(|| {
                    share
                        .iter()
                        .flat_map(|file| compare_file(file, tables.path()))
                        .collect::<Vec<_>>()
                })
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

/// What differs in the tables of one file, with its name.
fn compare_file(file: &Path, tables: &Path) -> Vec<String> {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let name = name.trim_end_matches(".gz").trim_end_matches(".heapsnapshot");
    let compare = |table: &str| -> Result<Option<String>> {
        let expected = tables.join(format!("{name}.{table}.tsv"));
        let devtools = fs::read_to_string(&expected)
            .with_context(|| format!("DevTools wrote no {}", expected.display()))?;
        let mut export = heapmark();
        export.arg("export").arg(file).args(["--table", table, "--format", "tsv"]);
        Ok(compare::difference(&output_of(&mut export)?, &devtools))
    };
    let differences = ["nodes", "classes"].into_iter().filter_map(|table| {
        let told = compare(table).unwrap_or_else(|error| Some(format!("{error:#}")))?;
        Some(format!("{}, {table}: {told}", file.display()))
    });
    differences.collect()
}
