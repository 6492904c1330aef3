//! What finding leaks takes beside reading the snapshots, for `cargo xtask bench --parts pair`:
//!
//! ```text
//! detection WORKSPACE OLDER.heapsnapshot NEWER.heapsnapshot
//! ```
//!
//! Reads both files and computes the newer one's sizes, as every analysis must; then analyses them from
//! the start. The difference is what the detection adds. Prints both in seconds on the clock, and of
//! work.
#![allow(clippy::print_stdout, reason = "a program for measuring")]
#![allow(clippy::unwrap_used, reason = "what cannot be measured fails the benchmark")]

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use heapmark_heap::{Limits, OpenedSnapshot, Unmonitored};
use heapmark_leaks::analyze;
use heapmark_source::Workspace;

/// What is measured is what people run: `heapmark` has the same.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// How often each is measured.
const ROUNDS: usize = 4;

fn main() {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let workspace = arguments.next().expect("a workspace");
    let files: Vec<PathBuf> = arguments.collect();
    let newest = files.last().expect("at least one snapshot");

    // In turns, the best of each: what else the machine does slows both.
    let (mut best, mut work) = ([Duration::MAX; 2], [f64::MAX; 2]);
    for _ in 0..ROUNDS {
        let steps: [&dyn Fn() -> Duration; 2] =
            [&|| loading(&files, newest), &|| whole(&workspace, &files)];
        for (index, step) in steps.into_iter().enumerate() {
            let before = processor_seconds();
            best[index] = best[index].min(step());
            work[index] = work[index].min(processor_seconds() - before);
        }
    }
    let detection = best[1].saturating_sub(best[0]).as_secs_f64();
    let (loading, detection_work) = (best[0].as_secs_f64(), work[1] - work[0]);
    println!("{loading:.2} s loading, {detection:.2} s detection");
    println!("{:.2} and {detection_work:.2} s of all cores together", work[0]);
}

/// What all threads of this process have worked so far, where there is a file that tells; else 0. A
/// busy machine changes it less than the time on the clock.
fn processor_seconds() -> f64 {
    let facts = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = facts.rsplit(')').next().unwrap_or_default().split_whitespace();
    // `utime` and `stime`, in hundredths of a second on every Linux that Rust runs on.
    fields.skip(11).take(2).filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() / 100.0
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
