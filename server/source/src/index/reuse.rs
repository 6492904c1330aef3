//! Lists of things that are used again. Who takes one out, and makes another only where none is there, has as many
//! as were ever in use at once:
//!
//! ```js
//! const buffer = free.pop() ?? Buffer.alloc(SIZE);
//! return idle.length > 0 ? idle.pop() : connect();
//! if (free.length) return free.pop();
//! return new Vector();
//! ```
//!
//! Not here: pools that count what they made, which a counter bounds ([`super::tie`]).

use tree_sitter::Node;

use super::Walk;
use crate::statements::form::Method;
use crate::statements::mutation::MutationKind;
use crate::syntax::{is_function, is_transparent, span, unwrapped};
use crate::text::{Span, Text};

/// A budget: so many statements behind `let item = free.pop()` are read.
const MAX_BEHIND: usize = 3;

impl<'a> Walk<'a> {
    /// `node` calls a method that takes one thing out: `free.pop()`.
    pub(super) fn note_reuse(&mut self, node: Node<'a>, callee: Node<'a>) {
        let Some(list) = callee.child_by_field_name("object") else { return };
        if self.makes_if_none(node, list) {
            self.note_mutation(node, callee, MutationKind::Guards, Method::REUSES, list, None);
        }
    }

    /// Whether a new one is made where the list has none.
    fn makes_if_none(&self, taken: Node<'a>, list: Node<'a>) -> bool {
        let text = self.text;
        let length = format!("{}.length", text.slice(span(list)));
        let mut around = self.ancestors.iter().rev().copied().enumerate();
        let outer = around.find(|(_, node)| !is_transparent(node.kind()));
        let Some((depth, outer)) = outer else { return false };
        let field = |name| outer.child_by_field_name(name);
        match outer.kind() {
            "binary_expression" => {
                let operator = field("operator").map_or("", |it| it.kind());
                matches!(operator, "??" | "||")
                    && field("left").is_some_and(|left| contains(left, taken))
                    && field("right").is_some_and(makes)
            }
            "ternary_expression" => {
                let other = [field("consequence"), field("alternative")].into_iter().flatten();
                field("condition").is_some_and(|it| text.slice(span(it)).contains(&length))
                    && other.filter(|it| !contains(*it, taken)).any(makes)
            }
            "return_statement" => self.returns_another(depth, &length),
            "variable_declarator" => {
                let name = field("name").map_or("", |name| text.slice(span(name)));
                let statement = self.ancestors.iter().rev().nth(depth + 1);
                statement.is_some_and(|it| is_made_behind(*it, name, text))
            }
            _ => false,
        }
    }

    /// Whether a `return` at a depth stands below a condition on the length, and the function returns a new
    /// one at its end.
    fn returns_another(&self, depth: usize, length: &str) -> bool {
        let mut above = self.ancestors.iter().rev().skip(depth + 1);
        let condition = above
            .by_ref()
            .find(|it| it.kind() != "statement_block")
            .filter(|it| it.kind() == "if_statement")
            .and_then(|it| it.child_by_field_name("condition"));
        let function = above.find(|it| is_function(it.kind()));
        let last = function
            .and_then(|function| function.child_by_field_name("body"))
            .and_then(|body| body.named_child(body.named_child_count().checked_sub(1)? as u32))
            .filter(|last| last.kind() == "return_statement");
        condition.is_some_and(|it| self.text.slice(span(it)).contains(length))
            && last.and_then(|last| last.named_child(0)).is_some_and(makes)
    }
}

/// Whether one of the next statements gives a variable a new thing: `if (!item) item = make();`.
fn is_made_behind(declaration: Node<'_>, name: &str, text: &Text) -> bool {
    let behind = std::iter::successors(declaration.next_named_sibling(), Node::next_named_sibling);
    let gives = |assignment: Node<'_>| {
        let left = assignment.child_by_field_name("left");
        left.is_some_and(|left| text.slice(span(left)) == name)
            && assignment.child_by_field_name("right").is_some_and(makes)
    };
    behind.take(MAX_BEHIND).any(|node| match node.kind() {
        "if_statement" => {
            let asks = node.child_by_field_name("condition");
            let asks = asks.is_some_and(|it| text.slice(span(it)).contains(name));
            let then = node.child_by_field_name("consequence").and_then(assignment);
            asks && then.is_some_and(gives)
        }
        // `item ??= make();`
        _ => assignment(node)
            .filter(|it| it.kind() == "augmented_assignment_expression")
            .is_some_and(gives),
    })
}

/// What a statement assigns, alone or in a block.
fn assignment(node: Node<'_>) -> Option<Node<'_>> {
    let inner = if node.kind() == "statement_block" { node.named_child(0)? } else { node };
    let expression = inner.named_child(0).filter(|_| inner.kind() == "expression_statement")?;
    expression.kind().ends_with("assignment_expression").then_some(expression)
}

/// Whether an expression gives something new: what is awaited may come from anywhere.
fn makes(node: Node<'_>) -> bool {
    matches!(unwrapped(node).kind(), "new_expression" | "call_expression" | "object" | "array")
}

fn contains(outer: Node<'_>, inner: Node<'_>) -> bool {
    let (outer, inner): (Span, Span) = (span(outer), span(inner));
    outer.0 <= inner.0 && inner.1 <= outer.1
}
