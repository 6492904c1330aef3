//! The words for what a report comes to: the first and the last line of what a person reads.

use std::mem::discriminant;

use crate::report::place_words::at;
use crate::report::units;
use crate::report::{Contents, Finding, NextMeasurement, Outcome, Report, Role, Severity};
use crate::words::growth::held;

/// A budget of words: so many leaks are named in the first line.
const MAX_NAMED: usize = 2;

/// A budget of words: so many things to measure next are told, as nobody does more at once.
const MAX_NEXT: usize = 2;

/// How to get snapshots that can be compared: those of separate captures cannot.
const IN_ONE_GO: &str = "take a series in one go: `heapmark capture --count 3 --ask`";

impl Outcome {
    /// What it comes to, to begin a line with.
    pub fn heading(self) -> &'static str {
        match self {
            Outcome::Leak => "LEAK",
            Outcome::Clean => "CLEAN",
            Outcome::CannotTell => "CANNOT TELL YET",
        }
    }
}

impl Report {
    /// Why it comes to that, and what to measure next where that is needed: a sentence.
    pub fn outcome_sentence(&self) -> String {
        match self.outcome() {
            Outcome::Leak => {
                let others = self.others(self.leaks().count());
                format!("{}{others}", self.leaks_sentence())
            }
            Outcome::Clean => {
                let sizes: Vec<u64> = self.snapshots.iter().map(|it| it.total_size).collect();
                let (sizes, others) = (units::sizes(&sizes), self.others(0));
                let ignored =
                    self.ignored.iter().filter(|it| it.finding.severity == Severity::Warning);
                let no = match ignored.count() as u64 {
                    0 => "No leak".to_owned(),
                    1 => "No leak but one that is ignored or accepted,".to_owned(),
                    more => format!("No leak but {more} that are ignored or accepted,"),
                };
                format!("{no} in {} snapshots ({sizes}){others}.", self.snapshots.len())
            }
            Outcome::CannotTell if self.snapshots.len() < 2 => {
                let contents = self.contents.as_ref();
                let full = contents.filter(|it| it.is_nearly_full);
                let full = full.map_or("", |_| ", but the heap is nearly full");
                let largest = self.findings.first().map(|first| {
                    let (title, inside) = (first.bare_title().capitalized(), Self::inside(first));
                    format!(" {title}{inside}: if this grows, it is the leak.")
                });
                let filling = || {
                    let it = contents.and_then(Contents::suspicion)?;
                    Some(format!(" {it}: if this grows, it is the leak."))
                };
                let largest = largest.or_else(filling).unwrap_or_default();
                format!(
                    "One snapshot cannot show growth{full}.{largest} Capture two more, each after the same work."
                )
            }
            Outcome::CannotTell => {
                let open = self.open().count();
                if open == 0 {
                    return self.unexplained_sentence();
                }
                let places =
                    units::plural(open as u64, "place may be a leak", "places may be leaks");
                format!("{open} {places}{}. {}", self.others(open), self.what_would_tell())
            }
        }
    }

    /// That the heap grew, and what holds most of that which came.
    fn unexplained_sentence(&self) -> String {
        let Some(growth) = self.unexplained() else { return String::new() };
        let holder = growth.rows.iter().find_map(|row| row.holder.as_ref());
        let held =
            holder.map(|it| format!(", much of it held by {}", held(it))).unwrap_or_default();
        format!(
            "The heap grew by {}{held}, and nothing that was found explains it{}. {}",
            units::size(growth.bytes),
            self.others(0),
            NextMeasurement::rounds_after(self.snapshots.len()).sentence(None)
        )
    }

    /// The findings beside `told` ones, so that the numbers are those of the list below.
    fn others(&self, told: usize) -> String {
        match (self.findings.len() - told) as u64 {
            0 => String::new(),
            more => {
                let other = if told > 0 { "other " } else { "" };
                let places = units::plural(more, "place is", "places are");
                format!("; {more} {other}{places} worth a look")
            }
        }
    }

