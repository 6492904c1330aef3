//! The computed columns as they stand in an index file, and whether what came back from one can be
//! what went in.

use super::{Analysis, Computed};
use crate::index::{Failure, SectionReader, SectionWriter, Stored, are_below};
use crate::snapshot::Snapshot;

impl Analysis {
    pub(crate) fn write_computed(&self, section: &mut SectionWriter<'_>) -> Result<(), Failure> {
        let Computed {
            detachedness,
            page_objects,
            essential,
            self_sizes,
            dominators,
            distances,
            classes,
            total_size,
        } = &self.computed;
        detachedness.write(section)?;
        page_objects.write(section)?;
        essential.write(section)?;
        self_sizes.write(section)?;
        dominators.write(section)?;
        distances.write(section)?;
        classes.write(section)?;
        total_size.write(section)
    }

    pub(crate) fn read_computed(section: &mut SectionReader<'_>) -> Result<Computed, Failure> {
        Ok(Computed {
            detachedness: Stored::read(section)?,
            page_objects: Stored::read(section)?,
            essential: Stored::read(section)?,
            self_sizes: Stored::read(section)?,
            dominators: Stored::read(section)?,
            distances: Stored::read(section)?,
            classes: Stored::read(section)?,
            total_size: Stored::read(section)?,
        })
    }

    /// Puts an analysis together again, if its parts fit: every ordinal in them leads somewhere.
    pub(crate) fn from_parts(snapshot: Snapshot, computed: Computed) -> Option<Analysis> {
        let (nodes, edges) = (snapshot.node_count(), snapshot.edge_count());
        let Computed { dominators, classes, .. } = &computed;
        let known_classes = snapshot.strings.len() + classes.added.len();
        let fits = computed.page_objects.holds(nodes)
            && computed.distances.len() == nodes
            && computed.essential.holds(edges)
            && computed.self_sizes.as_ref().is_none_or(|sizes| sizes.are_of(nodes))
            && dominators.retained.are_of(nodes)
            && dominators.dominator.len() == nodes
            && are_below(&dominators.dominator, nodes)
            && dominators.orphans.iter().chain(&dominators.unreachable).all(|n| n.index() < nodes)
            && computed.detachedness.states.keys().all(|node| node.index() < nodes)
            && classes.by_node.len() == nodes
            && are_below(&classes.by_node, known_classes);
        fits.then(|| Analysis::from_computed(snapshot, computed))
    }
}
