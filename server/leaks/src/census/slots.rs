//! What stands at one place, whoever is put there: a program that replaces its list by a longer copy
//! (`listeners = [...listeners, listener]`) has another array in each snapshot, at the same variable.
//! Of an immutable store the objects around the list are new, too: `state.chat.messages`.
//!
//! And how much stands inside: a table of a thousand users, each with a list that grows slowly, grows
//! by all of them.

use std::hash::{Hash, Hasher};
use std::ops::Range;

use heapmark_heap::{
    Edge, EdgeType, NodeId, NodeOrdinal, NodeSet, NodeType, Snapshot, StringIndex,
};
use rustc_hash::{FxHashMap, FxHasher};

use crate::census::parts_of_state::{Inherited, Plain};
use crate::census::texts::{is_surely_short, may_be_long, text_size};
use crate::v8::backing_stores::Stores;
use crate::v8::members::objects_of_all;
use crate::verdict::thresholds::census::MIN_TEXT;
use crate::verdict::thresholds::places::{MAX_AROUND, MAX_INSIDE, MAX_RECORD_PROPERTIES, MAX_WAYS};

/// A variable or property of something with an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Slot {
    holder: NodeId,
    /// Of the name: in another snapshot the same name has another index.
    name: u64,
}

/// A budget: a snapshot has fewer places of one depth, or they are not looked at.
const MAX_DEEP: usize = 4_000_000;
/// A budget of 64 MB: a snapshot has fewer links to plain objects, or they are not remembered.
const MAX_LINKS: usize = 4_000_000;
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

/// How many entries stand in each slot that has many: those of a collection, also of one within an object
/// in the slot, and further within plain objects.
pub(crate) struct Entries {
    /// By slot.
    pub(crate) of: FxHashMap<Slot, u64>,
    /// How many objects there may be around a collection: fewer than [`MAX_AROUND`] if there was too much.
    pub(crate) around: usize,
}

/// How many bytes stand in each slot that has many.
#[derive(Default)]
pub(crate) struct Slots {
    /// Bytes, of a text.
    pub(crate) texts: FxHashMap<Slot, u64>,
    /// Bytes, of a buffer, behind it.
    pub(crate) buffers: FxHashMap<Slot, u64>,
}

impl Slots {
    pub(crate) fn of(snapshot: &Snapshot) -> Self {
        let stores = Stores::of(snapshot);
        let buffer = |node| {
            let bytes = snapshot.raw_self_size(stores.behind(snapshot, node)?);
            (bytes >= MIN_TEXT).then_some(bytes)
        };
        let is_followed =
            |&node: &NodeOrdinal| may_be_long(snapshot, node) || buffer(node).is_some();
        // Most links lead elsewhere: that is asked for each of them, and a bit for each node is all that
        // it takes to know.
        let followed = NodeSet::of(snapshot, snapshot.nodes().filter(is_followed));
        let mut all = Self::default();
        if followed.is_empty() {
            return all;
        }
        let mut names = Names::of(snapshot);
        let mut lengths: FxHashMap<NodeOrdinal, u64> = FxHashMap::default();
        for edge in all_named_edges(snapshot).filter(|edge| followed.contains(edge.to)) {
            // Not of the pieces of longer texts, which are the most.
            if is_surely_short(snapshot, edge.to) {
                continue;
            }
            let Some(slot) = names.slot(&edge) else { continue };
            if may_be_long(snapshot, edge.to) {
                let length = lengths.entry(edge.to);
                let bytes = *length.or_insert_with(|| text_size(snapshot, edge.to));
                if bytes >= MIN_TEXT {
                    all.texts.insert(slot, bytes);
                }
            }
            if let Some(bytes) = buffer(edge.to) {
                all.buffers.insert(slot, bytes);
            }
        }
        all
    }
}

