//! The functions of a file as they are called, and what is handed to those of other modules.

use rustc_hash::FxHashMap;

use crate::syntax::receiver::{Receiver, Step, This};
use crate::syntax::scope::DeclarationIndex;
use crate::text::Span;

/// Something that is handed to a function of another module.
#[derive(Debug)]
pub(crate) struct HandedFact {
    /// How the module is asked for.
    pub(crate) module: Span,
    /// The function, from what the module exports; none for the module itself.
    pub(crate) path: Vec<Step>,
    /// Which argument it is.
    pub(crate) argument: u32,
    /// The property of that argument, if it is a literal: `{ from: held }`.
    pub(crate) within: Option<Box<str>>,
    pub(crate) receiver: Receiver,
}

/// Something that is handed to code that is not in this file, or not known.
#[derive(Debug)]
pub(crate) struct HandedOutFact {
    /// The number of the call.
    pub(crate) call: u32,
    pub(crate) receiver: Receiver,
}

/// A name in a pattern, and the steps to it.
pub(crate) type Bound = (Span, Vec<Step>);

/// The functions of a file by the names they are called by.
#[derive(Debug, Default)]
pub(crate) struct Callable {
    /// By the variable that holds them.
    pub(super) by_declaration: FxHashMap<DeclarationIndex, u32>,
    /// Methods, by what `this` is in them.
    pub(crate) methods: FxHashMap<(This, Box<str>), u32>,
    /// The names of parameters, by function and place.
    pub(crate) parameters: FxHashMap<(u32, u32), Span>,
    /// The names in parameters that are patterns, with the steps to them.
    pub(crate) bound: FxHashMap<(u32, u32), Vec<Bound>>,
    /// The parameters that get all further arguments: the place of the first, and the name.
    pub(crate) rest: FxHashMap<u32, (u32, Span)>,
}

impl Callable {
    /// The variables that hold a function.
    pub(crate) fn declarations_of(&self, function: u32) -> Vec<DeclarationIndex> {
        let all = self.by_declaration.iter().filter(|(_, held)| **held == function);
        all.map(|(&variable, _)| variable).collect()
    }
}
