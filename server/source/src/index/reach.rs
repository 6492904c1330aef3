//! By which other ways one gets at a thing: as an element of a literal, in a loop over those, by what a
//! constructor keeps of its arguments or a getter gives.
//!
//! Here they are noted; what they mean is settled at the end ([`Walk::settle_reached`]). Names that stand for one
//! thing only are in [`super::declare`], what is handed to functions in [`super::calling`].

use rustc_hash::FxHashMap;
use tree_sitter::Node;

use super::Walk;
use super::declare::bound_by;
use super::reached::{Part, Reached};
use crate::syntax::receiver::{Base, Receiver, Step, This};
use crate::syntax::scope::DeclarationIndex;
use crate::syntax::{arguments, is_function, property_name, span, unwrapped};
use crate::text::Span;

/// A literal of more parts is a table, and says little about any of them.
const MAX_PARTS: usize = 32;

/// So many calls in a row are gone through: `list.filter(…).slice()`.
const LONGEST_CHAIN: usize = 6;

impl<'a> Walk<'a> {
    /// An expression that names a place in memory.
    pub(super) fn place(&self, node: Node<'a>) -> Option<Receiver> {
        let receiver = Receiver::of(node, self.text, self.scope(), self.this())?;
        (receiver.base != Base::Other).then_some(receiver)
    }

    /// What one gets, one after the other, by going through an expression: through `[a, b]`,
    /// `Object.values(all)`, `[...all.values()]`.
    pub(super) fn elements_of(&self, node: Node<'a>) -> Vec<Receiver> {
        let mut node = unwrapped(node);
        for _ in 0..LONGEST_CHAIN {
            let inside = match node.kind() {
                "array" => {
                    let mut found = Vec::new();
                    for part in children(node).into_iter().take(MAX_PARTS) {
                        match part.kind() {
                            "spread_element" => {
                                let of = part.named_child(0).map(unwrapped);
                                let of = of.filter(|of| of.kind() != "array");
                                found.extend(of.into_iter().flat_map(|of| self.elements_of(of)));
                            }
                            _ => found.extend(self.place(part)),
                        }
                    }
                    return found;
                }
                "object" => {
                    return self.parts_of(node).into_iter().map(|(_, part)| part).collect();
                }
                "new_expression" => arguments(node).first().copied(),
                "call_expression" => self.gone_through(node),
                _ => None,
            };
            match inside {
                Some(inside) => node = unwrapped(inside),
                None => break,
            }
        }
        let mut all = self.place(node);
        if let Some(all) = &mut all {
            all.steps.push(Step::Element);
        }
        all.into_iter().collect()
    }

    /// What a call gives the elements of: `all` of `Object.values(all)` and of `all.slice(1)`.
    fn gone_through(&self, call: Node<'a>) -> Option<Node<'a>> {
        let callee = call.child_by_field_name("function").map(unwrapped)?;
        match self.text.slice(span(callee)) {
            "Object.values" | "Object.entries" | "Array.from" | "Object.freeze" => {
                arguments(call).first().copied()
            }
            _ => {
                let name = self.text.slice(span(callee.child_by_field_name("property")?));
                let gives = ["values", "entries", "slice", "filter", "reverse", "toReversed"];
                callee.child_by_field_name("object").filter(|_| gives.contains(&name))
            }
        }
    }

    /// What a literal has: `{ users, orders: byId }`, `[a, b]`, `new Set([a, b])`.
    pub(super) fn parts_of(&self, node: Node<'a>) -> Vec<Part> {
        let node = unwrapped(node);
        let anywhere =
            |receivers: Vec<Receiver>| receivers.into_iter().map(|it| (None, it)).collect();
        match node.kind() {
            "array" if node.named_child_count() <= MAX_PARTS => anywhere(self.elements_of(node)),
            "new_expression" | "call_expression" => {
                let literal = arguments(node).first().copied().map(unwrapped);
                let callee = node.child_by_field_name("constructor");
                let callee = callee.or_else(|| node.child_by_field_name("function"));
                let callee = callee.map_or("", |callee| self.text.slice(span(callee)));
                match (callee, literal) {
                    ("Set" | "Object.freeze", Some(literal)) if is_literal(literal) => {
                        self.parts_of_literal(literal)
                    }
                    ("Map", Some(entries)) if entries.kind() == "array" => {
                        let entries = children(entries).into_iter().take(MAX_PARTS);
                        let values = entries.filter(|it| it.kind() == "array");
                        let values = values.filter_map(|entry| children(entry).get(1).copied());
                        anywhere(values.filter_map(|value| self.place(value)).collect())
                    }
                    _ => Vec::new(),
                }
            }
            _ => self.parts_of_literal(node),
        }
    }

    fn parts_of_literal(&self, literal: Node<'a>) -> Vec<Part> {
        if literal.kind() == "array" {
            return self.elements_of(literal).into_iter().map(|it| (None, it)).collect();
        }
        if literal.kind() != "object" || literal.named_child_count() > MAX_PARTS {
            return Vec::new();
        }
        let part = |part: Node<'a>| match part.kind() {
            "shorthand_property_identifier" => {
                Some((Some(self.text.slice(span(part)).into()), self.place(part)?))
            }
            "pair" => {
                let key = part.child_by_field_name("key")?;
                let value = self.place(part.child_by_field_name("value")?)?;
                let is_computed = key.kind() == "computed_property_name";
                let name = (!is_computed).then(|| property_name(key, self.text).into());
                Some((name, value))
            }
            _ => None,
        };
        children(literal).into_iter().filter_map(part).collect()
    }