impl Entries {
    /// `collections` are the large ones, of which `entries` gives the number.
    pub(crate) fn of(
        snapshot: &Snapshot,
        collections: &NodeSet,
        entries: impl Fn(NodeOrdinal) -> u64,
    ) -> Self {
        let mut names = Names::of(snapshot);
        // A list first: a table of a million that grows is built twice.
        let mut found: Vec<(Slot, u64)> = Vec::new();
        let mut inside = Inside::default();
        let inherited = Inherited::of(snapshot);
        for holder in nodes_with_names(snapshot) {
            let first = inside.within.len();
            for edge in named_edges(snapshot, holder).filter(|edge| collections.contains(edge.to)) {
                let Some(slot) = names.slot(&edge) else { continue };
                let entries = entries(edge.to);
                found.push((slot, entries));
                if edge.edge_type == EdgeType::Property && !inherited.is(snapshot, &edge) {
                    inside.within.push((slot, entries));
                }
            }
            if first < inside.within.len() {
                inside.range_of.insert(holder, first..inside.within.len());
            }
        }
        let around = add_further_inside(&mut names, &mut found, &inside);
        Self { of: found.into_iter().collect(), around }
    }
}

/// The collections inside of objects.
#[derive(Default)]
struct Inside {
    /// The slot of each from the object around it, with its entries; object by object.
    within: Vec<(Slot, u64)>,
    /// Which of those each object has.
    range_of: FxHashMap<NodeOrdinal, Range<usize>>,
}

/// Adds the slots that lead to what is inside of objects, and of plain objects around those. Answers how
/// many objects there may be around a collection until it is too much.
fn add_further_inside(names: &mut Names, found: &mut Vec<(Slot, u64)>, inside: &Inside) -> usize {
    let snapshot = names.snapshot;
    let plain = Plain::of(snapshot);
    let inherited = Inherited::of(snapshot);
    let all = || all_named_edges(snapshot).filter(|edge| !inherited.is(snapshot, edge));
    // Farther out only links to plain objects count: once they are known, nobody walks through all again.
    let mut links: Vec<Edge> = Vec::new();
    let first = all().inspect(|edge| {
        if links.len() <= MAX_LINKS && plain.nodes.contains(edge.to) {
            links.push(*edge);
        }
    });
    let mut inside = add_inside(names, found, inside, &plain, first);
    let is_whole = links.len() <= MAX_LINKS;
    for around in 1..MAX_AROUND {
        let Some(parts) = inside else { return around - 1 };
        inside = if parts.within.is_empty() {
            Some(parts)
        } else if is_whole {
            add_inside(names, found, &parts, &plain, links.iter().copied())
        } else {
            add_inside(names, found, &parts, &plain, all())
        };
    }
    if inside.is_some() { MAX_AROUND } else { MAX_AROUND - 1 }
}

/// Adds the slots of `edges` that lead to objects with collections inside, and answers what is inside of
/// the plain objects that the edges come from; `None` if it is too much.
fn add_inside(
    names: &mut Names,
    found: &mut Vec<(Slot, u64)>,
    inside: &Inside,
    plain: &Plain,
    edges: impl Iterator<Item = Edge>,
) -> Option<Inside> {
    let holders = NodeSet::of(names.snapshot, inside.range_of.keys().copied());
    let begin = found.len();
    let mut around = Around::default();
    for edge in edges.filter(|edge| holders.contains(edge.to)) {
        let Some(slot) = names.slot(&edge) else { continue };
        let within = inside.within[inside.range_of[&edge.to].clone()].iter();
        let within = within.map(|&(inner, entries)| (slot.inside(inner), entries));
        if edge.edge_type == EdgeType::Property && plain.nodes.contains(edge.from) {
            around.add(&edge, within.clone());
        }
        found.extend(within);
        if found.len() - begin > MAX_DEEP {
            found.truncate(begin);
            return None;
        }
    }
    Some(around.inside())
}

/// The plain objects around objects that have collections inside.
#[derive(Default)]
struct Around {
    /// An object inside, the one around it, and a collection's slot from there with its entries.
    found: Vec<(NodeOrdinal, NodeOrdinal, (Slot, u64))>,
    /// In how many properties of plain objects each of those stands.
    ways: FxHashMap<NodeOrdinal, usize>,
}

impl Around {
    /// Notes that the collections are inside of what `edge` leads from, too.
    fn add(&mut self, edge: &Edge, inside: impl Iterator<Item = (Slot, u64)>) {
        let ways = self.ways.entry(edge.to).or_default();
        *ways += 1;
        if *ways <= MAX_WAYS {
            self.found.extend(inside.map(|inside| (edge.to, edge.from, inside)));
        }
    }

