//! What a condition compares with a limit, and what hangs on it: `if (++count > MAX) { … }`.
//!
//! Which of the names is a counter, and what it counts, only the whole file tells
//! ([`crate::index::bounds`]). Comparisons of a collection's own size are read in [`super::guard`].

use tree_sitter::Node;

use crate::syntax::{span, unwrapped};
use crate::text::{Span, Text};

/// How what is counted stands to the limit where the condition holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sense {
    /// It is at the limit or above.
    Full,
    /// It is below.
    Below,
    /// It is a multiple of the limit: `++count % 100 === 0`.
    Again,
}

/// A comparison of what may be counted with what may be a limit.
pub(crate) struct Compared<'tree> {
    pub(crate) counted: Node<'tree>,
    pub(crate) limit: Node<'tree>,
    pub(crate) sense: Sense,
    pub(crate) whole: Node<'tree>,
}

/// A statement or an expression that does something on a condition.
pub(crate) struct Conditional<'tree> {
    pub(crate) condition: Node<'tree>,
    pub(crate) body: Node<'tree>,
    pub(crate) otherwise: Option<Node<'tree>>,
}

/// So many parts of a condition are looked at.
const MAX_PARTS: usize = 20;

/// Reads an `if`, a `while`, a `?:`, or an `&&` behind which something is done.
pub(crate) fn of(node: Node<'_>) -> Option<Conditional<'_>> {
    let field = |name| node.child_by_field_name(name);
    Some(match node.kind() {
        "if_statement" | "ternary_expression" => Conditional {
            condition: field("condition")?,
            body: field("consequence")?,
            otherwise: field("alternative"),
        },
        "while_statement" => {
            Conditional { condition: field("condition")?, body: field("body")?, otherwise: None }
        }
        "binary_expression" => {
            let body = field("right")?;
            let does = matches!(
                unwrapped(body).kind(),
                "call_expression" | "assignment_expression" | "sequence_expression"
            );
            if field("operator")?.kind() != "&&" || !does {
                return None;
            }
            Conditional { condition: field("left")?, body, otherwise: None }
        }
        _ => return None,
    })
}

/// Every comparison that a condition is made of; each side may be the one that is counted.
pub(crate) fn comparisons<'tree>(condition: Node<'tree>, text: &Text) -> Vec<Compared<'tree>> {
    let mut found = Vec::new();
    let mut open = vec![unwrapped(condition)];
    let mut parts = 0;
    while let Some(part) = open.pop() {
        parts += 1;
        if parts > MAX_PARTS {
            return found;
        }
        let sides = ["left", "right"].map(|side| part.child_by_field_name(side).map(unwrapped));
        let (Some(operator), [Some(left), Some(right)]) =
            (part.child_by_field_name("operator"), sides)
        else {
            continue;
        };
        let (sense, turned) = match operator.kind() {
            "&&" | "||" => {
                open.extend([left, right]);
                continue;
            }
            ">" | ">=" => (Sense::Full, Sense::Below),
            "<" | "<=" => (Sense::Below, Sense::Full),
            "===" | "==" => (Sense::Full, Sense::Full),
            "!==" | "!=" => (Sense::Below, Sense::Below),
            _ => continue,
        };
        let is_zero = |node: Node<'_>| text.slice(span(node)) == "0";
        if is_zero(right) && sense == Sense::Full && operator.kind().starts_with('=') {
            if let Some((counted, limit)) = remainder(left) {
                found.push(Compared { counted, limit, sense: Sense::Again, whole: part });
            }
            continue;
        }
        for (side, limit, sense) in [(left, right, sense), (right, left, turned)] {
            if is_zero(limit) {
                continue;
            }
            let counted = names_of(side).into_iter();
            found.extend(counted.map(|counted| Compared { counted, limit, sense, whole: part }));
        }
    }
    found
}

/// What is divided and by what, in `(…) % limit`, or what is left of what, in `(…) & MASK`.
pub(crate) fn remainder(node: Node<'_>) -> Option<(Node<'_>, Node<'_>)> {
    let node = unwrapped(node);
    let operator = node.child_by_field_name("operator").map(|operator| operator.kind());
    let is_it = matches!(operator, Some("%" | "&"));
    let side = |side| node.child_by_field_name(side).map(unwrapped);
    let divided = side("left").filter(|_| is_it && node.kind() == "binary_expression")?;
    Some((names_of(divided).into_iter().next().unwrap_or(divided), side("right")?))
}

/// What may be counted in `count`, `++count`, `count + more`, `size()`.
fn names_of(node: Node<'_>) -> Vec<Node<'_>> {
    let node = unwrapped(node);
    match node.kind() {
        "identifier" | "member_expression" | "call_expression" => vec![node],
        "update_expression" => node.child_by_field_name("argument").into_iter().collect(),
        "assignment_expression" | "augmented_assignment_expression" => {
            node.child_by_field_name("left").into_iter().collect()
        }
        "binary_expression" => {
            let is_sum = node.child_by_field_name("operator").is_some_and(|it| it.kind() == "+");
            let sides = ["left", "right"].iter().filter_map(|it| node.child_by_field_name(it));
            let is_name = |it: &Node<'_>| matches!(it.kind(), "identifier" | "member_expression");
            sides.map(unwrapped).filter(|it| is_sum && is_name(it)).collect()
        }
        _ => Vec::new(),
    }
}

/// Whether a branch leaves: it returns, throws, or goes on with the next.
pub(crate) fn leaves(branch: Node<'_>) -> bool {
    let is_exit = |node: Node<'_>| {
        matches!(
            node.kind(),
            "return_statement" | "throw_statement" | "continue_statement" | "break_statement"
        )
    };
    let mut cursor = branch.walk();
    is_exit(branch)
        || branch.kind() == "statement_block" && branch.named_children(&mut cursor).any(is_exit)
}

/// Where a condition and what hangs on it stand.
#[derive(Debug)]
pub(crate) struct ConditionSpans {
    pub(crate) whole: Span,
    pub(crate) body: Span,
    pub(crate) otherwise: Option<Span>,
    /// Whether the body leaves.
    pub(crate) leaves: bool,
    /// The whole statement.
    pub(crate) statement: Span,
}
