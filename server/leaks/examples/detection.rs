//! What finding leaks takes beside reading the snapshots, for `cargo xtask bench --parts pair`:
//!
//! ```text
//! detection WORKSPACE OLDER.heapsnapshot NEWER.heapsnapshot
//! ```
//!
//! Reads both files and computes the newer one's sizes, as every analysis must; then analyses them from
//! the start. The difference is what the detection adds. Prints both in seconds.
#![allow(clippy::print_stdout, reason = "a program for measuring")]
#![allow(clippy::unwrap_used, reason = "what cannot be measured fails the benchmark")]

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use heapmark_heap::{Limits, OpenedSnapshot, Unmonitored};
use heapmark_leaks::analyze;
use heapmark_source::Workspace;

/// How often each is measured.
const ROUNDS: usize = 4;

fn main() {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let workspace = arguments.next().expect("a workspace");
    let files: Vec<PathBuf> = arguments.collect();
    let newest = files.last().expect("at least one snapshot");

    // In turns, the best of each: what else the machine does slows both.
    let mut best = (Duration::MAX, Duration::MAX);
    for _ in 0..ROUNDS {
        best.0 = best.0.min(loading(&files, newest));
        best.1 = best.1.min(whole(&workspace, &files));
    }
    let (loading, whole) = best;
    let detection = whole.saturating_sub(loading).as_secs_f64();
    println!("{:.2} s loading, {detection:.2} s detection", loading.as_secs_f64());
}

fn loading(files: &[PathBuf], newest: &Path) -> Duration {
    let started = Instant::now();
    for file in files {
        let snapshot = OpenedSnapshot::open(file, Limits::available(), None, &Unmonitored).unwrap();
        if file == newest {
            snapshot.analyze(&Unmonitored).unwrap();
        }
    }
    started.elapsed()
}

fn whole(workspace: &Path, files: &[PathBuf]) -> Duration {
    let workspace = Workspace::new(vec![workspace.to_owned()]);
    let started = Instant::now();
    let report = analyze(files, &workspace, None, &Unmonitored).unwrap();
    assert_eq!(report.snapshots.len(), files.len(), "all are of one process");
    assert!(!report.findings.is_empty(), "the service leaks");
    started.elapsed()
}
