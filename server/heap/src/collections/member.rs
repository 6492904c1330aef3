//! What an entry of a collection is. Where entries are found is for [`super`] and its tables.

use crate::ordinals::{NodeOrdinal, StringIndex};

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
