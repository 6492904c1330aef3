//! The kinds of collection, and the names by which V8's own are known.

use crate::ordinals::StringIndex;
use crate::strings::Strings;

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

/// The names that tell collections, as a snapshot numbers them: every object of a heap is asked what it
/// is, and comparing numbers is cheaper than comparing texts. `None` is what the snapshot does not have.
#[derive(Debug)]
pub(crate) struct CollectionNames {
    pub(crate) object: Option<StringIndex>,
    pub(crate) array: Option<StringIndex>,
    /// V8's own classes.
    built_in: [(Option<StringIndex>, CollectionKind); 5],
    pub(crate) table: Option<StringIndex>,
    pub(crate) elements: Option<StringIndex>,
    pub(crate) properties: Option<StringIndex>,
    pub(crate) hashed_properties: Option<StringIndex>,
    pub(crate) prototype: Option<StringIndex>,
    pub(crate) constructor: Option<StringIndex>,
    /// What stands where an entry was deleted.
    pub(crate) hole: Option<StringIndex>,
}

impl CollectionNames {
    pub(crate) fn of(strings: &Strings) -> Self {
        let array = strings.find("Array");
        Self {
            object: strings.find("Object"),
            array,
            built_in: [
                (array, CollectionKind::Array),
                (strings.find("Map"), CollectionKind::Map),
                (strings.find("Set"), CollectionKind::Set),
                (strings.find("WeakMap"), CollectionKind::WeakMap),
                (strings.find("WeakSet"), CollectionKind::WeakSet),
            ],
            table: strings.find("table"),
            elements: strings.find("elements"),
            properties: strings.find("properties"),
            hashed_properties: strings.find("(object properties)"),
            prototype: strings.find("__proto__"),
            constructor: strings.find("constructor"),
            hole: strings.find("system / Hole"),
        }
    }

    /// V8's own class of this name, if it is one of collections.
    pub(crate) fn built_in(&self, name: StringIndex) -> Option<CollectionKind> {
        let of_name = self.built_in.iter().find(|(known, _)| *known == Some(name));
        of_name.map(|&(_, kind)| kind)
    }
}
