//! Assignments to a pattern, which give several names other values at once.

use tree_sitter::Node;

use super::Walk;
use super::note::is_nothing;
use crate::statements::form::Method;
use crate::statements::mutation::{Assignment, MutationKind, keeps_old_value};
use crate::syntax::{span, unwrapped};

/// So many names that one statement gives other values are looked at.
const MAX_DESTRUCTURED: usize = 32;

impl<'a> Walk<'a> {
    /// `[young, old] = [new Set(), young]`: each of them gets another value.
    pub(super) fn note_destructured(&mut self, node: Node<'a>, pattern: Node<'a>, value: Node<'a>) {
        let value = unwrapped(value);
        let inside = |node: Node<'a>| {
            let mut cursor = node.walk();
            node.named_children(&mut cursor).collect::<Vec<_>>()
        };
        let is_list = pattern.kind() == "array_pattern" && value.kind() == "array";
        let values = if is_list { inside(value) } else { Vec::new() };
        for (at, part) in inside(pattern).into_iter().enumerate().take(MAX_DESTRUCTURED) {
            let target = match part.kind() {
                "pair_pattern" => part.child_by_field_name("value").unwrap_or(part),
                "assignment_pattern" | "object_assignment_pattern" => {
                    part.child_by_field_name("left").unwrap_or(part)
                }
                _ => part,
            };
            let is_place = matches!(
                target.kind(),
                "identifier" | "member_expression" | "shorthand_property_identifier_pattern"
            );
            let value = values.get(at).copied().unwrap_or(value);
            if !is_place || self.text.slice(span(value)) == self.text.slice(span(target)) {
                continue;
            }
            let (kind, method, assigns) = if keeps_old_value(target, value, self.text) {
                (MutationKind::Adds, Method::PUTS_LONGER_COPY, None)
            } else {
                let assigns = Assignment {
                    value: span(value),
                    in_constructor: self.is_in_constructor(),
                    gives_nothing: is_nothing(value),
                    links: false,
                    scope: self.scope(),
                };
                (MutationKind::Removes, Method::PUTS_ANOTHER, Some(assigns))
            };
            self.note_mutation(node, target, kind, method, target, assigns);
        }
    }
}
