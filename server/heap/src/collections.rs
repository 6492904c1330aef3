//! What a collection holds, read from how V8 lays it out.
//!
//! ```text
//! Map ─table→ [ entries | deleted | buckets │ bucket heads… │ key value next │ key value next │ … ]
//! Set ─table→ [ entries | deleted | buckets │ bucket heads… │ key next │ key next │ … ]
//! ```
//!
//! The table's links are named by their place in it. Small integers are no objects and leave no link,
//! nor does `undefined` in a table, so an entry is seen if its key or its value is an object or a
//! string. The elements of an array that are `undefined`, `null` or holes are no entries: a ring that
//! writes `undefined` over what it has handed out is empty. Sizes are the file's, not `DevTools`'
//! moved ones.

use crate::collection_names::CollectionKind;
use crate::kinds::{EdgeType, NodeType};
use crate::ordinals::{NodeOrdinal, StringIndex};
use crate::snapshot::{EdgeName, Snapshot};

/// A plain object with so many properties is used as a dictionary, even if V8 does not store it as
/// one (yet).
const MIN_DICTIONARY_PROPERTIES: usize = 16;
/// Prototypes that are looked at, one behind the other: chains are seldom longer than four.
const MAX_PROTOTYPE_CHAIN: usize = 16;

/// What an entry is found by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MemberKey {
    /// A map's key or a set's member.
    Node(NodeOrdinal),
    /// A property's name.
    Name(StringIndex),
    /// An array's index, or a property's name that is a whole number.
    Index(u32),
}

/// One entry of a collection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Member {
    /// None if the snapshot does not have it: a small integer as a map's key.
    pub key: Option<MemberKey>,
    /// None for a set, and if the snapshot does not have it: a small integer, `undefined`…
    pub value: Option<NodeOrdinal>,
}

/// What one walk over an object's links tells of it.
#[derive(Default)]
struct Links {
    /// The array behind a map or set.
    table: Option<NodeOrdinal>,
    /// What holds the properties that stand outside of the object.
    property_store: Option<NodeOrdinal>,
    has_element_store: bool,
    /// How many properties there are, without the prototype.
    properties: usize,
    elements: usize,
}

impl Snapshot {
    /// Which kind of collection the node is, if it is one.
    pub fn collection_kind(&self, node: NodeOrdinal) -> Option<CollectionKind> {
        self.kind_by(node, &self.links(node)?)
    }

    /// How many entries of the collection the snapshot shows. 0 for what is none.
    pub fn entry_count(&self, node: NodeOrdinal) -> usize {
        let Some(links) = self.links(node) else { return 0 };
        match self.kind_by(node, &links) {
            None => 0,
            Some(CollectionKind::Array) => self.items(node).count(),
            Some(CollectionKind::Dictionary) => links.properties + links.elements,
            Some(kind) => self.members_by(node, kind, &links).len(),
        }
    }

    /// The entries of the collection, in its order. Empty for what is none.
    pub fn members(&self, node: NodeOrdinal) -> Vec<Member> {
        let Some(links) = self.links(node) else { return Vec::new() };
        let kind = self.kind_by(node, &links);
        kind.map_or_else(Vec::new, |kind| self.members_by(node, kind, &links))
    }

    fn members_by(&self, node: NodeOrdinal, kind: CollectionKind, links: &Links) -> Vec<Member> {
        match (kind, links.table) {
            (CollectionKind::Array, _) => self.items(node).collect(),
            (CollectionKind::Dictionary, _) => {
                self.properties(node).chain(self.elements(node)).collect()
            }
            (_, None) => Vec::new(),
            (CollectionKind::Map, Some(table)) => self.table_entries(table, 3, 7, true),
            (CollectionKind::Set, Some(table)) => self.table_entries(table, 2, 5, false),
            (CollectionKind::WeakMap, Some(table)) => self.weak_entries(table, true),
            (CollectionKind::WeakSet, Some(table)) => self.weak_entries(table, false),
        }
    }

    /// The hash table in which V8 keeps the properties of the object or function, if it keeps them in one.
    pub fn property_table(&self, node: NodeOrdinal) -> Option<NodeOrdinal> {
        self.hash_table(&self.links(node)?)
    }

    fn hash_table(&self, links: &Links) -> Option<NodeOrdinal> {
        let hashed = self.collection_names().hashed_properties;
        links.property_store.filter(|&store| Some(self.name_index(store)) == hashed)
    }

