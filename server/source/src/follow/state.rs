//! Where a watched place is, and what is not known of a text yet. Not here: how either is found out.

use tree_sitter::{InputEdit, Tree};

use super::outline::Item;
use super::shift::{Changed, Splice};

use crate::syntax::span;
use crate::syntax::subject::Subject;
use crate::text::{Span, Text};

/// Edits that were applied to the text, but whose syntax is not known yet.
#[derive(Debug, Clone)]
pub(super) struct Unsettled {
    pub(super) old_tree: Tree,
    pub(super) old_text: Text,
    /// The last of the edits, which the tree has not got yet: each node of what gives way is looked at.
    pub(super) pending: Vec<InputEdit>,
    /// `None`: nothing yet.
    pub(super) changed: Option<Changed>,
    /// Where the places are by their bytes.
    pub(super) followed: Vec<Option<Here>>,
}

/// Where a place is.
#[derive(Debug, Clone)]
pub(super) enum State {
    /// Its code stands here.
    Here(Here),
    /// Its text stands here, but the syntax does not say any more that it is its code: broken at
    /// the moment, or half typed. `item` is what it was.
    Unsure { mark: Span, item: Box<Item>, is_shown: bool },
    /// Its code is gone. It may come back.
    Gone(Box<Item>),
    /// It was never anywhere.
    Nowhere,
}

/// Where the code of a place stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Here {
    /// What is shown.
    pub(super) mark: Span,
    /// All that it stands for.
    pub(super) whole: Span,
}

impl Here {
    pub(super) fn of(subject: &Subject<'_>) -> Here {
        Here { mark: subject.mark, whole: span(subject.node) }
    }

    pub(super) fn follow(self, splice: Splice) -> Option<Here> {
        let mark = splice.follow(self.mark)?;
        Some(Here { mark, whole: splice.follow(self.whole).unwrap_or(mark) })
    }
}

impl Unsettled {
    /// Gives the tree the edits that it has not got yet.
    pub(super) fn bring(&mut self, tree: &mut Tree) {
        for edit in self.pending.drain(..) {
            tree.edit(&edit);
        }
    }
}

impl State {
    pub(super) fn here(&self) -> Option<Here> {
        match self {
            State::Here(here) => Some(*here),
            State::Unsure { mark, .. } => Some(Here { mark: *mark, whole: *mark }),
            State::Gone(_) | State::Nowhere => None,
        }
    }
}
