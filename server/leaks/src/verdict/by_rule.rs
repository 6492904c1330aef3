//! Verdicts of rules that know more than [`judge`](crate::verdict::judge) does.

use crate::report::Severity;
use crate::verdict::thresholds::judge::MANY_KEPT;
use crate::verdict::trend::Trend;
use crate::verdict::{Features, Verdict, judge};

/// Equal strings waste memory for certain; whether that matters, nobody knows.
pub(crate) const EQUAL_STRINGS: Verdict =
    Verdict { severity: Severity::Information, certainty: 0.8 };

/// Short slices keep a long text for certain; it may be in use otherwise.
pub(crate) const SLICES: Verdict = Verdict { severity: Severity::Information, certainty: 0.6 };

/// Nobody needs a hundred listeners with one function on one emitter, whatever else removes some.
pub(crate) fn listeners(features: &Features) -> Verdict {
    let verdict = judge(features);
    match features.trend {
        Trend::Kept { gained, .. } if gained >= MANY_KEPT => {
            Verdict { severity: Severity::Warning, ..verdict }
        }
        _ => verdict,
    }
}

/// Timeouts that pile up may only be slow.
pub(crate) fn timers(features: &Features, are_intervals: bool) -> Verdict {
    let verdict = judge(features);
    if are_intervals { verdict } else { Verdict { severity: Severity::Information, ..verdict } }
}

/// What is there and was not seen to grow, whatever the snapshots say of other things.
pub(crate) fn not_seen_to_grow(features: &Features) -> Verdict {
    Verdict { severity: Severity::Information, ..judge(features) }
}

/// What nobody uses is certain; that it matters is only certain if it grows.
pub(crate) fn unused_capture(trend: Option<Trend>) -> Verdict {
    match trend {
        Some(Trend::Growing { .. }) => Verdict { severity: Severity::Warning, certainty: 0.95 },
        _ => Verdict { severity: Severity::Information, certainty: 0.7 },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verdict::{Adds, Removes, Source};

    fn features(trend: Trend) -> Features {
        let source = Source { adds: Adds::Something, removes: Removes::Something, bound: None };
        Features { snapshots: 3, trend, source }
    }

    #[test]
    fn a_hundred_listeners_that_stayed_are_a_warning_though_something_removes_some() {
        let kept = |gained| features(Trend::Kept { gained, times: 9.0 });
        assert_eq!(listeners(&kept(100)).severity, Severity::Warning);
        assert_eq!(listeners(&kept(99)).severity, Severity::Information);
    }

    #[test]
    fn timeouts_are_no_warning() {
        let growing = features(Trend::Growing { evenness: 1.0, slows: false });
        assert_eq!(timers(&growing, true).severity, Severity::Warning);
        assert_eq!(timers(&growing, false).severity, Severity::Information);
    }
}
