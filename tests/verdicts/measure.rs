//! One report held against what is known of the program: which findings are of a leak, and which are
//! false.

use crate::labels::Labels;
use crate::report::{Finding, Report};

/// How one series went.
#[derive(Debug)]
pub(crate) struct Outcome {
    /// The program: `corpus/debug-instances`.
    pub(crate) program: String,
    /// How its snapshots were taken.
    pub(crate) way: String,
    /// What is known to leak; nothing of a healthy program.
    pub(crate) leaks: Vec<Seen>,
    /// What was said, in the order of the report.
    pub(crate) findings: Vec<Judged>,
}

/// How one leak was seen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Seen {
    /// At which rank its first finding is, from 1, if there is one. Findings of other leaks of the program
    /// do not count.
    pub(crate) rank: Option<usize>,
    /// Whether the primary place of that finding is one that may be blamed.
    pub(crate) is_primary: bool,
    /// Whether it is called a leak: a warning with a place that may be blamed.
    pub(crate) is_called: bool,
}

/// A finding with what it is.
#[derive(Debug)]
pub(crate) struct Judged {
    pub(crate) is: Is,
    pub(crate) finding: Finding,
}

/// What a finding is, as far as is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Is {
    /// Of these leaks of the program.
    Leaks(Vec<usize>),
    /// Of nothing: the program is healthy.
    False,
    /// In a program that leaks, but at none of the places that may be blamed: the same leak seen elsewhere,
    /// or nothing.
    Elsewhere,
    /// Worth a look, and said so.
    Aside,
}

impl Judged {
    /// Whether it is a leak; `None` if nobody knows.
    pub(crate) fn is_leak(&self) -> Option<bool> {
        match self.is {
            Is::Leaks(_) => Some(true),
            Is::False => Some(false),
            Is::Elsewhere | Is::Aside => None,
        }
    }

    pub(crate) fn is_of(&self, leak: usize) -> bool {
        matches!(&self.is, Is::Leaks(leaks) if leaks.contains(&leak))
    }
}

impl Outcome {
    pub(crate) fn of(program: &str, way: &str, labels: &Labels, report: Report) -> Self {
        let findings: Vec<Judged> = report
            .findings
            .into_iter()
            .map(|finding| Judged { is: what_is(&finding, labels), finding })
            .collect();
        let leaks = (0..labels.leaks.len()).map(|leak| Seen::of(leak, labels, &findings)).collect();
        Self { program: program.to_owned(), way: way.to_owned(), leaks, findings }
    }

    pub(crate) fn is_healthy(&self) -> bool {
        self.leaks.is_empty()
    }

    /// The log-odds of the surest finding of a leak.
    pub(crate) fn surest(&self, leak: usize) -> Option<f64> {
        let findings = self.findings.iter().filter(|it| it.is_of(leak));
        findings.map(|it| it.finding.log_odds()).max_by(f64::total_cmp)
    }

    /// How many warnings are of what `is` says.
    pub(crate) fn warnings(&self, is: impl Fn(&Is) -> bool) -> usize {
        self.findings.iter().filter(|it| it.finding.is_warning() && is(&it.is)).count()
    }
}

impl Seen {
    fn of(leak: usize, labels: &Labels, findings: &[Judged]) -> Self {
        let Some(at) = findings.iter().position(|it| it.is_of(leak)) else {
            return Self::default();
        };
        let before = findings[..at].iter().filter(|it| it.is == Is::Elsewhere).count();
        let primary = findings[at].finding.places.get(..1).unwrap_or_default();
        Self {
            rank: Some(before + 1),
            is_primary: labels.leaks[leak].is_at(primary),
            is_called: findings.iter().any(|it| it.is_of(leak) && it.finding.is_warning()),
        }
    }
}

fn what_is(finding: &Finding, labels: &Labels) -> Is {
    let leaks = labels.leaks.iter().enumerate();
    let leaks = leaks.filter(|(_, leak)| leak.is_at(&finding.places)).map(|(index, _)| index);
    let leaks: Vec<usize> = leaks.collect();
    if !leaks.is_empty() {
        Is::Leaks(leaks)
    } else if !finding.is_warning() && labels.aside.is_at(&finding.places) {
        Is::Aside
    } else if labels.is_healthy() {
        Is::False
    } else {
        Is::Elsewhere
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::{finding, labels};

    fn seen(leaks: &[&[u32]], findings: Vec<Finding>) -> Outcome {
        Outcome::of("corpus/it", "rest", &labels(leaks), Report { findings })
    }

    #[test]
    fn the_rank_of_a_leak_counts_what_is_elsewhere_before_it() {
        let outcome =
            seen(&[&[10]], vec![finding("warning", &[90]), finding("warning", &[80, 10])]);
        let leak = outcome.leaks[0];
        assert_eq!(leak, Seen { rank: Some(2), is_primary: false, is_called: true });
        assert_eq!(outcome.findings[0].is, Is::Elsewhere);
    }

    #[test]
    fn of_two_leaks_both_can_be_first() {
        let both = vec![finding("warning", &[10]), finding("information", &[50])];
        let leaks = seen(&[&[10], &[50]], both).leaks;
        assert_eq!(leaks.iter().map(|it| it.rank).collect::<Vec<_>>(), [Some(1), Some(1)]);
        assert_eq!(leaks.iter().map(|it| it.is_called).collect::<Vec<_>>(), [true, false]);
    }

    #[test]
    fn a_leak_that_nobody_names_has_no_rank() {
        assert_eq!(seen(&[&[10]], vec![finding("warning", &[90])]).leaks, [Seen::default()]);
    }

    #[test]
    fn what_is_found_in_a_healthy_program_is_false() {
        let outcome = seen(&[], vec![finding("warning", &[1]), finding("information", &[2])]);
        assert!(outcome.is_healthy());
        assert!(outcome.findings.iter().all(|it| it.is_leak() == Some(false)));
        assert_eq!(outcome.warnings(|is| *is == Is::False), 1);
    }
}
