//! Which nodes are collections, and what they hold. How V8 lays out the tables of maps and sets is for
//! [`tables`].
//!
//! Small integers are no objects and leave no link, nor does `undefined` in a table, so an entry is
//! seen if its key or its value is an object or a string. The elements of an array that are `undefined`, `null` or holes are no entries: a ring that
//! writes `undefined` over what it has handed out is empty. Sizes are the file's, not `DevTools`'
//! moved ones.

mod member;
mod tables;

pub use self::member::{Member, MemberKey};
use self::tables::TableLayout;
use crate::collection_names::CollectionKind;
use crate::kinds::{EdgeType, NodeType};
use crate::ordinals::NodeOrdinal;
use crate::snapshot::{EdgeName, Snapshot};

/// A plain object with so many properties is used as a dictionary, even if V8 does not store it as
/// one (yet).
const MIN_DICTIONARY_PROPERTIES: usize = 16;
/// Prototypes that are looked at, one behind the other: chains are seldom longer than four.
const MAX_PROTOTYPE_CHAIN: usize = 16;

/// What one walk over an object's links tells of it.
#[derive(Debug, Default)]
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
        self.contents(node).map_or(0, |contents| contents.entry_count())
    }

    /// All of that with one look at the links of an object or function, for those who ask of every node;
    /// `None` for what is neither.
    pub fn contents(&self, node: NodeOrdinal) -> Option<Contents<'_>> {
        let links = self.links(node)?;
        let kind = self.kind_by(node, &links);
        Some(Contents { snapshot: self, node, links, kind })
    }

    /// The entries of the collection, in its order. Empty for what is none.
    pub fn members(&self, node: NodeOrdinal) -> Vec<Member> {
        let Some(links) = self.links(node) else { return Vec::new() };
        let kind = self.kind_by(node, &links);
        kind.map_or_else(Vec::new, |kind| self.members_by(node, kind, &links))
    }

    fn members_by(&self, node: NodeOrdinal, kind: CollectionKind, links: &Links) -> Vec<Member> {
        match (kind, links.table) {
            // Room for all at once: what grows by doubling takes its memory twice.
            (CollectionKind::Array, _) => {
                let mut items = Vec::with_capacity(links.elements);
                items.extend(self.items(node));
                items
            }
            (CollectionKind::Dictionary, _) => {
                let mut all = Vec::with_capacity(links.properties + links.elements);
                all.extend(self.properties(node).chain(self.elements(node)));
                all
            }
            (_, None) => Vec::new(),
            (CollectionKind::Map, Some(table)) => self.table_entries(table, TableLayout::MAP),
            (CollectionKind::Set, Some(table)) => self.table_entries(table, TableLayout::SET),
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
}

/// What an object or function holds.
#[derive(Debug)]
pub struct Contents<'s> {
    snapshot: &'s Snapshot,
    node: NodeOrdinal,
    links: Links,
    kind: Option<CollectionKind>,
}

impl Contents<'_> {
    /// See [`Snapshot::collection_kind`].
    pub fn kind(&self) -> Option<CollectionKind> {
        self.kind
    }

    /// See [`Snapshot::property_table`].
    pub fn property_table(&self) -> Option<NodeOrdinal> {
        self.snapshot.hash_table(&self.links)
    }

    /// See [`Snapshot::entry_count`].
    pub fn entry_count(&self) -> usize {
        let Self { snapshot, node, links, kind } = self;
        match kind {
            None => 0,
            Some(CollectionKind::Array) => snapshot.items(*node).count(),
            Some(CollectionKind::Dictionary) => links.properties + links.elements,
            Some(kind) => match (kind, links.table) {
                (CollectionKind::Map, Some(table)) => {
                    snapshot.table_entry_count(table, TableLayout::MAP)
                }
                (CollectionKind::Set, Some(table)) => {
                    snapshot.table_entry_count(table, TableLayout::SET)
                }
                _ => snapshot.members_by(*node, *kind, links).len(),
            },
        }
    }
}

#[cfg(test)]
mod tests;
