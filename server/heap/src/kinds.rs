//! The types of nodes and edges, as V8 names them in a snapshot's `meta`.
//!
//! V8 versions number them differently; loading maps each version's numbers to these by name, once.

use crate::storage::items;

macro_rules! kinds {
    ($(#[$meta:meta])* $kind:ident { $($(#[$doc:meta])* $variant:ident = $name:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum $kind {
            $($(#[$doc])* $variant,)+
            /// A type that this version does not know.
            Unknown,
        }

        impl $kind {
            /// V8's name for the type, `unknown` for [`Self::Unknown`].
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)+
                    Self::Unknown => "unknown",
                }
            }

            /// The type of which this is the number in this enumeration, not V8's.
            #[inline]
            pub(crate) fn from_number(number: u8) -> Self {
                // Not a look into a table: this way several are converted at a time.
                match number {
                    $(it if it == Self::$variant as u8 => Self::$variant,)+
                    _ => Self::Unknown,
                }
            }

            pub(crate) fn from_name(name: &str) -> Self {
                match name {
                    $($name => Self::$variant,)+
                    _ => Self::Unknown,
                }
            }
        }

        impl std::fmt::Display for $kind {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

kinds! {
    /// What a node is.
    NodeType {
        /// V8's own bookkeeping.
        Hidden = "hidden",
        /// The store behind an array, a map, an object's properties.
        Array = "array",
        /// A string held as one piece.
        String = "string",
        /// A JavaScript object; its name is its constructor's.
        Object = "object",
        /// Bytecode, machine code, scripts and their like.
        Code = "code",
        /// A JavaScript function with its captured scope.
        Closure = "closure",
        /// A regular expression.
        RegExp = "regexp",
        /// A number on the heap.
        Number = "number",
        /// An object of the embedder (Node.js, the browser).
        Native = "native",
        /// A root, or a group of roots: no object at all.
        Synthetic = "synthetic",
        /// A string held as two halves.
        ConcatenatedString = "concatenated string",
        /// A string held as a part of another one.
        SlicedString = "sliced string",
        /// A symbol.
        Symbol = "symbol",
        /// A big integer.
        BigInt = "bigint",
        /// A hidden class and what belongs to it.
        ObjectShape = "object shape",
        /// An object of WebAssembly.
        WasmObject = "wasm object",
    }
}

kinds! {
    /// What an edge stands for.
    EdgeType {
        /// A variable in a function's scope.
        Context = "context",
        /// An element of an array, or a property with an integer key.
        Element = "element",
        /// A named property.
        Property = "property",
        /// A link that JavaScript cannot see, named by V8.
        Internal = "internal",
        /// A link that JavaScript cannot see, without a name.
        Hidden = "hidden",
        /// A link that exists only in the snapshot, for people's convenience.
        Shortcut = "shortcut",
        /// A link that does not keep its target alive.
        Weak = "weak",
    }
}

impl EdgeType {
    /// Whether the edge carries a number where all others carry a string.
    #[inline]
    pub(crate) const fn has_index(self) -> bool {
        matches!(self, Self::Element | Self::Hidden)
    }
}

items! {
    NodeType: u8, |kind| kind as u8, NodeType::from_number;
    EdgeType: u8, |kind| kind as u8, EdgeType::from_number;
}
