//! What to measure next where nobody can say yet whether something leaks.
//!
//! Which one it is follows from what was measured, and is told in [`crate::words::next_measurement`].

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
    /// Two more rounds: of two snapshots and a third one that is the same, nobody can say whether the program
    /// rested before it.
    TwoMoreRounds,
    /// One more round.
    OneMoreRound,
    /// Much more work: many rounds did not tell.
    MuchMoreWork,
}
