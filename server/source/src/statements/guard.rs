//! Comparisons that bound a collection: `if (cache.size > MAX)`, `while (queue.length >= limit)`.
//!
//! Not every comparison of a size does: a loop over all elements (`i < list.length`) and a test for
//! emptiness (`list.length === 0`) are left out, and so is how far a queue was read (`head ===
//! list.length`), which says nothing about how much is added. A pool counts what it has made instead:
//! `if (this.made < this.most) { this.made++; return new Connection(); }`.

use tree_sitter::Node;

use crate::syntax::{arguments, is_function, span, unwrapped};
use crate::text::{Span, Text};

/// A comparison of a collection's size.
pub(crate) struct Guard<'tree> {
    pub(crate) collection: Node<'tree>,
    /// With what it is compared.
    pub(crate) limit: Node<'tree>,
    pub(crate) property: &'static str,
    pub(crate) operator: &'static str,
}

/// Bytes: a branch that makes one thing and counts it is shorter.
const LONGEST_BRANCH: usize = 2_000;

/// Bytes: a function that takes from a queue is shorter.
const LONGEST_READER: usize = 5_000;

const COMPARISONS: [&str; 8] = ["<", ">", "<=", ">=", "==", "===", "!=", "!=="];

/// Reads a `binary_expression`.
pub(crate) fn of<'tree>(
    node: Node<'tree>,
    ancestors: &[Node<'tree>],
    text: &Text,
) -> Option<Guard<'tree>> {
    let written = node.child_by_field_name("operator")?.kind();
    let operator = *COMPARISONS.iter().find(|comparison| **comparison == written)?;
    let (left, right) = (node.child_by_field_name("left")?, node.child_by_field_name("right")?);
    let (size, other) = match (sized(left, text), sized(right, text)) {
        (Some(size), _) => (size, right),
        (None, Some(size)) => (size, left),
        (None, None) => return None,
    };
    if text.slice(span(unwrapped(other))) == "0" || counts_through(node, other, ancestors) {
        return None;
    }
    let (collection, property) = size;
    if is_how_far_it_was_read(collection, other, ancestors, text)
        || is_only_told(node, ancestors, text)
    {
        return None;
    }
    Some(Guard { collection, limit: unwrapped(other), property, operator })
}

/// Whether `other` says how far the collection was read: the function around counts it up or begins anew
/// (`head++`, `head = 0`), and reads the element there or lets go of all before it (`list[head]`,
/// `list.splice(0, head)`). No limit is used so.
fn is_how_far_it_was_read(
    collection: Node<'_>,
    other: Node<'_>,
    ancestors: &[Node<'_>],
    text: &Text,
) -> bool {
    let function = ancestors.iter().rev().find(|ancestor| is_function(ancestor.kind()));
    let Some(function) = function.map(|function| text.slice(span(*function))) else { return false };
    if function.len() > LONGEST_READER {
        return false;
    }
    let collection = text.slice(span(collection));
    let other = unwrapped(other);
    let sides = ["left", "right"].map(|side| other.child_by_field_name(side).map(unwrapped));
    let names = [Some(other), sides[0], sides[1]].into_iter().flatten();
    names.filter(|name| is_name(*name)).any(|name| {
        let name = text.slice(span(name));
        let at = format!("{collection}[{name}");
        let reads = function.match_indices(&at).any(|(start, _)| {
            let rest = &function[start + at.len()..];
            let rest = rest.strip_prefix("++").unwrap_or(rest).strip_prefix(']');
            rest.is_some_and(|rest| !is_assigned(rest))
        });
        let lets_go = || function.contains(&format!("{collection}.splice(0, {name})"));
        let moves = || {
            ["{}++", "++{}", "{} += ", "{} = 0"]
                .iter()
                .any(|way| function.contains(&way.replace("{}", name)))
        };
        (reads || lets_go()) && moves()
    })
}

/// Whether all that hangs on a comparison is that somebody is told: `if (list.length > 1_000)
/// console.warn("many")`.
fn is_only_told(node: Node<'_>, ancestors: &[Node<'_>], text: &Text) -> bool {
    let around = ancestors.iter().rev().find(|it| it.kind() == "if_statement");
    let Some(around) = around.filter(|it| it.child_by_field_name("alternative").is_none()) else {
        return false;
    };
    let field = |name| around.child_by_field_name(name);
    let (Some(condition), Some(body)) = (field("condition"), field("consequence")) else {
        return false;
    };
    if !condition.byte_range().contains(&node.start_byte()) {
        return false;
    }
    let mut cursor = body.walk();
    let statements: Vec<Node<'_>> = match body.kind() {
        "statement_block" => body.named_children(&mut cursor).collect(),
        _ => vec![body],
    };
    let tells = |statement: &Node<'_>| {
        let does = statement.named_child(0).filter(|_| statement.kind() == "expression_statement");
        let Some(does) = does.map(unwrapped) else { return false };
        match does.kind() {
            "call_expression" => does.child_by_field_name("function").is_some_and(|callee| {
                let callee = text.slice(span(callee));
                let (object, method) = callee.rsplit_once('.').unwrap_or(("", callee));
                let tells = ["log", "warn", "debug", "info", "error", "emitWarning", "emit"];
                let counts = ["inc", "increment", "gauge", "observe", "captureMessage"];
                object == "console" || tells.contains(&method) || counts.contains(&method)
            }),
            // That it was told.
            "assignment_expression" => does
                .child_by_field_name("right")
                .is_some_and(|value| matches!(value.kind(), "true" | "false")),
            _ => false,
        }
    };
    !statements.is_empty() && statements.iter().all(tells)
}

