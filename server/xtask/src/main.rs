//! `cargo xtask`: everything a person would otherwise type.
//!
//! Only strings commands together; what they test or build is elsewhere.
#![allow(clippy::print_stdout, reason = "printing is what a command line is for")]

mod bench;
mod cargo;
mod corpus;
mod demo;
mod msrv;
mod package;
mod suites;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use xshell::{Shell, cmd};

/// Heapmark's entry for people who build it.
#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Build, run a leaking server, capture three snapshots of it, and show what leaks
    Demo,
    /// Set up what the tests need and run them all, or one suite
    Test {
        /// The suite to run; all of them if left out
        suite: Option<suites::Suite>,
    },
    /// Measure the engine against its peers on the same files
    Bench(bench::BenchArgs),
    /// Look for the documented leaks of real packages, and count what is found and what is not
    Corpus(corpus::CorpusArgs),
    /// Compare what another revision and this one say of the same snapshots, byte by byte
    Compare {
        /// What `cargo run --package heapmark-tests --bin compare -- --help` tells
        #[arg(trailing_var_arg = true, allow_hyphen_values = true, required = true)]
        arguments: Vec<String>,
    },
    /// Measure how good the verdicts are on all labelled programs
    Verdicts {
        /// What `cargo run --package heapmark-tests --bin verdicts -- --help` tells
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Install, build and drive real frameworks with planted leaks, and see whether they are found; downloads
    Frameworks {
        /// What `cargo run --package heapmark-tests --bin frameworks -- --help` tells
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Write the rows of all rules into README.md and docs/rules/README.md
    Rules,
    /// Build the VS Code extension with the server inside, as a .vsix file for this platform
    Package,
}

fn main() -> ExitCode {
    match run(Arguments::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {}", sentence(&error));
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> anyhow::Result<()> {
    let shell = Shell::new()?;
    shell.change_dir(repository());
    match command {
        Command::Demo => demo::run(&shell),
        Command::Test { suite: Some(suite) } => suites::run(&shell, suite),
        Command::Test { suite: None } => suites::run_all(&shell),
        Command::Bench(args) => bench::run(&shell, &args),
        Command::Corpus(args) => corpus::run(&shell, &args),
        Command::Compare { arguments } => of_the_tests(&shell, "compare", &arguments),
        Command::Verdicts { arguments } => of_the_tests(&shell, "verdicts", &arguments),
        Command::Frameworks { arguments } => of_the_tests(&shell, "frameworks", &arguments),
        Command::Rules => rules(&shell),
        Command::Package => package::run(&shell),
    }
}

/// Lets the check of the tables of rules write them.
fn rules(shell: &Shell) -> anyhow::Result<()> {
    let write =
        cmd!(shell, "cargo test --quiet --package heapmark-tests --test tidy tables_of_rules");
    Ok(write.env("HEAPMARK_WRITE_RULES", "1").run()?)
}

/// Runs a program of the package of the tests, which has what it takes to record programs.
fn of_the_tests(shell: &Shell, program: &str, arguments: &[String]) -> anyhow::Result<()> {
    let run = cmd!(shell, "cargo run --quiet --package heapmark-tests --bin {program} --");
    Ok(run.args(arguments).run()?)
}

/// What went wrong in one line, without the backtrace that `RUST_BACKTRACE` would add.
fn sentence(error: &anyhow::Error) -> String {
    let reason = format!("{error:#}").replace('\n', " ");
    // The library's words for a command that failed say which one; why is on the screen already.
    let of_a_command = error.root_cause().to_string().starts_with("command exited");
    let above = if of_a_command { "mend what is said above: " } else { "" };
    format!("{above}{reason}")
}

/// The top folder of the repository.
fn repository() -> &'static std::path::Path {
    // This crate lies in server/xtask, so it has two folders above it.
    std::path::Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("two folders up")
}

/// Fails with what to install if `tool` is not on this machine.
fn require(shell: &Shell, tool: &str, how_to_get_it: &str) -> anyhow::Result<()> {
    let found = shell.cmd(tool).arg("--version").quiet().ignore_stderr().read();
    anyhow::ensure!(found.is_ok(), "{tool} is not installed: {how_to_get_it}");
    Ok(())
}
