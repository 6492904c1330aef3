//! The dominator tree's other direction: which nodes a node dominates.

use crate::ordinals::NodeOrdinal;

/// Children in the dominator tree, grouped by parent, in ascending order.
#[derive(Debug)]
pub(super) struct Dominated {
    first: Vec<u32>,
    nodes: Vec<u32>,
}

impl Dominated {
    pub(super) fn build(dominator: &[u32]) -> Self {
        let children = || dominator.iter().enumerate().skip(1);
        let mut first = vec![0; dominator.len() + 1];
        for (_, &parent) in children() {
            first[parent as usize] += 1;
        }
        let mut sum = 0;
        for count in &mut first {
            sum += *count;
            *count = sum;
        }
        // Each `first` is its group's end now and moves to its start while the group is filled.
        let mut nodes = vec![0; dominator.len() - 1];
        for (child, &parent) in children().rev() {
            let place = &mut first[parent as usize];
            *place -= 1;
            nodes[*place as usize] = child as u32;
        }
        Self { first, nodes }
    }

    pub(super) fn of(&self, node: NodeOrdinal) -> impl ExactSizeIterator<Item = NodeOrdinal> + '_ {
        let range = self.first[node.index()] as usize..self.first[node.index() + 1] as usize;
        self.nodes[range].iter().map(|&child| NodeOrdinal::new(child as usize))
    }
}
