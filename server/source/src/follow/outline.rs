//! All subjects in a part of a text, with what tells them apart.
//!
//! ```text
//! kind                around            title       print
//! method_definition   Session           onTick      what stands in it, without its own name
//! call_expression     Session>onTick    bus.on(tick …
//! ```

use std::hash::Hasher;

use rustc_hash::{FxHashMap, FxHasher};
use tree_sitter::{Node, Tree};

use super::shift::touch;
use super::subject::{Role, Subject, subjects_of, title};
use crate::syntax::span;
use crate::text::{Span, Text};

/// Pieces of syntax with fewer tokens than this look alike by chance.
const FEWEST_TOKENS: u32 = 6;

/// A name that stands in a text more often than this is not looked for.
const MOST_OCCURRENCES: usize = 200;

/// The share of words that two versions of one thing have in common.
const SIMILAR: f64 = 0.6;

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

/// Whether two pieces of syntax have most of their words in common.
pub(super) fn is_similar(
    (left, left_text): (&Subject<'_>, &Text),
    (right, right_text): (&Subject<'_>, &Text),
) -> bool {
    let words = |subject: &Subject<'_>, text: &Text| {
        let mut words: FxHashMap<String, u32> = FxHashMap::default();
        each_token(subject.node, |token| {
            let is_mark = subject.mark.0 <= span(token).0 && span(token).1 <= subject.mark.1;
            let word = text.slice(span(token));
            if !is_mark && word.chars().any(char::is_alphanumeric) && token.kind() != "comment" {
                *words.entry(word.to_owned()).or_default() += 1;
            }
        });
        words
    };
    let (left, right) = (words(left, left_text), words(right, right_text));
    let common: u32 =
        left.iter().map(|(word, &count)| count.min(right.get(word).copied().unwrap_or(0))).sum();
    let most = left.values().sum::<u32>().max(right.values().sum());
    f64::from(common) >= SIMILAR * f64::from(most)
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
        if touch(span(node), part) && depth < DEEPEST {
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
        if count == MOST_OCCURRENCES {
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
