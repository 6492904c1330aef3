//! The members of a collection that matter: the new ones, if births are known.

use heapmark_heap::NodeOrdinal;

use crate::evidence::run::Evidence;
use crate::v8::members::all_members;

/// The values of a collection, and the keys that are objects; the new ones, if births are known.
pub(crate) fn members(e: &Evidence, node: NodeOrdinal) -> Vec<NodeOrdinal> {
    let all = all_members(e.heap, node);
    let new: Vec<NodeOrdinal> = all.iter().copied().filter(|&node| e.is_new(node)).collect();
    if new.is_empty() { all } else { new }
}
