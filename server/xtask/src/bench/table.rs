//! The tables: on the terminal, and in `docs/benchmarks.md` between two marks.

use std::fmt::Write as _;

use anyhow::Context;
use xshell::{Shell, cmd};

use super::rounds::Measured;

const DOCUMENT: &str = "docs/benchmarks.md";
/// What is between them is made, what is around them is written by hand.
const BEGIN: &str = "<!-- cargo xtask bench --write: from here -->\n";
const END: &str = "<!-- cargo xtask bench --write: to here -->\n";

pub(super) fn table(results: &[Measured]) -> String {
    let mut table = "\
        | snapshot | engine | seconds | times ours | CPU seconds | seconds per million edges | peak MB | bytes a byte |\n\
        |---|---|---:|---:|---:|---:|---:|---:|\n"
        .to_owned();
    table.extend(results.iter().map(rows));
    table
}

/// One row an engine.
pub(super) fn rows(measured: &Measured) -> String {
    let Measured { title, bytes, edges, outcomes } = measured;
    let ours = outcomes.first().and_then(|(_, outcome)| outcome.as_ref().ok());
    let mut rows = String::new();
    for (engine, outcome) in outcomes {
        let figures = match outcome {
            Ok(cost) => [
                digits(cost.seconds),
                ours.map_or(String::new(), |ours| match cost.seconds / ours.seconds {
                    part if part < 1.0 => digits(part),
                    times => format!("{times:.1}"),
                }),
                digits(cost.cpu_seconds),
                format!("{:.3}", cost.seconds / *edges as f64 * 1e6),
                format!("{:.0}", cost.peak_bytes as f64 / 1e6),
                format!("{:.2}", cost.peak_bytes as f64 / *bytes as f64),
            ]
            .join(" | "),
            Err(reason) => format!("{reason} | | | | |"),
        };
        writeln!(rows, "| {title} | {engine} | {figures} |").expect("a string takes everything");
    }
    rows
}

/// The smaller the figure, the more of its digits.
fn digits(figure: f64) -> String {
    if figure < 1.0 { format!("{figure:.3}") } else { format!("{figure:.2}") }
}

/// The same for what the detection takes.
const DETECTION_BEGIN: &str = "<!-- cargo xtask bench --parts pair --write: from here -->\n";
const DETECTION_END: &str = "<!-- cargo xtask bench --parts pair --write: to here -->\n";

/// Puts what the detection takes into the document.
pub(super) fn write_detection(shell: &Shell, detection: &str) -> anyhow::Result<()> {
    let document = shell.read_file(DOCUMENT)?;
    let marks = (DETECTION_BEGIN, DETECTION_END);
    let document = replaced(&document, marks, &format!("\n{detection}\n\n"))
        .with_context(|| format!("the marks are gone from {DOCUMENT}: {DETECTION_BEGIN}…"))?;
    Ok(shell.write_file(DOCUMENT, document)?)
}

/// Puts the table, and what it was made with, into the document.
pub(super) fn write(shell: &Shell, table: &str) -> anyhow::Result<()> {
    let command = std::env::args().skip(1).collect::<Vec<_>>().join(" ");
    let system = format!("{} {}", std::env::consts::OS, std::env::consts::ARCH);
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let processor = processor().map(|name| format!(" ({name})")).unwrap_or_default();
    let rustc = cmd!(shell, "rustc --version").quiet().read()?;
    let made = format!(
        "Made by `cargo xtask {command}` on {system} with {cores} cores{processor}, {rustc}."
    );
    let document = shell.read_file(DOCUMENT)?;
    let document = replaced(&document, (BEGIN, END), &format!("\n{made}\n\n{table}\n"))
        .with_context(|| format!("the marks are gone from {DOCUMENT}: {BEGIN}…{END}"))?;
    Ok(shell.write_file(DOCUMENT, document)?)
}

fn replaced(document: &str, (begin, end): (&str, &str), new: &str) -> Option<String> {
    let (before, rest) = document.split_once(begin)?;
    let (_, after) = rest.split_once(end)?;
    Some(format!("{before}{begin}{new}{end}{after}"))
}

/// What the system calls the processor, where there is a file that tells.
fn processor() -> Option<String> {
    let facts = std::fs::read_to_string("/proc/cpuinfo").ok()?;
    let line = facts.lines().find(|line| line.starts_with("model name"))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::measure::Cost;

    #[test]
    fn a_row_is_a_run_beside_ours() {
        let cost = |seconds, peak_bytes| Cost {
            seconds,
            cpu_seconds: 2.0 * seconds,
            peak_bytes,
            nodes: Some(1),
        };
        let measured = Measured {
            title: "node24-100, 100 MB".to_owned(),
            bytes: 100_000_000,
            edges: 4_000_000,
            outcomes: vec![
                ("ours".to_owned(), Ok(cost(0.5, 120_000_000))),
                ("again".to_owned(), Ok(cost(0.05, 110_000_000))),
                ("theirs".to_owned(), Ok(cost(15.0, 600_000_000))),
                ("others".to_owned(), Err("not done after 120 s".to_owned())),
            ],
        };
        assert_eq!(
            rows(&measured),
            "| node24-100, 100 MB | ours | 0.500 | 1.0 | 1.00 | 0.125 | 120 | 1.20 |\n\
             | node24-100, 100 MB | again | 0.050 | 0.100 | 0.100 | 0.013 | 110 | 1.10 |\n\
             | node24-100, 100 MB | theirs | 15.00 | 30.0 | 30.00 | 3.750 | 600 | 6.00 |\n\
             | node24-100, 100 MB | others | not done after 120 s | | | | | |\n"
        );
    }

    #[test]
    fn only_what_is_between_the_marks_is_replaced() {
        let document = format!("Before.\n{BEGIN}old\n{END}After.\n");
        let replaced_document = replaced(&document, (BEGIN, END), "new\n").expect("it has marks");
        assert_eq!(replaced_document, format!("Before.\n{BEGIN}new\n{END}After.\n"));
        assert_eq!(replaced("no marks", (BEGIN, END), "new"), None);
    }
}
