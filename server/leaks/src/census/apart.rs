//! That two snapshots do not share ids, and how that is known. Which ones do not is found in
//! [`crate::snapshots`].

/// Why V8 does not call the same objects by the same ids in two snapshots.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Apart {
    /// `heapmark capture` wrote down that they are of different processes or connections.
    Companions,
    /// Node named them after different processes or threads.
    Names,
    /// Node named them after different threads of one process.
    ThreadNames,
    /// What lives as long as a process has other ids.
    Ids,
    /// So it is, and one is the heap of a worker thread.
    ThreadIds,
}

impl Apart {
    pub(crate) fn is_thread(self) -> bool {
        matches!(self, Apart::ThreadNames | Apart::ThreadIds)
    }
}