    /// Notes what a variable has that is declared with a literal.
    pub(super) fn note_parts(&mut self, name: Node<'a>, value: Node<'a>) {
        if name.kind() == "identifier" {
            let parts = self.parts_of(value).into_iter().map(|part| (span(name), part));
            self.reach.parts.extend(parts);
            self.reach.same.extend(self.made(value).map(|made| (span(name), made)));
        }
    }

    /// The instance that `new` makes.
    fn made(&self, value: Node<'a>) -> Option<Receiver> {
        let value = unwrapped(value);
        let class = value.child_by_field_name("constructor");
        let class = class.filter(|_| value.kind() == "new_expression").map(unwrapped)?;
        Receiver::beyond(&self.place(class)?, &[Step::New])
    }

    /// Notes what a name stands for if there is nothing: `{ max = 500 }`.
    pub(super) fn note_default(&mut self, node: Node<'a>) {
        let part = |name| node.child_by_field_name(name);
        let name = part("left").or_else(|| part("pattern"));
        if let Some((name, value)) = name.zip(part("right").or_else(|| part("value"))) {
            self.index.defaults.insert(span(name).0, span(value));
        }
    }

    /// Notes what the variable of a loop stands for: `for (const held of [a, b])`.
    pub(super) fn note_loop_over(&mut self, node: Node<'a>, pattern: Node<'a>) {
        let is_of = node.child_by_field_name("operator").is_some_and(|it| it.kind() == "of");
        let Some(all) = node.child_by_field_name("right").filter(|_| is_of) else { return };
        let elements = self.elements_of(all);
        for (name, steps) in entry_bound_by(pattern, self.text) {
            let further = elements.iter().filter_map(|it| Receiver::beyond(it, &steps));
            self.reach.same.extend(further.map(|it| (name, it)));
        }
    }

    /// What a call gives, one after the other, to the function that it gets: `[a, b].forEach(…)`.
    pub(super) fn given_to_each(&self, callee: Node<'a>) -> Vec<Receiver> {
        const EACH: [&str; 9] = [
            "forEach",
            "map",
            "flatMap",
            "filter",
            "some",
            "every",
            "find",
            "findIndex",
            "findLast",
        ];
        let part = |name| callee.child_by_field_name(name);
        let (Some(all), Some(method)) = (part("object"), part("property")) else {
            return Vec::new();
        };
        let is_each = EACH.contains(&self.text.slice(span(method)));
        if is_each { self.elements_of(all) } else { Vec::new() }
    }

