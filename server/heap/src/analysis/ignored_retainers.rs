//! The Retainers view with some retainers ignored: what would hold a node if they did not
//! (`DevTools`: `ignoreNodeInRetainersView`).

use rustc_hash::FxHashSet;

use super::computed::Analysis;
use super::distances;
use super::ephemerons::Ephemerons;
use crate::monitor::{Cancelled, Monitor};
use crate::node_set::NodeSet;
use crate::ordinals::{EdgeOrdinal, NodeOrdinal};
use crate::snapshot::Edge;

/// Distances without ways through the ignored nodes; see [`Analysis::ignore_retainers`].
#[derive(Debug, Clone)]
pub struct IgnoredRetainers {
    ignored: NodeSet,
    /// [`Analysis::NO_DISTANCE`] for what can no longer be reached.
    distances: Vec<i32>,
    /// Halves of weak maps' entries, where the other half is out of reach.
    edges: FxHashSet<EdgeOrdinal>,
}

impl IgnoredRetainers {
    /// What `DevTools` adds to the distance of a node that only ignored ones hold.
    pub const UNREACHABLE: i32 = 200_000_000;

    /// Whether the node is one of the ignored.
    pub fn is_ignored(&self, node: NodeOrdinal) -> bool {
        self.ignored.contains(node)
    }

    /// Whether something that is not ignored holds the node.
    pub fn is_reachable(&self, node: NodeOrdinal) -> bool {
        self.distances[node.index()] != Analysis::NO_DISTANCE
    }

    /// Whether the link is half of a weak map's entry of which the other half is out of reach: it
    /// does not hold anything by itself.
    pub fn is_edge_ignored(&self, edge: &Edge) -> bool {
        self.edges.contains(&edge.ordinal)
    }

    /// The node's distance on ways that enter no ignored node, [`Analysis::NO_DISTANCE`] if there is
    /// no such way.
    pub(super) fn distance(&self, node: NodeOrdinal) -> i32 {
        self.distances[node.index()]
    }
}

impl Analysis {
    /// Recomputes distances as if nothing could be reached by way of `nodes`. Takes about as long as
    /// the distances took at first: a tenth of what [`Analysis::new`] takes.
    ///
    /// A node that is one of the program's roots cannot be ignored away; `DevTools` keeps it too.
    pub fn ignore_retainers(
        &self,
        nodes: &[NodeOrdinal],
        monitor: &dyn Monitor,
    ) -> Result<IgnoredRetainers, Cancelled> {
        let ephemerons = Ephemerons::find(self);
        let ignored = NodeSet::of(self, nodes.iter().copied());
        let may_enter = |node| !ignored.contains(node);
        let distances = distances::compute(self, &ephemerons, may_enter, monitor)?;
        let edges = self.useless_halves(&ephemerons, &distances);
        Ok(IgnoredRetainers { ignored, distances, edges })
    }

    /// The distance that `DevTools`' Retainers view shows for the node, and sorts it by: those that
    /// cannot be reached come last, in their old order, from [`IgnoredRetainers::UNREACHABLE`] on.
    pub fn distance_ignoring(&self, node: NodeOrdinal, ignored: &IgnoredRetainers) -> i32 {
        match ignored.distance(node) {
            Self::NO_DISTANCE => self.distance(node).max(0) + IgnoredRetainers::UNREACHABLE,
            distance => distance,
        }
    }

    /// A weak map's entry needs its key and its table: if one is out of reach, then the link from
    /// the other one is of no use (`#updateIgnoredEdgesInRetainersView`).
    fn useless_halves(&self, ephemerons: &Ephemerons, distances: &[i32]) -> FxHashSet<EdgeOrdinal> {
        let mut lost: FxHashSet<(NodeOrdinal, u32)> = FxHashSet::default();
        for node in self.nodes().filter(|node| distances[node.index()] == Self::NO_DISTANCE) {
            let entries = self
                .edges(node)
                .filter_map(|edge| Some((edge.to, ephemerons.get(self, &edge)?.pair)));
            lost.extend(entries);
        }
        let values: FxHashSet<NodeOrdinal> = lost.iter().map(|&(value, _)| value).collect();
        let halves = values.into_iter().flat_map(|value| self.retainers(value)).filter(|edge| {
            ephemerons.get(self, edge).is_some_and(|entry| lost.contains(&(edge.to, entry.pair)))
        });
        halves.map(|edge| edge.ordinal).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Unmonitored;
    use crate::sketch::Sketch;

    /// Label, distance without ways through the nodes of the labels `ignored`, and the path.
    fn told(drawing: &str, labels: &[&str]) -> String {
        let sketch = Sketch::parse(drawing);
        let heap = sketch.analysis();
        let nodes: Vec<_> = labels.iter().map(|label| sketch.ordinal(label)).collect();
        let ignored = heap.ignore_retainers(&nodes, &Unmonitored).expect("nobody cancels");
        sketch.table(|node| {
            let path = heap.shortest_path_ignoring(node, &ignored);
            let steps = path.iter().map(|edge| sketch.label(edge.from));
            let halves = heap.retainers(node).filter(|edge| ignored.is_edge_ignored(edge));
            let halves = halves.flat_map(|edge| ["not", sketch.label(edge.from)]);
            assert_eq!(ignored.is_ignored(node), nodes.contains(&node));
            let distance = heap.distance_ignoring(node, &ignored);
            let words: Vec<_> = steps.chain(halves).collect();
            format!("{distance} {} {}", ignored.is_reachable(node), words.join(" "))
        })
    }

    #[test]
    fn the_way_leads_around_what_is_ignored() {
        let drawing = "
            root --shortcut global--> app
            app -> cache
            cache -> x
            app -> list
            list -> item
            item -> x
            x -> below
            cache -> only
        ";
        insta::assert_snapshot!(told(drawing, &["cache"]), @r"
        root 100000000 true
        app 1 true root
        cache 200000002 false
        x 4 true root app list item
        list 2 true root app
        item 3 true root app list
        below 5 true root app list item x
        only 200000003 false
        ");
    }

    #[test]
    fn half_an_entry_of_a_weak_map_holds_nothing() {
        let drawing = "
            root --shortcut global--> app
            app -> holder
            holder -> key
            app -> table
            key --internal 1 / part of key (K @5) -> value (V @9) pair in WeakMap (table @7)--> value
            table --internal 2 / part of key (K @5) -> value (V @9) pair in WeakMap (table @7)--> value
            table: @99
        ";
        insta::assert_snapshot!(told(drawing, &["holder"]), @"
        root 100000000 true
        app 1 true root
        holder 200000002 false
        key 200000003 false
        table 2 true root app
        value 200000004 false not table not key
        ");
    }

    #[test]
    fn ignoring_nothing_changes_nothing() {
        let sketch = Sketch::parse("root -> a\n a -> b\n root --shortcut g--> c\n c --weak w--> d");
        let heap = sketch.analysis();
        let ignored = heap.ignore_retainers(&[], &Unmonitored).expect("nobody cancels");
        for node in heap.nodes() {
            let unreachable = heap.distance(node) == Analysis::NO_DISTANCE;
            assert_eq!(ignored.is_reachable(node), !unreachable);
            assert_eq!(ignored.distance(node), heap.distance(node));
            assert_eq!(heap.shortest_path_ignoring(node, &ignored), heap.shortest_path(node));
        }
    }
}
