//! What may be an export, as long as the names in it are not known yet.

use crate::statements::export::ExportFact;
use crate::syntax::scope::ScopeIndex;
use crate::text::Span;

/// What looks like an export of CommonJS, until the whole file tells what the names in it mean.
#[derive(Debug, Default)]
pub(super) struct Candidates {
    /// `exports.name = variable`, with the place of `exports` or `module`.
    pub(super) facts: Vec<(ExportFact, Place)>,
    /// `module.exports = { … }`, by the literal's first byte.
    pub(super) literals: Vec<(u32, Place)>,
    /// `module.exports = name`.
    pub(super) aliases: Vec<(Place, Place)>,
    /// The properties of the object literals that may be exported.
    pub(super) properties: Vec<ExportFact>,
}

/// A name, and the scope in which it was read.
pub(super) type Place = (Span, ScopeIndex);
