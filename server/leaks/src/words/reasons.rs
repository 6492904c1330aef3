//! Why a finding is as sure as it is, in a few words a reason.

use crate::report::{self, Finding};
use crate::verdict::Weighed;
use crate::verdict::reason::Reason;
use crate::verdict::thresholds::words::MIN_TOLD;

/// A budget of words: so many reasons are told for a finding, and as many against it.
const MAX_TOLD: usize = 3;

impl Finding {
    /// How sure it is in whole per cent, rounded down: what is called a leak from 70 on is not said to be 70 % sure
    /// before.
    pub fn per_cent(&self) -> u32 {
        // So little more that 0.9 is 90.
        const BEHIND_THE_POINT: f32 = 1e-3;
        (100.0 * self.certainty + BEHIND_THE_POINT) as u32
    }

    /// How sure it is and why, in a line: `97 % sure: nothing removes any, it grew again and again; against it:
    /// there are only two snapshots`.
    pub fn certainty_line(&self) -> String {
        let told = |speaks: fn(f64) -> bool| -> Vec<&str> {
            let it =
                self.reasons.iter().filter(|it| speaks(it.weight) && it.weight.abs() >= MIN_TOLD);
            it.filter_map(|it| it.text).take(MAX_TOLD).collect()
        };
        let (speaks_for, against) = (told(|weight| weight > 0.0), told(|weight| weight < 0.0));
        let sure = format!("{} % sure", self.per_cent().clamp(1, 99));
        let reasons = match (speaks_for.is_empty(), against.is_empty()) {
            (true, true) => return sure,
            (false, true) => speaks_for.join(", "),
            (true, false) => format!("against it: {}", against.join(", ")),
            (false, false) => {
                format!("{}; against it: {}", speaks_for.join(", "), against.join(", "))
            }
        };
        format!("{sure}: {reasons}")
    }
}

/// A reason with its words.
pub(super) fn reason(&Weighed { reason, strength, weight }: &Weighed) -> report::Reason {
    let text = match reason {
        Reason::NothingRemoves if strength < 1.0 => Some("nothing here removes any"),
        _ => clause(reason),
    };
    report::Reason { name: reason.name(), text, strength, weight }
}

/// What a person is told of it; nothing of what is no measurement.
fn clause(reason: Reason) -> Option<&'static str> {
    Some(match reason {
        Reason::Kind(_) | Reason::Grows => return None,
        Reason::GrowsWithEachRound => "it grew again and again",
        Reason::StayedAfterRest => "it stayed to the last snapshot",
        Reason::Multiplied => "it is several times as many as at first",
        Reason::Many => "it gained very many",
        Reason::Heavy => "what it keeps is large",
        Reason::MostOfGrowth => "it is most of what the heap gained",
        Reason::NothingRemoves => "nothing removes any",
        Reason::RemoverNeverCalled => "nothing calls what would remove them",
        Reason::NoneIsGone => "all that were there still are",
        Reason::MembersAreDone => "what it holds is done with",
        Reason::FillsTheHeap => "it fills much of the heap",
        Reason::OneSnapshot => "one snapshot shows no growth",
        Reason::TwoSnapshots => "there are only two snapshots",
        Reason::OtherProcess => "the snapshots are of different processes",
        Reason::Bounded => "something keeps it small",
        Reason::Expires => "something takes out what is old",
        Reason::SourceNotRead => {
            "the code that holds it was not read: it is outside the workspace, or cannot be read"
        }
        Reason::SourceChanged => {
            "its source has changed since: capture again with `heapmark capture`"
        }
        Reason::SourceNotMapped => {
            "its source was compiled in memory, and no source map of that is known"
        }
        Reason::SomethingRemoves | Reason::UsersCleanUp => "something removes",
        Reason::SomeAreGone => "some that were there are gone",
        Reason::WrittenByIndex => "it is written by index, as a ring is",
        Reason::FillsUp => "it gains less and less",
        Reason::BeganEmpty => "there was next to nothing at first",
        Reason::Few => "so few may be all that there are",
        Reason::SmallTable => "with so few keys it may be a fixed set",
        Reason::MetByAndBy => "it gained less than it had",
        Reason::KnownKeys => "its keys were in memory before it had them",
        Reason::MetAgain => {
            "the work meets the old entries again, so few are left that it has not met"
        }
        Reason::UnderWay => "each waits for a timer that runs",
        Reason::Starting => "the program was still starting",
        Reason::Development => "it belongs to what runs the program for development or tests",
    })
}
