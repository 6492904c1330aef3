//! The table by way of capture: the leaks that are found and called, and what is said of healthy programs.

use std::fmt::Write as _;

use heapmark_tests::cases::ways;

use crate::measure::{Is, Outcome};

/// The ways of capture, from what shows most to what shows least.
const WAYS: [(&str, &str); 9] = [
    (ways::WORK, "three, with the same work before each but the first"),
    (ways::REST, "before the work, after it, and after a rest"),
    (ways::TWO, "before the work and after it"),
    (ways::LOAD, "three while the program is at work"),
    (ways::LOAD_TWO, "the first and the last of those"),
    (ways::EARLY, "after little work, and after much"),
    (ways::START, "three right after the start"),
    (ways::PROCESSES, "one each of two runs"),
    (ways::ONE, "one, after the work"),
];

/// What is counted.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Counts {
    leaks: usize,
    first: usize,
    primary: usize,
    top: usize,
    called: usize,
    findings: usize,
    /// Warnings in programs that leak: at a place that may be blamed, and elsewhere.
    right: usize,
    elsewhere: usize,
    healthy: usize,
    /// Healthy programs with a false warning.
    alarmed: usize,
    wrong: usize,
}

impl Counts {
    pub(crate) fn of<'o>(outcomes: impl Iterator<Item = &'o Outcome>) -> Self {
        let mut counts = Self::default();
        outcomes.for_each(|outcome| counts.add(outcome));
        counts
    }

    fn add(&mut self, outcome: &Outcome) {
        let wrong = outcome.warnings(|is| *is == Is::False);
        if outcome.is_healthy() {
            self.healthy += 1;
            self.wrong += wrong;
            self.alarmed += usize::from(wrong > 0);
            return;
        }
        self.findings += outcome.findings.iter().filter(|it| it.is != Is::Aside).count();
        self.right += outcome.warnings(|is| matches!(is, Is::Leaks(_)));
        self.elsewhere += outcome.warnings(|is| *is == Is::Elsewhere);
        for leak in &outcome.leaks {
            let within = |best: usize| leak.rank.is_some_and(|rank| rank <= best);
            self.leaks += 1;
            self.first += usize::from(within(1));
            self.primary += usize::from(within(1) && leak.is_primary);
            self.top += usize::from(within(3));
            self.called += usize::from(leak.is_called);
        }
    }

    fn row(&self, label: &str) -> String {
        let Self { leaks, healthy, alarmed, wrong, elsewhere, .. } = *self;
        let of_leaks = |count| share(count, leaks);
        let cells = [
            label.to_owned(),
            leaks.to_string(),
            of_leaks(self.first),
            of_leaks(self.primary),
            of_leaks(self.top),
            of_leaks(self.called),
            ratio(self.findings, leaks),
            elsewhere.to_string(),
            healthy.to_string(),
            if healthy == 0 { "–".to_owned() } else { format!("{wrong} in {alarmed}") },
            share(self.right, self.right + wrong),
        ];
        format!("| {} |", cells.join(" | "))
    }
}

const HEAD: &str = "\
| capture | leaks | right line first | as its primary place | in the top 3 | called | findings a leak | warnings elsewhere | healthy | false warnings | precision |
|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|
";

/// One table of the outcomes that it is about.
pub(crate) fn table(outcomes: &[&Outcome]) -> String {
    let mut table = HEAD.to_owned();
    let all = || outcomes.iter().copied();
    let mut add = |label: &str, counts: Counts| {
        if counts.leaks + counts.healthy > 0 {
            // Writing to a text cannot fail.
            let _ = writeln!(table, "{}", counts.row(label));
        }
    };
    for (way, label) in WAYS {
        add(&format!("`{way}`: {label}"), Counts::of(all().filter(|it| it.way == way)));
    }
    add("all but `one`", Counts::of(all().filter(|it| it.way != ways::ONE)));
    table
}

/// Precision and recall over all series of more than one snapshot, in a sentence.
pub(crate) fn overall(outcomes: &[&Outcome]) -> String {
    let several = outcomes.iter().copied().filter(|it| it.way != ways::ONE);
    let Counts { leaks, called, right, wrong, elsewhere, .. } = Counts::of(several);
    let (said, said_elsewhere) = (right + wrong, right + wrong + elsewhere);
    format!(
        "Recall {}: {called} of {leaks} leaks are called. Precision {}: {wrong} of {said} warnings are false; it is {} if those count \
         as false too that a leaking program gives elsewhere ({elsewhere}). Series of one snapshot are left out.",
        percent(called, leaks),
        percent(right, said),
        percent(right, said_elsewhere),
    )
}

/// A part in per cent, and how many that is.
pub(crate) fn share(part: usize, whole: usize) -> String {
    if whole == 0 { "–".to_owned() } else { format!("{} ({part})", percent(part, whole)) }
}

fn percent(part: usize, whole: usize) -> String {
    if whole == 0 {
        "–".to_owned()
    } else {
        format!("{:.1} %", 100.0 * part as f64 / whole as f64)
    }
}

fn ratio(part: usize, whole: usize) -> String {
    if whole == 0 { "–".to_owned() } else { format!("{:.2}", part as f64 / whole as f64) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::{finding, outcome};

    #[test]
    fn each_way_of_capture_has_its_row() {
        let outcomes = [
            outcome("corpus/a", "rest", true, vec![finding("warning", &[1])]),
            outcome(
                "corpus/b",
                "rest",
                true,
                vec![finding("warning", &[9]), finding("information", &[8, 1])],
            ),
            outcome("corpus/c", "two", true, vec![]),
            outcome("healthy/d", "rest", false, vec![finding("warning", &[1])]),
            outcome("healthy/e", "one", false, vec![finding("information", &[1])]),
        ];
        let outcomes: Vec<&Outcome> = outcomes.iter().collect();
        insta::assert_snapshot!(table(&outcomes), @r#"
        | capture | leaks | right line first | as its primary place | in the top 3 | called | findings a leak | warnings elsewhere | healthy | false warnings | precision |
        |---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|
        | `rest`: before the work, after it, and after a rest | 2 | 50.0 % (1) | 50.0 % (1) | 100.0 % (2) | 50.0 % (1) | 1.50 | 1 | 1 | 1 in 1 | 50.0 % (1) |
        | `two`: before the work and after it | 1 | 0.0 % (0) | 0.0 % (0) | 0.0 % (0) | 0.0 % (0) | 0.00 | 0 | 0 | – | – |
        | `one`: one, after the work | 0 | – | – | – | – | – | 0 | 1 | 0 in 0 | – |
        | all but `one` | 3 | 33.3 % (1) | 33.3 % (1) | 66.7 % (2) | 33.3 % (1) | 1.00 | 1 | 1 | 1 in 1 | 50.0 % (1) |
        "#);
        insta::assert_snapshot!(overall(&outcomes), @r#"
        Recall 33.3 %: 1 of 3 leaks are called. Precision 50.0 %: 1 of 2 warnings are false; it is 33.3 % if those count as false too that a leaking program gives elsewhere (1). Series of one snapshot are left out.
        "#);
    }
}
