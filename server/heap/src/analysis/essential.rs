//! Which edges keep their target alive, as far as retained sizes are concerned (`DevTools`:
//! `computeIsEssentialEdge`).

use super::ephemerons::Ephemerons;
use crate::bits::Bits;
use crate::kinds::EdgeType;
use crate::monitor::{Cancelled, Monitor, Phase, Progress};
use crate::ordinals::NodeOrdinal;
use crate::snapshot::{Edge, Snapshot};

pub(super) fn find(
    snapshot: &Snapshot,
    ephemerons: &Ephemerons,
    page_objects: &Bits,
    monitor: &dyn Monitor,
) -> Result<Bits, Cancelled> {
    let progress = Progress::start(monitor, Phase::EssentialEdges, snapshot.node_count())?;
    let mut essential = Bits::new(snapshot.edge_count());
    for node in snapshot.nodes() {
        progress.tick(node.index())?;
        for edge in snapshot.edges(node) {
            if is_essential(snapshot, ephemerons, page_objects, &edge) {
                essential.insert(edge.ordinal.index());
            }
        }
    }
    Ok(essential)
}

fn is_essential(
    snapshot: &Snapshot,
    ephemerons: &Ephemerons,
    page_objects: &Bits,
    edge: &Edge,
) -> bool {
    if edge.edge_type == EdgeType::Weak || edge.from == edge.to {
        return false;
    }
    // A weak map's entry needs both its key and its table. Of the two edges the key's counts: it is
    // the one whose end people can bring about.
    if let Some(entry) = ephemerons.get(snapshot, edge)
        && entry.table == Some(snapshot.node_id(edge.from))
    {
        return false;
    }
    if edge.from == NodeOrdinal::ROOT {
        return true;
    }
    // Shortcuts mean something only at the root, where they mark the global objects.
    if edge.edge_type == EdgeType::Shortcut {
        return false;
    }
    // What the page owns shall not belong to a debugger that looks at it.
    page_objects.get(edge.from.index()) || !page_objects.get(edge.to.index())
}
