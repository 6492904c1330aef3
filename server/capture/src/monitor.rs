//! Telling whoever waits for a capture how far it is.

use std::{fmt, time::Duration};

/// What a capture is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// The target collects garbage; no amounts.
    CollectingGarbage,
    /// V8 walks the heap, and the program stands still: amounts as V8 counts them.
    Taking,
    /// The snapshot comes and goes to disk: bytes, their total is unknown (0).
    Writing,
}

impl fmt::Display for Phase {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::CollectingGarbage => "collecting garbage",
            Self::Taking => "taking the snapshot",
            Self::Writing => "writing",
        })
    }
}

/// Whoever watches a capture.
pub trait CaptureMonitor: Sync {
    /// `done` of `total` in `phase`; a total of 0 is unknown.
    fn advance(&self, phase: Phase, done: u64, total: u64);

    /// The capture waits at most `limit` for something that mostly comes at once; `reason` says what
    /// for and why, as a clause for people.
    fn waiting(&self, _reason: &str, _limit: Duration) {}
}

/// Nobody watches.
#[derive(Debug, Clone, Copy)]
pub struct Unmonitored;

impl CaptureMonitor for Unmonitored {
    fn advance(&self, _: Phase, _: u64, _: u64) {}
}
