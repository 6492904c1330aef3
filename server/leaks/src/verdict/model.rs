//! How much each reason weighs: the one table of the judge.
//!
//! Log-odds: 0.7 doubles the odds, 2.3 makes them ten times as large. Fitted on the labelled programs
//! (`cargo xtask verdicts --fit`), with the signs given.

use crate::verdict::features::{Access, What};
use crate::verdict::reason::Reason;

/// What a reason adds to the log-odds where it applies in full.
pub(crate) fn weight(reason: Reason) -> f64 {
    match reason {
        Reason::Kind(what) => kind(what),
        Reason::Grows => 0.5,
        Reason::GrowsWithEachRound => 1.6,
        Reason::StayedAfterRest => 0.8,
        Reason::Multiplied => 1.0,
        Reason::Many => 0.9,
        Reason::Heavy => 1.0,
        Reason::MostOfGrowth => 0.8,
        Reason::NothingRemoves => 1.2,
        Reason::RemoverNeverCalled => 1.0,
        Reason::NoneIsGone => 0.8,
        Reason::MembersAreDone => 3.0,
        Reason::FillsTheHeap => 1.0,
        Reason::OneSnapshot => -2.5,
        Reason::TwoSnapshots => 0.0,
        Reason::OtherProcess => -1.0,
        Reason::Bounded => -4.0,
        Reason::Expires => -4.0,
        Reason::SomethingRemoves => -1.0,
        Reason::SomeAreGone => -2.0,
        Reason::WrittenByIndex => -1.5,
        Reason::FillsUp => -1.2,
        Reason::BeganEmpty => -1.2,
        Reason::SmallTable => -1.5,
        Reason::MetByAndBy => -1.5,
        Reason::KnownKeys => -2.5,
        Reason::Starting => -2.0,
    }
}

fn kind(what: What) -> f64 {
    match what {
        What::Collection(Access::ByKey) => -2.0,
        What::Collection(Access::InOrder | Access::ByMember) => -1.8,
        What::Listeners | What::Intervals | What::Registered => -0.8,
        What::Modules => -0.5,
        What::Pile | What::Other | What::Lengthened | What::Handles => -1.5,
        What::Timeouts | What::Waiting => -2.0,
        What::Waste => -3.0,
    }
}
