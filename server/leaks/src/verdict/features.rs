//! What a verdict depends on: what was measured of a leak, in plain numbers.
//!
//! No heap, no source and no sentence. What each of them says for or against a leak is the judge's
//! ([`crate::verdict::judge`]).

use crate::verdict::source::Source;
use crate::verdict::trend::Trend;

/// What is known of a leak when it is judged.
#[derive(Debug, Clone)]
pub(crate) struct Features {
    pub(crate) what: What,
    pub(crate) trend: Trend,
    /// How many there were in each snapshot, oldest first; of a single snapshot one number.
    pub(crate) counts: Vec<u64>,
    pub(crate) source: Source,
    pub(crate) signs: Signs,
    /// Bytes by which it grew; of a single snapshot what it retains.
    pub(crate) bytes: i64,
    /// The part of the whole heap's growth that is its own, from 0 to 1; of a single snapshot its part of
    /// the heap.
    pub(crate) share: f64,
    /// Of those that were there in earlier snapshots, the part that is gone, from 0 to 1; see
    /// [`crate::evidence::turnover`]. `None` if nobody knows: numbers have no birth.
    pub(crate) gone: Option<f64>,
    /// Seconds from the first snapshot to the last; 0 if nobody knows.
    pub(crate) seconds: u64,
    /// How much of the program's code was loaded or first run between the snapshots, from 0 to 1: it is
    /// still starting.
    pub(crate) starting: f64,
    /// The snapshots are of different processes.
    pub(crate) of_other_processes: bool,
    /// What keeps it only runs the program for whoever develops or tests it.
    pub(crate) is_of_development: bool,
}

/// What leaks, as far as that says how likely it is one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum What {
    /// A collection, by how one gets at what is in it.
    Collection(Access),
    /// Things in a list of Node's own that were to be taken out again.
    Registered,
    /// Functions that wait to be called by an emitter.
    Listeners,
    Intervals,
    /// Timers that fire once.
    Timeouts,
    /// What waits for promises.
    Waiting,
    /// Connections, workers and other handles that are open, and that nobody has.
    Handles,
    /// Copies of a module.
    Modules,
    /// Instances and closures that no collection explains.
    Pile,
    /// A text or buffer that gets longer.
    Lengthened,
    /// Anything else that grows.
    Other,
    /// It is there for certain, and is no leak by itself: equal texts, slices of long ones.
    Waste,
}

/// How one gets at what is in a collection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Access {
    /// By a key: one more for each new key is what it is for.
    ByKey,
    /// By an index, or from its ends: an array.
    InOrder,
    /// By the things themselves: a set.
    ByMember,
}

/// What is known of what a collection holds.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Signs {
    /// It is of no use any more, for certain.
    pub(crate) is_defunct: bool,
    /// All of its keys were there before it had them.
    pub(crate) is_of_known_keys: bool,
    /// Of the entries that were there before, the part that the work has met again, from 0 to 1.
    pub(crate) met_again: f64,
    /// Each waits for a timer that runs.
    pub(crate) is_timed: bool,
}

impl Features {
    /// What was measured first; the rest is filled in by [`crate::triage`].
    pub(crate) fn new(what: What, trend: Trend, source: Source) -> Self {
        Self {
            what,
            trend,
            counts: Vec::new(),
            source,
            signs: Signs::default(),
            bytes: 0,
            share: 0.0,
            gone: None,
            seconds: 0,
            starting: 0.0,
            of_other_processes: false,
            is_of_development: false,
        }
    }

    /// Whether snapshots show that it grows, and nothing is known to bound it.
    pub(crate) fn is_seen_to_grow(&self) -> bool {
        self.trend != Trend::Once && !self.source.is_bounded()
    }

    pub(crate) fn first(&self) -> u64 {
        self.counts.first().copied().unwrap_or(0)
    }

    pub(crate) fn last(&self) -> u64 {
        self.counts.last().copied().unwrap_or(0)
    }

    pub(crate) fn gained(&self) -> u64 {
        self.last().saturating_sub(self.first())
    }
}
