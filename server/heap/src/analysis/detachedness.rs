//! Which native objects are attached to the page's tree and which are not, spread from those that
//! say so to those that they hold (`DevTools`: `propagateDOMState`).

use rustc_hash::FxHashMap;

use crate::kinds::{EdgeType, NodeType};
use crate::monitor::{Cancelled, Monitor, Phase, Progress};
use crate::ordinals::NodeOrdinal;
use crate::snapshot::Snapshot;

const ATTACHED: u8 = 1;
pub(super) const DETACHED: u8 = 2;

/// The states that are not 0: few nodes have one.
#[derive(Debug, Default)]
pub(super) struct Detachedness {
    pub(super) states: FxHashMap<NodeOrdinal, u8>,
    /// Node 14's files lack the field; there V8 itself writes `Detached ` before the name.
    names_say_so: bool,
}

crate::storage::stored!(Detachedness { states, names_say_so });

impl Detachedness {
    pub(super) fn state(&self, node: NodeOrdinal) -> u8 {
        self.states.get(&node).copied().unwrap_or(0)
    }

    /// Whether it is a native object known to be detached.
    pub(super) fn is_detached(&self, snapshot: &Snapshot, node: NodeOrdinal) -> bool {
        snapshot.node_type(node) == NodeType::Native && self.state(node) == DETACHED
    }

    /// Whether `DevTools` puts `Detached ` before the node's name.
    pub(super) fn is_renamed(&self, snapshot: &Snapshot, node: NodeOrdinal) -> bool {
        !self.names_say_so && self.is_detached(snapshot, node)
    }
}

impl Snapshot {
    /// The nodes of which the file itself says that they are detached, in its order. From them the
    /// state spreads, see [`Analysis::detachedness`](super::Analysis::detachedness).
    pub fn said_to_be_detached(&self) -> impl Iterator<Item = NodeOrdinal> + '_ {
        let said = self.nodes.detachedness.iter().flatten();
        said.filter(|&&(_, state)| state == DETACHED).map(|&(node, _)| node)
    }
}

pub(super) fn propagate(
    snapshot: &Snapshot,
    monitor: &dyn Monitor,
) -> Result<Detachedness, Cancelled> {
    let progress = Progress::start(monitor, Phase::Detachedness, snapshot.node_count())?;
    let Some(given) = &snapshot.nodes.detachedness else {
        let states = snapshot
            .nodes()
            .filter(|&node| snapshot.node_type(node) == NodeType::Native)
            .filter(|&node| snapshot.name(node).starts_with("Detached "))
            .map(|node| (node, DETACHED))
            .collect();
        return Ok(Detachedness { states, names_say_so: true });
    };
    let mut states: FxHashMap<_, _> = given.iter().copied().collect();
    let is_native = |node| snapshot.node_type(node) == NodeType::Native;
    // Those that are attached first: what both hold is attached.
    let mut done = 0;
    for state in [ATTACHED, DETACHED] {
        let mut pending: Vec<NodeOrdinal> = given
            .iter()
            .filter(|&&(node, given)| given == state && is_native(node))
            .map(|&(node, _)| node)
            .collect();
        while let Some(node) = pending.pop() {
            done += 1;
            progress.tick(done)?;
            for edge in snapshot.edges(node) {
                let spreads = !matches!(edge.edge_type, EdgeType::Hidden | EdgeType::Weak);
                if spreads && is_native(edge.to) && !states.contains_key(&edge.to) {
                    states.insert(edge.to, state);
                    pending.push(edge.to);
                }
            }
        }
    }
    Ok(Detachedness { states, names_say_so: false })
}
