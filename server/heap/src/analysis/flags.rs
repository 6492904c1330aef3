//! Two of `DevTools`' three flags of a node: reachable from the program's globals at all, which the
//! essential edges need, and reachable by ordinary properties, which few ask for.

use super::is_dom_trees_root;
use crate::bits::Bits;
use crate::kinds::{EdgeType, NodeType};
use crate::monitor::{Cancelled, Monitor, Phase, Progress, Unmonitored};
use crate::ordinals::NodeOrdinal;
use crate::snapshot::{Edge, Snapshot};

/// What belongs to the program (`DevTools`: `markPageOwnedNodes`).
pub(super) fn page_objects(snapshot: &Snapshot, monitor: &dyn Monitor) -> Result<Bits, Cancelled> {
    let progress = Progress::start(monitor, Phase::Flags, snapshot.node_count())?;
    let is_source = |edge: &Edge| match edge.edge_type {
        EdgeType::Element => is_dom_trees_root(snapshot, edge.to),
        other => other == EdgeType::Shortcut,
    };
    flood(snapshot, is_source, |edge| edge != EdgeType::Weak, &progress)
}

/// What a person could reach in the console (`DevTools`: `markQueriableHeapObjects`).
pub(super) fn queriable(snapshot: &Snapshot) -> Bits {
    let is_source = |edge: &Edge| snapshot.node_type(edge.to) != NodeType::Synthetic;
    let spreads = |edge| !matches!(edge, EdgeType::Hidden | EdgeType::Internal | EdgeType::Weak);
    Progress::start(&Unmonitored, Phase::Flags, snapshot.node_count())
        .and_then(|progress| flood(snapshot, is_source, spreads, &progress))
        .expect("nobody cancels what nobody monitors")
}

/// The targets of those edges of the root that are sources, and whatever can be reached from there by
/// edges of types that spread.
fn flood(
    snapshot: &Snapshot,
    is_source: impl Fn(&Edge) -> bool,
    spreads: impl Fn(EdgeType) -> bool,
    progress: &Progress<'_>,
) -> Result<Bits, Cancelled> {
    let mut reached = Bits::new(snapshot.node_count());
    let mut pending: Vec<NodeOrdinal> = Vec::new();
    let sources = snapshot.edges(NodeOrdinal::ROOT).filter(is_source).map(|edge| edge.to);
    pending.extend(sources.filter(|node| reached.insert(node.index())));
    // First in, first out: V8 writes nodes in about this order, so it spares the cache.
    let mut next = 0;
    while let Some(&node) = pending.get(next) {
        next += 1;
        progress.tick(next)?;
        for edge in snapshot.edges(node) {
            if spreads(edge.edge_type) && reached.insert(edge.to.index()) {
                pending.push(edge.to);
            }
        }
    }
    Ok(reached)
}
