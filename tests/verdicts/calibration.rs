//! Calibration: of what was said with some certainty, how much was a leak.

use std::fmt::Write as _;

use heapmark_tests::cases::ways;

use crate::fit::logistic;
use crate::measure::Outcome;
use crate::table::share;

/// Equal parts of the certainties.
const BINS: usize = 5;

/// Findings of which it is known, and how many of them are leaks.
#[derive(Debug, Default, Clone, Copy)]
struct Bin {
    all: usize,
    leaks: usize,
}

/// How well the certainties fit, of one snapshot and of several.
pub(crate) fn table(outcomes: &[&Outcome]) -> String {
    let mut bins = [[Bin::default(); 2]; BINS];
    for outcome in outcomes {
        for judged in &outcome.findings {
            let Some(is_leak) = judged.is_leak() else { continue };
            let certainty = logistic(judged.finding.log_odds());
            let bin = ((certainty * BINS as f64) as usize).min(BINS - 1);
            let bin = &mut bins[bin][usize::from(outcome.way == ways::ONE)];
            bin.all += 1;
            bin.leaks += usize::from(is_leak);
        }
    }
    let mut table = "\
        | certainty about | findings of several snapshots | leaks | findings of one snapshot | leaks |\n\
        |---|---:|---:|---:|---:|\n"
        .to_owned();
    for (at, [several, one]) in bins.into_iter().enumerate() {
        let middle = (at as f64 + 0.5) / BINS as f64;
        let Bin { all, leaks } = several;
        let (leaks, of_one) = (share(leaks, all), share(one.leaks, one.all));
        // Writing to a text cannot fail.
        let _ = writeln!(table, "| {middle:.1} | {all} | {leaks} | {} | {of_one} |", one.all);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::{outcome, weighed};

    #[test]
    fn what_is_said_is_held_against_what_is() {
        let sure = || weighed(&[("grows", 1.0, 2.0)]);
        let outcomes = [
            outcome("corpus/a", "rest", true, vec![sure()]),
            outcome("healthy/b", "rest", false, vec![sure(), weighed(&[("bounded", 1.0, -3.0)])]),
            outcome("healthy/b", "one", false, vec![weighed(&[])]),
        ];
        insta::assert_snapshot!(table(&outcomes.iter().collect::<Vec<_>>()), @r#"
        | certainty about | findings of several snapshots | leaks | findings of one snapshot | leaks |
        |---|---:|---:|---:|---:|
        | 0.1 | 1 | 0.0 % (0) | 0 | – |
        | 0.3 | 0 | – | 0 | – |
        | 0.5 | 0 | – | 1 | 0.0 % (0) |
        | 0.7 | 0 | – | 0 | – |
        | 0.9 | 2 | 50.0 % (1) | 0 | – |
        "#);
    }
}
