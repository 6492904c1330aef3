//! The text of an open file with its tree and the places that are watched in it.

use std::path::Path;

use rustc_hash::FxHashMap;
use tree_sitter::{InputEdit, Node, Point, Tree};

use super::Edit;
use super::matching::counterparts;
use super::outline::{Item, Print, item, outline};
use super::shift::{Changed, Splice, touch};
use super::subject::{Role, Subject, title};
use crate::language::Language;
use crate::text::{Span, Text};
use crate::{Range, SourceError};

/// A watched place of a [`Trail`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PlaceId(u32);

/// The text of an open file, and where its watched places are in it.
#[derive(Debug)]
pub struct Trail {
    language: Language,
    text: Text,
    /// `None` while the text takes too long to parse: then places only move with the bytes.
    tree: Option<Tree>,
    places: Vec<State>,
    known: FxHashMap<Range, PlaceId>,
    /// Where the places were after the last edit.
    shown: Vec<Option<Range>>,
}

/// Where a place is.
#[derive(Debug, Clone)]
enum State {
    /// Its code stands here.
    Here(Span),
    /// Its text stands here, but the syntax does not say any more that it is its code: broken at
    /// the moment, or half typed. `item` is what it was.
    Unsure { mark: Span, item: Box<Item>, is_shown: bool },
    /// Its code is gone. It may come back.
    Gone(Box<Item>),
    /// It was never anywhere.
    Nowhere,
}

/// A batch of edits that were applied to the text but not yet to the tree.
struct Applied {
    /// The tree as it was.
    old_tree: Option<Tree>,
    changed: Changed,
}

impl Trail {
    /// Parses the text that the places are in. Broken syntax is no error.
    pub fn new(path: &Path, text: String) -> Result<Trail, SourceError> {
        let language = Language::of(path);
        let text = Text::new(text);
        let Some(tree) = language.parse(text.as_str(), None) else {
            return Err(SourceError::TooComplex { path: path.to_path_buf() });
        };
        let places = Vec::new();
        let known = FxHashMap::default();
        Ok(Trail { language, text, tree: Some(tree), places, known, shown: Vec::new() })
    }

    /// The text as it is now, without a byte order mark.
    pub fn text(&self) -> &str {
        self.text.as_str()
    }

    /// Watches what stands at a range of the text as it is now.
    pub fn watch(&mut self, range: Range) -> PlaceId {
        if let Some(&known) = self.known.get(&range) {
            return known;
        }
        let place = PlaceId(self.places.len() as u32);
        let (start, end) = (self.text.offset(range.start), self.text.offset(range.end));
        self.places.push(match (start, end) {
            (Some(start), Some(end)) if start <= end => State::Here((start, end)),
            _ => State::Nowhere,
        });
        self.known.insert(range, place);
        self.shown.push(self.place(place));
        place
    }

    /// Where a place is now; `None` while its code is not there.
    pub fn place(&self, place: PlaceId) -> Option<Range> {
        match self.places.get(place.0 as usize)? {
            State::Here(mark) | State::Unsure { mark, is_shown: true, .. } => {
                Some(self.text.range(*mark))
            }
            State::Unsure { .. } | State::Gone(_) | State::Nowhere => None,
        }
    }

    /// Applies edits, each to the text that the one before left, and takes every place along.
    /// Returns whether any place is elsewhere now.
    pub fn edit(&mut self, edits: &[Edit]) -> bool {
        let old_text = self.text.as_str().to_owned();
        let mut followed: Vec<Option<Span>> = self.places.iter().map(State::mark).collect();
        let Some(applied) = self.apply(edits, &mut followed) else { return false };
        let tree = self.language.parse(self.text.as_str(), self.tree.as_ref());
        let edited_tree = std::mem::replace(&mut self.tree, tree);
        let settling = Settling::new(self, &applied, edited_tree.as_ref(), old_text);
        self.places = settling.settle(&followed);
        let places = (0..self.places.len() as u32).map(PlaceId);
        let shown: Vec<_> = places.map(|place| self.place(place)).collect();
        let before = std::mem::replace(&mut self.shown, shown);
        before != self.shown
    }

    fn apply(&mut self, edits: &[Edit], followed: &mut [Option<Span>]) -> Option<Applied> {
        let old_tree = self.tree.clone();
        let mut changed: Option<Changed> = None;
        for edit in edits.iter().filter(|edit| !edit.is_empty()) {
            let start = self.text.nearest_offset(edit.range.start);
            let old_end = self.text.nearest_offset(edit.range.end).max(start);
            let splice = Splice { start, old_end, new_end: start + edit.text.len() as u32 };
            let before = (point(&self.text, start), point(&self.text, old_end));
            self.text.replace((start, old_end), &edit.text);
            if let Some(tree) = &mut self.tree {
                tree.edit(&InputEdit {
                    start_byte: start as usize,
                    old_end_byte: old_end as usize,
                    new_end_byte: splice.new_end as usize,
                    start_position: before.0,
                    old_end_position: before.1,
                    new_end_position: point(&self.text, splice.new_end),
                });
            }
            for mark in followed.iter_mut() {
                *mark = mark.and_then(|mark| splice.follow(mark));
            }
            changed = Some(changed.map_or(Changed::by(splice), |changed| changed.and(splice)));
        }
        Some(Applied { old_tree, changed: changed? })
    }
}

