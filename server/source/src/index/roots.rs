//! The statements of a file by what they begin with.

use rustc_hash::FxHashMap;

/// What an expression begins with, if that can be looked up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum RootKey {
    /// The variable whose name begins at this byte where it is declared.
    Variable(u32),
    /// `this` in the methods of the object literal that begins at this byte.
    Literal(u32),
}

/// The statements of a file by what they begin with, in its own words or by another name.
#[derive(Debug, Default)]
pub(crate) struct Roots {
    pub(crate) facts: FxHashMap<RootKey, Vec<u32>>,
    /// By the properties on their way.
    pub(crate) named: FxHashMap<Box<str>, Vec<u32>>,
    /// Those with a key on their way that is computed, which may be any name.
    pub(crate) computed: Vec<u32>,
}
