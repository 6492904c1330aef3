//! The edges by target: who holds a node.

use crate::monitor::{Cancelled, Monitor, Phase, Progress};
use crate::ordinals::{EdgeOrdinal, NodeOrdinal};
use crate::snapshot::Snapshot;

/// For each node, the edges that lead to it, the file's last one first.
#[derive(Debug)]
pub(crate) struct Retainers {
    pub(super) first: Vec<u32>,
    pub(super) edges: Vec<u32>,
}

crate::index::stored!(Retainers { first, edges });

impl Retainers {
    pub(super) fn of(&self, node: NodeOrdinal) -> impl ExactSizeIterator<Item = EdgeOrdinal> + '_ {
        let range = self.first[node.index()] as usize..self.first[node.index() + 1] as usize;
        self.edges[range].iter().map(|&edge| EdgeOrdinal::new(edge as usize))
    }
}

pub(super) fn build(snapshot: &Snapshot, monitor: &dyn Monitor) -> Result<Retainers, Cancelled> {
    let targets = &snapshot.edges.targets;
    let progress = Progress::start(monitor, Phase::Retainers, 2 * targets.len())?;
    let mut first = vec![0; snapshot.node_count() + 1];
    for (edge, &target) in targets.iter().enumerate() {
        progress.tick(edge)?;
        first[target as usize] += 1;
    }
    let mut sum = 0;
    for count in &mut first {
        sum += *count;
        *count = sum;
    }
    // Each `first` is its group's end now and moves to its start while the group is filled.
    let mut edges = vec![0; targets.len()];
    for (edge, &target) in targets.iter().enumerate() {
        progress.tick(targets.len() + edge)?;
        let place = &mut first[target as usize];
        *place -= 1;
        edges[*place as usize] = edge as u32;
    }
    Ok(Retainers { first, edges })
}
