//! Nodes in the order of their classes, and of their locations.

use rustc_hash::FxHashMap;

use crate::ordinals::{ClassIndex, NodeOrdinal};
use crate::snapshot::Snapshot;

/// Nodes by class and by location: four bytes for each node and for each location.
#[derive(Debug)]
pub(super) struct InstanceIndex {
    /// Class by class, in ascending order each.
    pub(super) nodes: Vec<NodeOrdinal>,
    /// Where the nodes of a class stand.
    pub(super) by_class: FxHashMap<ClassIndex, (u32, u32)>,
    /// Location by location, in ascending order each.
    pub(super) located: Vec<NodeOrdinal>,
}

impl InstanceIndex {
    pub(super) fn new(snapshot: &Snapshot, class_of: impl Fn(NodeOrdinal) -> ClassIndex) -> Self {
        let mut by_class: FxHashMap<ClassIndex, (u32, u32)> = FxHashMap::default();
        for node in snapshot.nodes() {
            by_class.entry(class_of(node)).or_default().1 += 1;
        }
        let mut end = 0;
        for (start, count) in by_class.values_mut() {
            *start = end;
            end += *count;
            // Moves to its end while the nodes are put in.
            *count = *start;
        }
        let mut nodes = vec![NodeOrdinal::ROOT; snapshot.node_count()];
        for node in snapshot.nodes() {
            let (_, place) = by_class.get_mut(&class_of(node)).expect("it was counted");
            nodes[*place as usize] = node;
            *place += 1;
        }
        let mut located = snapshot.locations().to_vec();
        located.sort_by_key(|&(_, location)| location);
        let located = located.into_iter().map(|(node, _)| node).collect();
        Self { nodes, by_class, located }
    }
}