    /// Notes what a constructor keeps of what it gets, and the literal that a field is: `this.held = held`.
    pub(super) fn note_kept(&mut self, field: Node<'a>, value: Node<'a>) {
        let part = |name| field.child_by_field_name(name);
        if let (Some(object), Some(name)) = (part("object"), part("property"))
            && object.kind() == "this"
        {
            self.note_field(self.this(), name, value);
        }
    }

    /// Notes what a field is or has.
    pub(super) fn note_field(&mut self, of: This, name: Node<'a>, value: Node<'a>) {
        let same = self.place(value).filter(|it| !it.steps.iter().any(Step::is_element));
        let same = same.into_iter().chain(self.made(value)).collect();
        let reached = Reached { same, parts: self.parts_of(value) };
        if of != This::Unknown && !(reached.same.is_empty() && reached.parts.is_empty()) {
            let name = property_name(name, self.text).into();
            self.reach.fields.push((of, name, reached));
        }
    }

    /// Notes what a getter gives: `get held() { return this.#held; }`.
    pub(super) fn note_given(&mut self, value: Node<'a>) {
        let Some(getter) = self.ancestors.iter().rev().find(|it| is_function(it.kind())) else {
            return;
        };
        let is_getter = crate::syntax::child_of_kind(*getter, "get").is_some();
        if let Some(name) = getter.child_by_field_name("name").filter(|_| is_getter) {
            self.note_field(self.this(), name, value);
        }
    }

    /// Brings together what variables and fields are and have.
    pub(super) fn settle_reached(&mut self) {
        let notes = std::mem::take(&mut self.reach);
        let class_of = |this: This| self.of_this.get(&this).map_or(this, |&it| This::Instance(it));
        let settled = |mut receiver: Receiver| {
            if let Base::This(this) = receiver.base {
                receiver.base = Base::This(class_of(this));
            }
            receiver
        };
        let mut variables: FxHashMap<DeclarationIndex, Reached> = FxHashMap::default();
        for (name, receiver) in notes.same {
            if let Some(variable) = self.index.scopes.declared_at(name.0) {
                variables.entry(variable).or_default().same.push(settled(receiver));
            }
        }
        for (name, (key, part)) in notes.parts {
            if let Some(variable) = self.index.scopes.declared_at(name.0) {
                variables.entry(variable).or_default().parts.push((key, settled(part)));
            }
        }
        let mut fields: FxHashMap<This, FxHashMap<Box<str>, Reached>> = FxHashMap::default();
        for (of, name, reached) in notes.fields {
            let known = fields.entry(class_of(of)).or_default().entry(name).or_default();
            known.same.extend(reached.same.into_iter().map(settled));
            known.parts.extend(reached.parts.into_iter().map(|(key, it)| (key, settled(it))));
        }
        let all = variables.values_mut().chain(fields.values_mut().flat_map(FxHashMap::values_mut));
        for reached in all {
            // What may be anything says little about any of them.
            if reached.same.len() > MAX_PARTS {
                reached.same.clear();
            }
            if reached.parts.len() > MAX_PARTS {
                reached.parts.clear();
            }
        }
        self.index.reached = variables;
        self.index.reached_fields = fields;
    }
}

/// The names that a pattern for an entry binds, and the steps to them: of `[key, held]`, the latter is
/// the entry.
pub(super) fn entry_bound_by(
    pattern: Node<'_>,
    text: &crate::text::Text,
) -> Vec<(Span, Vec<Step>)> {
    if pattern.kind() == "array_pattern" {
        let names = children(pattern);
        let has_no_key = || {
            let inside = text.slice(span(pattern)).trim_start_matches('[').trim_start();
            inside.starts_with(',')
        };
        let value = match names[..] {
            [_, value, ..] => Some(value),
            [value] if has_no_key() => Some(value),
            _ => None,
        };
        if let Some(value) = value {
            return bound_by(value);
        }
    }
    bound_by(pattern)
}

fn is_literal(node: Node<'_>) -> bool {
    matches!(node.kind(), "array" | "object")
}

fn children(node: Node<'_>) -> Vec<Node<'_>> {
    let mut cursor = node.walk();
    node.named_children(&mut cursor).filter(|it| it.kind() != "comment").collect()
}