/// Whether what stands before `rest` gets a value there.
fn is_assigned(rest: &str) -> bool {
    let rest = rest.trim_start();
    rest.starts_with('=') && !rest.starts_with("==")
}

fn is_name(node: Node<'_>) -> bool {
    matches!(node.kind(), "identifier" | "member_expression")
}

/// Whether the comparison is a loop's, against the loop's counter.
fn counts_through(node: Node<'_>, other: Node<'_>, ancestors: &[Node<'_>]) -> bool {
    let enclosing = ancestors.iter().rev().find(|ancestor| ancestor.kind().ends_with("_statement"));
    enclosing.is_some_and(|statement| match statement.kind() {
        "for_statement" => statement
            .child_by_field_name("condition")
            .is_some_and(|condition| condition.byte_range().contains(&node.start_byte())),
        // A limit is a constant or a property; a lower-case variable before `<` is a counter.
        "while_statement" => {
            let operator = node.child_by_field_name("operator").map(|operator| operator.kind());
            unwrapped(other).kind() == "identifier"
                && node.child_by_field_name("left") == Some(other)
                && matches!(operator, Some("<" | "<=" | "!==" | "!="))
        }
        _ => false,
    })
}

/// The condition of an `if_statement` that compares a number with a limit, if its branch counts that
/// number up.
pub(crate) fn counts_up_to_a_limit(node: Node<'_>, text: &Text) -> Option<Span> {
    let branch = text.slice(span(node.child_by_field_name("consequence")?));
    if branch.len() > LONGEST_BRANCH {
        return None;
    }
    let mut parts = vec![unwrapped(node.child_by_field_name("condition")?)];
    while let Some(part) = parts.pop() {
        let Some(operator) = part.child_by_field_name("operator") else { continue };
        let left = part.child_by_field_name("left").map(unwrapped);
        let right = part.child_by_field_name("right").map(unwrapped);
        let counter = match operator.kind() {
            "&&" => {
                parts.extend(left.into_iter().chain(right));
                continue;
            }
            "<" | "<=" => left,
            ">" | ">=" => right,
            _ => continue,
        };
        let Some(counter) = counter.filter(|counter| is_name(*counter)) else { continue };
        let counter = text.slice(span(counter));
        let ways = [format!("{counter}++"), format!("++{counter}"), format!("{counter} += 1")];
        if ways.iter().any(|way| branch.contains(way)) {
            return Some(span(part));
        }
    }
    None
}

/// The collection whose size an expression is.
pub(crate) fn collection_of_size<'tree>(node: Node<'tree>, text: &Text) -> Option<Node<'tree>> {
    (unwrapped(node).kind() == "member_expression").then_some(())?;
    sized(node, text).map(|(collection, _)| collection)
}

/// The collection in `x.size`, `x.length + 1`, `Object.keys(x).length`.
fn sized<'tree>(node: Node<'tree>, text: &Text) -> Option<(Node<'tree>, &'static str)> {
    let mut node = unwrapped(node);
    if node.kind() == "binary_expression" {
        let left = unwrapped(node.child_by_field_name("left")?);
        let right = unwrapped(node.child_by_field_name("right")?);
        node = if left.kind() == "member_expression" { left } else { right };
    }
    // `_.size(held)`
    if node.kind() == "call_expression"
        && let Some(callee) = node.child_by_field_name("function")
        && matches!(text.slice(span(callee)), "_.size" | "lodash.size")
    {
        return Some((*arguments(node).first()?, "size"));
    }
    if node.kind() != "member_expression" {
        return None;
    }
    let property = match text.slice(span(node.child_by_field_name("property")?)) {
        "size" => "size",
        "length" => "length",
        _ => return None,
    };
    let object = unwrapped(node.child_by_field_name("object")?);
    if object.kind() == "call_expression" {
        let function = text.slice(span(object.child_by_field_name("function")?));
        let keys = matches!(function, "Object.keys" | "Object.values" | "Object.entries");
        return Some((*arguments(object).first().filter(|_| keys)?, property));
    }
    Some((object, property))
}
