//! What stands at one place, whoever is put there: a program that replaces its list by a longer copy
//! (`listeners = [...listeners, listener]`) has another array in each snapshot, at the same variable.
//!
//! And how much stands inside: a table of a thousand users, each with a list that grows slowly, grows
//! by all of them.

use std::hash::{Hash, Hasher};

use heapmark_heap::{Edge, EdgeType, NodeId, NodeOrdinal, NodeType, Snapshot};
use rustc_hash::{FxHashMap, FxHashSet, FxHasher};

use crate::members::objects_of;

/// A variable or property of something with an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Slot {
    holder: NodeId,
    /// Of the name: in another snapshot the same name has another index.
    name: u64,
}

/// A text in pieces is followed for so many pieces.
const MOST_PIECES: usize = 100_000;
/// Bytes: a shorter text is not followed.
const SHORTEST_TEXT: u64 = 10_000;

impl Slot {
    /// The slot that an edge leads from, if it has a name that a person gave.
    pub(crate) fn of(snapshot: &Snapshot, edge: &Edge) -> Option<Self> {
        let name = snapshot.edge_name_index(edge).filter(|_| is_named(edge))?;
        let mut hasher = FxHasher::default();
        snapshot.string(name).hash(&mut hasher);
        Some(Self { holder: snapshot.node_id(edge.from), name: hasher.finish() })
    }

    /// The slot inside what stands in this one: `state.messages`, if the program makes a new `state`
    /// each time.
    pub(crate) fn inside(self, inner: Self) -> Self {
        let mut hasher = FxHasher::default();
        (self.name, inner.name).hash(&mut hasher);
        Self { holder: self.holder, name: hasher.finish() }
    }
}

/// The entries of the collection in each slot that has one, also of one within an object in a slot.
/// `collections` are the numbers by id.
pub(crate) fn slots(
    snapshot: &Snapshot,
    collections: &FxHashMap<NodeId, u64>,
) -> FxHashMap<Slot, u64> {
    let mut slots = FxHashMap::default();
    let mut within: FxHashMap<NodeOrdinal, Vec<(Slot, u64)>> = FxHashMap::default();
    for edge in snapshot.nodes().flat_map(|node| snapshot.edges(node)) {
        if is_named(&edge)
            && let Some(&entries) = collections.get(&snapshot.node_id(edge.to))
            && let Some(slot) = Slot::of(snapshot, &edge)
        {
            slots.insert(slot, entries);
            if edge.edge_type == EdgeType::Property {
                within.entry(edge.from).or_default().push((slot, entries));
            }
        }
    }
    for edge in snapshot.nodes().flat_map(|node| snapshot.edges(node)) {
        if is_named(&edge)
            && let Some(inner) = within.get(&edge.to)
            && let Some(outer) = Slot::of(snapshot, &edge)
        {
            slots.extend(inner.iter().map(|&(slot, entries)| (outer.inside(slot), entries)));
        }
    }
    slots
}

fn is_named(edge: &Edge) -> bool {
    matches!(edge.edge_type, EdgeType::Property | EdgeType::Context)
}

/// The bytes of the text in each slot that has a long one.
pub(crate) fn texts(snapshot: &Snapshot) -> FxHashMap<Slot, u64> {
    let edges = snapshot.nodes().flat_map(|node| snapshot.edges(node));
    let long =
        edges.filter(is_named).filter(|edge| is_text(snapshot, edge.to)).filter_map(|edge| {
            let bytes = text_size(snapshot, edge.to);
            (bytes >= SHORTEST_TEXT).then_some((Slot::of(snapshot, &edge)?, bytes))
        });
    long.collect()
}

/// Whether a node is a text, whole or in pieces.
pub(crate) fn is_text(snapshot: &Snapshot, node: NodeOrdinal) -> bool {
    matches!(snapshot.node_type(node), NodeType::String | NodeType::ConcatenatedString)
}

/// The bytes of a text with all its pieces.
pub(crate) fn text_size(snapshot: &Snapshot, text: NodeOrdinal) -> u64 {
    let mut bytes = 0;
    let mut seen = FxHashSet::from_iter([text]);
    let mut open = vec![text];
    while let Some(piece) = open.pop() {
        bytes += snapshot.raw_self_size(piece);
        if snapshot.node_type(piece) == NodeType::ConcatenatedString && seen.len() < MOST_PIECES {
            let inside = snapshot.edges(piece).map(|edge| edge.to);
            open.extend(inside.filter(|&it| is_text(snapshot, it) && seen.insert(it)));
        }
    }
    bytes
}

/// The collections in the entries of a collection: the values themselves, or what their properties
/// hold.
pub(crate) fn inner(snapshot: &Snapshot, outer: NodeOrdinal) -> Vec<NodeOrdinal> {
    let mut inner = Vec::new();
    for value in snapshot.members(outer).iter().flat_map(objects_of) {
        if snapshot.collection_kind(value).is_some() {
            inner.push(value);
            continue;
        }
        let properties = snapshot
            .edges(value)
            .filter(|edge| edge.edge_type == EdgeType::Property && edge.to != outer);
        inner.extend(
            properties.map(|edge| edge.to).filter(|&to| snapshot.collection_kind(to).is_some()),
        );
    }
    inner.sort_unstable();
    inner.dedup();
    inner
}
