//! A set of nodes of one snapshot.

use std::fmt;

use crate::bits::Bits;
use crate::ordinals::NodeOrdinal;
use crate::snapshot::Snapshot;

/// A set of nodes of one snapshot, one bit for each node of the snapshot. Asking it for a node of a
/// larger snapshot panics.
#[derive(Clone, PartialEq, Eq)]
pub struct NodeSet {
    bits: Bits,
}

impl NodeSet {
    /// The empty set.
    pub fn new(snapshot: &Snapshot) -> Self {
        Self { bits: Bits::new(snapshot.node_count()) }
    }

    /// The set of these nodes.
    pub fn of(snapshot: &Snapshot, nodes: impl IntoIterator<Item = NodeOrdinal>) -> Self {
        let mut set = Self::new(snapshot);
        set.extend(nodes);
        set
    }

    /// Adds the node; true if it was not there before.
    #[inline]
    pub fn insert(&mut self, node: NodeOrdinal) -> bool {
        self.bits.insert(node.index())
    }

    /// Whether the node belongs to the set.
    #[inline]
    pub fn contains(&self, node: NodeOrdinal) -> bool {
        self.bits.get(node.index())
    }

    /// How many nodes belong to it. Counts them: 64 at a time.
    pub fn len(&self) -> usize {
        self.bits.count()
    }

    /// Whether none does.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Its nodes, in the file's order.
    pub fn iter(&self) -> impl Iterator<Item = NodeOrdinal> + '_ {
        self.bits.ones().map(NodeOrdinal::new)
    }
}

impl Extend<NodeOrdinal> for NodeSet {
    fn extend<T: IntoIterator<Item = NodeOrdinal>>(&mut self, nodes: T) {
        for node in nodes {
            self.insert(node);
        }
    }
}

impl fmt::Debug for NodeSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter().map(NodeOrdinal::index)).finish()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;
    use crate::sketch::Sketch;

    #[test]
    fn is_a_set() {
        let mut sketch = Sketch::default();
        for node in 0..200 {
            sketch.node(&format!("n{node}"));
        }
        let snapshot = sketch.snapshot();
        proptest!(|(numbers in prop::collection::vec(0..200_usize, 0..50))| {
            let nodes = numbers.iter().copied().map(NodeOrdinal::new);
            let set = NodeSet::of(&snapshot, nodes.clone());
            let twin: BTreeSet<NodeOrdinal> = nodes.collect();
            prop_assert_eq!(set.iter().collect::<Vec<_>>(), twin.iter().copied().collect::<Vec<_>>());
            prop_assert_eq!((set.len(), set.is_empty()), (twin.len(), twin.is_empty()));
            for node in snapshot.nodes() {
                prop_assert_eq!(set.contains(node), twin.contains(&node));
                prop_assert_eq!(set.clone().insert(node), !twin.contains(&node));
            }
        });
    }
}
