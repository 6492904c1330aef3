//! What was found out about scopes and is asked for again and again. How it is found out is told in
//! [`crate::locate::context`] and [`crate::locate::block_variables`].

use std::sync::OnceLock;

use heapmark_heap::{Edge, EdgeOrdinal, NodeOrdinal, StringIndex};
use heapmark_source::Siblings;
use rustc_hash::FxHashMap;

/// A scope, as the places of its variables are looked for.
pub(super) struct Context {
    /// The names of its variables.
    pub(super) siblings: Siblings,
    /// Closures that see them: those made in it, then those made in the scopes inside.
    pub(super) closures: Vec<NodeOrdinal>,
}

/// A block's scope that was asked about: it may have thousands of variables, which are told apart
/// once.
pub(super) struct Block {
    /// The links to the values of the variables, each with the names that it may have.
    pub(super) variables: Vec<(Vec<StringIndex>, Edge)>,
    /// The place of each link among them.
    pub(super) places: FxHashMap<EdgeOrdinal, usize>,
    /// The name of each, by what the source says.
    pub(super) names: OnceLock<Vec<Option<String>>>,
}
