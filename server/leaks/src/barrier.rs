//! What stays reachable when nobody may enter certain nodes.
//!
//! Used so that one leak cannot hide another: whatever is still reachable without the suspects is
//! kept by something else. The idea is `BLeak`'s; retained sizes are not computed here.

use heapmark_heap::{Analysis, NodeOrdinal};
use rustc_hash::FxHashSet;

/// A set of nodes, one bit each.
pub(crate) struct NodeSet {
    bits: Vec<u64>,
}

impl NodeSet {
    fn new(nodes: usize) -> Self {
        Self { bits: vec![0; nodes.div_ceil(64)] }
    }

    /// Adds a node; false if it was in the set already.
    fn insert(&mut self, node: NodeOrdinal) -> bool {
        let (word, bit) = (node.index() / 64, 1 << (node.index() % 64));
        let new = self.bits[word] & bit == 0;
        self.bits[word] |= bit;
        new
    }

    pub(crate) fn contains(&self, node: NodeOrdinal) -> bool {
        self.bits[node.index() / 64] & (1 << (node.index() % 64)) != 0
    }
}

/// Everything reachable from the root over essential edges without entering one of `barriers`.
pub(crate) fn reachable_without(heap: &Analysis, barriers: &FxHashSet<NodeOrdinal>) -> NodeSet {
    let mut reached = NodeSet::new(heap.node_count());
    reached.insert(NodeOrdinal::ROOT);
    let mut open = vec![NodeOrdinal::ROOT];
    while let Some(node) = open.pop() {
        for edge in heap.edges(node) {
            if heap.is_essential(&edge) && !barriers.contains(&edge.to) && reached.insert(edge.to) {
                open.push(edge.to);
            }
        }
    }
    reached
}