    /// What to measure next, each once, what matters most first.
    fn what_would_tell(&self) -> String {
        let mut next: Vec<(NextMeasurement, Option<&str>)> = Vec::new();
        for finding in self.open() {
            let name = finding.primary().map(|place| place.name.as_str());
            if let Some(it) = finding.next
                && !next.iter().any(|(before, _)| discriminant(before) == discriminant(&it))
            {
                next.push((it, name));
            }
        }
        let told = next.iter().take(MAX_NEXT).map(|(next, name)| next.sentence(*name));
        told.collect::<Vec<_>>().join(" ")
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

    /// A leak in few words, with its place: `` `visits` keeps growing (audit.ts:17)``, and the version of the
    /// package without it, if there is one.
    fn named(finding: &Finding) -> String {
        let title = finding.bare_title().to_string();
        let what = title.split_once(": ").map_or(title.as_str(), |(what, _)| what);
        let inside = Self::inside(finding);
        let Some(place) = finding.primary() else { return what.to_owned() };
        let known = finding.known.as_ref();
        let fixed = known.map(|it| format!(", fixed in `{}@{}`", it.package, it.fixed_in));
        format!("{what} ({}{inside}{})", at(&place.file, place.range), fixed.unwrap_or_default())
    }

    /// `` in `debug@4.1.1` ``, of what is in a package; the place may be the user's who has it.
    fn inside(finding: &Finding) -> String {
        let Some(package) = &finding.package else { return String::new() };
        let is_users = finding.primary().is_some_and(|place| place.role == Role::User);
        format!("{} `{package}`", if is_users { ", by way of" } else { " in" })
    }

    /// What was found, for the end of a long list: a line.
    pub fn closing_line(&self) -> String {
        let leaks: Vec<&Finding> = self.leaks().collect();
        let suspects = self.findings.len() - leaks.len();
        let mut parts = Vec::new();
        if !leaks.is_empty() {
            let growth: u64 = leaks.iter().map(|f| u64::try_from(f.growth).unwrap_or(0)).sum();
            let count = leaks.len() as u64;
            parts.push(format!(
                "{count} {}: {} of growth between the first and the last snapshot",
                units::plural(count, "leak", "leaks"),
                units::size(growth)
            ));
        }
        if suspects > 0 {
            let noun = units::plural(suspects as u64, "place", "places");
            parts.push(format!("{suspects} {noun} worth a look"));
        }
        if self.snapshots.len() == 1 && suspects > 0 {
            parts.push(format!("to see what grows, {IN_ONE_GO}"));
        }
        match (parts.is_empty(), self.snapshots.len()) {
            (false, _) => parts.join("; "),
            (true, 1) => format!(
                "No leak can be seen in one snapshot: growth is what proves a leak. To see what grows, \
             {IN_ONE_GO}."
            ),
            (true, _) if self.workers > 0 => format!(
                "No leak found in the main thread; its {} {} not looked at.",
                units::number(self.workers),
                units::plural(self.workers, "worker thread was", "worker threads were"),
            ),
            (true, _) if self.outcome() == Outcome::CannotTell => {
                "Nothing was found that explains what the heap gained.".to_owned()
            }
            (true, _) => "No leak found.".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::samples::{finding, report};
    use crate::report::text::text;
    use crate::report::{Growth, GrowthRow, HeldBy, Package, Severity, Things};

    fn said(findings: Vec<Finding>) -> String {
        let report = report(findings);
        format!("{}  {}", report.outcome().heading(), report.outcome_sentence())
    }

    fn information(certainty: f32) -> Finding {
        let severity = Severity::Information;
        let next = (certainty > 0.2).then_some(NextMeasurement::OneMoreRound);
        Finding { severity, certainty, next, ..finding("a", "cache", 3) }
    }

    #[test]
    fn leaks_are_named_with_their_places() {
        let leak = |name, growth| Finding { growth, ..finding("a", name, 3) };
        let one = said(vec![leak("visits", 1_000_000), information(0.4)]);
        insta::assert_snapshot!(one, @"LEAK  1 leak, 1.0 MB of growth: `visits` keeps growing (cards.js:4); 1 other place is worth a look");
        let three = said(vec![leak("a", 2_000_000), leak("b", 1_000_000), leak("c", 500_000)]);
        insta::assert_snapshot!(three, @"LEAK  3 leaks, 3.5 MB of growth: `a` keeps growing (cards.js:4), `b` keeps growing (cards.js:4) and 1 more");
    }

    #[test]
    fn a_heap_that_grew_for_no_reason_that_was_found_is_not_clean() {
        let holder =
            HeldBy { name: "results[…]".to_owned(), place: None, package: None, user: None };
        let row = GrowthRow {
            what: Things::Buffers,
            place: None,
            counts: vec![3, 9],
            sizes: vec![48_000_000, 144_000_000],
            holder: Some(holder),
        };
        let (bytes, rows) = (96_000_000, vec![row]);
        let growth = Growth { bytes, explained: 0, is_unexplained: true, rows };
        let report = Report { growth: Some(growth), ..report(vec![]) };
        assert_eq!(report.outcome(), Outcome::CannotTell);
        insta::assert_snapshot!(report.outcome_sentence(), @"The heap grew by 96 MB, much of it held by `results[…]`, and nothing that was found explains it. Two more snapshots would tell, each after the same work: a leak grows each time by as much, what fills up grows less or stops.");
        insta::assert_snapshot!(report.closing_line(), @"Nothing was found that explains what the heap gained.");
    }

    #[test]
    fn what_may_be_filling_up_needs_another_snapshot() {
        insta::assert_snapshot!(said(vec![information(0.4)]), @"CANNOT TELL YET  1 place may be a leak. One more snapshot after the same work would tell: a leak grows again by as much, what fills up grows less or stops.");
        insta::assert_snapshot!(said(vec![information(0.1)]), @"CLEAN  No leak in 2 snapshots (1 → 1 B); 1 place is worth a look.");
        insta::assert_snapshot!(said(Vec::new()), @"CLEAN  No leak in 2 snapshots (1 → 1 B).");
    }

    #[test]
    fn what_would_tell_depends_on_what_was_measured() {
        let said = |next| said(vec![Finding { next: Some(next), ..information(0.1) }]);
        insta::assert_snapshot!(said(NextMeasurement::AtLimit(5_000)), @"CANNOT TELL YET  1 place may be a leak. Fill `cache` to its limit of 5,000 and capture one more snapshot: what is bounded stops there.");
        insta::assert_snapshot!(said(NextMeasurement::AfterExpiry), @"CANNOT TELL YET  1 place may be a leak. Wait until what is due is taken out, without new work, and capture one more snapshot: what expires goes, a leak stays.");
        insta::assert_snapshot!(said(NextMeasurement::OfOneProcess), @"CANNOT TELL YET  1 place may be a leak. Capture two snapshots of the same process, with work between them: two processes may just have had different work.");
        insta::assert_snapshot!(said(NextMeasurement::AfterStart), @"CANNOT TELL YET  1 place may be a leak. Your snapshots are early, the program was still starting: wait a few minutes, then capture them again.");
        insta::assert_snapshot!(said(NextMeasurement::AfterRest), @"CANNOT TELL YET  1 place may be a leak. The same work again and a snapshot after it would tell: what was filled once stays as it is, a leak grows again.");
        insta::assert_snapshot!(said(NextMeasurement::MuchMoreWork), @"CANNOT TELL YET  1 place may be a leak. One more snapshot after much more work (ten times as much) would tell: what fills up stops, a leak goes on.");
    }

    #[test]
    fn each_thing_to_measure_is_told_once_and_all_findings_are_counted() {
        let open = |next| Finding { next: Some(next), ..information(0.1) };
        let full = NextMeasurement::AtLimit;
        let all = vec![
            open(full(300)),
            open(full(500)),
            open(NextMeasurement::AfterRest),
            information(0.1),
        ];
        insta::assert_snapshot!(said(all), @"CANNOT TELL YET  3 places may be leaks; 1 other place is worth a look. Fill `cache` to its limit of 300 and capture one more snapshot: what is bounded stops there. The same work again and a snapshot after it would tell: what was filled once stays as it is, a leak grows again.");
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
        insta::assert_snapshot!(one.outcome_sentence(), @"One snapshot cannot show growth. `jobs` keeps growing: 1 → 2 in `queue@3.0.2`: if this grows, it is the leak. Capture two more, each after the same work.");
    }

    #[test]
    fn one_snapshot_cannot_tell() {
        let mut one = report(vec![information(0.1)]);
        one.snapshots.truncate(1);
        assert_eq!(one.outcome(), Outcome::CannotTell);
        insta::assert_snapshot!(one.outcome_sentence(), @"One snapshot cannot show growth. `cache` keeps growing: if this grows, it is the leak. Capture two more, each after the same work.");
    }
}
