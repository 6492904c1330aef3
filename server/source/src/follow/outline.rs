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
use super::subject::{Role, Subject, subjects_of, title};
use crate::syntax::span;
use crate::text::{Span, Text};

/// Pieces of syntax with fewer tokens than this look alike by chance.
const FEWEST_TOKENS: u32 = 6;

/// Deepest nesting that is looked at; deeper code was not written by a person.
const DEEPEST: usize = 2_000;

/// A subject, without its tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Item {
    pub(super) mark: Span,
    pub(super) role: Role,
    /// The grammar's number of the kind of node.
    pub(super) kind: u16,
    /// The names of what is around it.
    pub(super) around: String,
    /// Its name, or what it calls.
    pub(super) title: String,
    pub(super) print: Print,
}

/// What stands in a piece of syntax, without its mark, and however it is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Print {
    hash: u64,
    tokens: u32,
}

impl Print {
    /// Of a name that a larger construct binds: that construct has a print.
    const NONE: Print = Print { hash: 0, tokens: 0 };

    /// Of a single subject.
    pub(super) fn of(subject: &Subject<'_>, text: &Text) -> Print {
        let mut printer = Printer::new(subject, text);
        each_token(subject.node, |token| printer.add(token, text));
        printer.finish()
    }

    /// Whether no two pieces look like this by chance.
    pub(super) fn is_telling(self) -> bool {
        self.tokens >= FEWEST_TOKENS
    }
}

/// Hashes the tokens of one subject.
struct Printer<'text> {
    hasher: FxHasher,
    tokens: u32,
    mark: Span,
    /// Replaced wherever it stands in the piece, so that a renamed function that calls itself is
    /// the same.
    name: &'text str,
}

impl<'text> Printer<'text> {
    fn new(subject: &Subject<'_>, text: &'text Text) -> Self {
        let mark = subject.mark;
        let is_name = matches!(subject.role, Role::Name | Role::Binding);
        let name = if is_name { text.slice(mark) } else { "" };
        Printer { hasher: FxHasher::default(), tokens: 0, mark, name }
    }

    fn add(&mut self, token: Node<'_>, text: &Text) {
        let (start, end) = span(token);
        // How a formatter writes it: quotes, commas, semicolons, parentheses around a parameter.
        let is_layout =
            matches!(token.kind(), "comment" | ";" | "," | "(" | ")" | "\"" | "'" | "html_comment");
        let is_mark = self.mark.0 <= start && end <= self.mark.1;
        if is_layout || is_mark || start == end {
            return;
        }
        let written = text.slice((start, end));
        self.hasher.write(if written == self.name { b"" } else { written.trim().as_bytes() });
        self.hasher.write_u8(0xFF);
        self.tokens += 1;
    }

    fn finish(self) -> Print {
        Print { hash: self.hasher.finish(), tokens: self.tokens }
    }
}

fn each_token<'tree>(node: Node<'tree>, mut visit: impl FnMut(Node<'tree>)) {
    let mut cursor = node.walk();
    loop {
        if !cursor.goto_first_child() {
            visit(cursor.node());
            while !cursor.goto_next_sibling() {
                if !cursor.goto_parent() {
                    return;
                }
            }
        }
    }
}

/// The names of the declarations in `path`, which are the nodes around something.
pub(super) fn names_around(path: &[Node<'_>], text: &Text) -> String {
    let mut names = String::new();
    for (depth, node) in path.iter().enumerate() {
        for subject in subjects_of(*node, &path[..depth], text) {
            if matches!(subject.role, Role::Name | Role::Head) {
                names.push_str(&title(&subject, &path[..depth], text));
                names.push('>');
            }
        }
    }
    names
}

/// A single subject as an item. `path` are the nodes around it.
pub(super) fn item(subject: &Subject<'_>, path: &[Node<'_>], text: &Text) -> Item {
    Item {
        mark: subject.mark,
        role: subject.role,
        kind: subject.node.kind_id(),
        around: names_around(path, text),
        title: title(subject, path, text),
        print: match subject.role {
            Role::Binding => Print::NONE,
            _ => Print::of(subject, text),
        },
    }
}

/// Every subject whose mark lies at least partly in `part`, in the order of the text.
pub(super) fn outline(tree: &Tree, text: &Text, part: Span) -> Vec<Item> {
    let mut items: Vec<Item> = Vec::new();
    // What is being hashed, with the depth at which it began.
    let mut open: Vec<(usize, usize, Printer<'_>)> = Vec::new();
    let mut path: Vec<Node<'_>> = Vec::new();
    // How long the names around were before each node of the path.
    let mut lengths: Vec<usize> = Vec::new();
    let mut around = String::new();
    let mut cursor = tree.walk();
    loop {
        let node = cursor.node();
        lengths.push(around.len());
        let depth = path.len();
        if touch(span(node), part) && depth < DEEPEST {
            let before = around.len();
            for subject in subjects_of(node, &path, text) {
                let title = title(&subject, &path, text);
                if matches!(subject.role, Role::Name | Role::Head) {
                    around.push_str(&title);
                    around.push('>');
                }
                if touch(subject.mark, part) {
                    if subject.node == node {
                        open.push((items.len(), depth, Printer::new(&subject, text)));
                    }
                    items.push(Item {
                        mark: subject.mark,
                        role: subject.role,
                        kind: subject.node.kind_id(),
                        around: around[..before].to_owned(),
                        title,
                        print: Print::NONE,
                    });
                }
            }
        }
        let is_needed = touch(span(node), part) || !open.is_empty();
        if is_needed && depth < DEEPEST && cursor.goto_first_child() {
            path.push(node);
            continue;
        }
        if node.child_count() == 0 {
            for (_, _, printer) in &mut open {
                printer.add(node, text);
            }
        }
        loop {
            around.truncate(lengths.pop().unwrap_or(0));
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
