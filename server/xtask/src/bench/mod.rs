//! `cargo xtask bench`: our engine and its peers on the same files in the same run.
//!
//! ```text
//! pair ──► what finding leaks adds ──────────────────────► docs/benchmarks.md
//! shapes ──► whole analyses of programs large by their code ─► the terminal
//!
//! files, adversarial ──► subjects ┐
//!                                 ├──► rounds ──► table ──► docs/benchmarks.md
//! engines ──► programs to start   ┘  (measure)
//! ```
//!
//! Each engine is a process of its own that does what a first look at a snapshot needs: load,
//! dominators, retained sizes, distances, classes. What is measured is the whole process: its time on
//! the clock, its work and its peak memory. Absolute times depend on the machine and on what else it
//! does; the ratios hold, since the engines take turns.
//!
//! The parts of our engine one by one are measured elsewhere: `cargo bench -p heapmark-heap`.

mod adversarial;
mod engines;
mod files;
mod measure;
mod pair;
mod rounds;
mod shapes;
mod subject;
mod table;

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context;
use clap::{Args, ValueEnum};
use xshell::Shell;

use rounds::Rounds;
use subject::Subject;

/// An engine that has not found its way through a graph of this kind by then will not.
const GRAPH_LIMIT: Duration = Duration::from_secs(60);

#[derive(Args)]
pub(crate) struct BenchArgs {
    /// Snapshots to measure on; without any, they are made
    files: Vec<PathBuf>,

    /// What to make
    #[arg(long, value_delimiter = ',', default_value = "programs,graphs,pair")]
    parts: Vec<Part>,

    /// The sizes of the programs' snapshots, in MB
    #[arg(long, value_delimiter = ',', default_value = "100,500")]
    sizes: Vec<u32>,

    /// The versions of Node.js that make them (from npm); the peers run in the last one
    #[arg(long, value_delimiter = ',', default_value = "20,24")]
    node: Vec<u32>,

    /// Only our own engine
    #[arg(long)]
    alone: bool,

    /// An engine that takes longer is not waited for, in seconds
    #[arg(long, default_value_t = 120)]
    limit: u64,

    /// Write the tables to docs/benchmarks.md too
    #[arg(long)]
    write: bool,
}

/// Which files to make and measure on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// A program's memory, of some sizes, from some versions of Node.js
    Programs,
    /// Graphs on which algorithms fail that do well on programs, and programs of one large scope
    Graphs,
    /// Programs in TypeScript: one bundle of 500 modules, and 20,000 files
    Typescript,
    /// Two snapshots of one process, to measure what finding leaks adds
    Pair,
}

pub(crate) fn run(shell: &Shell, args: &BenchArgs) -> anyhow::Result<()> {
    let folder = crate::cargo::target_directory(shell)?.join("bench");
    shell.create_dir(&folder)?;
    let makes = |part| args.files.is_empty() && args.parts.contains(&part);
    let mut engines = Vec::new();
    if !args.files.is_empty() || makes(Part::Programs) || makes(Part::Graphs) {
        engines.extend(engines::ours(shell, &folder)?);
        if !args.alone {
            engines.extend(engines::peers(shell, &folder, &args.node)?);
        }
    }

    let limit = Duration::from_secs(args.limit);
    let mut rounds = Rounds::new(&engines, &folder, limit);
    for file in &args.files {
        rounds.measure(&Subject::of(file, "the files")?)?;
    }
    if makes(Part::Programs) {
        for subject in files::make(shell, &folder, &args.node, &args.sizes)? {
            rounds.measure(&subject)?;
        }
    }
    if makes(Part::Graphs) {
        rounds.limit = GRAPH_LIMIT.min(limit);
        for subject in adversarial::make(&folder)? {
            rounds.measure(&subject)?;
        }
    }

    if !rounds.results.is_empty() {
        let table = table::table(&rounds.results);
        println!("\n{table}");
        if args.write {
            table::write(shell, &table)?;
        }
    }
    let newest = || args.node.iter().max().copied().context("no version of Node.js");
    if makes(Part::Graphs) {
        println!("\n{}", shapes::one_scope(shell, &folder, newest()?, GRAPH_LIMIT.min(limit))?);
    }
    if makes(Part::Typescript) {
        println!("\n{}", shapes::typescript(shell, &folder, newest()?, limit)?);
    }
    if makes(Part::Pair) {
        let newest = newest()?;
        let detection = pair::measure(shell, &folder, newest)?;
        println!("\n{detection}");
        if args.write {
            table::write_detection(shell, &detection)?;
        }
    }
    Ok(())
}
