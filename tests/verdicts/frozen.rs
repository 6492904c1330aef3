//! Freezing: labelled findings as the judge sees them, for a test of the crate `heapmark-leaks` that needs
//! no Node.js and no snapshots.
//!
//! Names of programs are left out: what is frozen says what was measured, and not of what.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use heapmark_leaks::judge::CALLED;
use serde::Serialize;

use crate::crossed::{bytes, is_known};
use crate::measure::Outcome;

/// Where the test finds them.
const FILE: &str = "server/leaks/src/verdict/frozen.jsonl";
/// Findings nearest to where they flip: a change shows in these first.
const NEAREST: usize = 200;
/// Findings taken evenly from all others, so that a large change is seen for what it is.
const OTHERS: usize = 100;

/// One line of the file.
#[derive(Debug, Serialize)]
struct Row<'o> {
    /// `corpus 3`.
    program: String,
    /// How the snapshots were taken.
    way: &'o str,
    #[serde(rename = "leak")]
    is_leak: bool,
    bytes: i64,
    /// How far each reason applies, by its name.
    strengths: BTreeMap<&'o str, f64>,
    #[serde(skip)]
    from_threshold: f64,
}

/// Writes the file anew.
pub(crate) fn write(repository: &Path, outcomes: &[&Outcome]) -> Result<()> {
    let file = repository.join(FILE);
    fs::write(&file, lines(outcomes)?).with_context(|| format!("cannot write {}", file.display()))
}

fn lines(outcomes: &[&Outcome]) -> Result<String> {
    let mut rows = rows(outcomes);
    rows.sort_by(|one, two| one.from_threshold.total_cmp(&two.from_threshold));
    let others = rows.split_off(rows.len().min(NEAREST));
    let every = others.len().div_ceil(OTHERS).max(1);
    rows.extend(others.into_iter().step_by(every));
    rows.sort_by(|one, two| (&one.program, one.way).cmp(&(&two.program, two.way)));
    let mut lines = String::new();
    for row in rows {
        lines.push_str(&serde_json::to_string(&row)?);
        lines.push('\n');
    }
    Ok(lines)
}

fn rows<'o>(outcomes: &[&'o Outcome]) -> Vec<Row<'o>> {
    let numbers = numbers(outcomes);
    let threshold = (CALLED / (1.0 - CALLED)).ln();
    let mut rows = Vec::new();
    for &outcome in outcomes {
        for judged in outcome.findings.iter().filter(|it| is_known(it)) {
            let reasons = &judged.finding.reasons;
            rows.push(Row {
                program: numbers[outcome.program.as_str()].clone(),
                way: &outcome.way,
                is_leak: judged.is_leak() == Some(true),
                bytes: bytes(outcome, judged),
                strengths: reasons.iter().map(|it| (it.name.as_str(), it.strength)).collect(),
                from_threshold: (judged.finding.log_odds() - threshold).abs(),
            });
        }
    }
    rows
}

/// Of each program its kind and a number.
fn numbers<'o>(outcomes: &[&'o Outcome]) -> BTreeMap<&'o str, String> {
    let mut numbers = BTreeMap::new();
    let mut last: BTreeMap<&str, usize> = BTreeMap::new();
    for outcome in outcomes {
        let (kind, _) = outcome.program.split_once('/').unwrap_or(("program", ""));
        numbers.entry(outcome.program.as_str()).or_insert_with(|| {
            let last = last.entry(kind).or_default();
            *last += 1;
            format!("{kind} {last:03}")
        });
    }
    numbers
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::{outcome, weighed};

    #[test]
    fn a_line_says_what_was_measured_and_not_of_what() {
        let kind = ("kind-other", 1.0, -1.5);
        let outcomes = [
            outcome("corpus/acme", "rest", true, vec![weighed(&[kind, ("grows", 0.5, 2.0)])]),
            outcome("healthy/shop", "two", false, vec![weighed(&[kind])]),
            outcome("healthy/waste", "two", false, vec![weighed(&[("kind-waste", 1.0, -3.0)])]),
        ];
        insta::assert_snapshot!(lines(&outcomes.iter().collect::<Vec<_>>()).unwrap(), @r#"
        {"program":"corpus 001","way":"rest","leak":true,"bytes":1000000,"strengths":{"grows":0.5,"kind-other":1.0}}
        {"program":"healthy 001","way":"two","leak":false,"bytes":1000000,"strengths":{"kind-other":1.0}}
        "#);
    }
}