    /// What the links of an object or function tell of it; none of what is neither.
    fn links(&self, node: NodeOrdinal) -> Option<Links> {
        if !matches!(self.node_type(node), NodeType::Object | NodeType::Closure) {
            return None;
        }
        let names = self.collection_names();
        let mut links = Links::default();
        for edge in self.edges(node) {
            let name = self.edge_name_index(&edge);
            match edge.edge_type {
                EdgeType::Element => links.elements += 1,
                EdgeType::Property if name != names.prototype => links.properties += 1,
                EdgeType::Internal if name == names.table => {
                    links.table.get_or_insert(edge.to);
                }
                EdgeType::Internal if name == names.properties => {
                    links.property_store.get_or_insert(edge.to);
                }
                EdgeType::Internal if name == names.elements => links.has_element_store = true,
                _ => {}
            }
        }
        links.table = links.table.filter(|&table| self.node_type(table) == NodeType::Array);
        Some(links)
    }

    fn kind_by(&self, node: NodeOrdinal, links: &Links) -> Option<CollectionKind> {
        // A function may be called `Map`, and is none.
        if self.node_type(node) != NodeType::Object {
            return None;
        }
        let names = self.collection_names();
        let name = self.name_index(node);
        let is_plain = Some(name) == names.object;
        let has_store = links.table.is_some() || links.has_element_store;
        if !has_store && !is_plain && Some(name) != names.array {
            return None;
        }
        let kind = names
            .built_in(name)
            .or_else(|| (!is_plain).then(|| self.built_in_class(node)).flatten());
        match kind {
            Some(CollectionKind::Array) => kind,
            Some(_) => links.table.and(kind),
            None => (is_plain && self.is_dictionary(links)).then_some(CollectionKind::Dictionary),
        }
    }

    /// The collection that the node's class extends: the first prototype of which the constructor
    /// is called like one and has no script, so that it is V8's own.
    fn built_in_class(&self, node: NodeOrdinal) -> Option<CollectionKind> {
        let names = self.collection_names();
        let mut at = node;
        for _ in 0..MAX_PROTOTYPE_CHAIN {
            at = self.child_named(at, EdgeType::Property, names.prototype)?;
            let constructor = self.child_named(at, EdgeType::Property, names.constructor);
            let is_builtin = |&it: &NodeOrdinal| self.location(it).is_none();
            let kind =
                constructor.filter(is_builtin).and_then(|it| names.built_in(self.name_index(it)));
            if kind.is_some() {
                return kind;
            }
        }
        None
    }

    /// Whether V8 stores the plain object's properties, or its elements, in a hash table, or it has
    /// many of them.
    fn is_dictionary(&self, links: &Links) -> bool {
        self.hash_table(links).is_some()
            || links.properties + links.elements >= MIN_DICTIONARY_PROPERTIES
    }

