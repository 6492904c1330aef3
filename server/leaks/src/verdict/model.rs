//! How much each reason weighs: the one table of the judge.
//!
//! Log-odds: 0.7 doubles the odds, 2.3 makes them ten times as large. Set by hand near what
//! `cargo xtask verdicts --fit` finds on the labelled programs; docs/verdicts.md says how good they are.

use crate::verdict::features::{Access, What};
use crate::verdict::reason::Reason;

/// What a reason adds to the log-odds where it applies in full.
#[expect(clippy::match_same_arms, reason = "a table: one row a reason")]
pub(crate) fn weight(reason: Reason, what: What) -> f64 {
    match reason {
        Reason::Kind(what) => kind(what),
        Reason::Grows => 0.4,
        Reason::GrowsWithEachRound => 1.4,
        Reason::StayedAfterRest => 0.7,
        Reason::Multiplied => 1.4,
        Reason::Many => 0.6,
        Reason::Heavy => 1.4,
        Reason::MostOfGrowth => 1.1,
        Reason::NothingRemoves => 1.3,
        Reason::RemoverNeverCalled => 0.8,
        Reason::NoneIsGone => 0.8,
        Reason::MembersAreDone => 2.2,
        Reason::FillsTheHeap => 2.0,
        Reason::OneSnapshot => -2.5,
        Reason::TwoSnapshots => -0.5,
        Reason::OtherProcess => -2.4,
        Reason::Bounded | Reason::Expires => -4.0,
        // Whoever is in use listens and has its timers; those that left took theirs away.
        Reason::SomethingRemoves if belongs_to_users(what) => -2.0,
        Reason::SomethingRemoves => -1.1,
        Reason::SomeAreGone => -1.6,
        Reason::SourceNotRead => -1.0,
        Reason::WrittenByIndex => -1.6,
        Reason::FillsUp => -1.2,
        Reason::BeganEmpty => -1.1,
        Reason::SmallTable => -2.2,
        // Of a population that nobody's table explains, as many may be born and not yet be dead.
        Reason::MetByAndBy if what == What::Pile => -1.7,
        Reason::MetByAndBy => -1.4,
        Reason::KnownKeys => -2.2,
        Reason::Starting => -0.9,
    }
}

/// How likely a leak of that kind is one, before anything else is known.
fn kind(what: What) -> f64 {
    match what {
        What::Modules => -0.5,
        What::Listeners | What::Registered | What::Handles => -0.8,
        What::Intervals => -1.2,
        What::Collection(Access::InOrder | Access::ByMember)
        | What::Pile
        | What::Other
        | What::Lengthened => -1.7,
        What::Collection(Access::ByKey) | What::Waiting => -2.0,
        What::Timeouts | What::Waste => -3.0,
    }
}

fn belongs_to_users(what: What) -> bool {
    matches!(what, What::Listeners | What::Intervals)
}
