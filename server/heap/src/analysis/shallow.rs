//! Self sizes as people expect them: an array's includes the store of its elements (`DevTools`:
//! `calculateShallowSizes`).
//!
//! Arrays of V8's and hidden nodes give their bytes to the one node that owns them: the only one
//! from which they can be reached without passing through a node that owns itself.

use super::detachedness::Detachedness;
use super::roots::has_user_roots;
use crate::kinds::{EdgeType, NodeType};
use crate::monitor::{Cancelled, Monitor, Phase, Progress};
use crate::ordinals::NodeOrdinal;
use crate::sizes::Sizes;
use crate::snapshot::Snapshot;

const NOBODY: u32 = u32::MAX;
const SEVERAL: u32 = u32::MAX - 1;

/// The moved sizes, or nothing where none are moved: if the program has no roots of its own, the
/// snapshot was made to show V8's internals as they are.
pub(super) fn move_sizes(
    snapshot: &Snapshot,
    detachedness: &Detachedness,
    monitor: &dyn Monitor,
) -> Result<Option<Sizes>, Cancelled> {
    let nodes = snapshot.node_count();
    if !has_user_roots(snapshot) || nodes >= SEVERAL as usize {
        return Ok(None);
    }
    let progress = Progress::start(monitor, Phase::ShallowSizes, 2 * nodes)?;
    let owners = find_owners(snapshot, detachedness, &progress)?;
    let mut sizes = snapshot.nodes.self_sizes.clone();
    for node in snapshot.nodes() {
        let owner = owners[node.index()];
        if owner == NOBODY || owner == SEVERAL || owner as usize == node.index() {
            continue;
        }
        let owner = NodeOrdinal::new(owner as usize);
        if snapshot.node_type(owner) == NodeType::Synthetic || owner == NodeOrdinal::ROOT {
            continue;
        }
        let moved = sizes.get(node.index());
        sizes.set(node.index(), 0);
        sizes.set(owner.index(), sizes.get(owner.index()).saturating_add(moved));
    }
    Ok(Some(sizes))
}

fn find_owners(
    snapshot: &Snapshot,
    detachedness: &Detachedness,
    progress: &Progress<'_>,
) -> Result<Vec<u32>, Cancelled> {
    let external_string = snapshot.find_string("system / ExternalStringData");
    let is_owned = |node: NodeOrdinal| match snapshot.node_type(node) {
        NodeType::Hidden | NodeType::Array => true,
        NodeType::Native => {
            Some(snapshot.name_index(node)) == external_string
                && !detachedness.is_renamed(snapshot, node)
        }
        _ => false,
    };
    let mut owners = vec![NOBODY; snapshot.node_count()];
    for node in snapshot.nodes().filter(|&node| !is_owned(node)) {
        owners[node.index()] = node.index() as u32;
    }
    // What a node that owns itself passes on settles within its own stores, so each is finished
    // before the next one starts; only those that change owner are visited again.
    let mut pending = Vec::new();
    for start in snapshot.nodes() {
        progress.tick(start.index())?;
        if owners[start.index()] as usize != start.index() {
            continue;
        }
        pending.push(start);
        while let Some(node) = pending.pop() {
            let owner = owners[node.index()];
            for edge in snapshot.edges(node) {
                if edge.edge_type == EdgeType::Weak {
                    continue;
                }
                let target = &mut owners[edge.to.index()];
                if *target == edge.to.index() as u32 || *target == owner || *target == SEVERAL {
                    continue;
                }
                *target = if *target == NOBODY { owner } else { SEVERAL };
                pending.push(edge.to);
            }
        }
    }
    Ok(owners)
}
