//! All subjects in a part of a text, with what tells them apart.
//!
//! ```text
//! kind                around            title       print
//! method_definition   Session           onTick      what stands in it, without its own name
//! call_expression     Session>onTick    bus.on(tick …
//! ```

use std::hash::Hasher;

use rustc_hash::FxHasher;
use tree_sitter::{Node, Tree};

use super::shift::touch;
use crate::syntax::print::{Print, Printer};
use crate::syntax::span;
use crate::syntax::subject::{Role, Subject, subjects_of, title};
use crate::text::{Span, Text};

/// A name that stands in a text more often than this is not looked for.
const MAX_OCCURRENCES: usize = 200;

/// Deepest nesting that is looked at; deeper code was not written by a person.
const MAX_DEPTH: usize = 2_000;

/// A subject, without its tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Item {
    pub(super) mark: Span,
    pub(super) role: Role,
    /// The grammar's number of the kind of node.
    pub(super) kind: u16,
    /// The names of what is around it.
    pub(super) around: Around,
    /// Its name, or what it calls.
    pub(super) title: String,
    pub(super) print: Print,
}

/// The names of the declarations around something, as a number: nested code may be as deep as
/// somebody likes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(super) struct Around(u64);

impl Around {
    fn with(self, title: &str) -> Around {
        let mut hasher = FxHasher::default();
        hasher.write_u64(self.0);
        hasher.write(title.as_bytes());
        Around(hasher.finish())
    }
}

/// The names of the declarations in `path`, which are the nodes around something.
fn around(path: &[Node<'_>], text: &Text) -> Around {
    let mut around = Around::default();
    for (depth, node) in path.iter().enumerate() {
        for subject in subjects_of(*node, &path[..depth], text) {
            if matches!(subject.role, Role::Name | Role::Head) {
                around = around.with(&title(&subject, &path[..depth], text));
            }
        }
    }
    around
}

/// A single subject as an item. `path` are the nodes around it.
pub(super) fn item(subject: &Subject<'_>, path: &[Node<'_>], text: &Text) -> Item {
    Item {
        mark: subject.mark,
        role: subject.role,
        kind: subject.node.kind_id(),
        around: around(path, text),
        title: title(subject, path, text),
        print: match subject.role {
            Role::Binding => Print::NONE,
            _ => Print::of(subject, text),
        },
    }
}

/// What of a subject must lie in a part of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Extent {
    /// Something of its mark.
    Mark,
    /// Something of it, wherever its mark is.
    Whole,
}

/// Every subject that lies at least partly in `part`, in the order of the text.
pub(super) fn outline(tree: &Tree, text: &Text, part: Span, extent: Extent) -> Vec<Item> {
    let mut items: Vec<Item> = Vec::new();
    // What is being hashed, with the depth at which it began.
    let mut open: Vec<(usize, usize, Printer<'_>)> = Vec::new();
    let mut path: Vec<Node<'_>> = Vec::new();
    // What was around each node of the path.
    let mut outside: Vec<Around> = Vec::new();
    let mut around = Around::default();
    let mut cursor = tree.walk();
    loop {
        let node = cursor.node();
        outside.push(around);
        let depth = path.len();
        if touch(span(node), part) && depth < MAX_DEPTH {
            let before = around;
            for subject in subjects_of(node, &path, text) {
                let title = title(&subject, &path, text);
                if matches!(subject.role, Role::Name | Role::Head) {
                    around = around.with(&title);
                }
                // What the parser made up has no name to show.
                let has_mark = subject.mark.0 < subject.mark.1;
                if has_mark && (extent == Extent::Whole || touch(subject.mark, part)) {
                    if subject.node == node {
                        open.push((items.len(), depth, Printer::new(&subject, text)));
                    }
                    items.push(Item {
                        mark: subject.mark,
                        role: subject.role,
                        kind: subject.node.kind_id(),
                        around: before,
                        title,
                        print: Print::NONE,
                    });
                }
            }
        }
        let is_needed = touch(span(node), part) || !open.is_empty();
        if is_needed && depth < MAX_DEPTH && cursor.goto_first_child() {
            path.push(node);
            continue;
        }
        if node.child_count() == 0 {
            for (_, _, printer) in &mut open {
                printer.add(node, text);
            }
        }
        loop {
            around = outside.pop().unwrap_or_default();
            while let Some((_, began, _)) = open.last()
                && *began == path.len()
                && let Some((index, _, printer)) = open.pop()
            {
                items[index].print = printer.finish();
            }
            if cursor.goto_next_sibling() {
                break;
            }
            if !cursor.goto_parent() {
                return items;
            }
            path.pop();
        }
    }
}

/// Whether nothing else in the whole text is called like an item in the same surroundings. `false`
/// if the name is too frequent to look.
pub(super) fn is_alone(tree: &Tree, text: &Text, item: &Item) -> bool {
    let alike = subjects_called(tree, text, text.slice(item.mark)).into_iter().filter(|other| {
        other.role == item.role && other.title == item.title && other.around == item.around
    });
    alike.count() == 1
}

/// The subjects whose mark is a certain text; none if that is too frequent to look.
pub(super) fn subjects_called(tree: &Tree, text: &Text, mark: &str) -> Vec<Item> {
    let mut path = Vec::new();
    let mut items = Vec::new();
    if mark.is_empty() {
        return items;
    }
    for (count, (start, _)) in text.as_str().match_indices(mark).enumerate() {
        if count == MAX_OCCURRENCES {
            return Vec::new();
        }
        let span = (start as u32, (start + mark.len()) as u32);
        let subject = Subject::at(tree, text, span, &mut path);
        if let Some(subject) = subject.filter(|subject| subject.mark == span) {
            items.push(item(&subject, &path, text));
        }
    }
    items
}
