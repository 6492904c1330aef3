//! `cargo xtask verdicts`: how good the verdicts are, on all labelled programs in every way of capture.
//!
//! The right line first, called a leak or not, false warnings, calibration and margins; what weights a fit
//! would suggest. Snapshots are those of `cargo xtask compare`, recorded once. It changes no source.
#![allow(clippy::print_stdout, reason = "printing is what a command line is for")]

mod calibration;
mod crossed;
mod document;
mod fit;
mod frozen;
mod labels;
mod margins;
mod measure;
mod peers;
mod report;
#[cfg(test)]
mod samples;
mod surer;
mod table;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context, Result, ensure};
use clap::Parser;
use heapmark_tests::cases::{self, Case, Subject};

use labels::Labels;
use measure::Outcome;
use peers::devtools_mcp::{self, Answers};
use report::Asked;

/// How many analyses run side by side.
const LANES: usize = 2;

#[derive(Parser)]
#[command(name = "cargo xtask verdicts")]
struct Arguments {
    /// Only the programs whose name contains this: programs/, corpus/emotion. May be given several times
    #[arg(long, value_name = "NAME")]
    only: Vec<String>,

    /// The folder with further programs (corpus, healthy, repro), if it is not beside the repository
    #[arg(long, value_name = "DIR", env = "HEAPMARK_CASES")]
    cases: Option<PathBuf>,

    /// Where snapshots are kept
    #[arg(long, value_name = "DIR", default_value = "target/cases")]
    store: PathBuf,

    /// The heapmark to ask; a fresh release build if left out
    #[arg(long, value_name = "FILE")]
    binary: Option<PathBuf>,

    /// Keep its reports in this folder, and take those that are there
    #[arg(long, value_name = "DIR")]
    reports: Option<PathBuf>,

    /// Print the weights that fit best, beside those in force
    #[arg(long)]
    fit: bool,

    /// Write the findings that the judge's own test looks at
    #[arg(long)]
    freeze: bool,

    /// Write the tables to docs/verdicts.md too, with what chrome-devtools-mcp answers, which needs a Chromium
    #[arg(long)]
    write: bool,
}

fn main() -> Result<ExitCode> {
    let arguments = Arguments::parse();
    let is_part = !arguments.only.is_empty();
    ensure!(
        !(is_part && (arguments.write || arguments.freeze)),
        "what is written is about all programs: leave --only out"
    );
    let repository = heapmark_tests::tests_folder().parent().expect("tests is a folder of it");
    let beside = arguments.cases.clone().unwrap_or_else(|| repository.join("../shared"));
    let has_all = beside.join("corpus").exists();
    ensure!(
        has_all || !(arguments.write || arguments.freeze),
        "what is written is about all programs: say with --cases where the further ones are"
    );
    if !has_all {
        println!("no further programs in {}: only those of the repository", beside.display());
    }
    let mut subjects = cases::subjects(&beside)?;
    subjects.retain(|it| !is_part || arguments.only.iter().any(|part| it.name.contains(part)));
    ensure!(!subjects.is_empty(), "no program has such a name: {}", arguments.only.join(", "));

    let store = repository.join(&arguments.store);
    let work = Work {
        asked: asked(&arguments, repository)?,
        store: store.clone(),
        beside: &beside,
        next: AtomicUsize::new(0),
        sum: Mutex::default(),
    };
    std::thread::scope(|scope| {
        for _ in 0..LANES {
            scope.spawn(|| work.go_on(&subjects));
        }
    });
    let Sum { mut outcomes, nodes, mut failed } =
        work.sum.into_inner().expect("no lane panics while it holds the sum");
    outcomes.sort_by(|one, two| (&one.program, &one.way).cmp(&(&two.program, &two.way)));
    let outcomes: Vec<&Outcome> = outcomes.iter().collect();
    failed.sort();

    let made = document::made(&outcomes, &nodes, &failed);
    let answers = if arguments.write {
        devtools_mcp::ask(&subjects, &beside, &store)?
    } else {
        Answers::new()
    };
    let text = format!("{made}\n\n{}", document::text(&outcomes, &beside, &answers)?);
    println!("{text}");
    if arguments.fit {
        println!("### Weights\n\n{}", crossed::Set::of(&outcomes).weights());
    }
    if arguments.freeze {
        frozen::write(repository, &outcomes)?;
    }
    if arguments.write {
        document::write(repository, &text)?;
    }
    Ok(if failed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn asked(arguments: &Arguments, repository: &Path) -> Result<Asked> {
    let binary = match &arguments.binary {
        Some(binary) => binary.canonicalize().with_context(|| {
            format!("there is no {}: say with --binary where it is", binary.display())
        })?,
        None => heapmark_tests::build(repository, &["--release"])?,
    };
    if let Some(folder) = &arguments.reports {
        std::fs::create_dir_all(folder)?;
    }
    Ok(Asked { binary, kept: arguments.reports.clone() })
}

/// What the lanes share.
struct Work<'w> {
    asked: Asked,
    store: PathBuf,
    beside: &'w Path,
    /// The subject that the next free lane takes.
    next: AtomicUsize,
    sum: Mutex<Sum>,
}

/// What came of all programs.
#[derive(Default)]
struct Sum {
    outcomes: Vec<Outcome>,
    /// The versions of Node.js that they ran in.
    nodes: BTreeSet<String>,
    /// The names of programs that could not be measured.
    failed: Vec<String>,
}

impl Work<'_> {
    fn go_on(&self, subjects: &[Subject]) {
        while let Some(subject) = subjects.get(self.next.fetch_add(1, Ordering::Relaxed)) {
            let measured = self.measure(subject);
            let mut sum = self.sum.lock().expect("no lane panics while it holds the sum");
            match measured {
                Ok((outcomes, node)) => {
                    sum.outcomes.extend(outcomes);
                    sum.nodes.extend(node);
                }
                Err(error) => {
                    sum.failed.push(subject.name.clone());
                    println!("{}: {error:#}", subject.name);
                }
            }
        }
    }

    /// Every series of a program, and the Node.js that it ran in, if that is known.
    fn measure(&self, subject: &Subject) -> Result<(Vec<Outcome>, Option<String>)> {
        let case = subject.case(&self.store)?;
        let labels = Labels::of(&case.name, self.beside)?;
        let mut outcomes = Vec::new();
        for series in &case.series {
            let report = self.asked.about(&case, series)?;
            outcomes.push(Outcome::of(&case.name, &series.way, &labels, report));
        }
        Ok((outcomes, node(&case)))
    }
}

/// The version of Node.js that a program ran in: what was captured over an inspector says it.
fn node(case: &Case) -> Option<String> {
    let beside = |file: &PathBuf| std::fs::read(file.with_extension("scripts.json")).ok();
    let said = case.series.iter().flat_map(|it| &it.files).find_map(beside)?;
    let said: serde_json::Value = serde_json::from_slice(&said).ok()?;
    said["process"]["node"].as_str().map(str::to_owned)
}
