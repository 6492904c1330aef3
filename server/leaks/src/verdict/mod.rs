//! How sure a leak is and how loudly it is said: from what was measured and what the source says.
//!
//! Plain numbers go in, a [`Verdict`] comes out: no heap, no source and no sentence is known here. Every
//! threshold of the house stands in [`thresholds`], also those by which rules find what they look for.
//!
//! Certainty is the sum of what each [`Reason`] weighs, on a scale of log-odds. Four laws hold, and are
//! tested below: more of the same makes surer; ten times as much is never less sure; how loudly a leak is
//! said follows from certainty and bytes alone; equal features give equal verdicts.

pub(crate) mod features;
#[cfg(test)]
mod frozen;
#[cfg(test)]
mod laws;
mod model;
pub(crate) mod reason;
pub(crate) mod source;
mod strength;
pub(crate) mod thresholds;
pub(crate) mod trend;

use crate::report::Severity;
pub(crate) use crate::verdict::features::{Access, Features, Signs, What};
pub(crate) use crate::verdict::reason::{Reason, Weighed};
pub(crate) use crate::verdict::source::{Adds, Bound, Removes, Source, Unread};
use crate::verdict::strength::strengths;
use crate::verdict::thresholds::judge::{CALLED, MIN_GROWTH, OPEN};
use crate::verdict::trend::Trend;

/// What is thought of a leak.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Verdict {
    /// How loudly to say it.
    pub(crate) severity: Severity,
    /// How sure that is, from 0 to 1.
    pub(crate) certainty: f32,
    /// Why: what weighs most, first.
    pub(crate) reasons: Vec<Weighed>,
    /// It is called none, and nobody can say yet that it is none: it is not sure enough for that, or only a bound speaks against
    /// it, which the source promises and nobody has seen to hold.
    pub(crate) is_open: bool,
}

/// The verdict on a leak.
pub(crate) fn judge(features: &Features) -> Verdict {
    let mut reasons = weighed(strengths(features));
    let certainty = certainty(&reasons);
    reasons.sort_by(|one, two| two.weight.abs().total_cmp(&one.weight.abs()));
    let is_called = certainty >= CALLED && is_worth_it(features.what, features.bytes);
    let is_open = !is_called && features.what != What::Waste && is_open(features, &reasons);
    let severity = if is_called { Severity::Warning } else { Severity::Information };
    if features.what == What::Waste {
        // It is there for certain, and no leak: there is nothing to be more or less sure of.
        reasons.clear();
    }
    Verdict { severity, certainty: certainty as f32, reasons, is_open }
}

fn is_open(features: &Features, reasons: &[Weighed]) -> bool {
    let is_promise = |it: &Weighed| matches!(it.reason, Reason::Bounded | Reason::Expires);
    let without =
        |left_out: &dyn Fn(&Weighed) -> bool| certainty(reasons.iter().filter(|it| !left_out(it)));
    // That little was seen yet is no reason to say that it is none, as long as it grows.
    let grows = matches!(features.trend, Trend::Growing { .. });
    let is_early = |it: &Weighed| grows && it.reason.says_that_little_was_seen();
    let promised = reasons.iter().any(is_promise);
    without(&is_early) >= OPEN || promised && without(&is_promise) > 0.5
}

/// What the reasons weigh, each at its strength.
fn weighed(strengths: impl Iterator<Item = (Reason, f64)>) -> Vec<Weighed> {
    let weighed = strengths.map(|(reason, strength)| {
        let weight = strength * model::weight(reason);
        Weighed { reason, strength, weight }
    });
    weighed.collect()
}

/// From 0 to 1.
fn certainty<'a>(reasons: impl IntoIterator<Item = &'a Weighed>) -> f64 {
    let log_odds: f64 = reasons.into_iter().map(|it| it.weight).sum();
    1.0 / (1.0 + (-log_odds).exp())
}

/// Whether it matters, if it is a leak.
fn is_worth_it(what: What, bytes: i64) -> bool {
    match what {
        What::Waste => false,
        // What an open one costs is mostly outside of the heap.
        What::Handles => true,
        _ => bytes >= MIN_GROWTH,
    }
}

impl Verdict {
    /// Before anything was judged.
    pub(crate) fn pending() -> Self {
        Self {
            severity: Severity::Information,
            certainty: 0.0,
            reasons: Vec::new(),
            is_open: false,
        }
    }
}
