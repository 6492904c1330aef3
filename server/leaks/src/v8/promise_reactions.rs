//! What waits for a promise: its reactions, which are a linked list.

use crate::v8::linked_lists::MIN_LENGTH;
use heapmark_heap::{EdgeType, NodeId, NodeOrdinal, NodeType, Snapshot};
use rustc_hash::{FxHashMap, FxHashSet};

/// The reactions that wait for a promise to settle: what `then`, `catch`, `finally`, `await` and
/// `Promise.race` leave there. Empty for anything else, and for a promise that has settled.
///
/// ```text
/// Promise ─reactions_or_result→ PromiseReaction ─hidden→ PromiseReaction ─hidden→ …
/// ```
pub(crate) fn reactions(snapshot: &Snapshot, promise: NodeOrdinal) -> Vec<NodeOrdinal> {
    let first = snapshot.child(promise, EdgeType::Internal, "reactions_or_result");
    let is_reaction = |node: &NodeOrdinal| {
        matches!(snapshot.node_type(*node), NodeType::Hidden | NodeType::Object)
            && snapshot.name(*node) == "system / PromiseReaction"
    };
    let mut reactions = Vec::new();
    let mut seen = FxHashSet::default();
    let mut at = first.filter(is_reaction);
    while let Some(reaction) = at.filter(|&reaction| seen.insert(reaction)) {
        reactions.push(reaction);
        at = snapshot.edges(reaction).map(|edge| edge.to).find(|to| is_reaction(to));
    }
    reactions
}

/// How many reactions wait for each promise that has several.
pub(crate) fn reaction_counts(snapshot: &Snapshot) -> FxHashMap<NodeId, u64> {
    let Some(name) = snapshot.find_string("Promise") else { return FxHashMap::default() };
    let promises = snapshot.nodes().filter(|&node| {
        snapshot.node_type(node) == NodeType::Object && snapshot.name_index(node) == name
    });
    promises
        .map(|promise| (snapshot.node_id(promise), reactions(snapshot, promise).len()))
        .filter(|&(_, count)| count >= MIN_LENGTH)
        .map(|(id, count)| (id, count as u64))
        .collect()
}
