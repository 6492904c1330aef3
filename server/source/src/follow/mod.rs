//! Places that follow their code while somebody edits the text.
//!
//! [`Trail`] holds the text of one open file with its syntax tree and a number of watched places:
//! the name of a function, the declaration that holds something, a statement that adds. After each
//! edit the tree is parsed anew where it changed, and a place goes where its code went:
//!
//! - text before it changed: it moves along ([`shift`]);
//! - its function was renamed, or got other parameters: what stands there now is still the same
//!   function, because its body is ([`crate::syntax::subject`]);
//! - its function was moved, wrapped or written differently by a formatter: all functions of the
//!   changed part are laid beside those of before ([`outline`], [`matching`]);
//! - its function is gone: so is the place, but it is remembered, for a paste;
//! - the text is one that there was before: so are all places ([`history`]);
//! - the syntax is broken at the moment: the place stays at its text until that is decided.
//!
//! A place never ends on another function: where that cannot be excluded, it is not shown.
//!
//! Nothing here knows what the places mean. Only what an edit touches is looked at, so that a key
//! pressed in a file of ten thousand lines costs milliseconds.

mod edit;
mod history;
mod matching;
mod outline;
mod settle;
mod shift;
mod state;
mod trail;

pub use edit::Edit;
pub use trail::{PlaceId, Trail};
