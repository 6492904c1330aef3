//! What a module hands out, as found: still in bytes.

use crate::syntax::scope::{DeclarationIndex, ScopeIndex};
use crate::text::Span;

/// Something exported, still in bytes.
#[derive(Debug)]
pub(crate) struct ExportFact {
    /// The exported name; the word `default` for what has none.
    pub(crate) name: Span,
    /// The name of the variable that is exported, and where it was read.
    pub(crate) variable: Option<(Span, ScopeIndex)>,
    /// The exporting construct: `items: []`, `export default …`.
    pub(crate) span: Span,
    pub(crate) value: Option<Span>,
    /// First byte of the object literal, for a property of `module.exports = { … }`.
    pub(crate) literal: Option<u32>,
}

/// What a module exports.
#[derive(Debug, Default)]
pub(crate) struct Exports {
    pub(crate) facts: Vec<ExportFact>,
    /// The object literals whose properties are exported, by their first byte, ascending.
    pub(crate) literals: Vec<u32>,
    /// The variables behind `module.exports = name`.
    pub(crate) aliases: Vec<DeclarationIndex>,
    /// What is passed on from other modules.
    pub(crate) passed_on: Vec<PassedOn>,
}

/// `export … from`: what a module passes on from another one.
#[derive(Debug)]
pub(crate) struct PassedOn {
    /// The name by which the other module is asked for.
    pub(crate) from: Span,
    /// What it is called there; `None` for everything.
    pub(crate) name: Option<Span>,
    /// What it is called here; `None` for everything under its own names.
    pub(crate) exported: Option<Span>,
}
