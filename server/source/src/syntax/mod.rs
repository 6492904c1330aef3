//! Small questions to syntax nodes that several rooms ask. Names of node kinds are those of the
//! tree-sitter grammars for JavaScript and TypeScript.

pub(crate) mod function;
pub(crate) mod naming;
pub(crate) mod print;
pub(crate) mod receiver;
pub(crate) mod runtime_name;
pub(crate) mod scope;
pub(crate) mod subject;

use tree_sitter::Node;

use crate::text::{Span, Text};

/// Longest text of a name or expression that is shown to people, in characters.
const SHOWN: usize = 60;

pub(crate) fn span(node: Node<'_>) -> Span {
    (node.start_byte() as u32, node.end_byte() as u32)
}

pub(crate) fn is_function(kind: &str) -> bool {
    matches!(
        kind,
        "function_declaration"
            | "function_expression"
            | "generator_function_declaration"
            | "generator_function"
            | "arrow_function"
            | "method_definition"
    )
}

pub(crate) fn is_class(kind: &str) -> bool {
    matches!(kind, "class_declaration" | "class" | "abstract_class_declaration")
}

/// Wrappers that change nothing about the value inside: parentheses and type annotations.
pub(crate) fn is_transparent(kind: &str) -> bool {
    matches!(
        kind,
        "parenthesized_expression"
            | "as_expression"
            | "satisfies_expression"
            | "non_null_expression"
            | "type_assertion"
            | "instantiation_expression"
    )
}

/// The expression inside any number of transparent wrappers.
pub(crate) fn unwrapped(mut node: Node<'_>) -> Node<'_> {
    while is_transparent(node.kind()) {
        // A type assertion `<T>x` has its value last, all others have it first.
        let inner = if node.kind() == "type_assertion" {
            node.named_child(node.named_child_count().saturating_sub(1) as u32)
        } else {
            node.named_child(0)
        };
        match inner {
            Some(inner) => node = inner,
            None => break,
        }
    }
    node
}

/// The first direct child of a kind, tokens included.
pub(crate) fn child_of_kind<'tree>(node: Node<'tree>, kind: &str) -> Option<Node<'tree>> {
    let mut cursor = node.walk();
    node.children(&mut cursor).find(|child| child.kind() == kind)
}

/// The arguments of a call, comments left out.
pub(crate) fn arguments(call: Node<'_>) -> Vec<Node<'_>> {
    let Some(arguments) = call.child_by_field_name("arguments") else { return Vec::new() };
    if arguments.kind() != "arguments" {
        return Vec::new();
    }
    let mut cursor = arguments.walk();
    arguments.named_children(&mut cursor).filter(|argument| argument.kind() != "comment").collect()
}

/// The value of a string literal without substitutions, escapes left as written.
pub(crate) fn string_value<'text>(node: Node<'_>, text: &'text Text) -> Option<&'text str> {
    let (start, end) = span(node);
    let literal = match node.kind() {
        "string" => true,
        "template_string" => child_of_kind(node, "template_substitution").is_none(),
        _ => false,
    };
    (literal && end - start >= 2).then(|| text.slice((start + 1, end - 1)))
}

/// The name of a property as people say it: without quotes; computed ones in brackets.
pub(crate) fn property_name(node: Node<'_>, text: &Text) -> String {
    shorten(string_value(node, text).unwrap_or_else(|| text.slice(span(node))))
}

/// A name as written, without quotes around it.
pub(crate) fn unquoted(name: &str) -> &str {
    name.trim_matches(['"', '\''])
}

/// One line, at most [`SHOWN`] characters.
pub(crate) fn shorten(text: &str) -> String {
    let line = text.lines().next().unwrap_or("").trim_end();
    let cut = line.len() < text.trim_end().len() || line.chars().nth(SHOWN).is_some();
    let mut short: String = line.chars().take(SHOWN).collect();
    if cut {
        short.push('…');
    }
    short
}

/// An expression that is called or assigned to, in few words: `bus.on`, `fetch(…).then`,
/// `this.listeners[…]`, `new Promise`.
pub(crate) fn describe(node: Node<'_>, text: &Text) -> String {
    // From the outside in, so the parts come last first; the limit holds for hostile chains.
    let mut parts: Vec<String> = Vec::new();
    let mut node = unwrapped(node);
    for _ in 0..6 {
        let (part, inner) = match node.kind() {
            "member_expression" => {
                let name = node.child_by_field_name("property");
                let name = name.map_or(String::new(), |name| property_name(name, text));
                (format!(".{name}"), node.child_by_field_name("object"))
            }
            "subscript_expression" => ("[…]".to_owned(), node.child_by_field_name("object")),
            "call_expression" => ("(…)".to_owned(), node.child_by_field_name("function")),
            "new_expression" => {
                parts.push("(…)".to_owned());
                let class = node.child_by_field_name("constructor");
                let class = class.map_or(String::new(), |class| text.slice(span(class)).to_owned());
                (format!("new {}", shorten(&class)), None)
            }
            "identifier" | "this" | "super" | "import" | "undefined" => {
                (shorten(text.slice(span(node))), None)
            }
            "array" => ("[…]".to_owned(), None),
            _ => ("(…)".to_owned(), None),
        };
        parts.push(part);
        let Some(inner) = inner else {
            parts.reverse();
            return shorten(&parts.concat());
        };
        node = unwrapped(inner);
    }
    parts.reverse();
    shorten(&format!("…{}", parts.concat()))
}