    /// What is inside of each, one after the other, of those that may be a state of which each part
    /// stands at one place; and which of it each has.
    fn inside(mut self) -> Inside {
        self.found.retain(|(part, ..)| self.ways.get(part).is_some_and(|&ways| ways <= MAX_WAYS));
        self.found.sort_unstable_by_key(|&(_, holder, _)| holder);
        let mut within = Vec::new();
        let mut range_of = FxHashMap::default();
        for of_one in self.found.chunk_by(|(_, one, _), (_, other, _)| one == other) {
            if of_one.len() <= MAX_INSIDE {
                let first = within.len();
                within.extend(of_one.iter().map(|&(.., inside)| inside));
                range_of.insert(of_one[0].1, first..within.len()); // no chunk is empty
            }
        }
        Inside { within, range_of }
    }
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

/// The collections in the entries of a collection: the values themselves, or what their properties
/// hold. Of what has very many properties only the first are looked at. Each node is asked about as
/// often as it is met; whoever answers by looking at its links should remember.
pub(crate) fn inner(
    snapshot: &Snapshot,
    outer: NodeOrdinal,
    mut is_collection: impl FnMut(NodeOrdinal) -> bool,
) -> Vec<NodeOrdinal> {
    let mut values = objects_of_all(&snapshot.members(outer));
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
            .take(MAX_RECORD_PROPERTIES)
            .filter(|edge| edge.edge_type == EdgeType::Property && edge.to != outer);
        inner.extend(properties.map(|edge| edge.to).filter(|&to| is_collection(to)));
    }
    inner.sort_unstable();
    inner.dedup();
    inner
}

/// Every node that may have variables or properties. Most nodes of a heap are stores, texts and code,
/// which have none.
pub(crate) fn nodes_with_names(snapshot: &Snapshot) -> impl Iterator<Item = NodeOrdinal> + '_ {
    snapshot.nodes().filter(|&node| {
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
    })
}

fn all_named_edges(snapshot: &Snapshot) -> impl Iterator<Item = Edge> + '_ {
    nodes_with_names(snapshot).flat_map(|node| named_edges(snapshot, node))
}

/// The edges of a node's variables and properties.
pub(crate) fn named_edges(
    snapshot: &Snapshot,
    node: NodeOrdinal,
) -> impl Iterator<Item = Edge> + '_ {
    snapshot.edges(node).filter(is_named)
}

#[cfg(test)]
mod tests {
    use heapmark_heap::sketch::Sketch;

    use super::*;

    /// A store with a list in its state, the objects of these labels around the list.
    fn store(around: &[&str]) -> Sketch {
        let mut drawing = "store: object Store\nlist: object Array\n".to_owned();
        let mut holder = "store";
        for object in around {
            drawing.extend([object, ": object Object\n", holder, " -> ", object, "\n"]);
            holder = object;
        }
        drawing.extend([holder, " -> list\n"]);
        Sketch::parse(&drawing)
    }

    /// What the store's property leads to, by the way of `around`, if that is known.
    fn entries(sketch: &Sketch, around: &[&str]) -> Option<u64> {
        let snapshot = sketch.snapshot();
        let list = sketch.ordinal("list");
        let slots = Entries::of(&snapshot, &NodeSet::of(&snapshot, [list]), |_| 7).of;
        let holders = ["store"].iter().chain(around);
        let way: Vec<Slot> = holders
            .map(|holder| {
                let mut edges = snapshot.edges(sketch.ordinal(holder));
                edges.find_map(|edge| Slot::of(&snapshot, &edge)).expect("it leads on")
            })
            .collect();
        let (last, outer) = way.split_last()?;
        let whole = outer.iter().rev().fold(*last, |inside, slot| slot.inside(inside));
        slots.get(&whole).copied()
    }

    #[test]
    fn a_list_is_known_by_the_way_to_it() {
        for around in [&[][..], &["state"], &["state", "chat"], &["state", "chat", "open"]] {
            assert_eq!(entries(&store(around), around), Some(7), "{around:?}");
        }
        let deep = ["state", "chat", "rooms", "open"];
        assert_eq!(entries(&store(&deep), &deep), None);
    }

    #[test]
    fn what_stands_at_many_places_is_no_part_of_one_state() {
        let around = ["state", "chat"];
        let mut sketch = store(&around);
        for number in 0..MAX_WAYS {
            let other = format!("other{number}");
            sketch.edge(&other, EdgeType::Property, "chat", "chat");
            sketch.rename(&other, "Object");
        }
        assert_eq!(entries(&sketch, &around), None);
    }
}
