//! Fitting on the labelled programs, and how well that does on programs that were left out.
//!
//! A fit on all programs tells what the weights could be; only of programs that it has not seen can it be
//! said how good it is.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Write as _};

use heapmark_leaks::judge::{CALLED, MIN_GROWTH};
use heapmark_tests::cases::ways;

use crate::fit::{Sample, Sign, fit, logistic};
use crate::measure::{Judged, Outcome};
use crate::report::Reason;
use crate::table::share;

/// Into so many parts the programs are divided; each part is left out in turn.
const PARTS: usize = 10;
/// Certainties from which on a leak could be called one.
const THRESHOLDS: [f64; 5] = [0.4, 0.5, 0.6, 0.7, 0.8];

/// The labelled findings as samples.
pub(crate) struct Set<'o> {
    outcomes: &'o [&'o Outcome],
    /// The reasons by name, each with what it weighs now.
    reasons: BTreeMap<&'o str, InForce>,
    signs: Vec<Sign>,
    /// Of each finding of each outcome; `None` if nobody knows what it is, or it is never called a leak.
    samples: Vec<Vec<Option<Sample>>>,
}

impl<'o> Set<'o> {
    pub(crate) fn of(outcomes: &'o [&'o Outcome]) -> Self {
        let mut reasons: BTreeMap<&str, InForce> = BTreeMap::new();
        let mut of_programs: BTreeMap<&str, usize> = BTreeMap::new();
        for (outcome, judged) in known(outcomes) {
            *of_programs.entry(&outcome.program).or_default() += 1;
            for reason in &judged.finding.reasons {
                reasons.entry(&reason.name).or_default().see(reason);
            }
        }
        let signs = reasons.iter().map(|(name, now)| sign(name, now.most)).collect();
        let index: BTreeMap<&str, usize> =
            reasons.keys().enumerate().map(|(at, &name)| (name, at)).collect();
        let sample = |outcome: &Outcome, judged: &Judged| {
            teaches(outcome, judged).then(|| Sample {
                strengths: judged
                    .finding
                    .reasons
                    .iter()
                    .map(|it| (index[it.name.as_str()], it.strength))
                    .collect(),
                is_leak: judged.is_leak() == Some(true),
                // So that a program with many findings does not outvote the others.
                counts: 1.0 / (of_programs[outcome.program.as_str()] as f64).sqrt(),
            })
        };
        let samples = outcomes
            .iter()
            .map(|outcome| outcome.findings.iter().map(|judged| sample(outcome, judged)).collect());
        Self { outcomes, signs, samples: samples.collect(), reasons }
    }

    /// The weights fitted on all programs, beside those in force.
    pub(crate) fn weights(&self) -> String {
        let samples: Vec<&Sample> = self.samples.iter().flatten().flatten().collect();
        let fitted = fit(&samples, &self.signs);
        let mut table = "\
            | reason | in force | fitted | findings with it | leaks among them |\n\
            |---|---:|---:|---:|---:|\n"
            .to_owned();
        for (at, (name, now)) in self.reasons.iter().enumerate() {
            let with = |it: &&&Sample| it.strengths.iter().any(|&(reason, _)| reason == at);
            let all = samples.iter().filter(with).count();
            let leaks = samples.iter().filter(with).filter(|it| it.is_leak).count();
            // Writing to a text cannot fail.
            let _ = writeln!(table, "| {name} | {now} | {:.2} | {all} | {leaks} |", fitted[at]);
        }
        table
    }

    /// What would be called by weights that were fitted without the program in question.
    pub(crate) fn table(&self) -> String {
        let certainties = self.certainties();
        let mut table = "\
            | capture, certainty from | leaks | called | healthy | false warnings | precision |\n\
            |---|---:|---:|---:|---:|---:|\n"
            .to_owned();
        let ways = self.outcomes.iter().map(|it| it.way.as_str());
        let ways: BTreeSet<&str> = ways.filter(|&way| way != ways::ONE).collect();
        let rows = ways.iter().map(|&way| (format!("`{way}`, {CALLED}"), Some(way), CALLED));
        let all = THRESHOLDS.iter().map(|&it| (format!("all but `one`, {it}"), None, it));
        for (label, way, threshold) in rows.chain(all) {
            let is_asked = |outcome: &Outcome| match way {
                Some(way) => outcome.way == way,
                None => outcome.way != ways::ONE,
            };
            let called = self.called(&certainties, threshold, is_asked);
            let _ = writeln!(table, "{}", called.row(&label));
        }
        table
    }

    /// Of each sample, by weights fitted on the other parts.
    fn certainties(&self) -> Vec<Vec<Option<f64>>> {
        let programs: BTreeSet<&str> = self.outcomes.iter().map(|it| it.program.as_str()).collect();
        let part: BTreeMap<&str, usize> =
            programs.into_iter().enumerate().map(|(at, name)| (name, at % PARTS)).collect();
        let part_of = |outcome: &Outcome| part[outcome.program.as_str()];
        let fitted: Vec<Vec<f64>> = (0..PARTS)
            .map(|left_out| {
                let others = self.outcomes.iter().zip(&self.samples);
                let others = others.filter(|(outcome, _)| part_of(outcome) != left_out);
                let others: Vec<&Sample> =
                    others.flat_map(|(_, all)| all.iter().flatten()).collect();
                fit(&others, &self.signs)
            })
            .collect();
        let of_outcome = |(outcome, samples): (&&Outcome, &Vec<Option<Sample>>)| {
            let weights = &fitted[part_of(outcome)];
            let certainty = |it: &Sample| logistic(it.log_odds(weights));
            samples.iter().map(|it| it.as_ref().map(certainty)).collect()
        };
        self.outcomes.iter().zip(&self.samples).map(of_outcome).collect()
    }

    fn called(
        &self,
        certainties: &[Vec<Option<f64>>],
        threshold: f64,
        is_asked: impl Fn(&Outcome) -> bool,
    ) -> Called {
        let mut sum = Called::default();
        for (outcome, certainties) in self.outcomes.iter().zip(certainties) {
            if !is_asked(outcome) {
                continue;
            }
            let judged = outcome.findings.iter().zip(certainties);
            let warned = judged.filter(|(judged, certainty)| {
                certainty.is_some_and(|it| it >= threshold) && is_worth_it(outcome, judged)
            });
            let warned: Vec<&Judged> = warned.map(|(judged, _)| judged).collect();
            sum.healthy += usize::from(outcome.is_healthy());
            sum.leaks += outcome.leaks.len();
            let is_called = |leak: &usize| warned.iter().any(|it| it.is_of(*leak));
            sum.told += (0..outcome.leaks.len()).filter(is_called).count();
            sum.right += warned.iter().filter(|it| it.is_leak() == Some(true)).count();
            sum.wrong += warned.iter().filter(|it| it.is_leak() == Some(false)).count();
        }
        sum
    }
}

