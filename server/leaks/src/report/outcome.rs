//! What a report comes to. Its words are in [`crate::words::outcome`].

use crate::report::finding::{Finding, Report};
use crate::report::growth::Growth;
use crate::report::rule::Severity;

/// What a report comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Something is called a leak.
    Leak,
    /// Snapshots were compared, and nothing is a leak.
    Clean,
    /// What was measured cannot tell: something may be one, or there was nothing to compare with.
    CannotTell,
}

impl Outcome {
    /// Its name for other tools.
    pub fn name(self) -> &'static str {
        match self {
            Outcome::Leak => "leak",
            Outcome::Clean => "clean",
            Outcome::CannotTell => "cannot-tell",
        }
    }
}

impl Report {
    /// What it comes to.
    pub fn outcome(&self) -> Outcome {
        if self.leaks().next().is_some() {
            Outcome::Leak
        } else if self.snapshots.len() < 2
            || self.open().next().is_some()
            || self.unexplained().is_some()
        {
            Outcome::CannotTell
        } else {
            Outcome::Clean
        }
    }

    /// What the heap gained, if that is much and the findings account for little of it: then nobody can say that
    /// nothing leaks.
    pub(crate) fn unexplained(&self) -> Option<&Growth> {
        self.growth.as_ref().filter(|it| it.is_unexplained)
    }

    /// What is called a leak.
    pub fn leaks(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|it| it.severity == Severity::Warning)
    }

    /// Those of which nobody can say yet that they are no leaks.
    pub(crate) fn open(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|it| it.severity != Severity::Warning && it.next.is_some())
    }
}
