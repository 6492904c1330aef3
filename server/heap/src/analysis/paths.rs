//! Why a node is alive, as a chain of links: the shortest one.

use super::computed::Analysis;
use super::ignored_retainers::IgnoredRetainers;
use crate::kinds::EdgeType;
use crate::ordinals::NodeOrdinal;
use crate::snapshot::Edge;

impl Analysis {
    /// The links from the root to the node, as `DevTools`' Retainers view unfolds them upwards:
    /// always the retainer of the smallest distance, never a weak link. The first link starts at
    /// [`NodeOrdinal::ROOT`]. Empty for the root itself and for what nothing holds.
    pub fn shortest_path(&self, node: NodeOrdinal) -> Vec<Edge> {
        self.path(node, |node| self.distance(node), |_| true)
    }

    /// The same, on ways that enter no ignored node. Empty for what only ignored nodes hold.
    pub fn shortest_path_ignoring(
        &self,
        node: NodeOrdinal,
        ignored: &IgnoredRetainers,
    ) -> Vec<Edge> {
        self.path(node, |node| ignored.distance(node), |edge| !ignored.is_edge_ignored(edge))
    }

    fn path(
        &self,
        node: NodeOrdinal,
        distance: impl Fn(NodeOrdinal) -> i32,
        is_usable: impl Fn(&Edge) -> bool,
    ) -> Vec<Edge> {
        let mut path = Vec::new();
        let mut at = node;
        while at != NodeOrdinal::ROOT {
            let Some(edge) = self.nearest_retainer(at, &distance, &is_usable) else {
                return Vec::new();
            };
            at = edge.from;
            path.push(edge);
        }
        path.reverse();
        path
    }

    /// The link to the node whose source is nearest to a root; of several, `DevTools`' first. Each
    /// step comes closer, so following them ends.
    fn nearest_retainer(
        &self,
        node: NodeOrdinal,
        distance: &impl Fn(NodeOrdinal) -> i32,
        is_usable: &impl Fn(&Edge) -> bool,
    ) -> Option<Edge> {
        // The root's own distance is that of what only V8 holds, so it does not tell that the
        // program's roots hang on it, by whatever link.
        let is_program_root = |edge: &Edge| edge.from == NodeOrdinal::ROOT && distance(node) == 1;
        let from = |edge: &Edge| if is_program_root(edge) { 0 } else { distance(edge.from) };
        self.retainers(node)
            .filter(|edge| edge.edge_type != EdgeType::Weak || is_program_root(edge))
            .filter(|edge| is_usable(edge) && (0..distance(node)).contains(&from(edge)))
            .min_by_key(from)
    }
}
