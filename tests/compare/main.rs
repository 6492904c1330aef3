//! `cargo xtask compare REVISION`: what another revision says of the same snapshots, byte by byte.
//!
//! For changes that must not change what people read: every labelled program, in every way of
//! capture, is given to both revisions; their JSON, their text, and what an editor would show must be
//! identical, or the difference is printed. Snapshots are made once and kept. It judges nothing.
#![allow(clippy::print_stdout, reason = "printing is what a command line is for")]

mod answers;
mod difference;
mod editor;
mod revision;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::Result;
use clap::Parser;
use heapmark_tests::cases::{self, Subject};

use answers::{Asked, Usage};

/// How many analyses run side by side.
const LANES: usize = 2;

#[derive(Parser)]
struct Arguments {
    /// The revision to compare with, as git names them: HEAD, main, 1a2b3c4
    revision: String,

    /// Only the programs whose name contains one of these: programs/, corpus/emotion
    only: Vec<String>,

    /// The folder with further programs (corpus, healthy, repro), if it is not beside the repository
    #[arg(long, value_name = "DIR", env = "HEAPMARK_CASES")]
    cases: Option<PathBuf>,

    /// Where snapshots and answers are kept
    #[arg(long, value_name = "DIR", default_value = "target/cases")]
    store: PathBuf,

    /// Only take the snapshots that are not there yet
    #[arg(long)]
    record: bool,
}

fn main() -> Result<ExitCode> {
    let arguments = Arguments::parse();
    let repository = heapmark_tests::tests_folder().parent().expect("tests is a folder of it");
    let beside = arguments.cases.unwrap_or_else(|| repository.join("../shared"));
    let store = repository.join(&arguments.store);
    let wanted = |subject: &Subject| {
        let only = &arguments.only;
        only.is_empty() || only.iter().any(|part| subject.name.contains(part))
    };
    let mut subjects = cases::subjects(&beside)?;
    if !beside.join("corpus").exists() {
        println!("no further programs in {}: only those of the repository", beside.display());
    }
    subjects.retain(wanted);
    if arguments.record {
        return Ok(record(&subjects, &store));
    }
    let then = revision::build(repository, &arguments.revision, &store)?;
    let now = heapmark_tests::build(repository, &["--release"])?;
    let work = Work {
        store: &store,
        then: Asked::remembered(&then, &store),
        now: Asked::afresh(&now),
        next: AtomicUsize::new(0),
        sum: Mutex::default(),
    };
    std::thread::scope(|scope| {
        for _ in 0..LANES {
            scope.spawn(|| work.go_on(&subjects));
        }
    });
    let sum = work.sum.into_inner().expect("no lane panics while it holds the sum");
    println!("{sum}");
    Ok(if sum.different + sum.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Takes the snapshots that are not there yet. What cannot be captured is said, and the next is tried.
fn record(subjects: &[Subject], store: &Path) -> ExitCode {
    let mut failed = 0;
    for subject in subjects {
        match subject.case(store) {
            Ok(case) => println!("{}: {} series", case.name, case.series.len()),
            Err(error) => {
                failed += 1;
                println!("{}: {error:#}", subject.name);
            }
        }
    }
    println!("{failed} of {} programs could not be captured", subjects.len());
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// What the lanes share.
struct Work<'w> {
    store: &'w Path,
    then: Asked<'w>,
    now: Asked<'w>,
    /// The subject that the next free lane takes.
    next: AtomicUsize,
    sum: Mutex<Sum>,
}

/// What came of all comparisons.
#[derive(Default)]
struct Sum {
    same: usize,
    different: usize,
    failed: usize,
    then: Usage,
    now: Usage,
}

impl std::fmt::Display for Sum {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Sum { same, different, failed, then, now } = self;
        writeln!(f, "{same} series the same, {different} different, {failed} programs failed")?;
        write!(f, "processor time of the analyses: {then} then, {now} now")
    }
}

impl Work<'_> {
    fn go_on(&self, subjects: &[Subject]) {
        while let Some(subject) = subjects.get(self.next.fetch_add(1, Ordering::Relaxed)) {
            let compared = self.compare(subject);
            let mut sum = self.sum.lock().expect("no lane panics while it holds the sum");
            match compared {
                Err(error) => {
                    sum.failed += 1;
                    println!("{}: {error:#}", subject.name);
                }
                Ok(compared) => {
                    let different = compared.iter().filter(|it| it.difference.is_some()).count();
                    println!("{}: {} series, {different} different", subject.name, compared.len());
                    sum.different += different;
                    sum.same += compared.len() - different;
                    for it in compared {
                        sum.then += it.then;
                        sum.now += it.now;
                        if let Some(difference) = it.difference {
                            println!("{difference}");
                        }
                    }
                }
            }
        }
    }

    fn compare(&self, subject: &Subject) -> Result<Vec<Compared>> {
        let case = subject.case(self.store)?;
        let mut compared = Vec::new();
        let then = self.then.about(&case)?;
        let now = self.now.about(&case)?;
        for (then, now) in then.into_iter().zip(now) {
            compared.push(Compared {
                difference: difference::between(&case, &then, &now),
                then: then.usage,
                now: now.usage,
            });
        }
        Ok(compared)
    }
}

/// One series, asked of both.
struct Compared {
    difference: Option<String>,
    then: Usage,
    now: Usage,
}
