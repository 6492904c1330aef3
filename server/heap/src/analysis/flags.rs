//! `DevTools`' three flags of a node; its essential edges need the third.

use super::detachedness::{DETACHED, Detachedness};
use super::{Analysis, is_dom_trees_root};
use crate::kinds::{EdgeType, NodeType};
use crate::monitor::{Cancelled, Monitor, Phase, Progress};
use crate::ordinals::NodeOrdinal;
use crate::snapshot::{Edge, Snapshot};

pub(super) fn compute(
    snapshot: &Snapshot,
    detachedness: &Detachedness,
    monitor: &dyn Monitor,
) -> Result<Vec<u8>, Cancelled> {
    let progress = Progress::start(monitor, Phase::Flags, 2 * snapshot.node_count())?;
    let mut flags = vec![0; snapshot.node_count()];
    for (node, state) in detachedness.nodes() {
        if state == DETACHED && snapshot.node_type(node) == NodeType::Native {
            flags[node.index()] |= Analysis::FLAG_DETACHED;
        }
    }
    let mut flood = Flood { snapshot, flags: &mut flags, progress, done: 0 };
    flood.run(
        Analysis::FLAG_QUERIABLE,
        |edge| snapshot.node_type(edge.to) != NodeType::Synthetic,
        |edge| !matches!(edge, EdgeType::Hidden | EdgeType::Internal | EdgeType::Weak),
    )?;
    flood.run(
        Analysis::FLAG_PAGE_OBJECT,
        |edge| match edge.edge_type {
            EdgeType::Element => is_dom_trees_root(snapshot, edge.to),
            other => other == EdgeType::Shortcut,
        },
        |edge| edge != EdgeType::Weak,
    )?;
    Ok(flags)
}

struct Flood<'s> {
    snapshot: &'s Snapshot,
    flags: &'s mut [u8],
    progress: Progress<'s>,
    done: usize,
}

impl Flood<'_> {
    /// Sets the flag on the targets of those edges of the root that are `sources`, and on whatever
    /// can be reached from there by edges of types that `spread`.
    fn run(
        &mut self,
        flag: u8,
        sources: impl Fn(&Edge) -> bool,
        spread: impl Fn(EdgeType) -> bool,
    ) -> Result<(), Cancelled> {
        let mut pending = Vec::new();
        for edge in self.snapshot.edges(NodeOrdinal::ROOT).filter(sources) {
            self.visit(edge.to, flag, &mut pending);
        }
        // First in, first out: V8 writes nodes in about this order, so it spares the cache.
        let mut next = 0;
        while let Some(&node) = pending.get(next) {
            next += 1;
            self.done += 1;
            self.progress.tick(self.done)?;
            for edge in self.snapshot.edges(node) {
                if spread(edge.edge_type) {
                    self.visit(edge.to, flag, &mut pending);
                }
            }
        }
        Ok(())
    }

    #[inline]
    fn visit(&mut self, node: NodeOrdinal, flag: u8, pending: &mut Vec<NodeOrdinal>) {
        let flags = &mut self.flags[node.index()];
        if *flags & flag == 0 {
            *flags |= flag;
            pending.push(node);
        }
    }
}
