//! What several nodes keep alive together.
//!
//! Retained sizes do not add up: what two listeners share belongs to neither alone. The answer is
//! what a search from the root does not reach when it may not enter any of the nodes. The search
//! need not start so high: whatever the nodes keep alive is dominated by their nearest common
//! dominator, so the part of the heap below that is enough.

use rustc_hash::FxHashMap;

use super::computed::Analysis;
use crate::bits::Bits;
use crate::monitor::{Cancelled, Monitor, Phase, Progress};
use crate::ordinals::NodeOrdinal;

impl Analysis {
    /// Bytes that would be freed if all of the nodes went. For one node that is its
    /// [retained size](Analysis::retained_size). Takes time in proportion to what the nodes' nearest
    /// common dominator retains.
    pub fn retained_by_set(
        &self,
        nodes: &[NodeOrdinal],
        monitor: &dyn Monitor,
    ) -> Result<u64, Cancelled> {
        let progress = Progress::start(monitor, Phase::Searching, self.node_count())?;
        let (mut steps, mut done) = (0, 0);
        let mut step = |done| progress.step(&mut steps, done);
        let Some(top) = self.common_dominator(nodes, &mut step)? else { return Ok(0) };
        if nodes.contains(&top) {
            return Ok(self.retained_size(top));
        }
        // Nodes that the search shall not enter (again).
        let mut closed = Bits::new(self.node_count());
        if top != NodeOrdinal::ROOT {
            closed = self.outside_of(top, &mut step)?;
        }
        for node in nodes {
            closed.insert(node.index());
        }
        let mut kept = 0_u64;
        let mut pending = Vec::new();
        let mut visit = |node: NodeOrdinal, pending: &mut Vec<NodeOrdinal>| {
            if closed.insert(node.index()) {
                kept = kept.saturating_add(self.self_size(node));
                pending.push(node);
            }
        };
        visit(top, &mut pending);
        if top == NodeOrdinal::ROOT {
            for &orphan in &self.computed.dominators.orphans {
                visit(orphan, &mut pending);
            }
        }
        while let Some(node) = pending.pop() {
            done += 1;
            for edge in self.edges(node) {
                step(done)?;
                if self.is_essential(&edge) {
                    visit(edge.to, &mut pending);
                }
            }
        }
        if top == NodeOrdinal::ROOT {
            // Cycles that nothing holds stay where they are; what they hold is not theirs.
            for &node in &self.computed.dominators.unreachable {
                visit(node, &mut pending);
            }
        }
        Ok(self.retained_size(top).saturating_sub(kept))
    }

    /// All nodes that `top` does not dominate.
    fn outside_of(
        &self,
        top: NodeOrdinal,
        step: &mut impl FnMut(usize) -> Result<(), Cancelled>,
    ) -> Result<Bits, Cancelled> {
        let mut outside = Bits::full(self.node_count());
        let mut pending = vec![top];
        while let Some(node) = pending.pop() {
            step(0)?;
            outside.remove(node.index());
            pending.extend(self.dominated(node));
        }
        Ok(outside)
    }

    /// The last node that every path from the root to any of these goes through. A node counts as
    /// its own dominator.
    fn common_dominator(
        &self,
        nodes: &[NodeOrdinal],
        step: &mut impl FnMut(usize) -> Result<(), Cancelled>,
    ) -> Result<Option<NodeOrdinal>, Cancelled> {
        let Some((&first, others)) = nodes.split_first() else { return Ok(None) };
        // The height above `first` at which a node's dominators meet those of `first`.
        let mut meets: FxHashMap<NodeOrdinal, usize> = FxHashMap::default();
        let mut chain = vec![first];
        let mut at = first;
        while at != NodeOrdinal::ROOT {
            step(0)?;
            meets.insert(at, chain.len() - 1);
            at = self.dominator(at);
            chain.push(at);
        }
        meets.insert(at, chain.len() - 1);
        let mut highest = 0;
        for &other in others {
            let mut climbed = Vec::new();
            let mut at = other;
            let height = loop {
                if let Some(&height) = meets.get(&at) {
                    break height;
                }
                step(0)?;
                climbed.push(at);
                at = self.dominator(at);
            };
            meets.extend(climbed.into_iter().map(|node| (node, height)));
            highest = highest.max(height);
        }
        Ok(Some(chain[highest]))
    }
}
