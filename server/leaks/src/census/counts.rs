//! What a later comparison needs of one snapshot: how many of what, and nothing more.
//!
//! A census is small, so the snapshot it was made from can be dropped: of N snapshots only the
//! newest is kept whole. Counting needs neither dominators nor retained sizes.

use heapmark_heap::{
    CollectionKind, Edge, EdgeName, EdgeType, NodeId, NodeOrdinal, NodeSet, NodeType, Snapshot,
    StringIndex,
};
use rustc_hash::FxHashMap;

use crate::census::classes::{Class, Tally, classes};
use crate::census::identity::Identities;
use crate::census::same_process::Sample;
use crate::census::slots::{Entries, Slots, inner};
use crate::v8::dom::detached_elements;
use crate::v8::global_object::{GLOBAL, properties_of_global};
use crate::v8::layouts::Shapes;
use crate::v8::linked_lists::{Chain, chains};
use crate::v8::module_copies::copies;
use crate::v8::open_handles::{HandleKind, open_handles};
use crate::v8::promise_reactions::reaction_counts;
use crate::v8::repeated_strings::repeated;
use crate::v8::sites::{SiteKey, sites_of};
use crate::verdict::thresholds::census::{MIN_ENTRIES, MIN_PROPERTIES, MIN_ROOM};

/// The counts of one snapshot.
#[derive(Default)]
pub(crate) struct Census {
    /// The largest id of a JavaScript object: everything with a larger one was born later.
    pub(crate) highest_id: NodeId,
    /// Bytes of everything.
    pub(crate) total_size: u64,
    /// Bytes of the program's code: what V8 compiled and learnt of it.
    pub(crate) code_size: u64,
    /// Tells whether two snapshots are of one process.
    pub(crate) sample: Sample,
    /// What had each id.
    pub(crate) identities: Identities,
    /// How many things there are of each class, and how large.
    pub(crate) classes: FxHashMap<Class, Tally>,
    /// How many closures, instances, frames and timers there are at each place.
    pub(crate) sites: FxHashMap<SiteKey, u64>,
    /// How many entries each collection has, by the collection's id.
    pub(crate) collections: FxHashMap<NodeId, u64>,
    /// The collections themselves, in the order of the file: of use as long as the snapshot is there.
    pub(crate) nodes: Vec<NodeOrdinal>,
    /// How many bytes stand in each variable and property.
    pub(crate) slots: Slots,
    /// How many entries; not of the newest snapshot, which can be [asked](crate::evidence::parts).
    pub(crate) entries: Option<Entries>,
    /// How often each module is loaded, of those that are loaded more than once, by its file or URL.
    pub(crate) modules: FxHashMap<String, u64>,
    /// How many entries the collections inside each collection have together.
    pub(crate) inner: FxHashMap<NodeId, u64>,
    /// How long each linked list is, by the [id of the list](crate::v8::linked_lists::Chain::id).
    pub(crate) chains: FxHashMap<NodeId, u64>,
    /// The lists themselves: of use as long as the snapshot is there.
    pub(crate) lists: Vec<Chain>,
    /// How many connections, workers and the like are open.
    pub(crate) handles: FxHashMap<HandleKind, u64>,
    /// How many reactions wait for each promise.
    pub(crate) reactions: FxHashMap<NodeId, u64>,
    /// How many elements there are that were taken out of their page, or never were in one.
    pub(crate) detached: u64,
    /// How many strings there are of each text that many have, by the [key](crate::v8::repeated_strings::Text::key)
    /// of the text.
    pub(crate) repeated: FxHashMap<u64, u64>,
    /// Whether more is known than what [`Census::known_by`] gives.
    pub(super) is_counted: bool,
}

impl Census {
    /// Whether what has this id in a `newer` snapshot was there when this one was taken. Ids only grow,
    /// but that of a dead object may be given to another one.
    pub(crate) fn had(&self, id: NodeId, newer: &Census) -> bool {
        id <= self.highest_id && self.identities.may_be_same(&newer.identities, id)
    }

    /// What tells which snapshots belong together; all the rest is [counted](Census::count) later.
    pub(crate) fn known_by(snapshot: &Snapshot) -> Self {
        std::thread::scope(|scope| {
            let identities = scope.spawn(|| Identities::of(snapshot));
            let shapes = Shapes::of(snapshot);
            let mut sites: FxHashMap<SiteKey, u64> = FxHashMap::default();
            for (_, key) in sites_of(snapshot, &shapes) {
                *sites.entry(key).or_default() += 1;
            }
            Self {
                highest_id: snapshot.highest_object_id(),
                total_size: snapshot.nodes().map(|node| snapshot.raw_self_size(node)).sum(),
                code_size: code(snapshot).map(|node| snapshot.raw_self_size(node)).sum(),
                sample: Sample::of(snapshot),
                sites,
                identities: identities
                    .join()
                    .unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
                ..Self::default()
            }
        })
    }

