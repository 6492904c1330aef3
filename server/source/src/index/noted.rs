//! What the walk notes for what only the whole file tells: who calls whom, and what bounds what.
//!
//! Here are the notes; they are made in [`super::note_bounds`] and [`super::calling`], and brought together
//! in [`super::bounds`].

use super::reached::Part;
use crate::statements::condition::{ConditionSpans, Sense};
use crate::syntax::receiver::Receiver;
use crate::text::Span;

/// What the walk notes for this.
#[derive(Debug, Default)]
pub(super) struct Noted {
    pub(super) conditions: Vec<Condition>,
    /// What is counted up, in which function.
    pub(super) counted_up: Vec<Counted>,
    /// What is counted down or begins anew.
    pub(super) counted_down: Vec<Counted>,
    /// The functions that give the size of something.
    pub(super) sizes: Vec<(u32, Receiver)>,
    /// Under which key a statement adds: the statement, and the names that may repeat.
    pub(super) keys: Vec<(Span, Key)>,
    /// The same as it is written, or what the variable that is written there was made with.
    pub(super) written_keys: Vec<(Span, Span)>,
    /// Keys that are looked up in a table.
    pub(super) checked: Vec<Checked>,
    /// What puts an element at the place that a name counts up: `list[count++] =`.
    pub(super) counted_places: Vec<(Span, Receiver)>,
    /// What gets a value that repeats: `at = (at + 1) % SIZE`.
    pub(super) wrapped: Vec<Receiver>,
    /// What removes, with the loop or the like around it.
    pub(super) loops: Vec<(Span, Span)>,
    /// Comparisons that tell which of two is more, ascending.
    pub(super) compared: Vec<Span>,
}

/// What is counted, in which function, and whether by one.
pub(super) type Counted = (Receiver, Option<u32>, bool);

#[derive(Debug)]
pub(super) struct Condition {
    pub(super) counted: Receiver,
    pub(super) limit: Span,
    pub(super) sense: Sense,
    pub(super) spans: ConditionSpans,
    pub(super) function: Option<u32>,
}

/// What is known of a key.
#[derive(Debug, Clone)]
pub(super) enum Key {
    /// It repeats.
    Repeats,
    /// It is what a name holds.
    Named(Receiver),
}

/// What is called, and with what, as it is written.
#[derive(Debug, Default)]
pub(super) struct Calling {
    pub(super) callee: Option<Receiver>,
    pub(super) arguments: Vec<Option<Receiver>>,
    /// What the literals among the arguments have: `evict({ from: held })`.
    pub(super) parts: Vec<(u32, Part)>,
    /// What the function that it gets is called with, one after the other.
    pub(super) each: Vec<Receiver>,
    /// It makes an instance.
    pub(super) is_new: bool,
    /// What is known of the arguments as keys.
    pub(super) keys: Vec<Option<Key>>,
}

/// A key that is looked up in a table.
#[derive(Debug)]
pub(super) struct Checked {
    /// As it is written: `name`, `request.locale`.
    pub(super) key: String,
    pub(super) table: Receiver,
    pub(super) function: Option<u32>,
    /// Where it is known to be in the table.
    pub(super) within: Span,
}
