//! What is known of a number that is a limit, and where it stands if one file alone does not tell.
//!
//! Not here: how it is found ([`crate::file::numbers`]).

use crate::text::position::Range;

/// A number that something may grow to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limit {
    /// So many entries.
    pub value: u64,
    /// How it is called where it is used: `MAX`, `1000`.
    pub name: String,
    /// Where the number is written.
    pub range: Range,
}

/// Where a number stands that one file alone does not tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NumberFrom {
    /// What another module exports.
    Import {
        /// How the module is asked for.
        module: String,
        /// The way to it from what that exports.
        path: Vec<String>,
        /// What it is if there is none.
        default: Option<Limit>,
    },
    /// What a function gets from who calls it, such as the constructor of a class.
    Argument(Argument),
}

/// An argument of a function, or an option in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Argument {
    pub(crate) function: u32,
    pub(crate) at: u32,
    pub(crate) path: Vec<String>,
    /// What it is if none is given.
    pub default: Option<Limit>,
}

/// What is known of a number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Number {
    /// It is this, as far as the text says.
    Known(Limit),
    /// It is what stands there.
    From(NumberFrom),
    /// There is none.
    Nothing,
    /// The text does not tell.
    Unknown,
}

impl Number {
    pub(crate) fn known(self) -> Option<Limit> {
        match self {
            Number::Known(limit) => Some(limit),
            _ => None,
        }
    }

    /// The same with what it is if nothing is given.
    pub(crate) fn or(self, default: impl FnOnce() -> Number) -> Number {
        match self {
            Number::Known(_) => self,
            Number::Nothing | Number::Unknown => default(),
            Number::From(NumberFrom::Argument(argument)) => {
                let default = argument.default.clone().or_else(|| default().known());
                Number::From(NumberFrom::Argument(Argument { default, ..argument }))
            }
            Number::From(NumberFrom::Import { module, path, default: own }) => {
                let default = own.or_else(|| default().known());
                Number::From(NumberFrom::Import { module, path, default })
            }
        }
    }
}
