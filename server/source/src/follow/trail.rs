//! The text of an open file with its tree and the places that are watched in it.

use std::path::Path;
use std::time::Duration;

use rustc_hash::FxHashMap;
use tree_sitter::{InputEdit, Point, Tree};

use super::Edit;
use super::history::History;
use super::settle::{Settled, Settling};
use super::shift::{Changed, Splice};
use super::state::{Here, State, Unsettled};

use crate::error::SourceError;
use crate::syntax::span;
use crate::syntax::subject::Subject;
use crate::text::Text;
use crate::text::comment_form::CommentForm;
use crate::text::language::Language;
use crate::text::limits::{LARGEST_FILE, check_size};
use crate::text::position::Range;

/// A watched place of a [`Trail`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PlaceId(u32);

/// Text in bytes from which on a parse may take longer than a key should.
const LARGE_TEXT: usize = 100_000;
/// Bytes that a person changes at once, before or after: all that stands there is laid beside each
/// other. What was pasted may be anything, and what gives way to another text may have been: what
/// became of it is decided by [`Trail::settle`].
const MAX_TYPED: u32 = 10_000;
/// How long the parser gets for a key in a large text. With syntax that is broken at the wrong place
/// it would take much longer; until that is mended, places only move with their bytes.
const TIME_PER_KEY: Duration = Duration::from_millis(12);
/// How long it gets in a text that is not large, which seldom takes a quarter of it.
const TIME_SMALL: Duration = Duration::from_millis(100);
/// How long it gets where nobody waits. Five megabytes of ordinary code take less.
const MAX_TIME: Duration = Duration::from_secs(2);
/// Nodes within each other in a syntax tree that is looked at: a sum of ten thousand terms. To look
/// for places takes time with the depth, and memory with it too.
const MAX_DEPTH: usize = 10_000;

/// The text of an open file, and where its watched places are in it.
#[derive(Debug, Clone)]
pub struct Trail {
    language: Language,
    text: Text,
    /// Of the text as it is, or, while there is something unsettled, as it was then with the same
    /// edits, but for those that are pending.
    tree: Tree,
    places: Vec<State>,
    known: FxHashMap<Range, PlaceId>,
    /// Where the places were after the last edit.
    shown: Vec<Option<Range>>,
    history: History,
    unsettled: Option<Unsettled>,
}

impl Trail {
    /// Parses the text that the places are in, which may take seconds. Broken syntax is no error.
    pub fn new(path: &Path, text: String) -> Result<Trail, SourceError> {
        Self::parsed_within(MAX_TIME, path, text)
    }

    /// The same for those who cannot wait: an error if it takes longer than a key should.
    pub fn at_once(path: &Path, text: String) -> Result<Trail, SourceError> {
        if text.len() > LARGE_TEXT {
            return Err(SourceError::TooComplex { path: path.to_path_buf() });
        }
        Self::parsed_within(TIME_SMALL, path, text)
    }

    fn parsed_within(time: Duration, path: &Path, text: String) -> Result<Trail, SourceError> {
        check_size(path, text.len() as u64, LARGEST_FILE)?;
        let language = Language::of(path);
        let text = Text::new(text);
        let tree = language.parse_within(time, text.as_str(), None);
        let Some(tree) = tree.filter(|tree| !is_too_deep(tree)) else {
            return Err(SourceError::TooComplex { path: path.to_path_buf() });
        };
        Ok(Trail {
            language,
            history: History::of(text.as_str()),
            text,
            tree,
            places: Vec::new(),
            known: FxHashMap::default(),
            shown: Vec::new(),
            unsettled: None,
        })
    }

    /// The text as it is now, without a byte order mark.
    pub fn text(&self) -> &str {
        self.text.as_str()
    }

    /// How a comment is written on a line that is put in above a line, from 0. `None` if none can stand
    /// there, or as long as that is not settled.
    pub fn comment_above(&self, line: u32) -> Option<CommentForm> {
        self.is_settled().then(|| CommentForm::in_tree(&self.tree, self.text.as_str(), line))?
    }

    /// Watches what stands at a range of the text as it is now.
    pub fn watch(&mut self, range: Range) -> PlaceId {
        if let Some(&known) = self.known.get(&range) {
            return known;
        }
        let place = PlaceId(self.places.len() as u32);
        if let Some(unsettled) = &mut self.unsettled {
            unsettled.bring(&mut self.tree);
        }
        let (start, end) = (self.text.offset(range.start), self.text.offset(range.end));
        self.places.push(match (start, end) {
            (Some(start), Some(end)) if start <= end => {
                let mark = (start, end);
                let subject = Subject::at(&self.tree, &self.text, mark, &mut Vec::new());
                let whole = subject.map_or(mark, |subject| span(subject.node));
                State::Here(Here { mark, whole })
            }
            _ => State::Nowhere,
        });
        match &mut self.unsettled {
            Some(unsettled) => unsettled.followed.extend(self.places.last().map(State::here)),
            None => self.history.watched(&self.places),
        }
        self.known.insert(range, place);
        self.shown.push(self.place(place));
        place
    }

