//! The bytes behind small objects: `ArrayBuffer`s keep theirs outside of V8's own heap, and so do the
//! `Buffer`s and typed arrays on them. A snapshot has a node for the bytes of each `ArrayBuffer`.
//!
//! ```text
//! Buffer ─buffer→ ArrayBuffer ─backing_store→ system / JSArrayBufferData
//! ```
//!
//! How large the part is that a view shows, a snapshot does not tell.

use heapmark_heap::{EdgeType, NodeOrdinal, NodeType, Snapshot, StringIndex};
use rustc_hash::FxHashSet;

/// The classes that have bytes behind them.
const CLASSES: [&str; 17] = [
    "ArrayBuffer",
    "SharedArrayBuffer",
    "Buffer",
    "FastBuffer",
    "DataView",
    "Uint8Array",
    "Uint8ClampedArray",
    "Int8Array",
    "Uint16Array",
    "Int16Array",
    "Uint32Array",
    "Int32Array",
    "Float16Array",
    "Float32Array",
    "Float64Array",
    "BigInt64Array",
    "BigUint64Array",
];

/// How to get to the bytes in one snapshot.
pub(crate) struct Stores {
    classes: FxHashSet<StringIndex>,
    buffer: Option<StringIndex>,
    backing_store: Option<StringIndex>,
}

impl Stores {
    pub(crate) fn of(snapshot: &Snapshot) -> Self {
        Self {
            classes: CLASSES.iter().filter_map(|name| snapshot.find_string(name)).collect(),
            buffer: snapshot.find_string("buffer"),
            backing_store: snapshot.find_string("backing_store"),
        }
    }

    /// The node whose size are the bytes behind a buffer or typed array; `None` for anything else.
    pub(crate) fn behind(&self, snapshot: &Snapshot, node: NodeOrdinal) -> Option<NodeOrdinal> {
        let is_one = snapshot.node_type(node) == NodeType::Object
            && self.classes.contains(&snapshot.name_index(node));
        if !is_one {
            return None;
        }
        let internal = |node, name| snapshot.child_named(node, EdgeType::Internal, name);
        internal(node, self.backing_store)
            .or_else(|| internal(internal(node, self.buffer)?, self.backing_store))
    }
}
