//! Calls by the name of what is called: timers, listeners, promises.

use std::path::PathBuf;

use crate::statements::mutation::{Callback, CallbackFact};
use crate::syntax::receiver::Receiver;
use crate::text::Span;
use crate::text::position::Range;

/// A call, or a `new` expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// The file that it stands in.
    pub file: PathBuf,
    /// What is called, as written: `bus.on`, `setInterval`; `new Promise`.
    pub callee: String,
    /// The last name of it: `on`.
    pub name: String,
    /// Whether it makes an instance: `new Promise(…)`.
    pub is_new: bool,
    /// The whole call.
    pub range: Range,
    /// What to underline: the callee.
    pub head_range: Range,
    /// The first line of the whole statement, trimmed.
    pub statement: String,
    /// The function that is handed over, or the name of one.
    pub callback: Option<Callback>,
    /// The first argument, if it is a string.
    pub first_string: Option<String>,
    /// The function that calls, as people say it; `None` at the top level.
    pub in_function: Option<String>,
}

/// A call as found, still in bytes.
#[derive(Debug)]
pub(crate) struct CallFact {
    pub(crate) span: Span,
    /// From `new`, if there is one, up to the arguments.
    pub(crate) head: Span,
    pub(crate) name: Span,
    pub(crate) statement: Span,
    pub(crate) callback: Option<CallbackFact>,
    pub(crate) first_string: Option<Span>,
    pub(crate) function: Option<u32>,
    /// On what a method is called.
    pub(crate) receiver: Option<Receiver>,
    /// The function of this file that is called.
    pub(crate) calls: Option<u32>,
}

impl CallFact {
    /// Keeps its number, and is a call of nothing.
    pub(crate) fn forget(&mut self) {
        let nothing = (0, 0);
        (self.head, self.name, self.statement) = (nothing, nothing, nothing);
        (self.callback, self.first_string, self.receiver, self.calls) = (None, None, None, None);
    }
}
