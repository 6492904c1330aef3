//! The computed columns as they stand in an index file, and whether what came back from one can be
//! what went in.

use super::computed::{Analysis, Computed};
use super::dominators::Dominators;
use crate::bits::Bits;
use crate::ordinals::NodeOrdinal;
use crate::snapshot::Snapshot;
use crate::storage::{Counts, Failure, SectionReader, SectionWriter, Stored, are_below, ensure};

impl Analysis {
    pub(crate) fn computed(&self) -> &Computed {
        &self.computed
    }
}

impl Computed {
    pub(crate) fn write(&self, section: &mut SectionWriter<'_>) -> Result<(), Failure> {
        let Computed {
            detachedness,
            page_objects,
            essential,
            self_sizes,
            dominators,
            distances,
            classes,
            total_size,
        } = self;
        detachedness.write(section)?;
        page_objects.write(section)?;
        essential.write(section)?;
        self_sizes.write(section)?;
        dominators.write(section)?;
        distances.write(section)?;
        classes.write(section)?;
        total_size.write(section)
    }

    pub(crate) fn read(section: &mut SectionReader<'_>, counts: Counts) -> Result<Self, Failure> {
        let computed = Computed {
            detachedness: Stored::read(section)?,
            page_objects: Stored::read(section)?,
            essential: Stored::read(section)?,
            self_sizes: Stored::read(section)?,
            dominators: Stored::read(section)?,
            distances: Stored::read(section)?,
            classes: Stored::read(section)?,
            total_size: Stored::read(section)?,
        };
        let Counts { nodes, edges, strings } = counts;
        let Self { dominators, classes, .. } = &computed;
        let is_node = |node: &NodeOrdinal| node.index() < nodes;
        ensure(
            computed.page_objects.holds(nodes)
                && computed.distances.len() == nodes
                && computed.essential.holds(edges)
                && computed.self_sizes.as_ref().is_none_or(|sizes| sizes.are_of(nodes))
                && dominators.dominator.len() == nodes
                && are_below(&dominators.dominator, nodes)
                && dominators.retained.are_of(nodes)
                && dominators.is_tree()
                && dominators.orphans.iter().chain(&dominators.unreachable).all(is_node)
                && computed.detachedness.states.keys().all(is_node)
                && classes.by_node.len() == nodes
                && are_below(&classes.by_node, strings + classes.added.len()),
        )?;
        Ok(computed)
    }

    /// Puts an analysis together again.
    pub(crate) fn with(self, snapshot: Snapshot) -> Analysis {
        Analysis::from_computed(snapshot, self)
    }
}

impl Dominators {
    /// Whether every way up ends at the root, and nobody retains less than what is below.
    ///
    /// Whoever is above retains at least as much, so a circle could only be of nodes that retain
    /// the same: few links are of that kind, and only they are walked.
    fn is_tree(&self) -> bool {
        let retained = |node: u32| self.retained.get(node as usize);
        if self.dominator.first() != Some(&0) {
            return false;
        }
        let mut level = Vec::new();
        for (node, &above) in (0..).zip(&self.dominator).skip(1) {
            let (own, more) = (retained(node), retained(above));
            if own >= more {
                if own > more {
                    return false;
                }
                level.push(node);
            }
        }
        let is_level =
            |node: u32| node != 0 && retained(self.dominator[node as usize]) == retained(node);
        let (mut met, mut leads_up) =
            (Bits::new(self.dominator.len()), Bits::new(self.dominator.len()));
        let mut path = Vec::new();
        for start in level {
            let mut node = start;
            while is_level(node) && met.insert(node as usize) {
                path.push(node);
                node = self.dominator[node as usize];
            }
            if is_level(node) && !leads_up.get(node as usize) {
                return false;
            }
            for node in path.drain(..) {
                leads_up.insert(node as usize);
            }
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn is_tree(links: &[(u32, u64)]) -> bool {
        let (dominator, retained): (_, Vec<u64>) = links.iter().copied().unzip();
        let (orphans, unreachable) = (Vec::new(), Vec::new());
        let retained = retained.into_iter().collect();
        Dominators { dominator, retained, orphans, unreachable }.is_tree()
    }

    #[test]
    fn every_way_up_ends_at_the_root() {
        assert!(is_tree(&[(0, 9), (0, 5), (1, 5), (2, 5), (1, 0)]), "nodes without size");
        assert!(!is_tree(&[(0, 9), (2, 5), (1, 5)]), "a circle of two");
        assert!(!is_tree(&[(0, 9), (1, 5)]), "of one");
        assert!(!is_tree(&[(0, 9), (2, 5), (3, 5), (1, 5), (1, 5)]), "with one who leads there");
        assert!(!is_tree(&[(0, 4), (0, 5)]), "less than what is below");
        assert!(!is_tree(&[(1, 5), (0, 5)]), "the root is not on top");
        assert!(!is_tree(&[]));
    }

    proptest! {
        #[test]
        fn as_a_walk_from_each_node_finds_it(
            links in prop::collection::vec((0..8_u32, 0..2_u64), 8),
        ) {
            let top = |start: usize| (0..links.len()).fold(start, |at, _| links[at].0 as usize);
            let grows = links.iter().all(|&(above, own)| links[above as usize].1 >= own);
            let all_arrive = links[0].0 == 0 && (0..links.len()).all(|node| top(node) == 0);
            prop_assert_eq!(is_tree(&links), grows && all_arrive);
        }

        #[test]
        fn of_nodes_that_retain_the_same(links in prop::collection::vec(0..6_u32, 5)) {
            let links: Vec<_> = std::iter::once(0).chain(links).map(|above| (above, 7)).collect();
            let top = |start: usize| (0..links.len()).fold(start, |at, _| links[at].0 as usize);
            prop_assert_eq!(is_tree(&links), (0..links.len()).all(|node| top(node) == 0));
        }
    }
}
