//! What to measure next for a leak that nobody can be sure of yet, from what was measured already.

use crate::report::NextMeasurement;
use crate::rules::leak::Leak;
use crate::verdict::Bound;
use crate::verdict::reason::Reason;
use crate::verdict::trend::Trend;

/// A program that was still starting for at least so large a part, from 0 to 1, is measured again.
const MIN_STARTING: f64 = 0.5;

/// After so many snapshots one more round like those before tells little.
const MANY_SNAPSHOTS: usize = 4;

/// What would tell, if it is not known yet. A bound that the source promises is asked for first: nothing
/// else shows whether it holds.
pub(super) fn next_measurement(leak: &Leak) -> Option<NextMeasurement> {
    let applies = |reason, least| {
        leak.verdict.reasons.iter().any(|it| it.reason == reason && it.strength >= least)
    };
    leak.verdict.is_open.then(|| {
        if let Some(limit) = leak.facts.limit_not_reached() {
            NextMeasurement::AtLimit(limit)
        } else if leak.features.source.bound == Some(Bound::Expiry) {
            NextMeasurement::AfterExpiry
        } else if leak.is_of_other_processes || applies(Reason::OtherProcess, 0.0) {
            NextMeasurement::OfOneProcess
        } else if applies(Reason::Starting, MIN_STARTING) {
            NextMeasurement::AfterStart
        } else if matches!(leak.features.trend, Trend::Kept { .. }) {
            NextMeasurement::AfterRest
        } else if leak.counts.len() >= MANY_SNAPSHOTS {
            NextMeasurement::MuchMoreWork
        } else {
            NextMeasurement::OneMoreRound
        }
    })
}
