//! Margins: what is called or not by a hair, and so flips at the smallest change of a weight.

use std::fmt::Write as _;

use heapmark_leaks::judge::CALLED;

use crate::measure::Outcome;

/// The closest that are told.
const MAX_ROWS: usize = 20;

/// A leak, or what is said of a healthy program, that is near to where it flips.
struct Margin<'o> {
    outcome: &'o Outcome,
    is_leak: bool,
    /// What it lacks to be called, in log-odds; negative if it is.
    lacks: f64,
}

/// The closest first.
pub(crate) fn table(outcomes: &[&Outcome]) -> String {
    let mut margins: Vec<Margin<'_>> = outcomes.iter().flat_map(|it| margins(it)).collect();
    margins.sort_by(|one, two| one.lacks.abs().total_cmp(&two.lacks.abs()));
    let mut table = "\
        | program | capture | is | is called | flips when the log-odds change by |\n\
        |---|---|---|---|---:|\n"
        .to_owned();
    for Margin { outcome, is_leak, lacks } in margins.into_iter().take(MAX_ROWS) {
        let is = if is_leak { "a leak" } else { "healthy" };
        let called = if lacks <= 0.0 { "yes" } else { "no" };
        // Writing to a text cannot fail.
        let _ = writeln!(
            table,
            "| {} | `{}` | {is} | {called} | {lacks:+.2} |",
            outcome.program, outcome.way
        );
    }
    table
}

/// Of each leak, and of a healthy program, the finding that is surest.
fn margins(outcome: &Outcome) -> Vec<Margin<'_>> {
    let threshold = (CALLED / (1.0 - CALLED)).ln();
    let surest: Vec<f64> = if outcome.is_healthy() {
        let findings = outcome.findings.iter().filter(|it| it.is_known());
        findings.map(|it| it.finding.log_odds()).max_by(f64::total_cmp).into_iter().collect()
    } else {
        (0..outcome.leaks.len()).filter_map(|leak| outcome.surest(leak)).collect()
    };
    let is_leak = !outcome.is_healthy();
    surest.into_iter().map(|sure| Margin { outcome, is_leak, lacks: threshold - sure }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::{outcome, weighed};

    #[test]
    fn what_flips_first_stands_first() {
        let outcomes = [
            outcome("corpus/sure", "rest", true, vec![weighed(&[("grows", 1.0, 3.0)])]),
            outcome("corpus/just", "rest", true, vec![weighed(&[("grows", 1.0, 1.0)])]),
            outcome("corpus/missed", "two", true, vec![]),
            outcome("healthy/nearly", "load", false, vec![weighed(&[("grows", 1.0, 0.7)])]),
        ];
        insta::assert_snapshot!(table(&outcomes.iter().collect::<Vec<_>>()), @r#"
        | program | capture | is | is called | flips when the log-odds change by |
        |---|---|---|---|---:|
        | healthy/nearly | `load` | healthy | no | +0.15 |
        | corpus/just | `rest` | a leak | yes | -0.15 |
        | corpus/sure | `rest` | a leak | yes | -2.15 |
        "#);
    }
}
