//! What a collection holds, read from how V8 lays it out.
//!
//! ```text
//! Map ─table→ [ entries | deleted | buckets │ bucket heads… │ key value next │ key value next │ … ]
//! Set ─table→ [ entries | deleted | buckets │ bucket heads… │ key next │ key next │ … ]
//! ```
//!
//! The table's links are named by their place in it. Small integers, `undefined` and their like are
//! no objects and leave no link, so an entry is seen if its key or its value is an object or a
//! string. Sizes are the file's, not `DevTools`' moved ones.

use crate::kinds::{EdgeType, NodeType};
use crate::ordinals::{NodeOrdinal, StringIndex};
use crate::snapshot::{EdgeName, Snapshot};

/// A plain object with so many properties is used as a dictionary, even if V8 does not store it as
/// one (yet).
const MANY_PROPERTIES: usize = 16;
/// Prototype chains are seldom longer than four.
const LONGEST_PROTOTYPE_CHAIN: usize = 16;

/// The kinds of collection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CollectionKind {
    /// An array or an instance of a class that extends it.
    Array,
    /// A `Map`, or an instance of a class that extends it.
    Map,
    /// A `Set`, or an instance of a class that extends it.
    Set,
    /// A `WeakMap`.
    WeakMap,
    /// A `WeakSet`.
    WeakSet,
    /// A plain object used as a map: V8 stores it as a hash table, or it has at least 16 properties.
    Dictionary,
}

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

impl Snapshot {
    /// Which kind of collection the node is, if it is one.
    pub fn collection_kind(&self, node: NodeOrdinal) -> Option<CollectionKind> {
        if self.node_type(node) != NodeType::Object {
            return None;
        }
        let built_in = |name: &str| match name {
            "Map" => Some(CollectionKind::Map),
            "Set" => Some(CollectionKind::Set),
            "WeakMap" => Some(CollectionKind::WeakMap),
            "WeakSet" => Some(CollectionKind::WeakSet),
            "Array" => Some(CollectionKind::Array),
            _ => None,
        };
        let table = self.table(node);
        let elements = self.child(node, EdgeType::Internal, "elements");
        let name = self.name(node);
        if table.is_none() && elements.is_none() && name != "Object" && name != "Array" {
            return None;
        }
        let kind = built_in(&name).or_else(|| {
            (name != "Object").then(|| self.built_in_class(node)).flatten().and_then(built_in)
        });
        match kind {
            Some(CollectionKind::Array) => kind,
            Some(_) => table.and(kind),
            None if name == "Object" && self.is_dictionary(node) => {
                Some(CollectionKind::Dictionary)
            }
            None => None,
        }
    }

    /// How many entries of the collection the snapshot shows. 0 for what is none.
    pub fn entry_count(&self, node: NodeOrdinal) -> usize {
        match self.collection_kind(node) {
            None => 0,
            Some(CollectionKind::Array) => {
                self.edges(node).filter(|edge| edge.edge_type == EdgeType::Element).count()
            }
            Some(_) => self.members(node).len(),
        }
    }

    /// The entries of the collection, in its order. Empty for what is none.
    pub fn members(&self, node: NodeOrdinal) -> Vec<Member> {
        match self.collection_kind(node) {
            None => Vec::new(),
            Some(CollectionKind::Array) => self.elements(node).collect(),
            Some(CollectionKind::Dictionary) => {
                self.properties(node).chain(self.elements(node)).collect()
            }
            Some(CollectionKind::Map) => self.table_entries(node, 3, 7, true),
            Some(CollectionKind::Set) => self.table_entries(node, 2, 5, false),
            Some(CollectionKind::WeakMap) => self.weak_entries(node, true),
            Some(CollectionKind::WeakSet) => self.weak_entries(node, false),
        }
    }

    /// The array behind a map or set.
    fn table(&self, node: NodeOrdinal) -> Option<NodeOrdinal> {
        let table = self.child(node, EdgeType::Internal, "table")?;
        (self.node_type(table) == NodeType::Array).then_some(table)
    }

    /// The collection that the node's class extends: the first prototype of which the constructor
    /// is called like one and has no script, so that it is V8's own.
    fn built_in_class(&self, node: NodeOrdinal) -> Option<&'static str> {
        let mut at = node;
        for _ in 0..LONGEST_PROTOTYPE_CHAIN {
            at = self.child(at, EdgeType::Property, "__proto__")?;
            let constructor = self.child(at, EdgeType::Property, "constructor");
            if let Some(constructor) = constructor.filter(|&it| self.location(it).is_none()) {
                let name = self.name(constructor);
                let built_in = ["Map", "Set", "WeakMap", "WeakSet", "Array"];
                if let Some(class) = built_in.into_iter().find(|class| *class == name) {
                    return Some(class);
                }
            }
        }
        None
    }

    /// Whether V8 stores the plain object's properties, or its elements, in a hash table, or it has
    /// many of them.
    fn is_dictionary(&self, node: NodeOrdinal) -> bool {
        let is_hashed = self
            .child(node, EdgeType::Internal, "properties")
            .is_some_and(|store| self.strings.is(self.name_index(store), "(object properties)"));
        is_hashed
            || self.properties(node).chain(self.elements(node)).nth(MANY_PROPERTIES - 1).is_some()
    }

    fn properties(&self, node: NodeOrdinal) -> impl Iterator<Item = Member> + '_ {
        self.edges(node).filter(|edge| edge.edge_type == EdgeType::Property).filter_map(|edge| {
            let name = self.edge_name_index(&edge)?;
            let is_entry = !self.strings.is(name, "__proto__");
            is_entry.then_some(Member { key: Some(MemberKey::Name(name)), value: Some(edge.to) })
        })
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

    /// Entries of an ordered hash table with rows of `width` fields. With two entries to a bucket it
    /// has 3 + `seven_or_five` / 2 · capacity fields.
    fn table_entries(
        &self,
        node: NodeOrdinal,
        width: usize,
        seven_or_five: usize,
        has_values: bool,
    ) -> Vec<Member> {
        let Some(table) = self.table(node) else { return Vec::new() };
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
    fn weak_entries(&self, node: NodeOrdinal, has_values: bool) -> Vec<Member> {
        let Some(table) = self.table(node) else { return Vec::new() };
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
        memchr::memmem::find(self.strings.raw(name), b" / part of key (").is_some()
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
