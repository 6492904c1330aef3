//! What to measure next where nobody can say yet whether something leaks.
//!
//! Which one it is follows from what was measured ([`crate::words`] decides); here are its words.

use crate::report::text::{self, text};
use crate::report::units;

/// What would tell whether something leaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NextMeasurement {
    /// A snapshot when it is full: the source says that there may be so many, and there are fewer.
    AtLimit(u64),
    /// A snapshot after what is old has been taken out.
    AfterExpiry,
    /// Snapshots of one process, instead of several.
    OfOneProcess,
    /// The same snapshots again, when the program has started.
    AfterStart,
    /// The same work again: after the work there was a rest, and what was filled once stayed too.
    AfterRest,
    /// One more round.
    OneMoreRound,
    /// Much more work: many rounds did not tell.
    MuchMoreWork,
}

impl NextMeasurement {
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
            Self::OneMoreRound => {
                "One more snapshot after the same work would tell: what fills up stops, a \
                                   leak goes on."
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
