//! What a report comes to, in a word and a sentence: the first thing that a person reads.

use crate::report::finding::{Finding, Report};
use crate::report::place::Role;
use crate::report::place_words::at;
use crate::report::rule::Severity;
use crate::report::units;

/// So many leaks are named.
const MAX_NAMED: usize = 2;

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

    /// The same for people, to begin a line with.
    pub fn heading(self) -> &'static str {
        match self {
            Outcome::Leak => "LEAK",
            Outcome::Clean => "CLEAN",
            Outcome::CannotTell => "CANNOT TELL YET",
        }
    }
}

impl Report {
    /// What it comes to.
    pub fn outcome(&self) -> Outcome {
        if self.leaks().next().is_some() {
            Outcome::Leak
        } else if self.snapshots.len() < 2 || self.findings.iter().any(|it| it.is_open) {
            Outcome::CannotTell
        } else {
            Outcome::Clean
        }
    }

    /// Why it comes to that, and what to measure next where that is needed: a sentence.
    pub fn outcome_sentence(&self) -> String {
        match self.outcome() {
            Outcome::Leak => self.leaks_sentence(),
            Outcome::Clean => {
                let sizes: Vec<u64> = self.snapshots.iter().map(|it| it.total_size).collect();
                format!("No leak in {} snapshots ({}).", sizes.len(), units::sizes(&sizes))
            }
            Outcome::CannotTell if self.snapshots.len() < 2 => {
                let largest = self.findings.first().map_or_else(String::new, |first| {
                    let (title, inside) = (first.bare_title(), Self::inside(first));
                    format!(" If it grows, this is the leak{inside}: {title}.")
                });
                format!(
                    "One snapshot cannot show growth.{largest} Capture a second one after the same work."
                )
            }
            Outcome::CannotTell => {
                let open = self.findings.iter().filter(|it| it.is_open).count() as u64;
                let things =
                    units::plural(open, "thing grows and may be", "things grow and may be");
                format!(
                    "{open} {things} filling up to a limit. One more snapshot after the same work \
                     would tell: what fills up stops, a leak goes on."
                )
            }
        }
    }

    fn leaks(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|it| it.severity == Severity::Warning)
    }

    fn leaks_sentence(&self) -> String {
        let count = self.leaks().count();
        let growth: u64 = self.leaks().map(|it| u64::try_from(it.growth).unwrap_or(0)).sum();
        let named: Vec<String> = self.leaks().take(MAX_NAMED).map(Self::named).collect();
        let more = match count - named.len() {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        format!(
            "{count} {}, {} of growth: {}{more}",
            units::plural(count as u64, "leak", "leaks"),
            units::size(growth),
            named.join(", "),
        )
    }

    /// A leak in few words, with its place: `` `visits` keeps growing (audit.ts:17)``.
    fn named(finding: &Finding) -> String {
        let title = finding.bare_title().to_string();
        let what = title.split_once(": ").map_or(title.as_str(), |(what, _)| what);
        let inside = Self::inside(finding);
        let Some(place) = finding.primary() else { return what.to_owned() };
        format!("{what} ({}{inside})", at(&place.file, place.range))
    }

    /// `` in `debug@4.1.1` ``, of what is in a package; the place may be the user's who has it.
    fn inside(finding: &Finding) -> String {
        let Some(package) = &finding.package else { return String::new() };
        let is_users = finding.primary().is_some_and(|place| place.role == Role::User);
        format!("{} `{package}`", if is_users { ", by way of" } else { " in" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Package;
    use crate::report::samples::{finding, report};
    use crate::report::text::text;

    fn said(findings: Vec<Finding>) -> String {
        let report = report(findings);
        format!("{}  {}", report.outcome().heading(), report.outcome_sentence())
    }

    fn information(certainty: f32) -> Finding {
        let severity = Severity::Information;
        Finding { severity, certainty, is_open: certainty > 0.2, ..finding("a", "cache", 3) }
    }

    #[test]
    fn leaks_are_named_with_their_places() {
        let leak = |name, growth| Finding { growth, ..finding("a", name, 3) };
        let one = said(vec![leak("visits", 1_000_000), information(0.4)]);
        insta::assert_snapshot!(one, @"LEAK  1 leak, 1.0 MB of growth: `visits` keeps growing (cards.js:4)");
        let three = said(vec![leak("a", 2_000_000), leak("b", 1_000_000), leak("c", 500_000)]);
        insta::assert_snapshot!(three, @"LEAK  3 leaks, 3.5 MB of growth: `a` keeps growing (cards.js:4), `b` keeps growing (cards.js:4) and 1 more");
    }

    #[test]
    fn what_may_be_filling_up_needs_another_snapshot() {
        insta::assert_snapshot!(said(vec![information(0.4)]), @"CANNOT TELL YET  1 thing grows and may be filling up to a limit. One more snapshot after the same work would tell: what fills up stops, a leak goes on.");
        insta::assert_snapshot!(said(vec![information(0.1)]), @"CLEAN  No leak in 2 snapshots (1 → 1 B).");
        insta::assert_snapshot!(said(Vec::new()), @"CLEAN  No leak in 2 snapshots (1 → 1 B).");
    }

    #[test]
    fn a_leak_of_a_package_is_told_with_it() {
        let package = Package { name: "queue".to_owned(), version: Some("3.0.2".to_owned()) };
        let mut leak = finding("a", "jobs", 3);
        leak.title = text![package.head(), &leak.title, ": 1 → 2"];
        leak.package = Some(package);
        insta::assert_snapshot!(said(vec![leak.clone()]), @"LEAK  1 leak, 0 B of growth: `jobs` keeps growing (cards.js:4 in `queue@3.0.2`)");
        let mut one = report(vec![leak]);
        one.snapshots.truncate(1);
        one.findings[0].severity = Severity::Information;
        insta::assert_snapshot!(one.outcome_sentence(), @"One snapshot cannot show growth. If it grows, this is the leak in `queue@3.0.2`: `jobs` keeps growing: 1 → 2. Capture a second one after the same work.");
    }

    #[test]
    fn one_snapshot_cannot_tell() {
        let mut one = report(vec![information(0.1)]);
        one.snapshots.truncate(1);
        assert_eq!(one.outcome(), Outcome::CannotTell);
        insta::assert_snapshot!(one.outcome_sentence(), @"One snapshot cannot show growth. If it grows, this is the leak: `cache` keeps growing. Capture a second one after the same work.");
    }
}
