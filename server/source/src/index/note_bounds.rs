//! Notes of what may bound a collection: comparisons with a limit, what is counted, keys, loops.

use tree_sitter::Node;

use super::Walk;
use super::noted::{Condition, Key};
use super::repeating::are_few;
use crate::statements::condition::{self, ConditionSpans, Sense};
use crate::syntax::receiver::{Base, Receiver};
use crate::syntax::{arguments, is_function, span, string_value, unwrapped};
use crate::text::Span;

impl<'a> Walk<'a> {
    pub(super) fn named(&self, node: Node<'a>) -> Option<Receiver> {
        let receiver = Receiver::of(node, self.text, self.scope(), self.this())?;
        (receiver.base != Base::Other).then_some(receiver)
    }

    /// Notes what is done on a condition that compares something with a limit.
    pub(super) fn note_condition(&mut self, node: Node<'a>) {
        let operator = node.child_by_field_name("operator").map(|operator| operator.kind());
        if node.kind() == "binary_expression" && matches!(operator, Some("<" | ">" | "<=" | ">=")) {
            self.noted.compared.push(span(node));
        }
        let Some(conditional) = condition::of(node) else { return };
        for compared in condition::comparisons(conditional.condition, self.text) {
            let callee = match compared.counted.kind() {
                "call_expression" if arguments(compared.counted).is_empty() => {
                    compared.counted.child_by_field_name("function")
                }
                "call_expression" => None,
                _ => Some(compared.counted),
            };
            let Some(counted) = callee.and_then(|it| self.named(it)) else { continue };
            if compared.sense == Sense::Full && self.begins_anew(compared.counted, conditional.body)
            {
                self.noted.wrapped.push(counted.clone());
            }
            let spans = ConditionSpans {
                whole: span(compared.whole),
                body: span(conditional.body),
                otherwise: conditional.otherwise.map(span),
                leaves: condition::leaves(conditional.body),
                statement: span(node),
            };
            self.noted.conditions.push(Condition {
                counted,
                limit: span(compared.limit),
                sense: compared.sense,
                spans,
                function: self.functions.last().copied(),
            });
        }
    }

    /// Whether a branch sets a name to zero: `if (++at === SIZE) at = 0`.
    fn begins_anew(&self, name: Node<'a>, branch: Node<'a>) -> bool {
        let branch = self.text.slice(span(branch)).trim_matches(['{', '}', ';', ' ', '\n', '\t']);
        branch
            .strip_prefix(self.text.slice(span(name)))
            .is_some_and(|rest| rest.trim_start() == "= 0")
    }

    /// Notes that a name is counted up, counted down, or begins anew.
    pub(super) fn note_count(&mut self, name: Node<'a>, is_up: bool, by_one: bool) {
        let function = self.functions.last().copied();
        if let Some(receiver) = self.named(name) {
            let noted = &mut self.noted;
            let counted = if is_up { &mut noted.counted_up } else { &mut noted.counted_down };
            counted.push((receiver, function, by_one));
        }
    }

    /// Notes a name that gets what repeats: `at = (at + 1) % SIZE`.
    pub(super) fn note_wrapped(&mut self, name: Node<'a>, value: Node<'a>) {
        if let Some((_, divisor)) = condition::remainder(value)
            && are_few(self.text.slice(span(divisor)))
            && let Some(receiver) = self.named(name)
        {
            self.noted.wrapped.push(receiver);
        }
    }

    /// Notes a statement that puts an element at a place that is counted up there: `list[count++] =`.
    pub(super) fn note_counted_place(&mut self, statement: Node<'a>, index: Node<'a>) {
        let index = unwrapped(index);
        let is_up = index.child_by_field_name("operator").is_some_and(|it| it.kind() == "++");
        let counter = index.child_by_field_name("argument").map(unwrapped).filter(|_| is_up);
        if let Some(receiver) = counter.and_then(|counter| self.named(counter)) {
            self.noted.counted_places.push((span(statement), receiver));
        }
    }

    /// Notes under which key a statement adds.
    pub(super) fn note_key(&mut self, statement: Node<'a>, key: Node<'a>) {
        let key = unwrapped(key);
        let made_with = || {
            let name = (key.kind() == "identifier").then(|| self.text.slice(span(key)))?;
            let variable = self.index.scopes.resolve(name, self.scope())?;
            self.index.scopes.variable(variable).initializer
        };
        let template = made_with().filter(|&made| self.text.slice(made).starts_with('`'));
        self.noted.written_keys.push((span(statement), template.unwrap_or(span(key))));
        let key = self.key_of(key);
        self.noted.keys.extend(key.map(|key| (span(statement), key)));
    }

    /// What is known of a key: of a text, by its only part that changes: `room ${id % 20}`, `"room" + id`.
    pub(super) fn key_of(&self, key: Node<'a>) -> Option<Key> {
        let mut parts = vec![key];
        let mut changing = None;
        while let Some(part) = parts.pop() {
            let part = unwrapped(part);
            let operator = part.child_by_field_name("operator").map(|operator| operator.kind());
            if string_value(part, self.text).is_some() || part.kind() == "number" {
                continue;
            }
            if part.kind() == "template_string" {
                let mut cursor = part.walk();
                let inside = part.named_children(&mut cursor);
                let inside = inside.filter(|it| it.kind() == "template_substitution");
                parts.extend(inside.filter_map(|it| it.named_child(0)));
            } else if part.kind() == "binary_expression" && operator == Some("+") {
                let sides = ["left", "right"].iter().filter_map(|it| part.child_by_field_name(it));
                parts.extend(sides);
            } else if changing.replace(part).is_some() {
                return None;
            }
        }
        let changing = changing?;
        if let Some((_, divisor)) = condition::remainder(changing) {
            return are_few(self.text.slice(span(divisor))).then_some(Key::Repeats);
        }
        let is_name = matches!(changing.kind(), "identifier" | "member_expression");
        if is_name { self.named(changing).map(Key::Named) } else { None }
    }

    /// Notes a function that gives the size of something: `get size() { return this.items.size; }`.
    pub(super) fn note_returned(&mut self, node: Node<'a>) {
        if let Some(value) = node.named_child(0) {
            self.note_given(value);
        }
        if let Some(&function) = self.functions.last()
            && let Some(value) = node.named_child(0)
            && let Some(collection) = crate::statements::guard::collection_of_size(value, self.text)
            && let Some(receiver) = self.named(collection)
        {
            self.noted.sizes.push((function, receiver));
        }
    }

    /// The loop around a place, in its function, or the function that is called for each.
    pub(super) fn loop_around(&self) -> Option<Span> {
        for (depth, around) in self.ancestors.iter().enumerate().rev() {
            match around.kind() {
                "for_statement" | "for_in_statement" | "while_statement" | "do_statement" => {
                    return Some(span(*around));
                }
                kind if is_function(kind) => {
                    let call = self.ancestors[..depth].iter().rev().nth(1)?;
                    let callee = call.child_by_field_name("function")?;
                    let method = callee.child_by_field_name("property")?;
                    let is_each = matches!(self.text.slice(span(method)), "forEach" | "filter");
                    return is_each.then(|| span(*around));
                }
                _ => {}
            }
        }
        None
    }
}
