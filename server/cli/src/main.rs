//! `heapmark`: the one binary. Reads the command line, calls the room that does the work, and prints
//! what went wrong in one clear sentence. No verdict is made here.
//!
//! Exit codes: 0 when the command did what it was asked, 1 when `analyze --check` found a leak or the
//! language server was not shut down in order, 2 when the command could not do its work.
#![allow(clippy::print_stdout, reason = "printing is what a command line is for")]

mod accepted;
mod analyze;
mod attempt;
mod capture;
mod export;
mod frame;
mod index;
mod inputs;
mod json;
mod leave;
mod lsp;
mod progress;
mod series;
mod short;
mod size_limit;
mod terminal;
mod watch;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Takes memory for large columns in large pages, where the system's own allocator takes it 4 kB at a
/// time: a snapshot opens from its index in half the processor time, and is analysed in 9/10 of it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Shows the memory leaks of Node.js programs on the line of source that is to blame.
#[derive(Parser)]
#[command(version, about, max_term_width = 100)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Find out what leaks, from one or more heap snapshots of one process
    Analyze(analyze::AnalyzeArgs),
    /// Take heap snapshots of a running Node.js process, or of a command to start
    Capture(capture::CaptureArgs),
    /// Print the numbers of a snapshot as a table for other tools
    Export(export::ExportArgs),
    /// Run the language server on standard input and output
    Lsp(lsp::LspArgs),
}

fn main() -> ExitCode {
    size_limit::is_an_error();
    let outcome = match Arguments::parse().command {
        Command::Analyze(args) => analyze::run(args),
        Command::Capture(args) => capture::run(args),
        Command::Export(args) => export::run(args),
        Command::Lsp(args) => lsp::run(args),
    };
    outcome.unwrap_or_else(|error| {
        terminal::print_error(&error);
        ExitCode::from(2)
    })
}