impl State {
    fn mark(&self) -> Option<Span> {
        match self {
            State::Here(mark) | State::Unsure { mark, .. } => Some(*mark),
            State::Gone(_) | State::Nowhere => None,
        }
    }
}

/// What decides where the places are after a batch of edits.
struct Settling<'a> {
    trail: &'a Trail,
    old_text: Text,
    old_tree: Option<&'a Tree>,
    changed: Changed,
    /// Stretches of the new text whose syntax is another, beside what was typed.
    disturbed: Vec<Span>,
}

/// What became of a place, by its own surroundings.
enum Verdict {
    Still(State),
    /// Not decided by what stands there: its item of before. `is_current`: it stood in the text
    /// until this batch of edits.
    Open {
        item: Item,
        is_current: bool,
    },
}

impl<'a> Settling<'a> {
    fn new(
        trail: &'a Trail,
        applied: &'a Applied,
        edited_tree: Option<&Tree>,
        old_text: String,
    ) -> Self {
        let mut disturbed = vec![applied.changed.after];
        if let (Some(before), Some(after)) = (edited_tree, &trail.tree) {
            let ranges = before.changed_ranges(after);
            disturbed.extend(ranges.map(|it| (it.start_byte as u32, it.end_byte as u32)));
        }
        Self {
            trail,
            old_text: Text::new(old_text),
            old_tree: applied.old_tree.as_ref(),
            changed: applied.changed,
            disturbed,
        }
    }

    fn settle(&self, followed: &[Option<Span>]) -> Vec<State> {
        let verdicts: Vec<Verdict> = self
            .trail
            .places
            .iter()
            .zip(followed)
            .map(|(state, &mark)| self.verdict(state, mark))
            .collect();
        let found = self.search(&verdicts);
        verdicts
            .into_iter()
            .zip(followed)
            .zip(found)
            .map(|((verdict, mark), found)| match verdict {
                Verdict::Still(state) => state,
                Verdict::Open { item, .. } => match (found, mark) {
                    (Some(mark), _) => State::Here(mark),
                    (None, Some(mark)) if self.may_be_decided_later(*mark) => {
                        let is_shown = self.is_text_untouched(&item, *mark);
                        State::Unsure { mark: *mark, item: Box::new(item), is_shown }
                    }
                    (None, _) => State::Gone(Box::new(item)),
                },
            })
            .collect()
    }

    /// What stands where the place should be.
    fn verdict(&self, state: &State, mark: Option<Span>) -> Verdict {
        let was_here = match state {
            State::Here(old_mark) => Some(*old_mark),
            State::Unsure { .. } => None,
            State::Gone(item) => {
                return Verdict::Open { item: (**item).clone(), is_current: false };
            }
            State::Nowhere => return Verdict::Still(State::Nowhere),
        };
        let Some(tree) = &self.trail.tree else {
            return Verdict::Still(mark.map_or(State::Nowhere, State::Here));
        };
        let is_touched = |mark: Span| self.disturbed.iter().any(|&part| touch(part, mark));
        if let (Some(_), Some(mark)) = (was_here, mark)
            && !is_touched(mark)
        {
            return Verdict::Still(State::Here(mark));
        }
        let mut path = Vec::new();
        let now = mark.and_then(|mark| Subject::at(tree, &self.trail.text, mark, &mut path));
        if let Some(old_mark) = was_here {
            let mut old_path = Vec::new();
            let before = self
                .old_tree
                .and_then(|tree| Subject::at(tree, &self.old_text, old_mark, &mut old_path));
            let Some(before) = before else {
                return Verdict::Still(mark.map_or(State::Nowhere, State::Here));
            };
            match now.filter(|now| self.is_same(&before, now)) {
                Some(now) => Verdict::Still(State::Here(now.mark)),
                None => Verdict::Open {
                    item: item(&before, &old_path, &self.old_text),
                    is_current: true,
                },
            }
        } else if let State::Unsure { item, .. } = state {
            match now.filter(|now| self.is_again(item, now, &path)) {
                Some(now) => Verdict::Still(State::Here(now.mark)),
                None => Verdict::Open { item: (**item).clone(), is_current: false },
            }
        } else {
            Verdict::Still(State::Nowhere)
        }
    }

    /// Whether two subjects at the same place are the same thing: of the same name, or with another
    /// name but otherwise the same.
    fn is_same(&self, before: &Subject<'_>, now: &Subject<'_>) -> bool {
        let (old_text, text) = (&self.old_text, &self.trail.text);
        let same_mark = same_words(old_text.slice(before.mark), text.slice(now.mark));
        let same_kind = before.node.kind_id() == now.node.kind_id();
        before.role == now.role
            && (before.role == Role::Name || same_kind)
            && (same_mark || same_kind && Print::of(before, old_text) == Print::of(now, text))
            && !is_broken(now.node, now.mark)
    }

