//! The engines take turns on each file, and each one's best run counts.
//!
//! Taking turns, all of them meet the same quiet and the same noise of the machine.

use std::collections::HashMap;
use std::path::Path;
use std::time::Duration;

use super::engines::Engine;
use super::measure::{Cost, measure};
use super::subject::Subject;
use super::table;

pub(super) struct Rounds<'a> {
    engines: &'a [Engine],
    folder: &'a Path,
    /// How long an engine may take.
    pub(super) limit: Duration,
    pub(super) results: Vec<Measured>,
    /// Engines that came to no end on a smaller file of the family.
    given_up: HashMap<String, Vec<String>>,
}

/// What all engines did on one file, in their order; ours is the first.
pub(super) struct Measured {
    pub(super) title: String,
    pub(super) bytes: u64,
    pub(super) edges: u64,
    pub(super) outcomes: Vec<(String, Outcome)>,
}

/// The best run, or why there is none.
pub(super) type Outcome = Result<Cost, String>;

impl<'a> Rounds<'a> {
    pub(super) fn new(engines: &'a [Engine], folder: &'a Path, limit: Duration) -> Self {
        Self { engines, folder, limit, results: Vec::new(), given_up: HashMap::new() }
    }

    /// Measures all engines on a file and prints their rows.
    pub(super) fn measure(&mut self, subject: &Subject) -> anyhow::Result<()> {
        let given_up = self.given_up.entry(subject.family.clone()).or_default();
        let mut best: Vec<Option<Outcome>> = Vec::new();
        for engine in self.engines {
            engine.prepare(&subject.file)?;
            let hopeless = given_up.contains(&engine.name);
            best.push(hopeless.then(|| Err("not tried: not done on the smaller file".to_owned())));
        }
        let rounds = self.engines.iter().map(|engine| engine.runs).max().unwrap_or(0);
        for round in 0..rounds {
            for (engine, best) in self.engines.iter().zip(&mut best) {
                if round < engine.runs && !matches!(best, Some(Err(_))) {
                    let outcome = measure(engine.command(&subject.file), self.limit, self.folder);
                    *best = Some(better(best.take(), outcome.map_err(|error| error.to_string())));
                }
            }
        }
        let mut outcomes: Vec<_> = self
            .engines
            .iter()
            .map(|engine| engine.name.clone())
            .zip(best.into_iter().map(|best| best.unwrap_or_else(|| Err("not run".to_owned()))))
            .collect();
        refuse_wrong_counts(&mut outcomes);
        let failed = outcomes.iter().filter(|(_, outcome)| outcome.is_err());
        given_up.extend(failed.map(|(engine, _)| engine.clone()));

        let Subject { title, bytes, edges, .. } = subject;
        let measured = Measured { title: title.clone(), bytes: *bytes, edges: *edges, outcomes };
        print!("{}", table::rows(&measured));
        self.results.push(measured);
        Ok(())
    }
}

/// A failure counts even after a success: the engine cannot be relied on.
fn better(best: Option<Outcome>, outcome: Outcome) -> Outcome {
    match (best, outcome) {
        (Some(Ok(best)), Ok(cost)) if best.seconds <= cost.seconds => Ok(best),
        (_, outcome) => outcome,
    }
}

/// Who has not seen all of the file did not do the work.
fn refuse_wrong_counts(outcomes: &mut [(String, Outcome)]) {
    let Some((_, Ok(Cost { nodes: expected, .. }))) = outcomes.first() else { return };
    let expected = *expected;
    for (_, outcome) in outcomes {
        if let Ok(cost) = outcome
            && cost.nodes != expected
        {
            *outcome = Err(format!("sees {:?} nodes instead of {expected:?}", cost.nodes));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cost(seconds: f64, nodes: u64) -> Cost {
        Cost { seconds, cpu_seconds: 1.0, peak_bytes: 1, nodes: Some(nodes) }
    }

    #[test]
    fn the_best_run_counts_unless_one_fails() {
        let [fast, slow] = [cost(1.0, 7), cost(2.0, 7)];
        assert_eq!(better(None, Ok(slow.clone())), Ok(slow.clone()));
        assert_eq!(better(Some(Ok(slow.clone())), Ok(fast.clone())), Ok(fast.clone()));
        assert_eq!(better(Some(Ok(fast.clone())), Ok(slow)), Ok(fast.clone()));
        let failure = Err("failed".to_owned());
        assert_eq!(better(Some(Ok(fast)), failure.clone()), failure);
    }

    #[test]
    fn engines_must_see_what_ours_sees() {
        let (ours, theirs) = (cost(1.0, 7), cost(1.0, 6));
        let mut outcomes =
            [("ours".to_owned(), Ok(ours.clone())), ("theirs".to_owned(), Ok(theirs))];
        refuse_wrong_counts(&mut outcomes);
        assert_eq!(outcomes[0].1, Ok(ours));
        assert_eq!(outcomes[1].1, Err("sees Some(6) nodes instead of Some(7)".to_owned()));
    }
}
