//! `cargo xtask corpus`: real packages with documented leaks, programs of our own, and healthy
//! controls; what is found, and what memlab finds in the same snapshots.
//!
//! The corpus lies outside the repository; nothing else needs it. Snapshots are kept, so that a second
//! run only analyses.

mod memlab;
mod ours;
mod snapshots;
mod truth;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;
use xshell::Shell;

use memlab::{Found, Memlab};
use ours::Verdict;
use truth::Truth;

/// Says where the corpus is, if it is not beside the repository.
const VARIABLE: &str = "HEAPMARK_CORPUS";
/// Where `--write` puts the table.
const DOCUMENT: &str = "docs/corpus.md";

#[derive(Args)]
pub(crate) struct CorpusArgs {
    /// The cases to run; all of them if left out
    cases: Vec<String>,

    /// The folder of the corpus [default: what the variable
    /// `HEAPMARK_CORPUS` says, else ../shared/corpus]
    #[arg(long)]
    path: Option<PathBuf>,

    /// Where cases are installed and driven, and their snapshots kept [default: `corpus` where cargo
    /// builds, usually target/corpus]
    #[arg(long)]
    work: Option<PathBuf>,

    /// The heapmark to ask; a fresh release build if left out
    #[arg(long)]
    binary: Option<PathBuf>,

    /// Leave memlab out
    #[arg(long)]
    alone: bool,

    /// Tell every finding
    #[arg(long)]
    explain: bool,

    /// Write the table to docs/corpus.md too
    #[arg(long)]
    write: bool,
}

pub(crate) fn run(shell: &Shell, args: &CorpusArgs) -> anyhow::Result<()> {
    let corpus = corpus(args)?;
    let work = match &args.work {
        Some(work) => std::path::absolute(crate::repository().join(work))?,
        None => crate::cargo::target_directory(shell)?.join("corpus"),
    };
    crate::require(shell, "node", "install Node.js 20 or later, the cases run in it")?;
    let heapmark = match &args.binary {
        Some(binary) => binary.canonicalize().with_context(|| {
            format!("there is no {}: say with --binary where it is", binary.display())
        })?,
        None => crate::cargo::build(shell, &["--release", "--package", "heapmark"])?,
    };
    let memlab = if args.alone { None } else { Some(Memlab::install(shell, work.join("memlab"))?) };
    let mut rows = Vec::new();
    for case in cases(&corpus, args)? {
        let row = row(shell, &corpus, &work.join(&case), &heapmark, memlab.as_ref())
            .with_context(|| format!("case {case}"))?;
        println!("{}", row.text());
        if args.explain {
            row.ours.told.iter().for_each(|told| println!("      {told}"));
        }
        rows.push(row);
    }
    let table = table(&rows);
    println!("\n{table}");
    if args.write {
        shell.write_file(DOCUMENT, format!("{INTRODUCTION}\n{table}\n"))?;
    }
    Ok(())
}

const INTRODUCTION: &str = "\
# Real leaks

Published packages at a version with a documented leak, programs of our own in TypeScript, and healthy
controls. Each is installed from npm and driven in Node.js; three snapshots are taken: before the work,
after it, and after clean-up and idling. A case counts as found at the rank of the first finding that has
a place within one line of a line that the leak's own history blames.

memlab reads the same snapshots. It knows no lines, so what is counted is whether one of its traces names
the variable or function to blame, in its own mode and with `--trace-all-objects`.

The table is made by `cargo xtask corpus --write`; the cases themselves are not part of this repository.
";

/// Where the corpus is.
fn corpus(args: &CorpusArgs) -> anyhow::Result<PathBuf> {
    let named = args.path.clone().or_else(|| std::env::var_os(VARIABLE).map(PathBuf::from));
    let folder = named.unwrap_or_else(|| crate::repository().join("../shared/corpus"));
    anyhow::ensure!(
        folder.join("harness.cjs").exists(),
        "there is no corpus in {}: say where it is with --path or {VARIABLE}",
        folder.display()
    );
    Ok(folder.canonicalize()?)
}

