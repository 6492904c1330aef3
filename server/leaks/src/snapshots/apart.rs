//! Why V8 does not call the same objects by the same ids in two snapshots.

use crate::snapshots::member::Member;

/// Why V8 does not call the same objects by the same ids in two snapshots.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Apart {
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
    pub(super) fn is_thread(self) -> bool {
        matches!(self, Apart::ThreadNames | Apart::ThreadIds)
    }
}

/// Why two snapshots cannot be compared by id, if so. What was written down when they were taken
/// decides; where nothing was, their names may, and else the objects themselves.
pub(super) fn apart(one: &Member, two: &Member) -> Option<Apart> {
    if let (Some(one), Some(two)) = (&one.identity, &two.identity) {
        return (one != two).then_some(Apart::Companions);
    }
    if let (Some(one), Some(two)) = (one.name, two.name)
        && one.contradicts(two)
    {
        let is_thread = one.is_other_thread(two);
        return Some(if is_thread { Apart::ThreadNames } else { Apart::Names });
    }
    let (here, there) = (&one.census, &two.census);
    let are_two =
        !here.sample.same_process(&there.sample) || here.identities.contradicts(&there.identities);
    let is_thread = one.is_worker || two.is_worker;
    are_two.then_some(if is_thread { Apart::ThreadIds } else { Apart::Ids })
}