    fn is_again(&self, item: &Item, now: &Subject<'_>, path: &[Node<'_>]) -> bool {
        let text = &self.trail.text;
        item.role == now.role
            && item.kind == now.node.kind_id()
            && (item.title == title(now, path, text) || item.print == Print::of(now, text))
            && !is_broken(now.node, now.mark)
    }

    /// Where the places that are open are now, among what is new in the text.
    fn search(&self, verdicts: &[Verdict]) -> Vec<Option<Span>> {
        let nothing = vec![None; verdicts.len()];
        let is_open = |verdict: &Verdict| matches!(verdict, Verdict::Open { .. });
        let (Some(old_tree), Some(tree)) = (self.old_tree, &self.trail.tree) else {
            return nothing;
        };
        if !verdicts.iter().any(is_open) {
            return nothing;
        }
        let before = outline(old_tree, &self.old_text, self.changed.before);
        let after = outline(tree, &self.trail.text, self.changed.after);
        let by_mark: FxHashMap<(Span, Role), usize> =
            before.iter().enumerate().map(|(index, it)| ((it.mark, it.role), index)).collect();
        // What did not stand in the changed part comes from an earlier text.
        let mut lost: Vec<Item> = Vec::new();
        let indices: Vec<Option<usize>> = verdicts
            .iter()
            .map(|verdict| {
                let Verdict::Open { item, is_current } = verdict else { return None };
                let current = by_mark.get(&(item.mark, item.role)).filter(|_| *is_current);
                Some(current.copied().unwrap_or_else(|| {
                    lost.push(item.clone());
                    before.len() + lost.len() - 1
                }))
            })
            .collect();
        let found = counterparts(&before, &lost, &after);
        let mut found: Vec<Option<Span>> =
            indices.into_iter().map(|index| Some(after[found[index?]?].mark)).collect();
        self.search_copies(tree, verdicts, &mut found);
        found
    }

    /// What was deleted may stand elsewhere already, as it was: copied first, and deleted then.
    fn search_copies(&self, tree: &Tree, verdicts: &[Verdict], found: &mut [Option<Span>]) {
        let is_missing = |verdict: &Verdict| match verdict {
            Verdict::Open { item, is_current } => *is_current && item.role != Role::Binding,
            Verdict::Still(_) => false,
        };
        let mut missing =
            verdicts.iter().zip(&*found).filter(|(it, found)| found.is_none() && is_missing(it));
        if missing.next().is_none() {
            return;
        }
        let all = outline(tree, &self.trail.text, (0, u32::MAX));
        for (verdict, found) in verdicts.iter().zip(found) {
            if let Verdict::Open { item, .. } = verdict
                && found.is_none()
                && is_missing(verdict)
            {
                let mut copies = all.iter().filter(|copy| is_copy(copy, item));
                *found = match (copies.next(), copies.next()) {
                    (Some(copy), None) => Some(copy.mark),
                    _ => None,
                };
            }
        }
    }

    /// Whether what stands at a mark is not finished: then it is too early to say what it is.
    fn may_be_decided_later(&self, mark: Span) -> bool {
        let Some(tree) = &self.trail.tree else { return false };
        mark.0 == mark.1 || tree.root_node().has_error() || self.is_in_comment_or_string(mark)
    }

    fn is_in_comment_or_string(&self, mark: Span) -> bool {
        let Some(tree) = &self.trail.tree else { return false };
        let node = tree.root_node().descendant_for_byte_range(mark.0 as usize, mark.1 as usize);
        node.is_some_and(|node| {
            matches!(
                node.kind(),
                "comment"
                    | "html_comment"
                    | "string"
                    | "string_fragment"
                    | "template_string"
                    | "jsx_text"
                    | "regex_pattern"
            )
        })
    }

    /// Whether the text of a place is what it was, in syntax that is broken.
    fn is_text_untouched(&self, item: &Item, mark: Span) -> bool {
        let Some(tree) = &self.trail.tree else { return false };
        let text = self.trail.text.slice(mark);
        let is_comment = tree
            .root_node()
            .descendant_for_byte_range(mark.0 as usize, mark.1 as usize)
            .is_some_and(|node| node.kind() == "comment");
        let is_name = matches!(item.role, Role::Name | Role::Binding);
        mark.0 < mark.1
            && tree.root_node().has_error()
            && !is_comment
            && (!is_name || text == item.title)
    }
}

/// Whether two items are the same but for where they stand.
fn is_copy(copy: &Item, item: &Item) -> bool {
    (copy.role, copy.kind, copy.print) == (item.role, item.kind, item.print)
        && copy.title == item.title
        && copy.around == item.around
}

/// Whether the parser made up what stands at a mark.
fn is_broken(node: Node<'_>, mark: Span) -> bool {
    node.is_missing() || node.is_error() || mark.0 == mark.1
}

fn same_words(left: &str, right: &str) -> bool {
    left.split_whitespace().eq(right.split_whitespace())
}

/// Rows and byte columns, as the parser counts.
fn point(text: &Text, offset: u32) -> Point {
    let (row, column) = text.row_and_byte(offset);
    Point::new(row, column)
}
