//! Barrier search: what stays alive whatever certain nodes hold.

use super::computed::Analysis;
use crate::monitor::{Cancelled, Monitor, Phase, Progress};
use crate::node_set::NodeSet;
use crate::ordinals::NodeOrdinal;

impl Analysis {
    /// Everything that the root reaches over [essential](Self::is_essential) links without entering
    /// one of `barriers`: what would still be there if they went. One leak cannot hide another:
    /// what this set has is kept by something that is not among the suspects.
    ///
    /// Nodes that the root does not reach at all (garbage at the time of the snapshot) are never in
    /// it. For bytes instead of nodes see [`retained_by_set`](Self::retained_by_set).
    pub fn reachable_without(
        &self,
        barriers: &NodeSet,
        monitor: &dyn Monitor,
    ) -> Result<NodeSet, Cancelled> {
        let progress = Progress::start(monitor, Phase::Searching, self.node_count())?;
        let (mut steps, mut done) = (0, 0);
        let mut reached = NodeSet::new(self);
        if barriers.contains(NodeOrdinal::ROOT) {
            return Ok(reached);
        }
        reached.insert(NodeOrdinal::ROOT);
        let mut pending = vec![NodeOrdinal::ROOT];
        while let Some(node) = pending.pop() {
            done += 1;
            for edge in self.edges(node) {
                progress.step(&mut steps, done)?;
                if self.is_essential(&edge)
                    && !barriers.contains(edge.to)
                    && reached.insert(edge.to)
                {
                    pending.push(edge.to);
                }
            }
        }
        Ok(reached)
    }
}
