//! Everything in a text that a place can stand at, with what tells one from the others.
//!
//! ```text
//! surroundings        label                     print
//! (the file)          name Session              what stands in it, without its own name
//! Session             name onTick               …
//! Session.onTick      call bus.on "tick"        …
//! Session.onTick      callback of that          …
//! ```

use std::hash::Hasher;

use rustc_hash::FxHasher;
use tree_sitter::{Node, Tree};

use super::uses::{Uses, name};
use crate::syntax::naming::outermost;
use crate::syntax::print::{Print, Printer};
use crate::syntax::subject::{Role, Subject, subjects_of};
use crate::syntax::{
    arguments, child_of_kind, is_class, is_function, span, string_value, unwrapped,
};
use crate::text::{Span, Text};

/// Deepest nesting that is looked at; deeper code was not written by a person.
const MAX_DEPTH: usize = 2_000;
/// What lies within so many others, each with a print of its own, has none: the time that a text
/// takes shall be in proportion to its length.
const MAX_OPEN: usize = 100;

/// Something that a place can stand at.
#[derive(Debug)]
pub(super) struct Piece {
    pub(super) mark: Span,
    /// All of it; of a name that a pattern binds, only that.
    pub(super) whole: Span,
    pub(super) role: Role,
    /// The function, class or object that it is written in, by index.
    pub(super) within: Option<u32>,
    /// What is underlined, as a number.
    pub(super) name: u64,
    /// What it is called, or how it is called for: with its role, what tells it from others.
    pub(super) label: u64,
    /// The grammar's number of the kind of node.
    pub(super) kind: u16,
    pub(super) print: Print,
    pub(super) nature: Nature,
}

/// What kind of thing it is, in whatever form it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Nature {
    Function,
    Class,
    Import,
    /// Anything else.
    Value,
}

impl Piece {
    /// It is a function or a class: what stands in it can tell who it is.
    pub(super) fn is_code(&self) -> bool {
        matches!(self.nature, Nature::Function | Nature::Class)
    }

    /// Whether a person gave it a name.
    pub(super) fn is_named(&self) -> bool {
        matches!(self.role, Role::Name | Role::Binding)
    }
}

/// All that two texts are compared by.
pub(super) struct Content {
    /// In the order of the text.
    pub(super) pieces: Vec<Piece>,
    pub(super) uses: Uses,
}

impl Content {
    pub(super) fn of(tree: &Tree, text: &Text) -> Content {
        let pieces = pieces(tree, text);
        let code = pieces.iter().filter(|piece| piece.is_named() && piece.is_code());
        let declared = pieces.iter().filter(|piece| piece.is_named()).map(|piece| piece.mark);
        let places = code.map(|piece| (piece.whole, piece.label));
        let uses = Uses::of(tree, text, places, &declared.collect());
        Content { pieces, uses }
    }
}

/// Every piece of a text, in the order of the text.
fn pieces(tree: &Tree, text: &Text) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    let mut path: Vec<Node<'_>> = Vec::new();
    // What is being hashed, with the depth at which it began.
    let mut open: Vec<(usize, usize, Printer<'_>)> = Vec::new();
    // The surroundings, with the depth of each.
    let mut around: Vec<(usize, u32)> = Vec::new();
    let mut cursor = tree.walk();
    loop {
        let node = cursor.node();
        let depth = path.len();
        if node.is_named() {
            let within = around.last().map(|&(_, piece)| piece);
            for subject in subjects_of(node, &path, text).filter(|it| is_own(it, &path)) {
                let has_print = subject.node == node;
                // What the parser made up has no name to show.
                if subject.mark.0 == subject.mark.1 || has_print && open.len() >= MAX_OPEN {
                    continue;
                }
                let index = pieces.len() as u32;
                if has_print {
                    open.push((pieces.len(), depth, Printer::new(&subject, text)));
                }
                if surrounds(&subject) {
                    around.push((depth, index));
                }
                pieces.push(Piece {
                    mark: subject.mark,
                    whole: if has_print { span(node) } else { subject.mark },
                    role: subject.role,
                    within,
                    name: name(text.slice(subject.mark)),
                    label: label(&subject, &path, text),
                    kind: subject.node.kind_id(),
                    print: Print::NONE,
                    nature: nature(value(subject.node).map_or(subject.node, unwrapped)),
                });
            }
        }
        if depth < MAX_DEPTH && cursor.goto_first_child() {
            path.push(node);
            continue;
        }
        if node.child_count() == 0 {
            for (_, _, printer) in &mut open {
                printer.add(node, text);
            }
        }
        loop {
            while let Some((_, began, _)) = open.last()
                && *began == path.len()
                && let Some((index, _, printer)) = open.pop()
            {
                pieces[index].print = printer.finish();
            }
            while around.last().is_some_and(|&(began, _)| began == path.len()) {
                around.pop();
            }
            if cursor.goto_next_sibling() {
                break;
            }
            if !cursor.goto_parent() {
                return pieces;
            }
            path.pop();
        }
    }
}