    /// Where a place is now; `None` while its code is not there.
    pub fn place(&self, place: PlaceId) -> Option<Range> {
        let index = place.0 as usize;
        let state = self.places.get(index)?;
        let here = match &self.unsettled {
            Some(unsettled) => unsettled.followed.get(index).copied().flatten(),
            None => state.here(),
        };
        let is_shown = match state {
            State::Here(_) => true,
            State::Unsure { is_shown, .. } => *is_shown,
            State::Gone(_) | State::Nowhere => false,
        };
        here.filter(|_| is_shown).map(|here| self.text.range(here.mark))
    }

    /// Applies edits, each to the text that the one before left, and takes every place along.
    /// Returns whether any place is elsewhere now.
    ///
    /// Takes no longer than a key should. What needs more (text that was pasted or taken out, a large
    /// text whose syntax is broken) leaves the places where their bytes are, until [`Trail::settle`].
    pub fn edit(&mut self, edits: &[Edit]) -> bool {
        let mut unsettled = self.unsettled.take().unwrap_or_else(|| Unsettled {
            old_tree: self.tree.clone(),
            old_text: self.text.clone(),
            pending: Vec::new(),
            changed: None,
            followed: self.places.iter().map(State::here).collect(),
        });
        for edit in edits.iter().filter(|edit| !edit.is_empty()) {
            self.apply(edit, &mut unsettled);
        }
        let typed = unsettled
            .changed
            .map_or(0, |Changed { before, after }| (before.1 - before.0).max(after.1 - after.0));
        let is_large = self.text.as_str().len() > LARGE_TEXT;
        let time = if is_large { TIME_PER_KEY } else { TIME_SMALL };
        let is_typed = typed < MAX_TYPED;
        if is_typed {
            unsettled.bring(&mut self.tree);
        }
        self.settle_if(unsettled, |trail| is_typed.then(|| trail.parse_within(time)).flatten())
    }

    /// Whether what stands in the text is known; else places only move with their bytes.
    pub fn is_settled(&self) -> bool {
        self.unsettled.is_none()
    }

    /// Decides what [`Trail::edit`] had no time for. Returns whether any place is elsewhere now.
    ///
    /// May take seconds. If it is not settled afterwards, the text is too large or too deeply nested to
    /// be a program.
    pub fn settle(&mut self) -> bool {
        let Some(mut unsettled) = self.unsettled.take() else { return false };
        unsettled.bring(&mut self.tree);
        self.settle_if(unsettled, |trail| {
            let is_small = trail.text.as_str().len() as u64 <= LARGEST_FILE;
            let tree = is_small.then(|| trail.parse_within(MAX_TIME)).flatten();
            tree.filter(|tree| !is_too_deep(tree))
        })
    }

    fn parse_within(&self, time: Duration) -> Option<Tree> {
        self.language.parse_within(time, self.text.as_str(), Some(&self.tree))
    }

    fn settle_if(
        &mut self,
        unsettled: Unsettled,
        parse: impl FnOnce(&Self) -> Option<Tree>,
    ) -> bool {
        let Some(changed) = unsettled.changed else { return false };
        match parse(self) {
            None => self.unsettled = Some(unsettled),
            Some(tree) => {
                let edited_tree = std::mem::replace(&mut self.tree, tree);
                let text = self.text.as_str();
                let known = self.history.places_in(text, self.places.len());
                let mut places = known.unwrap_or_else(|| {
                    let now = Settled { text: &self.text, tree: &self.tree, places: &self.places };
                    let settling = Settling::new(now, &unsettled, changed, &edited_tree);
                    settling.settle(&unsettled.followed)
                });
                self.history.arrive(text, &mut places);
                self.places = places;
            }
        }
        let places = (0..self.places.len() as u32).map(PlaceId);
        let shown: Vec<_> = places.map(|place| self.place(place)).collect();
        let before = std::mem::replace(&mut self.shown, shown);
        before != self.shown
    }

    fn apply(&mut self, edit: &Edit, unsettled: &mut Unsettled) {
        let start = self.text.nearest_offset(edit.range.start);
        let old_end = self.text.nearest_offset(edit.range.end).max(start);
        let splice = Splice { start, old_end, new_end: start + edit.text.len() as u32 };
        let before = (point(&self.text, start), point(&self.text, old_end));
        self.text.replace((start, old_end), &edit.text);
        unsettled.pending.push(InputEdit {
            start_byte: start as usize,
            old_end_byte: old_end as usize,
            new_end_byte: splice.new_end as usize,
            start_position: before.0,
            old_end_position: before.1,
            new_end_position: point(&self.text, splice.new_end),
        });
        if unsettled.pending.len() == 1 && old_end - start < MAX_TYPED {
            unsettled.bring(&mut self.tree);
        }
        for here in &mut unsettled.followed {
            *here = here.and_then(|here| here.follow(splice));
        }
        let changed = unsettled.changed;
        unsettled.changed =
            Some(changed.map_or(Changed::by(splice), |changed| changed.and(splice)));
    }
}

/// Whether syntax is nested so deeply that nobody wrote it.
fn is_too_deep(tree: &Tree) -> bool {
    let mut cursor = tree.walk();
    let mut depth = 0;
    loop {
        if cursor.goto_first_child() {
            depth += 1;
            if depth > MAX_DEPTH {
                return true;
            }
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                return false;
            }
            depth -= 1;
        }
    }
}

/// Rows and byte columns, as the parser counts.
fn point(text: &Text, offset: u32) -> Point {
    let (row, column) = text.row_and_byte(offset);
    Point::new(row, column)
}
