//! What stands at one place, whoever is put there: a program that replaces its list by a longer copy
//! (`listeners = [...listeners, listener]`) has another array in each snapshot, at the same variable.
//!
//! And how much stands inside: a table of a thousand users, each with a list that grows slowly, grows
//! by all of them.

use std::hash::{Hash, Hasher};

use heapmark_heap::{
    Edge, EdgeType, NodeId, NodeOrdinal, NodeSet, NodeType, Snapshot, StringIndex,
};
use rustc_hash::{FxHashMap, FxHashSet, FxHasher};

use crate::members::objects_of;
use crate::stores::Stores;

/// A variable or property of something with an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Slot {
    holder: NodeId,
    /// Of the name: in another snapshot the same name has another index.
    name: u64,
}

/// A text in pieces is followed for so many pieces.
const MOST_PIECES: usize = 100_000;
/// Records have fewer properties.
const MOST_PROPERTIES: usize = 64;
/// Bytes: a shorter text or buffer is not followed.
const SHORTEST_TEXT: u64 = 10_000;

impl Slot {
    /// The slot that an edge leads from, if it has a name that a person gave.
    pub(crate) fn of(snapshot: &Snapshot, edge: &Edge) -> Option<Self> {
        let name = snapshot.edge_name_index(edge).filter(|_| is_named(edge))?;
        Some(Self { holder: snapshot.node_id(edge.from), name: hash_of(&snapshot.string(name)) })
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
/// `entries` gives the number of a node, 0 for what is no collection.
pub(crate) fn slots(
    snapshot: &Snapshot,
    entries: impl Fn(NodeOrdinal) -> u64,
) -> FxHashMap<Slot, u64> {
    let mut names = Names::of(snapshot);
    let mut found: Vec<(Slot, u64)> = Vec::new();
    // In the order of the holders, which have a bit each: most links lead elsewhere.
    let mut within: Vec<(NodeOrdinal, Slot, u64)> = Vec::new();
    let mut holders = NodeSet::new(snapshot);
    for edge in named_edges(snapshot) {
        let entries = entries(edge.to);
        if entries > 0
            && let Some(slot) = names.slot(&edge)
        {
            found.push((slot, entries));
            if edge.edge_type == EdgeType::Property {
                holders.insert(edge.from);
                within.push((edge.from, slot, entries));
            }
        }
    }
    for edge in named_edges(snapshot) {
        if holders.contains(edge.to)
            && let Some(outer) = names.slot(&edge)
        {
            let first = within.partition_point(|&(holder, ..)| holder < edge.to);
            let inner = within[first..].iter().take_while(|&&(holder, ..)| holder == edge.to);
            found.extend(inner.map(|&(_, slot, entries)| (outer.inside(slot), entries)));
        }
    }
    found.into_iter().collect()
}

/// The slots of one snapshot, without reading a name again that was read before.
struct Names<'s> {
    snapshot: &'s Snapshot,
    known: FxHashMap<StringIndex, u64>,
}

impl<'s> Names<'s> {
    fn of(snapshot: &'s Snapshot) -> Self {
        Self { snapshot, known: FxHashMap::default() }
    }

    /// See [`Slot::of`].
    fn slot(&mut self, edge: &Edge) -> Option<Slot> {
        let name = self.snapshot.edge_name_index(edge).filter(|_| is_named(edge))?;
        let hash = || hash_of(&self.snapshot.string(name));
        let name = *self.known.entry(name).or_insert_with(hash);
        Some(Slot { holder: self.snapshot.node_id(edge.from), name })
    }
}

fn hash_of(name: &str) -> u64 {
    let mut hasher = FxHasher::default();
    name.hash(&mut hasher);
    hasher.finish()
}

fn is_named(edge: &Edge) -> bool {
    matches!(edge.edge_type, EdgeType::Property | EdgeType::Context)
}

/// The edges of all variables and properties. Most nodes of a heap are stores, texts and code, which
/// have none.
pub(crate) fn named_edges(snapshot: &Snapshot) -> impl Iterator<Item = Edge> + '_ {
    let has_names = |&node: &NodeOrdinal| {
        !matches!(
            snapshot.node_type(node),
            NodeType::Array
                | NodeType::String
                | NodeType::ConcatenatedString
                | NodeType::SlicedString
                | NodeType::Number
                | NodeType::Code
                | NodeType::ObjectShape
        )
    };
    snapshot.nodes().filter(has_names).flat_map(|node| snapshot.edges(node)).filter(is_named)
}

/// How many bytes there are in each slot that has many of them.
#[derive(Default)]
pub(crate) struct Bytes {
    /// Of text.
    pub(crate) texts: FxHashMap<Slot, u64>,
    /// Of a buffer, behind it.
    pub(crate) buffers: FxHashMap<Slot, u64>,
}

impl Bytes {
    pub(crate) fn of(snapshot: &Snapshot) -> Self {
        let stores = Stores::of(snapshot);
        let mut known: FxHashMap<NodeOrdinal, u64> = FxHashMap::default();
        let mut all = Self::default();
        for edge in named_edges(snapshot) {
            if may_be_long(snapshot, edge.to) {
                let bytes = *known.entry(edge.to).or_insert_with(|| text_size(snapshot, edge.to));
                if bytes >= SHORTEST_TEXT
                    && let Some(slot) = Slot::of(snapshot, &edge)
                {
                    all.texts.insert(slot, bytes);
                }
            } else if let Some(store) = stores.behind(snapshot, edge.to)
                && snapshot.raw_self_size(store) >= SHORTEST_TEXT
                && let Some(slot) = Slot::of(snapshot, &edge)
            {
                all.buffers.insert(slot, snapshot.raw_self_size(store));
            }
        }
        all
    }
}

/// Whether a node is a text that is long, or in pieces and may be.
pub(crate) fn may_be_long(snapshot: &Snapshot, node: NodeOrdinal) -> bool {
    match snapshot.node_type(node) {
        NodeType::String => snapshot.raw_self_size(node) >= SHORTEST_TEXT,
        NodeType::ConcatenatedString => true,
        _ => false,
    }
}

/// Whether a node is a text, whole or in pieces.
fn is_text(snapshot: &Snapshot, node: NodeOrdinal) -> bool {
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
/// hold. Of what has very many properties only the first are looked at. Each node is asked about as
/// often as it is met; whoever answers by looking at its links should remember.
pub(crate) fn inner(
    snapshot: &Snapshot,
    outer: NodeOrdinal,
    mut is_collection: impl FnMut(NodeOrdinal) -> bool,
) -> Vec<NodeOrdinal> {
    let mut values: Vec<NodeOrdinal> =
        snapshot.members(outer).iter().flat_map(objects_of).collect();
    values.sort_unstable();
    values.dedup();
    let mut inner = Vec::new();
    for value in values {
        if is_collection(value) {
            inner.push(value);
            continue;
        }
        let properties = snapshot
            .edges(value)
            .take(MOST_PROPERTIES)
            .filter(|edge| edge.edge_type == EdgeType::Property && edge.to != outer);
        inner.extend(properties.map(|edge| edge.to).filter(|&to| is_collection(to)));
    }
    inner.sort_unstable();
    inner.dedup();
    inner
}
