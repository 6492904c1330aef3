//! How sure a finding is and how loudly it is said: from what was measured and what the source says.
//! It finds nothing and words nothing.

pub(crate) mod growing_collection;

use crate::census::trend::Trend;
use crate::evidence::Evidence;
use crate::locate::statements::Statements;
use crate::report::Severity;

/// What is thought of a leak.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Verdict {
    /// How loudly to say it.
    pub(crate) severity: Severity,
    /// How sure that is, from 0 to 1.
    pub(crate) certainty: f32,
}

/// What was added and never taken out is a warning from so many on, though nothing was added any more
/// before the last snapshot: tables that are filled once (lazily made templates, formatters, routes)
/// seldom have as many entries,
pub(crate) const MANY_KEPT: u64 = 100;

/// nor so many times as many as before the work began.
const MANY_TIMES: f64 = 3.0;

/// How sure the verdict is, from 0 to 1. The weights are those of the detection's design: growth
/// over several snapshots counts most, then what the source says.
pub(crate) fn certainty(e: &Evidence, seen: Trend, statements: &Statements) -> f32 {
    let measured = match seen {
        Trend::Once => 0.3,
        Trend::Kept { .. } => 0.5,
        Trend::Growing { .. } if e.snapshots() == 2 => 0.6,
        Trend::Growing { slows: true, .. } => 0.4,
        Trend::Growing { evenness, .. } => {
            0.5 + 0.3 * evenness + if e.snapshots() > 3 { 0.1 } else { 0.0 }
        }
    };
    let read = match statements {
        s if s.guarded => -0.35,
        s if !s.removes.is_empty() => -0.25,
        s if !s.adds.is_empty() => 0.35,
        _ => 0.0,
    };
    (measured + read).clamp(0.05, 0.98) as f32
}

/// How loudly to show it: only measured growth that no size check bounds and that does not slow down is
/// a warning. If something does remove, two snapshots are too few to tell.
pub(crate) fn severity(e: &Evidence, seen: Trend, statements: &Statements) -> Severity {
    let unsure = e.snapshots() == 2 && !statements.removes.is_empty();
    // A table that is filled once is small, or was empty before, or is bounded.
    let is_plain = !statements.adds.is_empty() && statements.removes.is_empty();
    match seen {
        Trend::Kept { gained, times }
            if gained >= MANY_KEPT && times >= MANY_TIMES && is_plain && !statements.guarded =>
        {
            Severity::Warning
        }
        Trend::Growing { slows: false, .. } if !statements.guarded && !unsure => Severity::Warning,
        Trend::Growing { .. } | Trend::Kept { .. } | Trend::Once => Severity::Information,
    }
}
