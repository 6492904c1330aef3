//! How much each reason weighs: the one table of the judge.
//!
//! Log-odds: 0.7 doubles the odds, 2.3 makes them ten times as large. Set by hand near what
//! `cargo xtask verdicts --fit` finds on the labelled programs; docs/verdicts.md says how good they are.

use crate::verdict::features::{Access, What};
use crate::verdict::reason::Reason;

/// What a reason adds to the log-odds where it applies in full.
#[expect(clippy::match_same_arms, reason = "a table: one row a reason")]
pub(crate) fn weight(reason: Reason) -> f64 {
    match reason {
        Reason::Kind(what) => kind(what),
        Reason::Grows => 0.2,
        Reason::GrowsWithEachRound => 0.5,
        Reason::StayedAfterRest => 0.3,
        Reason::Multiplied => 1.7,
        Reason::Many => 0.2,
        Reason::Heavy => 2.5,
        Reason::MostOfGrowth => 1.3,
        Reason::NothingRemoves => 1.6,
        Reason::RemoverNeverCalled => 1.3,
        Reason::NoneIsGone => 0.4,
        Reason::MembersAreDone => 1.8,
        Reason::FillsTheHeap => 2.0,
        // Whatever fills the heap, only a second snapshot tells whether it grows.
        Reason::OneSnapshot => -2.5,
        Reason::TwoSnapshots => -0.3,
        // The labelled programs have few healthy series of this kind: more careful than the fit.
        Reason::OtherProcess => -1.2,
        Reason::Bounded => -4.0,
        Reason::Expires => -3.5,
        Reason::SourceNotRead => -1.0,
        // No labelled program was edited: so that what only grows, as a cache does that fills, is no leak.
        Reason::SourceChanged | Reason::SourceNotMapped => -2.0,
        Reason::SomethingRemoves => -0.8,
        Reason::UsersCleanUp => -1.6,
        Reason::SomeAreGone => -1.8,
        Reason::WrittenByIndex => -1.3,
        Reason::FillsUp => -1.2,
        Reason::BeganEmpty => -1.3,
        Reason::Few => -1.6,
        Reason::SmallTable => -1.6,
        Reason::MetByAndBy => -1.1,
        Reason::KnownKeys => -3.0,
        // More careful than the fit, to which no leak showed any: whoever sends something to all that are in a
        // table meets all of them, too.
        Reason::MetAgain => -1.5,
        Reason::UnderWay => -1.8,
        Reason::Starting => -1.1,
        // No labelled program runs under such a tool.
        Reason::Development => -4.0,
    }
}

/// How likely a leak of that kind is one, before anything else is known.
fn kind(what: What) -> f64 {
    match what {
        What::Handles => -0.6,
        What::Modules => -0.8,
        What::Registered => -0.9,
        What::Other => -1.0,
        What::Listeners => -1.1,
        What::Intervals => -1.4,
        What::Waiting | What::Lengthened => -1.5,
        What::Collection(Access::InOrder) | What::Pile => -1.8,
        What::Collection(Access::ByKey) => -2.1,
        What::Collection(Access::ByMember) => -2.3,
        What::Timeouts | What::Waste => -3.0,
    }
}