    fn properties(&self, node: NodeOrdinal) -> impl Iterator<Item = Member> + '_ {
        let prototype = self.collection_names().prototype;
        self.edges(node).filter(|edge| edge.edge_type == EdgeType::Property).filter_map(
            move |edge| {
                let name = self.edge_name_index(&edge)?;
                let is_entry = Some(name) != prototype;
                is_entry
                    .then_some(Member { key: Some(MemberKey::Name(name)), value: Some(edge.to) })
            },
        )
    }

    fn elements(&self, node: NodeOrdinal) -> impl Iterator<Item = Member> + '_ {
        self.edges(node).filter(|edge| edge.edge_type == EdgeType::Element).map(|edge| {
            let key = match self.edge_name(&edge) {
                EdgeName::Index(index) => Some(MemberKey::Index(index)),
                EdgeName::Name(_) => None,
            };
            Member { key, value: Some(edge.to) }
        })
    }

    /// The elements of an array that hold something.
    fn items(&self, node: NodeOrdinal) -> impl Iterator<Item = Member> + '_ {
        self.elements(node).filter(|item| item.value.is_none_or(|value| !self.is_nothing(value)))
    }

    /// Whether a value is `undefined`, `null` or a hole. V8 has one object for each, of a type of its
    /// own, that leads to the texts which `String(value)` and `typeof value` give: no other leads to
    /// these two.
    fn is_nothing(&self, value: NodeOrdinal) -> bool {
        let is_name = |node: NodeOrdinal| {
            self.node_type(node) == NodeType::String
                && matches!(&*self.name(node), "undefined" | "null")
        };
        self.node_type(value) == NodeType::Hidden && self.edges(value).any(|edge| is_name(edge.to))
    }

    /// Entries of an ordered hash table with rows of `width` fields. With two entries to a bucket it
    /// has 3 + `seven_or_five` / 2 · capacity fields.
    fn table_entries(
        &self,
        table: NodeOrdinal,
        width: usize,
        seven_or_five: usize,
        has_values: bool,
    ) -> Vec<Member> {
        let links: Vec<(usize, NodeOrdinal)> = self
            .edges(table)
            .filter(|edge| edge.edge_type == EdgeType::Internal)
            .filter_map(|edge| {
                let place = self.string(self.edge_name_index(&edge)?).parse().ok()?;
                Some((place, edge.to))
            })
            .collect();
        let Some(first) = self.first_entry(table, seven_or_five, width, &links) else {
            return Vec::new();
        };
        let mut members: Vec<(usize, Member)> = Vec::new();
        for (place, target) in links {
            // Before the first entry stand counts and, in a table that was replaced, its successor.
            let Some(place) = place.checked_sub(first) else { continue };
            let (row, field) = (place / width, place % width);
            if members.last().is_none_or(|(last, _)| *last != row) {
                members.push((row, Member { key: None, value: None }));
            }
            let Some((_, member)) = members.last_mut() else { continue };
            match field {
                0 => member.key = Some(MemberKey::Node(target)),
                1 if has_values => member.value = Some(target),
                _ => {}
            }
        }
        members.into_iter().map(|(_, member)| member).collect()
    }

    /// The place of the table's first entry: after three counts and the buckets.
    fn first_entry(
        &self,
        table: NodeOrdinal,
        seven_or_five: usize,
        width: usize,
        links: &[(usize, NodeOrdinal)],
    ) -> Option<usize> {
        // A header of two words, then the fields. Words are of 8 bytes in Node.js, of 4 in Chrome.
        let bytes = self.raw_self_size(table) as usize;
        let last = links.iter().map(|&(place, _)| place).max().unwrap_or(0);
        [8, 4].into_iter().find_map(|word| {
            let fields = (bytes / word).checked_sub(2)?;
            let doubled = 2 * fields.checked_sub(3)?;
            let capacity = doubled / seven_or_five;
            let fits = doubled % seven_or_five == 0 && capacity.is_power_of_two();
            let first = 3 + capacity / 2;
            (fits && last < first + capacity * width).then_some(first)
        })
    }

    /// Entries of a weak map's table: at odd places its keys, weakly; after each, a link for the
    /// entry as a whole leads to the value.
    fn weak_entries(&self, table: NodeOrdinal, has_values: bool) -> Vec<Member> {
        let mut members: Vec<Member> = Vec::new();
        for edge in self.edges(table) {
            let Some(name) = self.edge_name_index(&edge) else { continue };
            match edge.edge_type {
                EdgeType::Weak => {
                    let place: Option<u32> = self.string(name).parse().ok();
                    if place.is_some_and(|place| place % 2 == 1) {
                        members.push(Member { key: Some(MemberKey::Node(edge.to)), value: None });
                    }
                }
                EdgeType::Internal if has_values && self.is_entry_name(name) => {
                    if let Some(member) = members.last_mut() {
                        member.value = Some(edge.to);
                    }
                }
                _ => {}
            }
        }
        members
    }

    fn is_entry_name(&self, name: StringIndex) -> bool {
        self.strings.get(name).contains(" / part of key (")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sketch::Sketch;

    /// What the snapshot tells of the node `it`.
    fn tell(drawing: &str) -> String {
        let sketch = Sketch::parse(drawing);
        let snapshot = sketch.snapshot();
        let it = sketch.ordinal("it");
        let Some(kind) = snapshot.collection_kind(it) else {
            assert_eq!((snapshot.entry_count(it), snapshot.members(it).len()), (0, 0));
            return "no collection".to_owned();
        };
        assert_eq!(snapshot.entry_count(it), snapshot.members(it).len());
        let mut text = format!("{kind:?}");
        for member in snapshot.members(it) {
            let key = match member.key {
                Some(MemberKey::Node(node)) => sketch.label(node).to_owned(),
                Some(MemberKey::Name(name)) => format!(".{}", snapshot.string(name)),
                Some(MemberKey::Index(index)) => format!("[{index}]"),
                None => "?".to_owned(),
            };
            let value = member.value.map_or("?", |value| sketch.label(value));
            text.extend([" ", &key, "=", value]);
        }
        text
    }

    #[test]
    fn a_map_has_keys_and_values_at_their_places_in_the_table() {
        // 17 fields of 8 bytes: three counts, two buckets, four entries of three fields.
        let drawing = "
            it: object Map
            it --internal table--> table
            table: array 152
            table --internal 5--> k1
            table --internal 6--> v1
            table --internal 9--> v2     # under a small integer
            table --internal 11--> k3    # with a small integer
            table --internal map--> map
        ";
        assert_eq!(tell(drawing), "Map k1=v1 ?=v2 k3=?");
        // Chrome's words are half as long.
        assert_eq!(tell(&drawing.replace("152", "76")), "Map k1=v1 ?=v2 k3=?");
        // A size that no table has: rather nothing than nonsense.
        assert_eq!(tell(&drawing.replace("152", "150")), "Map");
    }

    #[test]
    fn a_set_has_members_only() {
        // 13 fields: three counts, two buckets, four entries of two fields.
        let drawing = "
            it: object Set
            it --internal table--> table
            table: array 120
            table --internal 5--> a
            table --internal 9--> b
        ";
        assert_eq!(tell(drawing), "Set a=? b=?");
    }

    #[test]
    fn a_class_that_extends_map_is_one() {
        let drawing = "
            it: object Registry
            it --internal table--> table
            table: array 152
            table --internal 5--> k
            it --property __proto__--> own
            own --property constructor--> class
            class: closure Registry at 5:1:1
            own --property __proto__--> builtin
            builtin --property constructor--> Map
            Map: closure
        ";
        assert_eq!(tell(drawing), "Map k=?");
        // A class that only calls itself so.
        assert_eq!(
            tell(&drawing.replace("Map: closure", "Map: closure at 5:9:9")),
            "no collection"
        );
    }

    #[test]
    fn entries_of_weak_maps_are_links_by_key() {
        let drawing = "
            it: object WeakMap
            it --internal table--> table
            table: array 104
            table --weak 3--> k1
            table --weak 4--> v1
            table --internal 3 / part of key (k1 @1) -> value (v1 @2) pair in WeakMap (table @3)--> v1
            table --weak 7--> k2
        ";
        assert_eq!(tell(drawing), "WeakMap k1=v1 k2=?");
        assert_eq!(tell(&drawing.replace("object WeakMap", "object WeakSet")), "WeakSet k1=? k2=?");
    }

    #[test]
    fn elements_of_an_array_are_counted_once() {
        let drawing = "
            it: object Array
            it --element 0--> a
            it --element 7--> b
            it --internal elements--> store
            store --internal 0--> a
            store --internal 7--> b
        ";
        assert_eq!(tell(drawing), "Array [0]=a [7]=b");
    }

    #[test]
    fn elements_of_an_array_that_are_nothing_are_no_entries() {
        let drawing = "
            it: object Array
            it --element 0--> undefined
            it --element 1--> null
            it --element 2--> true
            it --element 3--> a
            undefined: hidden \"system / Oddball\"
            undefined --hidden 0--> name
            name: string undefined
            null: hidden \"system / Oddball\"
            null --hidden 0--> name_of_null
            name_of_null: string null
            null --hidden 1--> object
            object: string object
            true: hidden \"system / Oddball\"
            true --hidden 0--> name_of_true
            name_of_true: string true
        ";
        assert_eq!(tell(drawing), "Array [2]=true [3]=a");
    }

    #[test]
    fn a_plain_object_is_a_dictionary_if_v8_says_so_or_it_is_large() {
        let hashed = "
            it: object Object
            it --property __proto__--> proto
            it --property a--> x
            it --internal properties--> store
            store: array \"(object properties)\"
        ";
        assert_eq!(tell(hashed), "Dictionary .a=x");
        let properties: Vec<_> =
            (0..15).map(|key| format!("it --property k{key}--> x\n")).collect();
        let small = format!("it: object Object\n{}", properties.concat());
        assert_eq!(tell(&small), "no collection");
        let large = small + "it --element 3--> x";
        assert!(tell(&large).ends_with(".k14=x [3]=x"), "{}", tell(&large));
    }
}
