//! What is printed, and stands in docs/verdicts.md between two marks.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::Result;
use heapmark_tests::replace_between_marks;

use crate::crossed::Set;
use crate::measure::Outcome;
use crate::peers::devtools_mcp::Answers;
use crate::{calibration, margins, peers, surer, table};

const DOCUMENT: &str = "docs/verdicts.md";
const COMMAND: &str = "cargo xtask verdicts --write";

/// The headings under which programs are told apart.
const GROUPS: [&str; 3] = [FURTHER, BUNDLED, TRICKY];
const FURTHER: &str = "Further programs";
const BUNDLED: &str = "Bundled programs";
const TRICKY: &str = "Tricky programs";

fn group(program: &str) -> &'static str {
    match program.split_once('/') {
        Some(("programs", _)) => BUNDLED,
        Some(("tricky", _)) => TRICKY,
        _ => FURTHER,
    }
}

/// All tables, under their headings.
pub(crate) fn text(outcomes: &[&Outcome], beside: &Path, answers: &Answers) -> Result<String> {
    let mut parts = Vec::new();
    for heading in GROUPS {
        let is_of = |it: &&Outcome| group(&it.program) == heading;
        let of: Vec<_> = outcomes.iter().copied().filter(is_of).collect();
        if !of.is_empty() {
            let (table, overall) = (table::table(&of), table::overall(&of));
            parts.push(format!("### {heading}\n\n{table}\n{overall}\n"));
        }
    }
    parts.push(format!("### All\n\n{}\n", table::overall(outcomes)));
    parts.push(format!(
        "### Programs that were left out of the fit\n\n{}",
        Set::of(outcomes).table()
    ));
    parts.push(format!("### Calibration\n\n{}", calibration::table(outcomes)));
    parts.push(format!("### Margins\n\n{}", margins::table(outcomes)));
    parts.push(format!("### More snapshots of the same\n\n{}", surer::told(outcomes)));
    if beside.join("corpus").exists() {
        parts.push(format!("### Beside others\n\n{}", peers::table(outcomes, beside, answers)?));
    }
    Ok(parts.join("\n"))
}

/// With what it was made. `nodes` are the versions of Node.js that captures tell; `failed` names the programs
/// that could not be measured.
pub(crate) fn made(outcomes: &[&Outcome], nodes: &BTreeSet<String>, failed: &[String]) -> String {
    let programs: BTreeSet<&str> = outcomes.iter().map(|it| it.program.as_str()).collect();
    let count = |name| programs.iter().filter(|it| group(it) == name).count();
    let (bundled, tricky) = (count(BUNDLED), count(TRICKY));
    let nodes: Vec<&str> = nodes.iter().map(String::as_str).collect();
    let nodes =
        if nodes.is_empty() { "of an unknown version".to_owned() } else { nodes.join(", ") };
    let mut made = format!(
        "Made on {} with Node.js {nodes}: {} series of {} programs, of which {bundled} are bundled and {tricky} tricky.",
        jiff::Zoned::now().date(),
        outcomes.len(),
        programs.len(),
    );
    if !failed.is_empty() {
        made.push_str(" Not measured, because it failed: ");
        made.push_str(&failed.join(", "));
        made.push('.');
    }
    made
}

/// Puts them into the document.
pub(crate) fn write(repository: &Path, text: &str) -> Result<()> {
    replace_between_marks(&repository.join(DOCUMENT), COMMAND, text)
}
