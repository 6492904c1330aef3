//! The first law of the judge on real snapshots: one more of the same program makes surer.
//!
//! Of each leak, a series is held against the one that lacks one of its snapshots.

use std::fmt::Write as _;

use heapmark_tests::cases::ways;

use crate::fit::logistic;
use crate::measure::Outcome;

/// Less is only how numbers are rounded in a report.
const ROUNDING: f64 = 0.02;

/// How many leaks were compared, and where more made less sure.
pub(crate) fn told(outcomes: &[&Outcome]) -> String {
    let (mut compared, mut broken) = (0, String::new());
    for fewer in outcomes {
        let longer =
            |it: &&&Outcome| it.program == fewer.program && Some(it.way.as_str()) == more(fewer);
        let Some(more) = outcomes.iter().find(longer) else { continue };
        for leak in 0..fewer.leaks.len() {
            let Some(before) = fewer.surest(leak) else { continue };
            let after = more.surest(leak);
            compared += 1;
            if after.is_none_or(|after| after < before - ROUNDING) {
                let (before, after) = (logistic(before), after.map_or(0.0, logistic));
                // Writing to a text cannot fail.
                let _ = writeln!(
                    broken,
                    "- {}: {before:.2} with `{}`, {after:.2} with `{}`",
                    fewer.program, fewer.way, more.way
                );
            }
        }
    }
    let count = broken.lines().count();
    let colon = if count == 0 { "." } else { ":\n\n" };
    format!("Of {compared} leaks, {count} are less sure with one snapshot more{colon}{broken}\n")
}

/// The way of capture that has all of its snapshots, and one more.
fn more(outcome: &Outcome) -> Option<&'static str> {
    match outcome.way.as_str() {
        ways::TWO if outcome.program.starts_with("programs/") => Some(ways::WORK),
        ways::TWO => Some(ways::REST),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::{outcome, weighed};

    #[test]
    fn what_is_less_sure_with_more_is_told() {
        let sure = |weight| vec![weighed(&[("grows", 1.0, weight)])];
        let outcomes = [
            outcome("corpus/a", "two", true, sure(1.0)),
            outcome("corpus/a", "rest", true, sure(2.0)),
            outcome("corpus/b", "two", true, sure(1.0)),
            outcome("corpus/b", "rest", true, sure(0.0)),
            outcome("programs/c", "two", true, sure(1.0)),
            outcome("programs/c", "rest", true, sure(0.0)),
        ];
        insta::assert_snapshot!(told(&outcomes.iter().collect::<Vec<_>>()), @r#"
        Of 2 leaks, 1 are less sure with one snapshot more:

        - corpus/b: 0.73 with `two`, 0.50 with `rest`
        "#);
    }
}
