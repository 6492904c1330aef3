//! The roots of the program, and V8's own.

use crate::kinds::NodeType;
use crate::ordinals::NodeOrdinal;
use crate::snapshot::Snapshot;

/// Whether `DevTools` takes the target of a root's edge for one of the program's own roots.
pub(super) fn is_user_root(snapshot: &Snapshot, node: NodeOrdinal) -> bool {
    snapshot.node_type(node) != NodeType::Synthetic || is_dom_trees_root(snapshot, node)
}

/// Whether the node groups the documents of a page.
pub(super) fn is_dom_trees_root(snapshot: &Snapshot, node: NodeOrdinal) -> bool {
    snapshot.node_type(node) == NodeType::Synthetic
        && snapshot.strings.is(snapshot.name_index(node), "(Document DOM trees)")
}

/// Whether the program has roots of its own: no such thing from V8 15 on, or with the
/// `exposeInternals` option.
pub(super) fn has_user_roots(snapshot: &Snapshot) -> bool {
    snapshot.edges(NodeOrdinal::ROOT).any(|edge| is_user_root(snapshot, edge.to))
}
