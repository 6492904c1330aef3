//! Heapmark beside others, on the same snapshots of the corpus. What memlab said was measured when the corpus was
//! made, and stands in its `truth.json`; chrome-devtools-mcp [is asked](devtools_mcp). memlab's own server for
//! agents is not on npm.

pub(crate) mod devtools_mcp;

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::Result;
use heapmark_tests::cases::ways;
use serde::Deserialize;

use crate::measure::{Is, Outcome};
use crate::peers::devtools_mcp::{Answer, Answers};

#[derive(Debug, Deserialize)]
struct Truth {
    memlab: Option<Memlab>,
}

#[derive(Debug, Deserialize)]
struct Memlab {
    version: String,
    default: Found,
    trace_all_objects: Found,
}

/// What memlab found in one of its modes.
#[derive(Debug, Deserialize)]
struct Found {
    leaks: usize,
    /// The first of its traces that names what is to blame, from 1.
    rank: Option<usize>,
}

/// The cases that were shown to memlab too. `beside` is the folder with the corpus, `answers` are those of
/// chrome-devtools-mcp, if it was asked.
pub(crate) fn table(outcomes: &[&Outcome], beside: &Path, answers: &Answers) -> Result<String> {
    let mut table = "\
        | program | Heapmark: right line at rank | called | memlab: leaks | names it at rank | memlab, all objects: leaks | names it at rank | chrome-devtools-mcp: row of the class | characters |\n\
        |---|---:|---:|---:|---:|---:|---:|---:|---:|\n"
        .to_owned();
    let is_asked = |it: &&&Outcome| it.program.starts_with("corpus/") && it.way == ways::REST;
    let mut versions = Vec::new();
    for outcome in outcomes.iter().filter(is_asked) {
        let text = fs::read_to_string(beside.join(&outcome.program).join("truth.json"))?;
        let Some(memlab) = serde_json::from_str::<Truth>(&text)?.memlab else { continue };
        // Writing to a text cannot fail.
        let _ = writeln!(table, "{}", row(outcome, &memlab, answers.get(&outcome.program)));
        versions.push(memlab.version);
    }
    versions.sort();
    versions.dedup();
    let _ = writeln!(
        table,
        "\nmemlab {}. chrome-devtools-mcp compares by class: it calls nothing a leak, and names neither holder nor line; \
         a closure has no name there.",
        versions.join(", ")
    );
    Ok(table)
}

fn row(outcome: &Outcome, memlab: &Memlab, devtools: Option<&Answer>) -> String {
    let rank = |rank: Option<usize>| rank.map_or("–".to_owned(), |rank| rank.to_string());
    let (ours, called) = match outcome.leaks.first() {
        Some(leak) => (rank(leak.rank), if leak.is_called { "yes" } else { "no" }.to_owned()),
        None => ("healthy".to_owned(), {
            let wrong = outcome.warnings(|is| *is == Is::False);
            if wrong == 0 { "no".to_owned() } else { format!("{wrong}, falsely") }
        }),
    };
    let of = |found: &Found| format!("{} | {}", found.leaks, rank(found.rank));
    let (default, all) = (of(&memlab.default), of(&memlab.trace_all_objects));
    let (class, read) = match devtools {
        Some(answer) => (rank(answer.row), answer.characters.to_string()),
        None => ("–".to_owned(), "–".to_owned()),
    };
    format!("| {} | {ours} | {called} | {default} | {all} | {class} | {read} |", outcome.program)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::{finding, outcome};

    #[test]
    fn what_memlab_said_stands_beside_ours() {
        let memlab: Memlab = serde_json::from_str(
            r#"{ "version": "2.0.5", "default": { "leaks": 0, "rank": null },
                 "trace_all_objects": { "leaks": 9, "rank": 2 } }"#,
        )
        .expect("it is as in a truth");
        let leak = outcome("corpus/a", "rest", true, vec![finding("warning", &[1])]);
        let answer = Answer { row: Some(4), characters: 2_300 };
        assert_eq!(
            row(&leak, &memlab, Some(&answer)),
            "| corpus/a | 1 | yes | 0 | – | 9 | 2 | 4 | 2300 |"
        );
        let control = outcome("corpus/b", "rest", false, vec![]);
        assert_eq!(
            row(&control, &memlab, None),
            "| corpus/b | healthy | no | 0 | – | 9 | 2 | – | – |"
        );
    }
}
