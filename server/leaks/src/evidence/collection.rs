//! A collection that grows, as the rules are given it.

use heapmark_heap::NodeOrdinal;

use crate::verdict::trend::Trend;

/// A collection or linked list that has more and more entries, or suspiciously many.
pub(crate) struct GrowingCollection {
    /// The collection, or the list's first element.
    pub(crate) node: NodeOrdinal,
    /// Entries in each snapshot, oldest first.
    pub(crate) counts: Vec<u64>,
    pub(crate) seen: Trend,
    pub(crate) form: Form,
}

/// What a growing collection is made of.
pub(crate) enum Form {
    /// One collection.
    Collection,
    /// One that took the place of a shorter one: the program puts a longer copy there each time.
    Replaced,
    /// These elements, each linked to the next.
    List(Vec<NodeOrdinal>),
    /// These collections, in the entries of another one: what grows are they.
    Inner(Vec<NodeOrdinal>),
}

impl GrowingCollection {
    pub(crate) fn new(node: NodeOrdinal, counts: Vec<u64>, seen: Trend) -> Self {
        Self { node, counts, seen, form: Form::Collection }
    }
}
