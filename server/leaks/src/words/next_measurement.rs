//! What to measure next for a leak that nobody can be sure of yet, from what was measured already, and how
//! to say it.

use crate::report::NextMeasurement;
use crate::report::text::{self, text};
use crate::report::units;
use crate::rules::leak::Leak;
use crate::verdict::Bound;
use crate::verdict::reason::Reason;
use crate::verdict::thresholds::next_measurement::{MANY_SNAPSHOTS, MIN_STARTING};
use crate::verdict::trend::Trend;

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
            NextMeasurement::rounds_after(leak.counts.len())
        }
    })
}

impl NextMeasurement {
    /// More rounds after so many snapshots.
    pub(super) fn rounds_after(snapshots: usize) -> Self {
        if snapshots < 3 { Self::TwoMoreRounds } else { Self::OneMoreRound }
    }

    /// What to do and what that tells, of something with a `name`: a sentence.
    pub(super) fn sentence(self, name: Option<&str>) -> String {
        let it = name.map_or_else(|| "it".into(), |it| text![text::name(it)]);
        match self {
            Self::AtLimit(limit) => format!(
                "Fill {it} to its limit of {} and capture one more snapshot: what is bounded stops there.",
                units::number(limit)
            ),
            Self::AfterExpiry => {
                "Wait until what is due is taken out, without new work, and capture one more \
                                  snapshot: what expires goes, a leak stays."
                    .to_owned()
            }
            Self::OfOneProcess => {
                "Capture two snapshots of the same process, with work between them: two \
                                   processes may just have had different work."
                    .to_owned()
            }
            Self::AfterStart => {
                "Your snapshots are early, the program was still starting: wait a few minutes, \
                                 then capture them again."
                    .to_owned()
            }
            Self::AfterRest => {
                "The same work again and a snapshot after it would tell: what was filled once \
                                stays as it is, a leak grows again."
                    .to_owned()
            }
            Self::TwoMoreRounds => {
                "Two more snapshots would tell, each after the same work: a leak grows each time by as much, \
                                   what fills up grows less or stops."
                    .to_owned()
            }
            Self::OneMoreRound => {
                "One more snapshot after the same work would tell: a leak grows again by as \
                                   much, what fills up grows less or stops."
                    .to_owned()
            }
            Self::MuchMoreWork => {
                "One more snapshot after much more work (ten times as much) would tell: what \
                                   fills up stops, a leak goes on."
                    .to_owned()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::drawn::{array, next};

    #[test]
    fn what_would_tell_depends_on_the_source_and_on_what_was_captured() {
        let jobs = |more: &str| {
            format!("const jobs = [];\nfunction add(job) {{\n  jobs.push(job);\n  {more}\n}}\n")
        };
        let of = |counts: &[usize]| -> Vec<String> {
            counts.iter().map(|&count| array("jobs", "Job", count)).collect()
        };
        let limited = jobs("if (jobs.length > 5_000) jobs.shift();");
        let emptied = jobs("setInterval(() => { jobs.length = 0; }, 600_000);");
        let removed = jobs("job.once('done', () => jobs.splice(jobs.indexOf(job), 1));");
        for (source, counts, expected) in [
            (&limited, &[100, 200, 300][..], Some(NextMeasurement::AtLimit(5_000))),
            (&emptied, &[100, 200, 300], Some(NextMeasurement::AfterExpiry)),
            (&removed, &[200, 300], Some(NextMeasurement::TwoMoreRounds)),
            // Called a leak: there is nothing to wait for.
            (&jobs(""), &[100, 200, 300], None),
        ] {
            assert_eq!(next(source, of(counts)), [expected], "{source}{counts:?}");
        }
    }
}
