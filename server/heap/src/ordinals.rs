//! The numbers by which things in a snapshot are addressed, each with a type of its own.
//!
//! A node, an edge and a string are all "the k-th row of a table"; mixing them up compiles when they
//! are plain integers and fails here. They belong to the snapshot they came from and mean nothing in
//! another one; only [`NodeId`] is comparable between snapshots of one process.

use crate::storage::items;

macro_rules! ordinal {
    ($(#[$meta:meta])* $name:ident) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(u32);

        impl $name {
            /// The ordinal of the row `index`. Loading refuses tables of more than `u32::MAX` rows,
            /// so every index of a loaded table fits.
            #[inline]
            pub const fn new(index: usize) -> Self {
                debug_assert!(index <= u32::MAX as usize);
                Self(index as u32)
            }

            /// The row's place in its table, from 0.
            #[inline]
            pub const fn index(self) -> usize {
                self.0 as usize
            }
        }
    };
}

ordinal! {
    /// A node: its row in the file's `nodes` section.
    NodeOrdinal
}
ordinal! {
    /// An edge: its row in the file's `edges` section.
    EdgeOrdinal
}
ordinal! {
    /// A string: its place in the file's `strings` section.
    StringIndex
}
ordinal! {
    /// A class as `DevTools`' Summary view names it. Equal indexes have equal names; see
    /// [`Analysis::class_index`](crate::Analysis::class_index).
    ClassIndex
}

impl NodeOrdinal {
    /// The node from which everything is reachable. V8 always writes it first.
    pub const ROOT: NodeOrdinal = NodeOrdinal(0);
}

/// V8's own number for an object, what `DevTools` shows after the `@`.
///
/// An object keeps its own as long as it lives; one that is made where a dead one lay may get the
/// dead one's. Odd for JavaScript objects, and growing: whatever is born between two snapshots has a
/// larger one than everything before. Even for native objects, which get fresh ones in each snapshot.
#[derive(Default, Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(pub u32);

impl NodeId {
    /// Whether it is a JavaScript object's, which the object keeps and which grow, and not a native
    /// one's.
    #[inline]
    pub const fn is_js_object(self) -> bool {
        self.0 % 2 == 1
    }
}

/// V8's number for a script, as in `Debugger.scriptParsed`. Means nothing in another process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ScriptId(pub u32);

items! {
    NodeOrdinal: u32, |node| node.0, NodeOrdinal;
    StringIndex: u32, |string| string.0, StringIndex;
    NodeId: u32, |id| id.0, NodeId;
    ScriptId: u32, |id| id.0, ScriptId;
}
