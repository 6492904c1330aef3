//! The computed columns as they stand in an index file, and whether what came back from one can be
//! what went in.

use std::sync::OnceLock;

use super::classes::Classes;
use super::detachedness::Detachedness;
use super::dominators::Dominators;
use super::retainers::Retainers;
use super::{Analysis, Bits};
use crate::index::{Failure, SectionReader, SectionWriter, Stored, are_below, are_ranges};
use crate::sizes::Sizes;
use crate::snapshot::Snapshot;

/// All that an analysis adds to its snapshot, without the retainers.
pub(crate) struct Computed {
    detachedness: Detachedness,
    flags: Vec<u8>,
    essential: Bits,
    self_sizes: Option<Sizes>,
    dominators: Dominators,
    distances: Vec<i32>,
    classes: Classes,
    total_size: u64,
}

impl Analysis {
    pub(crate) fn write_retainers(&self, section: &mut SectionWriter<'_>) -> Result<(), Failure> {
        self.retainers.write(section)
    }

    pub(crate) fn write_computed(&self, section: &mut SectionWriter<'_>) -> Result<(), Failure> {
        self.detachedness.write(section)?;
        self.flags.write(section)?;
        self.essential.write(section)?;
        self.self_sizes.write(section)?;
        self.dominators.write(section)?;
        self.distances.write(section)?;
        self.classes.write(section)?;
        self.total_size.write(section)
    }

    pub(crate) fn read_computed(section: &mut SectionReader<'_>) -> Result<Computed, Failure> {
        Ok(Computed {
            detachedness: Stored::read(section)?,
            flags: Stored::read(section)?,
            essential: Stored::read(section)?,
            self_sizes: Stored::read(section)?,
            dominators: Stored::read(section)?,
            distances: Stored::read(section)?,
            classes: Stored::read(section)?,
            total_size: Stored::read(section)?,
        })
    }

    /// Puts an analysis together again, if its parts fit: every ordinal in them leads somewhere.
    pub(crate) fn from_parts(
        snapshot: Snapshot,
        retainers: Retainers,
        computed: Computed,
    ) -> Option<Analysis> {
        let (nodes, edges) = (snapshot.node_count(), snapshot.edge_count());
        let Computed { dominators, classes, .. } = &computed;
        let known_classes = snapshot.strings.len() + classes.added.len();
        let fits = computed.flags.len() == nodes
            && computed.distances.len() == nodes
            && computed.essential.holds(edges)
            && computed.self_sizes.as_ref().is_none_or(|sizes| sizes.are_of(nodes))
            && dominators.retained.are_of(nodes)
            && dominators.dominator.len() == nodes
            && are_below(&dominators.dominator, nodes)
            && dominators.orphans.iter().chain(&dominators.unreachable).all(|n| n.index() < nodes)
            && computed.detachedness.states.keys().all(|node| node.index() < nodes)
            && classes.by_node.len() == nodes
            && are_below(&classes.by_node, known_classes)
            && retainers.edges.len() == edges
            && are_below(&retainers.edges, edges)
            && are_ranges(&retainers.first, nodes, edges);
        let Computed {
            detachedness,
            flags,
            essential,
            self_sizes,
            dominators,
            distances,
            classes,
            total_size,
        } = computed;
        fits.then_some(Analysis {
            snapshot,
            detachedness,
            flags,
            essential,
            self_sizes,
            dominators,
            retainers,
            distances,
            classes,
            total_size,
            dominated: OnceLock::new(),
            instances: OnceLock::new(),
        })
    }
}