/// What a reason weighs now: it may weigh differently in leaks of different kinds.
#[derive(Debug, Default)]
struct InForce {
    /// The greatest with which it was seen: reports round, so this tells the weight best.
    strength: f64,
    least: f64,
    most: f64,
}

impl InForce {
    fn see(&mut self, reason: &Reason) {
        let weight = reason.weight / reason.strength;
        if reason.strength > self.strength {
            *self = Self { strength: reason.strength, least: weight, most: weight };
        } else if reason.strength >= self.strength {
            self.least = self.least.min(weight);
            self.most = self.most.max(weight);
        }
    }
}

impl fmt::Display for InForce {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.2}", self.least)?;
        if self.most > self.least { write!(f, " to {:.2}", self.most) } else { Ok(()) }
    }
}

/// What would be called.
#[derive(Default)]
struct Called {
    leaks: usize,
    told: usize,
    healthy: usize,
    right: usize,
    wrong: usize,
}

impl Called {
    fn row(&self, label: &str) -> String {
        let Self { leaks, told, healthy, right, wrong } = *self;
        let (recall, precision) = (share(told, leaks), share(right, right + wrong));
        format!("| {label} | {leaks} | {recall} | {healthy} | {wrong} | {precision} |")
    }
}

/// The findings from which weights are fitted.
fn known<'o>(outcomes: &'o [&'o Outcome]) -> impl Iterator<Item = (&'o Outcome, &'o Judged)> {
    let all = outcomes.iter().flat_map(|it| it.findings.iter().map(|judged| (*it, judged)));
    all.filter(|(outcome, judged)| teaches(outcome, judged))
}

