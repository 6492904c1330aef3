//! What stands in a piece of syntax, as a number: whether two texts have the same there, however a
//! formatter wrote it.

use std::hash::Hasher;

use rustc_hash::{FxHashMap, FxHasher};
use tree_sitter::Node;

use crate::syntax::span;
use crate::syntax::subject::{Role, Subject};
use crate::text::{Span, Text};

/// Pieces of syntax with fewer tokens than this look alike by chance.
const MIN_TOKENS: u32 = 6;

/// The share of words that two versions of one thing have in common.
const SIMILAR: f64 = 0.6;

/// What stands in a piece of syntax, without its mark, and however it is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Print {
    hash: u64,
    tokens: u32,
}

impl Print {
    /// Of a name that a larger construct binds: that construct has a print.
    pub(crate) const NONE: Print = Print { hash: 0, tokens: 0 };

    /// Of a single subject.
    pub(crate) fn of(subject: &Subject<'_>, text: &Text) -> Print {
        let mut printer = Printer::new(subject, text);
        each_token(subject.node, |token| printer.add(token, text));
        printer.finish()
    }

    /// Whether no two pieces look like this by chance.
    pub(crate) fn is_telling(self) -> bool {
        self.tokens >= MIN_TOKENS
    }
}

/// Whether two pieces of syntax have most of their words in common.
pub(crate) fn is_similar(
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

/// Hashes the tokens of one subject, one after the other.
pub(crate) struct Printer<'text> {
    hasher: FxHasher,
    tokens: u32,
    mark: Span,
    /// Replaced wherever it stands in the piece, so that a renamed function that calls itself is
    /// the same.
    name: &'text str,
}

impl<'text> Printer<'text> {
    pub(crate) fn new(subject: &Subject<'_>, text: &'text Text) -> Self {
        let mark = subject.mark;
        let is_name = matches!(subject.role, Role::Name | Role::Binding);
        let name = if is_name { text.slice(mark) } else { "" };
        Printer { hasher: FxHasher::default(), tokens: 0, mark, name }
    }

    pub(crate) fn add(&mut self, token: Node<'_>, text: &Text) {
        let (start, end) = span(token);
        let is_mark = self.mark.0 <= start && end <= self.mark.1;
        if is_layout(token.kind()) || is_mark || start == end {
            return;
        }
        let written = text.slice((start, end));
        self.hasher.write(if written == self.name { b"" } else { written.trim().as_bytes() });
        self.hasher.write_u8(0xFF);
        self.tokens += 1;
    }

    pub(crate) fn finish(self) -> Print {
        Print { hash: self.hasher.finish(), tokens: self.tokens }
    }
}

/// How a formatter writes it: quotes, commas, semicolons, parentheses around a parameter.
pub(crate) fn is_layout(kind: &str) -> bool {
    matches!(kind, "comment" | ";" | "," | "(" | ")" | "\"" | "'" | "html_comment")
}

pub(crate) fn each_token<'tree>(node: Node<'tree>, mut visit: impl FnMut(Node<'tree>)) {
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