    /// Counts everything in `snapshot`.
    pub(crate) fn of(snapshot: &Snapshot) -> Self {
        let mut census = Self::known_by(snapshot);
        census.count_with(snapshot, true);
        census
    }

    /// Makes it that of an older snapshot, which will not be there any more.
    pub(crate) fn grow_old(&mut self, snapshot: &Snapshot) {
        self.count_with(snapshot, true);
        self.nodes = Vec::new();
        self.lists = Vec::new();
    }

    /// Counts everything in the newest snapshot that is not yet counted.
    pub(crate) fn count(&mut self, snapshot: &Snapshot) {
        self.count_with(snapshot, false);
    }

    /// Each count is a walk of its own over all nodes or edges: on three threads, whichever has time.
    fn count_with(&mut self, snapshot: &Snapshot, slots: bool) {
        if self.is_counted {
            if slots {
                self.entries.get_or_insert_with(|| Counts::of(snapshot).by_slot(snapshot));
            }
            return;
        }
        self.is_counted = true;
        let counts = Counts::of(snapshot);
        std::thread::scope(|scope| {
            let lists = scope.spawn(|| chains(snapshot));
            let of_slots = scope.spawn(|| {
                let entries = slots.then(|| counts.by_slot(snapshot));
                (entries, Slots::of(snapshot), classes(snapshot))
            });
            let copies = copies(snapshot).into_iter();
            self.modules = copies.map(|(name, it)| (name, it.len() as u64)).collect();
            let repeated = repeated(snapshot).into_iter();
            self.repeated = repeated.map(|(text, count)| (text.key(snapshot), count)).collect();
            self.reactions = reaction_counts(snapshot);
            for open in open_handles(snapshot) {
                *self.handles.entry(open.kind).or_default() += 1;
            }
            self.detached = detached_elements(snapshot);
            self.nodes = counts.all_large().map(|(node, _)| node).collect();
            let by_id = |(node, entries)| (snapshot.node_id(node), entries);
            self.collections = counts.all_large().map(by_id).collect();
            self.inner = counts.inner(snapshot);
            let lists = lists.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            let by_id = |list: &Chain| (list.id(snapshot), list.members.len() as u64);
            self.chains = lists.iter().map(by_id).collect();
            self.lists = lists;
            (self.entries, self.slots, self.classes) =
                of_slots.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        });
    }
}

/// What V8 made of the program's text.
fn code(snapshot: &Snapshot) -> impl Iterator<Item = NodeOrdinal> + '_ {
    snapshot.nodes().filter(|&node| snapshot.node_type(node) == NodeType::Code)
}

/// How many entries each collection has.
struct Counts {
    /// A number for each node: most objects are no collections, but very many are small ones.
    entries: Vec<u32>,
    /// Those that have any: one bit each, for those who ask of very many nodes.
    collections: NodeSet,
}

impl Counts {
    fn of(snapshot: &Snapshot) -> Self {
        let mut collections = NodeSet::new(snapshot);
        let global = snapshot.find_string(GLOBAL);
        let count = |node| {
            let entries = entries(snapshot, node, global);
            if entries > 0 {
                collections.insert(node);
            }
            u32::try_from(entries).unwrap_or(u32::MAX)
        };
        let entries = snapshot.nodes().map(count).collect();
        Self { entries, collections }
    }

    fn get(&self, node: NodeOrdinal) -> u64 {
        u64::from(self.entries[node.index()])
    }

    /// The entries of a collection that is large enough to be followed.
    fn large(&self, node: NodeOrdinal) -> Option<u64> {
        Some(self.get(node)).filter(|&entries| entries >= MIN_ENTRIES)
    }

    fn all_large(&self) -> impl Iterator<Item = (NodeOrdinal, u64)> + '_ {
        self.collections.iter().filter_map(|node| Some((node, self.large(node)?)))
    }

    fn by_slot(&self, snapshot: &Snapshot) -> Entries {
        let large = NodeSet::of(snapshot, self.all_large().map(|(node, _)| node));
        Entries::of(snapshot, &large, |node| self.get(node))
    }

    /// How many entries there are in the collections inside each collection.
    fn inner(&self, snapshot: &Snapshot) -> FxHashMap<NodeId, u64> {
        let within = |(outer, _)| {
            let inside = inner(snapshot, outer, |it| self.collections.contains(it));
            let entries = inside.iter().map(|&it| self.get(it)).sum();
            (entries >= MIN_ENTRIES).then_some((snapshot.node_id(outer), entries))
        };
        self.all_large().filter_map(within).collect()
    }
}

