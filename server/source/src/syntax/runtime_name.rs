//! What V8 calls a function or class: the name that a heap has for its closures.
//!
//! By the rules of ECMAScript for anonymous functions (`NamedEvaluation`), as far as they are known
//! before the program runs: V8 keeps this name with the code, whatever is assigned to `name` later.
//! A function that is assigned to a property (`this.onTick = () => {}`) or passed on has none.

use tree_sitter::Node;

use crate::syntax::naming::{field_name, outermost};
use crate::syntax::{child_of_kind, span, string_value};
use crate::text::Text;

/// V8's name of a function or class; empty if it has none, `None` if it cannot be told from the
/// text.
pub(crate) fn runtime_name(node: Node<'_>, ancestors: &[Node<'_>], text: &Text) -> Option<String> {
    if let Some(name) = node.child_by_field_name("name") {
        let name = key(name, text)?;
        let prefix = ["get", "set"].into_iter().find(|word| child_of_kind(node, word).is_some());
        return Some(match prefix.filter(|_| node.kind() == "method_definition") {
            Some(prefix) => format!("{prefix} {name}"),
            None => name,
        });
    }
    let (node, depth) = outermost(node, ancestors);
    let Some(parent) = ancestors[..depth].last() else { return Some(String::new()) };
    let field = |field: &str| parent.child_by_field_name(field);
    let given = match parent.kind() {
        "variable_declarator" if field("value") == Some(node) => field("name"),
        "assignment_expression"
        | "augmented_assignment_expression"
        | "assignment_pattern"
        | "object_assignment_pattern"
            if field("right") == Some(node) =>
        {
            field("left")
        }
        "required_parameter" | "optional_parameter" if field("value") == Some(node) => {
            field("pattern")
        }
        "pair" if field("value") == Some(node) => return key(field("key")?, text),
        "field_definition" | "public_field_definition" if field("value") == Some(node) => {
            return key(field_name(*parent)?, text);
        }
        "export_statement" => return Some("default".to_owned()),
        _ => None,
    };
    let given = given.filter(|name| {
        matches!(name.kind(), "identifier" | "shorthand_property_identifier_pattern")
    });
    Some(given.map_or(String::new(), |name| text.slice(span(name)).to_owned()))
}

/// The name that a property's key gives: none if it is computed.
fn key(name: Node<'_>, text: &Text) -> Option<String> {
    let written = match name.kind() {
        "computed_property_name" => return Some(String::new()),
        "string" => string_value(name, text)?,
        _ => text.slice(span(name)),
    };
    // What an escape stands for is not worth knowing here.
    (!written.contains('\\')).then(|| written.to_owned())
}
