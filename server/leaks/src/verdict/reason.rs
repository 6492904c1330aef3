//! What speaks for a leak, and what against it.

use crate::verdict::features::{Access, What};

/// A reason, in the order in which they are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Reason {
    /// What leaks of this kind are in general.
    Kind(What),
    /// It was more in the last snapshot than in the first.
    Grows,
    /// It gained in two intervals and more.
    GrowsWithEachRound,
    /// It was not taken away when the work was over.
    StayedAfterRest,
    /// It is many times what it was.
    Multiplied,
    /// Very many came.
    Many,
    /// They are large.
    Heavy,
    /// Most of what the heap gained is this.
    MostOfGrowth,
    /// The source adds and nothing takes out.
    NothingRemoves,
    /// What would take them out is called by nobody.
    RemoverNeverCalled,
    /// Something takes out, and yet all that were there still are.
    NoneIsGone,
    /// What it holds is closed, settled, aborted or collected.
    MembersAreDone,
    /// In one snapshot: so much of the heap.
    FillsTheHeap,

    /// There is one snapshot only.
    OneSnapshot,
    /// There are two snapshots only.
    TwoSnapshots,
    /// The snapshots are of different processes.
    OtherProcess,
    /// Something looks at its size, or cuts it.
    Bounded,
    /// Each entry has its time.
    Expires,
    /// Nobody has read the code that holds it.
    SourceNotRead,
    /// The code that holds it has changed since, and nobody knows which it was.
    SourceChanged,
    /// The code that holds it was compiled in memory, and nobody knows how.
    SourceNotMapped,
    /// Something takes out.
    SomethingRemoves,
    /// Something takes out, of what users have while they are there: they listen and have their timers, and
    /// those that left took theirs away.
    UsersCleanUp,
    /// Some of those that were there are gone.
    SomeAreGone,
    /// What is written to places that are named is as long as the largest place.
    WrittenByIndex,
    /// It gains less and less.
    FillsUp,
    /// There was next to nothing at first.
    BeganEmpty,
    /// It gained only a few, and they may be all that there are.
    Few,
    /// It had few keys, and may now have all that there are.
    SmallTable,
    /// It gained less than it had, as what has keys that are met by and by.
    MetByAndBy,
    /// All of its keys were in memory before.
    KnownKeys,
    /// The work has met most of its old entries again, so there are few that it has not met yet.
    MetAgain,
    /// Each waits for a timer that runs.
    UnderWay,
    /// The program was still starting.
    Starting,
    /// It belongs to what runs the program for whoever develops or tests it.
    Development,
}

/// A reason with how much it weighs in one verdict.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Weighed {
    pub(crate) reason: Reason,
    /// How far it applies, from 0 to 1.
    pub(crate) strength: f64,
    /// What it adds to the log-odds.
    pub(crate) weight: f64,
}

impl Reason {
    /// Whether more snapshots of more work would take it away, whatever they show.
    pub(crate) fn says_that_little_was_seen(self) -> bool {
        matches!(
            self,
            Self::TwoSnapshots | Self::BeganEmpty | Self::Few | Self::SmallTable | Self::Starting
        )
    }

    /// Its name for other tools.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Reason::Kind(what) => kind(what),
            Reason::Grows => "grows",
            Reason::GrowsWithEachRound => "grows-with-each-round",
            Reason::StayedAfterRest => "stayed-after-rest",
            Reason::Multiplied => "multiplied",
            Reason::Many => "many",
            Reason::Heavy => "heavy",
            Reason::MostOfGrowth => "most-of-growth",
            Reason::NothingRemoves => "nothing-removes",
            Reason::RemoverNeverCalled => "remover-never-called",
            Reason::NoneIsGone => "none-is-gone",
            Reason::MembersAreDone => "members-are-done",
            Reason::FillsTheHeap => "fills-the-heap",
            Reason::OneSnapshot => "one-snapshot",
            Reason::TwoSnapshots => "two-snapshots",
            Reason::OtherProcess => "other-process",
            Reason::Bounded => "bounded",
            Reason::Expires => "expires",
            Reason::SourceNotRead => "source-not-read",
            Reason::SourceChanged => "source-changed",
            Reason::SourceNotMapped => "source-not-mapped",
            Reason::SomethingRemoves => "something-removes",
            Reason::UsersCleanUp => "users-clean-up",
            Reason::SomeAreGone => "some-are-gone",
            Reason::WrittenByIndex => "written-by-index",
            Reason::FillsUp => "fills-up",
            Reason::BeganEmpty => "began-empty",
            Reason::Few => "few",
            Reason::SmallTable => "small-table",
            Reason::MetByAndBy => "met-by-and-by",
            Reason::KnownKeys => "known-keys",
            Reason::MetAgain => "met-again",
            Reason::UnderWay => "under-way",
            Reason::Starting => "starting",
            Reason::Development => "development",
        }
    }
}

fn kind(what: What) -> &'static str {
    match what {
        What::Collection(Access::ByKey) => "kind-collection-by-key",
        What::Collection(Access::InOrder) => "kind-collection-in-order",
        What::Collection(Access::ByMember) => "kind-collection-by-member",
        What::Registered => "kind-registered",
        What::Listeners => "kind-listeners",
        What::Intervals => "kind-intervals",
        What::Timeouts => "kind-timeouts",
        What::Waiting => "kind-waiting",
        What::Handles => "kind-handles",
        What::Modules => "kind-modules",
        What::Pile => "kind-pile",
        What::Lengthened => "kind-lengthened",
        What::Other => "kind-other",
        What::Waste => "kind-waste",
    }
}