/// The number of entries of a collection, or of an object or function whose properties V8 keeps in a
/// hash table; 0 for anything else.
fn entries(snapshot: &Snapshot, node: NodeOrdinal, global: Option<StringIndex>) -> usize {
    match snapshot.node_type(node) {
        NodeType::Object if Some(snapshot.name_index(node)) == global => {
            return properties_of_global(snapshot, node).count();
        }
        NodeType::Object => {}
        NodeType::Closure => return properties_of_function(snapshot, node),
        _ => return 0,
    }
    let Some(contents) = snapshot.contents(node) else { return 0 };
    let hashed = || contents.property_table().map_or(0, |table| keys_in(snapshot, table));
    match contents.kind() {
        // A weak collection keeps nothing alive: it grows with its keys.
        Some(CollectionKind::WeakMap | CollectionKind::WeakSet) => 0,
        None => hashed(),
        Some(CollectionKind::Dictionary) => contents.entry_count().max(hashed()),
        Some(kind) => match contents.entry_count() {
            // Also `map[key] = value`, which the map itself knows nothing of.
            0 => hashed().max(room_for_numbers(snapshot, node, kind)),
            entries => entries,
        },
    }
}

/// How many properties a function or class has, if they are many: it is used as a map then, even if V8 does
/// not keep them in a hash table (yet).
fn properties_of_function(snapshot: &Snapshot, node: NodeOrdinal) -> usize {
    let of_language = |edge: &Edge| match snapshot.edge_name(edge) {
        EdgeName::Name(name) => matches!(&*name, "__proto__" | "prototype"),
        EdgeName::Index(_) => false,
    };
    let is_own = |edge: &Edge| edge.edge_type == EdgeType::Property && !of_language(edge);
    let hashed = hashed_properties(snapshot, node);
    // Nearly all have few links of any kind.
    if snapshot.edges(node).len() < MIN_PROPERTIES {
        return hashed;
    }
    let own = snapshot.edges(node).filter(is_own).count();
    if own < MIN_PROPERTIES { hashed } else { hashed.max(own) }
}

/// How many properties stand in the hash table of an object.
fn hashed_properties(snapshot: &Snapshot, node: NodeOrdinal) -> usize {
    snapshot.property_table(node).map_or(0, |table| keys_in(snapshot, table))
}

/// How many keys a hash table of properties has: also those whose values are numbers, which leave no link.
/// A row of the table has three fields, the key first.
fn keys_in(snapshot: &Snapshot, table: NodeOrdinal) -> usize {
    let place = |edge: &Edge| -> Option<u32> {
        match snapshot.edge_name(edge) {
            EdgeName::Name(name) => name.parse().ok(),
            EdgeName::Index(index) => Some(index),
        }
    };
    let is_key = |edge: &Edge| place(edge).is_some_and(|place| place % 3 == 0);
    snapshot.edges(table).filter(is_key).count()
}

/// Whether the number of a collection's [`entries`] is how many numbers it has room for.
pub(crate) fn is_room(snapshot: &Snapshot, node: NodeOrdinal) -> bool {
    let kind = snapshot.collection_kind(node);
    matches!(kind, Some(CollectionKind::Array | CollectionKind::Map | CollectionKind::Set))
        && snapshot.entry_count(node) == 0
        && hashed_properties(snapshot, node) == 0
}

/// How many numbers a collection has room for that holds nothing else: numbers leave no links, so
/// their count is not in the file, only the size of their store. A header of two words comes first, a
/// table begins with three counts and has a bucket for every two entries.
fn room_for_numbers(snapshot: &Snapshot, node: NodeOrdinal, kind: CollectionKind) -> usize {
    // Elements that are `undefined` or `null` are links to nothing: what has them holds no numbers.
    if snapshot.edges(node).any(|edge| edge.edge_type == EdgeType::Element) {
        return 0;
    }
    let (store, rows) = match kind {
        CollectionKind::Array => ("elements", 2),
        CollectionKind::Set => ("table", 5),
        _ => ("table", 7),
    };
    let Some(store) = snapshot.child(node, EdgeType::Internal, store) else { return 0 };
    let words = (snapshot.raw_self_size(store) / 8).saturating_sub(2) as usize;
    let counts = if kind == CollectionKind::Array { 0 } else { 3 };
    let room = 2 * words.saturating_sub(counts) / rows;
    if room < MIN_ROOM { 0 } else { room }
}