/// Whether a subject is one for itself: not a comparison, and not the function behind the `=` of
/// something with a name.
fn is_own(subject: &Subject<'_>, path: &[Node<'_>]) -> bool {
    match subject.role {
        Role::Expression => subject.node.kind() != "binary_expression",
        Role::Head => {
            let (outer, depth) = outermost(subject.node, path);
            let holder = path[..depth].last();
            holder.is_none_or(|holder| value(*holder) != Some(outer))
        }
        Role::Name | Role::Binding => true,
    }
}

/// What a construct gives a name to.
fn value(construct: Node<'_>) -> Option<Node<'_>> {
    match construct.kind() {
        "variable_declarator" | "pair" | "field_definition" | "public_field_definition" => {
            construct.child_by_field_name("value")
        }
        "assignment_expression" => {
            construct.child_by_field_name("right").filter(|_| is_to_property(construct))
        }
        _ => None,
    }
}

fn nature(node: Node<'_>) -> Nature {
    match node.kind() {
        kind if is_function(kind) => Nature::Function,
        kind if is_class(kind) => Nature::Class,
        "import_specifier" => Nature::Import,
        _ => Nature::Value,
    }
}

fn is_code(node: Node<'_>) -> bool {
    is_function(node.kind()) || is_class(node.kind())
}

fn is_to_property(assignment: Node<'_>) -> bool {
    let left = assignment.child_by_field_name("left");
    left.is_some_and(|left| left.child_by_field_name("property").is_some())
}

/// Whether what stands in a subject is told by it: a function, a class, an object with a name.
fn surrounds(subject: &Subject<'_>) -> bool {
    match subject.role {
        Role::Head => true,
        Role::Name => value(subject.node).is_none_or(|value| {
            let value = unwrapped(value);
            is_code(value) || matches!(value.kind(), "object" | "array")
        }),
        Role::Binding | Role::Expression => false,
    }
}

/// What tells a subject from the others of its role in the same surroundings.
fn label(subject: &Subject<'_>, path: &[Node<'_>], text: &Text) -> u64 {
    let mut label = Label(FxHasher::default());
    let node = subject.node;
    match subject.role {
        Role::Binding => label.words(text.slice(subject.mark)),
        Role::Name => {
            for word in ["static", "get", "set"] {
                if child_of_kind(node, word).is_some() {
                    label.words(word);
                }
            }
            match node.child_by_field_name("left") {
                // `this.jobs = `, and not `other.jobs = `.
                Some(left) => label.words(text.slice(span(left))),
                None => label.words(text.slice(subject.mark)),
            }
        }
        Role::Expression => {
            label.words(node.kind());
            label.words(text.slice(subject.mark));
            label.literals(node, text);
        }
        Role::Head => {
            let (outer, depth) = outermost(node, path);
            let call = depth.checked_sub(2).map(|index| path[index]);
            match (path[..depth].last(), call) {
                (Some(list), Some(call)) if list.kind() == "arguments" => {
                    let all = arguments(call);
                    let place = all.iter().position(|it| *it == outer).unwrap_or(all.len());
                    let callee = call.child_by_field_name("function");
                    label.0.write_usize(place);
                    if let Some(callee) = callee.or(call.child_by_field_name("constructor")) {
                        label.words(call.kind());
                        label.words(text.slice(span(callee)));
                    }
                    label.literals(call, text);
                }
                (Some(parent), _) => label.words(parent.kind()),
                (None, _) => {}
            }
        }
    }
    label.0.finish()
}

struct Label(FxHasher);

impl Label {
    fn words(&mut self, written: &str) {
        for word in written.split_whitespace() {
            self.0.write(word.as_bytes());
        }
        self.0.write_u8(0xFF);
    }

    /// The arguments of a call that stand for themselves, each with its place.
    fn literals(&mut self, call: Node<'_>, text: &Text) {
        for (index, argument) in arguments(call).into_iter().enumerate() {
            let argument = unwrapped(argument);
            let written = match argument.kind() {
                "string" | "template_string" => string_value(argument, text),
                "number" | "true" | "false" | "null" | "undefined" | "regex"
                | "unary_expression" => Some(text.slice(span(argument))),
                _ => None,
            };
            if let Some(written) = written {
                self.0.write_usize(index);
                self.words(written);
            }
        }
    }
}