/// Whether it is known if it is a leak. What one snapshot shows is never called one, whatever the weights:
/// it has nothing to teach about several.
fn teaches(outcome: &Outcome, judged: &Judged) -> bool {
    outcome.way != ways::ONE && judged.is_known()
}

/// Whether it matters, if it is a leak; as the judge has it.
fn is_worth_it(outcome: &Outcome, judged: &Judged) -> bool {
    let is_handle = judged.finding.reasons.iter().any(|it| it.name == "kind-handles");
    is_handle || bytes(outcome, judged) >= MIN_GROWTH
}

/// By how much it grew; of one snapshot what it retains.
pub(crate) fn bytes(outcome: &Outcome, judged: &Judged) -> i64 {
    let finding = &judged.finding;
    if outcome.way == ways::ONE { finding.retained_size } else { finding.growth }
}

/// A kind may be anything; what weighs nothing now may only speak against.
fn sign(name: &str, weight: f64) -> Sign {
    if name.starts_with("kind-") {
        Sign::Free
    } else if weight > 0.0 {
        Sign::For
    } else {
        Sign::Against
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::{outcome, weighed};

    /// Twenty programs, of which every other leaks, and grows.
    fn outcomes() -> Vec<Outcome> {
        let each = (0..20).map(|at| {
            let leaks = at % 2 == 0;
            let reason = if leaks { ("grows", 1.0, 0.5) } else { ("bounded", 1.0, -4.0) };
            let kind = ("kind-other", 1.0, -1.5);
            outcome(&format!("corpus/{at:02}"), "rest", leaks, vec![weighed(&[kind, reason])])
        });
        each.collect()
    }

    #[test]
    fn programs_that_were_left_out_are_judged_by_the_others() {
        let outcomes = outcomes();
        let outcomes: Vec<&Outcome> = outcomes.iter().collect();
        let set = Set::of(&outcomes);
        insta::assert_snapshot!(set.table(), @r#"
        | capture, certainty from | leaks | called | healthy | false warnings | precision |
        |---|---:|---:|---:|---:|---:|
        | `rest`, 0.7 | 10 | 100.0 % (10) | 10 | 0 | 100.0 % (10) |
        | all but `one`, 0.4 | 10 | 100.0 % (10) | 10 | 0 | 100.0 % (10) |
        | all but `one`, 0.5 | 10 | 100.0 % (10) | 10 | 0 | 100.0 % (10) |
        | all but `one`, 0.6 | 10 | 100.0 % (10) | 10 | 0 | 100.0 % (10) |
        | all but `one`, 0.7 | 10 | 100.0 % (10) | 10 | 0 | 100.0 % (10) |
        | all but `one`, 0.8 | 10 | 100.0 % (10) | 10 | 0 | 100.0 % (10) |
        "#);
    }

    #[test]
    fn the_fitted_weights_stand_beside_those_in_force() {
        let outcomes = outcomes();
        let outcomes: Vec<&Outcome> = outcomes.iter().collect();
        insta::assert_snapshot!(Set::of(&outcomes).weights(), @r#"
        | reason | in force | fitted | findings with it | leaks among them |
        |---|---:|---:|---:|---:|
        | bounded | -4.00 | -3.89 | 10 | 0 |
        | grows | 0.50 | 4.51 | 10 | 10 |
        | kind-other | -1.50 | -0.40 | 20 | 10 |
        "#);
    }
}
