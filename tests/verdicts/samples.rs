//! Labels, findings and outcomes for the tests beside the code, all in one file of one program.

use heapmark_leaks::judge::CALLED;

use crate::fit::logistic;
use crate::labels::Labels;
use crate::measure::Outcome;
use crate::report::{Finding, Place, Reason, Report};

const FILE: &str = "main.js";

/// Leaks at these lines.
pub(crate) fn labels(leaks: &[&[u32]]) -> Labels {
    let line = |line: &u32| format!("{FILE}:{line}");
    let leaks = leaks.iter().map(|lines| lines.iter().map(line).collect::<Vec<_>>());
    Labels::of_lines(&leaks.collect::<Vec<_>>()).expect("they are lines")
}

/// A finding at these lines that nothing speaks for or against.
pub(crate) fn finding(severity: &str, lines: &[u32]) -> Finding {
    let place = |&line: &u32| Place { file: FILE.to_owned(), line };
    Finding {
        severity: severity.to_owned(),
        growth: 1_000_000,
        retained_size: 1_000_000,
        reasons: Vec::new(),
        places: lines.iter().map(place).collect(),
    }
}

/// One at line 1, for which these speak: strength and weight of each.
pub(crate) fn weighed(reasons: &[(&str, f64, f64)]) -> Finding {
    let reasons = reasons.iter().map(|&(name, strength, weight)| {
        let weight = strength * weight;
        Reason { name: name.to_owned(), strength, weight }
    });
    let reasons: Vec<Reason> = reasons.collect();
    let log_odds: f64 = reasons.iter().map(|it| it.weight).sum();
    let severity = if logistic(log_odds) >= CALLED { "warning" } else { "information" };
    Finding { reasons, ..finding(severity, &[1]) }
}

/// What is said of a program that leaks at line 1, or of a healthy one.
pub(crate) fn outcome(program: &str, way: &str, leaks: bool, findings: Vec<Finding>) -> Outcome {
    let labels = if leaks { labels(&[&[1]]) } else { labels(&[]) };
    Outcome::of(program, way, &labels, Report { findings })
}