/// The names of the cases to run, sorted.
fn cases(corpus: &Path, args: &CorpusArgs) -> anyhow::Result<Vec<String>> {
    let mut names: Vec<String> = Vec::new();
    for entry in std::fs::read_dir(corpus)? {
        let entry = entry?;
        if entry.path().join("truth.json").exists() {
            names.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    names.sort();
    for asked in &args.cases {
        anyhow::ensure!(
            names.contains(asked),
            "the corpus has no case {asked}; it has {}",
            names.join(", ")
        );
    }
    names.retain(|name| args.cases.is_empty() || args.cases.contains(name));
    Ok(names)
}

/// One case with what was found.
struct Row {
    truth: Truth,
    ours: Verdict,
    /// memlab in its own mode, and with all objects.
    memlab: Option<[Found; 2]>,
}

fn row(
    shell: &Shell,
    corpus: &Path,
    case: &Path,
    heapmark: &Path,
    memlab: Option<&Memlab>,
) -> anyhow::Result<Row> {
    let name = case.file_name().context("a case has a name")?;
    let truth = Truth::read(&corpus.join(name))?;
    let files = snapshots::of(shell, corpus, case)?;
    let ours = Verdict::of(shell, heapmark, &truth, case, &files)?;
    let memlab = match memlab {
        None => None,
        Some(memlab) => Some([
            memlab.ask(shell, "default", &truth, &files)?,
            memlab.ask(shell, "all", &truth, &files)?,
        ]),
    };
    Ok(Row { truth, ours, memlab })
}

impl Row {
    fn text(&self) -> String {
        let rank = |rank: Option<usize>| rank.map_or("–".to_owned(), |rank| rank.to_string());
        let Verdict { at_line, in_file, findings, warnings, seconds, .. } = &self.ours;
        let (line, file) = if self.truth.control {
            ("control".to_owned(), String::new())
        } else {
            (rank(*at_line), rank(*in_file))
        };
        let mut text = format!(
            "| {} | {line} | {file} | {findings} | {warnings} | {seconds:.1} |",
            self.truth.name
        );
        for found in self.memlab.iter().flatten() {
            let names = if self.truth.control { String::new() } else { rank(found.names) };
            let _ = write!(text, " {} | {names} |", found.leaks);
        }
        text
    }
}

fn table(rows: &[Row]) -> String {
    let mut lines = vec![
        "| case | line at rank | file at rank | findings | warnings | seconds | memlab: leaks | names it at rank | memlab, all objects: leaks | names it at rank |".to_owned(),
        "|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|".to_owned(),
    ];
    lines.extend(rows.iter().map(Row::text));
    let cases: Vec<&Row> = rows.iter().filter(|row| !row.truth.control).collect();
    let of = |count: usize| format!("{count} of {}", cases.len());
    let ours = |best: usize, rank: fn(&Verdict) -> Option<usize>| {
        of(cases.iter().filter(|row| rank(&row.ours).is_some_and(|rank| rank <= best)).count())
    };
    let theirs = |mode: usize, best: usize| {
        let names = |row: &&&Row| {
            let found = row.memlab.as_ref().and_then(|found| found[mode].names);
            found.is_some_and(|rank| rank <= best)
        };
        of(cases.iter().filter(names).count())
    };
    let controls = rows.iter().filter(|row| row.truth.control);
    let alarms: usize = controls.clone().map(|row| row.ours.warnings).sum();
    let silent = |mode: usize| -> usize {
        controls.clone().filter_map(|row| Some(row.memlab.as_ref()?[mode].leaks)).sum()
    };
    lines.extend([
        String::new(),
        "| | Heapmark: accepted line | Heapmark: accepted file | memlab: names it | memlab, all objects: names it |".to_owned(),
        "|---|---:|---:|---:|---:|".to_owned(),
    ]);
    for (label, best) in [("first", 1), ("in the top 3", 3)] {
        lines.push(format!(
            "| {label} | {} | {} | {} | {} |",
            ours(best, |verdict| verdict.at_line),
            ours(best, |verdict| verdict.in_file),
            theirs(0, best),
            theirs(1, best)
        ));
    }
    lines.push(format!(
        "| alarms on {} healthy controls | {alarms} | | {} | {} |",
        controls.clone().count(),
        silent(0),
        silent(1)
    ));
    lines.join("\n")
}
