//! How sure a leak is and how loudly it is said: from what was measured and what the source says.
//!
//! Plain numbers go in, a [`Verdict`] comes out: no heap, no source and no sentence is known here. Every
//! threshold of the house stands in [`thresholds`], also those by which rules find what they look for.

pub(crate) mod by_rule;
pub(crate) mod growing_collection;
pub(crate) mod softened;
pub(crate) mod source;
pub(crate) mod thresholds;
pub(crate) mod trend;

use crate::report::Severity;
pub(crate) use crate::verdict::source::{Adds, Bound, Removes, Source};
use crate::verdict::thresholds::judge::{MANY_KEPT, MANY_TIMES};
use crate::verdict::trend::Trend;

/// What is thought of a leak.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Verdict {
    /// How loudly to say it.
    pub(crate) severity: Severity,
    /// How sure that is, from 0 to 1.
    pub(crate) certainty: f32,
}

/// What a verdict depends on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Features {
    /// How many snapshots there are.
    pub(crate) snapshots: usize,
    pub(crate) trend: Trend,
    pub(crate) source: Source,
}

/// The verdict that most rules share.
pub(crate) fn judge(features: &Features) -> Verdict {
    Verdict { severity: severity(features), certainty: certainty(features) }
}

/// How sure, from 0 to 1. Growth over several snapshots counts most, then what the source says.
fn certainty(Features { snapshots, trend, source }: &Features) -> f32 {
    let measured = match *trend {
        Trend::Once => 0.3,
        Trend::Kept { .. } => 0.5,
        Trend::Growing { .. } if *snapshots == 2 => 0.6,
        Trend::Growing { slows: true, .. } => 0.4,
        Trend::Growing { evenness, .. } => {
            0.5 + 0.3 * evenness + if *snapshots > 3 { 0.1 } else { 0.0 }
        }
    };
    let read = match source {
        s if s.is_bounded() => -0.35,
        s if s.removes() => -0.25,
        s if s.adds() => 0.35,
        _ => 0.0,
    };
    (measured + read).clamp(0.05, 0.98) as f32
}

/// Only measured growth that no size check bounds and that does not slow down is a warning. If something
/// does remove, two snapshots are too few to tell.
fn severity(Features { snapshots, trend, source }: &Features) -> Severity {
    let unsure = *snapshots == 2 && source.removes();
    // A table that is filled once is small, or was empty before, or is bounded.
    let is_plain = source.adds() && !source.removes();
    match *trend {
        Trend::Kept { gained, times }
            if gained >= MANY_KEPT && times >= MANY_TIMES && is_plain && !source.is_bounded() =>
        {
            Severity::Warning
        }
        Trend::Growing { slows: false, .. } if !source.is_bounded() && !unsure => Severity::Warning,
        Trend::Growing { .. } | Trend::Kept { .. } | Trend::Once => Severity::Information,
    }
}
