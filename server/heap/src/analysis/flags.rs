//! Two of `DevTools`' three flags of a node: reachable from the program's globals at all, which the
//! essential edges need, and reachable by ordinary properties, which few ask for.

use super::roots::is_dom_trees_root;
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
    // First in, first out: V8 writes nodes in about this order, so it spares the cache.
    let sources = snapshot.edges(NodeOrdinal::ROOT).filter(is_source).map(|edge| edge.to);
    let mut level: Vec<_> = sources.filter(|node| reached.insert(node.index())).collect();
    let mut next_level = Vec::new();
    let mut done = 0;
    while !level.is_empty() {
        for node in level.drain(..) {
            done += 1;
            progress.tick(done)?;
            for edge in snapshot.edges(node) {
                if spreads(edge.edge_type) && reached.insert(edge.to.index()) {
                    next_level.push(edge.to);
                }
            }
        }
        std::mem::swap(&mut level, &mut next_level);
    }
    Ok(reached)
}
