//! What a rule hands over: a finding, and the nodes that hold what it is about.

use heapmark_heap::NodeOrdinal;

use crate::report::Finding;

/// A finding with the nodes that hold what leaks: whoever looks for other leaks does not look there.
pub(crate) struct Suspect {
    pub(crate) finding: Finding,
    pub(crate) accumulators: Vec<NodeOrdinal>,
    /// What the accumulators hold directly: two that hold the same things are one leak. Empty if that
    /// cannot be said.
    pub(crate) members: Vec<NodeOrdinal>,
    /// The emitter, of listeners: a stream that is piped has several events with as many listeners. The
    /// stream, of what waits in one: it has several lists. Of what piles up, what the holder holds.
    pub(crate) of: Option<NodeOrdinal>,
}

/// A finding that tells why what others hold is as large as it is: its bytes speak for it, and not for
/// them.
pub(crate) struct Explanation {
    pub(crate) finding: Finding,
    /// What keeps the bytes alive: of whoever holds the last of these they are a part.
    pub(crate) keepers: Vec<NodeOrdinal>,
}
