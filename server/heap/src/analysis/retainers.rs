//! The edges by target: who holds a node.

use crate::ordinals::{EdgeOrdinal, NodeOrdinal};
use crate::snapshot::Snapshot;

/// For each node, the edges that lead to it, the file's last one first.
#[derive(Debug)]
pub(super) struct Retainers {
    first: Vec<u32>,
    edges: Vec<u32>,
}

impl Retainers {
    pub(super) fn of(&self, node: NodeOrdinal) -> impl ExactSizeIterator<Item = EdgeOrdinal> + '_ {
        let range = self.first[node.index()] as usize..self.first[node.index() + 1] as usize;
        self.edges[range].iter().map(|&edge| EdgeOrdinal::new(edge as usize))
    }
}

pub(super) fn build(snapshot: &Snapshot) -> Retainers {
    let targets = &snapshot.edges.targets;
    let mut first = vec![0; snapshot.node_count() + 1];
    for &target in targets {
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
        let place = &mut first[target as usize];
        *place -= 1;
        edges[*place as usize] = edge as u32;
    }
    Retainers { first, edges }
}
