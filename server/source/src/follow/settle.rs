//! Where the places of a [`Trail`](super::Trail) are after edits, by what stands there now.

use rustc_hash::FxHashMap;
use tree_sitter::{Node, Tree};

use super::matching::{By, counterparts};
use super::outline::{Extent, Item, is_alone, item, outline, subjects_called};
use super::shift::{Changed, touch};

use super::state::{Here, State, Unsettled};
use crate::syntax::print::{Print, is_similar};
use crate::syntax::span;
use crate::syntax::subject::{Role, Subject, title};
use crate::text::{Span, Text};

/// A text after a batch of edits, and where its places were before.
#[derive(Clone, Copy)]
pub(super) struct Settled<'a> {
    pub(super) text: &'a Text,
    pub(super) tree: &'a Tree,
    pub(super) places: &'a [State],
}

/// What decides where the places are after a batch of edits.
pub(super) struct Settling<'a> {
    now: Settled<'a>,
    old_text: &'a Text,
    old_tree: &'a Tree,
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
    pub(super) fn new(
        now: Settled<'a>,
        unsettled: &'a Unsettled,
        changed: Changed,
        edited_tree: &Tree,
    ) -> Self {
        let ranges = edited_tree.changed_ranges(now.tree);
        let ranges = ranges.map(|it| (it.start_byte as u32, it.end_byte as u32));
        Self {
            now,
            old_text: &unsettled.old_text,
            old_tree: &unsettled.old_tree,
            changed,
            disturbed: ranges.chain([changed.after]).collect(),
        }
    }

    pub(super) fn settle(&self, followed: &[Option<Here>]) -> Vec<State> {
        let verdicts: Vec<Verdict> = self
            .now
            .places
            .iter()
            .zip(followed)
            .map(|(state, &here)| self.verdict(state, here))
            .collect();
        let found = self.search(&verdicts);
        verdicts
            .into_iter()
            .zip(followed)
            .zip(found)
            .map(|((verdict, here), found)| match verdict {
                Verdict::Still(state) => state,
                Verdict::Open { item, .. } => match (found, here.map(|here| here.mark)) {
                    (Some(mark), _) => self.at(mark),
                    (None, Some(mark)) if self.may_be_decided_later(mark) => {
                        let is_shown = self.is_text_untouched(&item, mark);
                        State::Unsure { mark, item: Box::new(item), is_shown }
                    }
                    (None, _) => State::Gone(Box::new(item)),
                },
            })
            .collect()
    }

    /// The place whose mark this is.
    fn at(&self, mark: Span) -> State {
        let subject = Subject::at(self.now.tree, self.now.text, mark, &mut Vec::new());
        State::Here(subject.map_or(Here { mark, whole: mark }, |subject| Here::of(&subject)))
    }

    /// What stands where the place should be.
    fn verdict(&self, state: &State, here: Option<Here>) -> Verdict {
        let mark = here.map(|here| here.mark);
        let was_here = match state {
            State::Here(old) => Some(old.mark),
            State::Unsure { .. } => None,
            State::Gone(item) => {
                return Verdict::Open { item: (**item).clone(), is_current: false };
            }
            State::Nowhere => return Verdict::Still(State::Nowhere),
        };
        let is_touched = |here: Here| {
            touch(self.changed.after, here.whole)
                || self.disturbed.iter().any(|&part| touch(part, here.mark))
        };
        if let (Some(_), Some(here)) = (was_here, here)
            && !is_touched(here)
        {
            return Verdict::Still(State::Here(here));
        }
        let mut path = Vec::new();
        let now = mark.and_then(|mark| Subject::at(self.now.tree, self.now.text, mark, &mut path));
        if let Some(old_mark) = was_here {
            let mut old_path = Vec::new();
            let before = Subject::at(self.old_tree, self.old_text, old_mark, &mut old_path);
            let Some(before) = before else {
                return Verdict::Still(here.map_or(State::Nowhere, State::Here));
            };
            match now.filter(|now| self.is_same(&before, now)) {
                Some(now) => Verdict::Still(State::Here(Here::of(&now))),
                None => Verdict::Open {
                    item: item(&before, &old_path, self.old_text),
                    is_current: true,
                },
            }
        } else if let State::Unsure { item, .. } = state {
            match now.filter(|now| self.is_again(item, now, &path)) {
                Some(now) => Verdict::Still(State::Here(Here::of(&now))),
                None => Verdict::Open { item: (**item).clone(), is_current: false },
            }
        } else {
            Verdict::Still(State::Nowhere)
        }
    }

    /// Whether two subjects at the same place are the same thing: of the same name, or with another
    /// name but otherwise the same. A change that goes beyond the thing may have put another in its
    /// place: then a name alone is not enough.
    fn is_same(&self, before: &Subject<'_>, now: &Subject<'_>) -> bool {
        let (old_text, text) = (self.old_text, self.now.text);
        let same_kind = before.node.kind_id() == now.node.kind_id();
        let same_mark = same_words(old_text.slice(before.mark), text.slice(now.mark));
        if before.role != now.role
            || before.role != Role::Name && !same_kind
            || is_broken(now.node, now.mark)
        {
            return false;
        }
        let old = span(before.node);
        let goes_beyond = self.changed.before.0 < old.0 || old.1 < self.changed.before.1;
        if same_mark {
            return if goes_beyond {
                is_similar((before, old_text), (now, text))
            } else {
                !self.is_pushed_on(before, now)
            };
        }
        same_kind
            && Print::of(before, old_text) == Print::of(now, text)
            && !(goes_beyond && self.is_exchanged(before, now))
    }

    /// Whether what stands at the place begins like the thing, and the thing itself stands in what is
    /// new, as it was: somebody wrote another one like it in front of it.
    fn is_pushed_on(&self, before: &Subject<'_>, now: &Subject<'_>) -> bool {
        let print = Print::of(before, self.old_text);
        if !print.is_telling() || Print::of(now, self.now.text) == print {
            return false;
        }
        let items = outline(self.now.tree, self.now.text, self.changed.after, Extent::Mark);
        let kind = before.node.kind_id();
        let is_it =
            |item: &Item| (item.role, item.kind) == (before.role, kind) && item.print == print;
        items.iter().any(|item| is_it(item) && item.mark != now.mark)
    }

    /// Whether what is called otherwise now may be another thing, which was in the changed part before,
    /// or that one is in it still.
    fn is_exchanged(&self, before: &Subject<'_>, now: &Subject<'_>) -> bool {
        let (old_text, text) = (self.old_text, self.now.text);
        let has = |tree, text: &Text, part, name: &str, (role, kind): (Role, u16)| {
            let items = outline(tree, text, part, Extent::Mark);
            items
                .iter()
                .any(|item| (item.role, item.kind) == (role, kind) && text.slice(item.mark) == name)
        };
        let kind = (before.role, before.node.kind_id());
        let (old, new) = (old_text.slice(before.mark), text.slice(now.mark));
        has(self.now.tree, text, self.changed.after, old, kind)
            || has(self.old_tree, old_text, self.changed.before, new, kind)
    }

    fn is_again(&self, item: &Item, now: &Subject<'_>, path: &[Node<'_>]) -> bool {
        let text = self.now.text;
        item.role == now.role
            && item.kind == now.node.kind_id()
            && (item.title == title(now, path, text) || item.print == Print::of(now, text))
            && !is_broken(now.node, now.mark)
    }

    /// Where the places that are open are now, among what is new in the text.
    fn search(&self, verdicts: &[Verdict]) -> Vec<Option<Span>> {
        let nothing = vec![None; verdicts.len()];
        let is_open = |verdict: &Verdict| matches!(verdict, Verdict::Open { .. });
        let (old_tree, tree) = (self.old_tree, self.now.tree);
        if !verdicts.iter().any(is_open) {
            return nothing;
        }
        // What stood here until now may have changed only behind its name.
        let is_current = |verdict| matches!(verdict, &Verdict::Open { is_current: true, .. });
        let is_any_current = verdicts.iter().any(is_current);
        let extent = if is_any_current { Extent::Whole } else { Extent::Mark };
        let before = outline(old_tree, self.old_text, self.changed.before, extent);
        let after = outline(tree, self.now.text, self.changed.after, extent);
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
        indices
            .into_iter()
            .zip(verdicts)
            .map(|(index, verdict)| {
                let index = index?;
                match found[index] {
                    Some((found, By::Content)) => Some(after[found].mark),
                    Some((found, By::Name)) => {
                        let (old, new) = (&before[index], &after[found]);
                        let is_only = is_alone(old_tree, self.old_text, old)
                            && is_alone(tree, self.now.text, new);
                        is_only.then_some(new.mark)
                    }
                    None => self.copy_of(tree, verdict),
                }
            })
            .collect()
    }

    /// What was deleted may stand elsewhere already, as it was: copied first, and deleted then.
    fn copy_of(&self, tree: &Tree, verdict: &Verdict) -> Option<Span> {
        let Verdict::Open { item, is_current: true } = verdict else { return None };
        let text = self.old_text.slice(item.mark);
        let copies = subjects_called(tree, self.now.text, text);
        let mut copies = copies.into_iter().filter(|copy| {
            (copy.role, copy.kind, copy.print) == (item.role, item.kind, item.print)
                && copy.title == item.title
                && copy.around == item.around
        });
        match (copies.next(), copies.next()) {
            (Some(copy), None) if item.role != Role::Binding => Some(copy.mark),
            _ => None,
        }
    }

    /// Whether what stands at a mark is not finished: then it is too early to say what it is.
    fn may_be_decided_later(&self, mark: Span) -> bool {
        let tree = self.now.tree;
        mark.0 == mark.1 || tree.root_node().has_error() || self.is_in_comment_or_string(mark)
    }

    fn is_in_comment_or_string(&self, mark: Span) -> bool {
        let tree = self.now.tree;
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
        let tree = self.now.tree;
        let text = self.now.text.slice(mark);
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

/// Whether the parser made up what stands at a mark.
fn is_broken(node: Node<'_>, mark: Span) -> bool {
    node.is_missing() || node.is_error() || mark.0 == mark.1
}

fn same_words(left: &str, right: &str) -> bool {
    left.split_whitespace().eq(right.split_whitespace())
}
