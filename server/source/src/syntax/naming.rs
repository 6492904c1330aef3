//! What people call a function or a class: `Session.onTick`, `handleRequest > onTick`,
//! `callback of bus.on("tick")`.
//!
//! A name comes from the declaration itself or, for function and class expressions, from where the
//! value goes: a variable, a property, an argument. What remains is an `anonymous function`.

use tree_sitter::Node;

use crate::syntax::{
    arguments, child_of_kind, describe, is_transparent, property_name, shorten, span, string_value,
};
use crate::text::{Span, Text};

/// Most segments of a full name; those in the middle of a longer one are left out.
const LONGEST_CHAIN: usize = 4;

/// The own name of a function or class, without the functions around it.
#[derive(Debug, Clone)]
pub(crate) struct OwnName {
    pub(crate) text: String,
    /// What to underline.
    pub(crate) span: Span,
    /// Whether the user gave the name; callbacks are only described.
    pub(crate) given: bool,
    /// Whether the name stands for itself (`Session.onTick`) and needs no functions before it.
    pub(crate) rooted: bool,
}

impl OwnName {
    fn given(text: String, span: Span) -> Self {
        Self { text, span, given: true, rooted: false }
    }

    fn rooted(text: String, span: Span) -> Self {
        Self { text, span, given: true, rooted: true }
    }

    fn described(text: String, span: Span) -> Self {
        Self { text, span, given: false, rooted: false }
    }
}

/// Puts the names of the functions around before an own name.
pub(crate) fn full_name(around: Option<&str>, own: &OwnName) -> String {
    let Some(around) = around.filter(|_| !own.rooted) else { return own.text.clone() };
    let mut segments: Vec<&str> = around.split(" > ").collect();
    segments.push(&own.text);
    if segments.len() > LONGEST_CHAIN {
        segments.splice(1..segments.len() - 2, ["…"]);
    }
    segments.join(" > ")
}

/// The own name of a function. `class` is the name of the class around, if the function or the
/// `this` it is assigned to belongs to one.
pub(crate) fn function_name(
    node: Node<'_>,
    ancestors: &[Node<'_>],
    text: &Text,
    class: Option<&str>,
) -> OwnName {
    if let Some(name) = node.child_by_field_name("name") {
        let own = property_name(name, text);
        if node.kind() != "method_definition" {
            return OwnName::given(own, span(name));
        }
        let parent = ancestors.last();
        return match class {
            Some(class) if parent.is_some_and(|parent| parent.kind() == "class_body") => {
                OwnName::rooted(format!("{class}.{own}"), span(name))
            }
            _ => {
                let object = parent.and_then(|_| object_name(ancestors, text));
                let own = object.map_or(own.clone(), |object| format!("{object}.{own}"));
                OwnName::given(own, span(name))
            }
        };
    }
    let head = head(node, text);
    value_name(node, ancestors, text, class)
        .unwrap_or_else(|| OwnName::described(describe_place(node, ancestors, text), head))
        .or_span(head)
}

/// The own name of a class, `anonymous class` if it has none.
pub(crate) fn class_name(node: Node<'_>, ancestors: &[Node<'_>], text: &Text) -> OwnName {
    if let Some(name) = node.child_by_field_name("name") {
        return OwnName::given(shorten(text.slice(span(name))), span(name));
    }
    let keyword = child_of_kind(node, "class").unwrap_or(node);
    value_name(node, ancestors, text, None)
        .unwrap_or_else(|| OwnName::described("anonymous class".to_owned(), span(keyword)))
        .or_span(span(keyword))
}

impl OwnName {
    /// A name without a place of its own (a default export) is underlined at `span`.
    fn or_span(mut self, span: Span) -> Self {
        if self.span.0 == self.span.1 {
            self.span = span;
        }
        self
    }
}

/// The name that a value gets from where it goes.
fn value_name(
    node: Node<'_>,
    ancestors: &[Node<'_>],
    text: &Text,
    class: Option<&str>,
) -> Option<OwnName> {
    let (node, depth) = outermost(node, ancestors);
    let parent = ancestors[..depth].last()?;
    let is_field = |field: &str| parent.child_by_field_name(field) == Some(node);
    match parent.kind() {
        "variable_declarator" if is_field("value") => {
            let name = parent.child_by_field_name("name")?;
            (name.kind() == "identifier")
                .then(|| OwnName::given(shorten(text.slice(span(name))), span(name)))
        }
        "assignment_expression" | "augmented_assignment_expression" if is_field("right") => {
            assigned_name(parent.child_by_field_name("left")?, text, class)
        }
        "pair" if is_field("value") => {
            let key = parent.child_by_field_name("key")?;
            let own = property_name(key, text);
            let object = object_name(&ancestors[..depth - 1], text);
            let own = object.map_or(own.clone(), |object| format!("{object}.{own}"));
            Some(OwnName::given(own, span(key)))
        }
        "field_definition" | "public_field_definition" if is_field("value") => {
            let name = field_name(*parent)?;
            let own = property_name(name, text);
            let own = class.map_or(own.clone(), |class| format!("{class}.{own}"));
            Some(OwnName::rooted(own, span(name)))
        }
        "assignment_pattern" | "object_assignment_pattern" if is_field("right") => {
            let name = parent.child_by_field_name("left")?;
            Some(OwnName::given(shorten(text.slice(span(name))), span(name)))
        }
        "required_parameter" | "optional_parameter" if is_field("value") => {
            let name = parent.child_by_field_name("pattern")?;
            Some(OwnName::given(shorten(text.slice(span(name))), span(name)))
        }
        "export_statement" => Some(OwnName::given("default export".to_owned(), (0, 0))),
        _ => None,
    }
}

/// The name of a field definition: the grammars disagree about the field's name.
pub(crate) fn field_name(field: Node<'_>) -> Option<Node<'_>> {
    field.child_by_field_name("name").or_else(|| field.child_by_field_name("property"))
}

/// The name of a function that is assigned to `left`.
fn assigned_name(left: Node<'_>, text: &Text, class: Option<&str>) -> Option<OwnName> {
    let described = describe(left, text);
    match left.kind() {
        "identifier" | "subscript_expression" => Some(OwnName::given(described, span(left))),
        "member_expression" => {
            let property = span(left.child_by_field_name("property")?);
            if let (Some(field), Some(class)) = (described.strip_prefix("this."), class) {
                return Some(OwnName::rooted(format!("{class}.{field}"), property));
            }
            if described == "module.exports" {
                return Some(OwnName::given(described, span(left)));
            }
            let own = ["module.exports.", "exports."]
                .iter()
                .find_map(|prefix| described.strip_prefix(prefix))
                .unwrap_or(&described);
            match own.split_once(".prototype.") {
                Some((class, method)) => {
                    Some(OwnName::rooted(format!("{class}.{method}"), property))
                }
                None => Some(OwnName::given(own.to_owned(), property)),
            }
        }
        _ => None,
    }
}

/// The name of the object literal that ends `ancestors`, from where it goes.
fn object_name(ancestors: &[Node<'_>], text: &Text) -> Option<String> {
    let (object, around) = ancestors.split_last()?;
    let (object, depth) = outermost(*object, around);
    let parent = around[..depth].last()?;
    let name = match parent.kind() {
        "variable_declarator" => parent.child_by_field_name("name")?,
        "assignment_expression" => {
            let left = parent.child_by_field_name("left")?;
            let described = describe(left, text);
            return match described.strip_suffix(".prototype") {
                Some(class) => Some(class.to_owned()),
                None if described == "module.exports" || described == "exports" => None,
                None => Some(described),
            };
        }
        "field_definition" | "public_field_definition" => {
            return field_name(*parent).map(|name| property_name(name, text));
        }
        // One level up is enough to recognise it: `handlers.user.created`.
        "pair" => {
            let key = property_name(parent.child_by_field_name("key")?, text);
            let (literal, outside) = around[..depth - 1].split_last()?;
            let (_, above) = outermost(*literal, outside);
            let outer = outside[..above].last()?;
            let outer = (outer.kind() == "variable_declarator")
                .then(|| outer.child_by_field_name("name"))
                .flatten()
                .filter(|name| name.kind() == "identifier");
            return Some(match outer {
                Some(outer) => format!("{}.{key}", shorten(text.slice(span(outer)))),
                None => key,
            });
        }
        _ => return None,
    };
    (name.kind() == "identifier" && parent.child_by_field_name("value") == Some(object))
        .then(|| shorten(text.slice(span(name))))
}

/// Describes a function without a name by where it stands.
fn describe_place(node: Node<'_>, ancestors: &[Node<'_>], text: &Text) -> String {
    let (_, depth) = outermost(node, ancestors);
    let around = &ancestors[..depth];
    let parent = around.last();
    match parent.map(Node::kind) {
        Some("arguments") => {
            let Some(call) = around.get(depth.wrapping_sub(2)) else {
                return "callback".to_owned();
            };
            let callee = call.child_by_field_name("function");
            let callee = callee.or_else(|| call.child_by_field_name("constructor"));
            let new = if call.kind() == "new_expression" { "new " } else { "" };
            let callee = callee.map_or(String::new(), |callee| describe(callee, text));
            let event = arguments(*call).first().and_then(|first| string_value(*first, text));
            match event {
                Some(event) => format!("callback of {new}{callee}(\"{}\")", shorten(event)),
                None => format!("callback of {new}{callee}"),
            }
        }
        Some("return_statement" | "arrow_function") => "returned function".to_owned(),
        Some("jsx_expression") => jsx_attribute(around, text),
        _ => "anonymous function".to_owned(),
    }
}

/// `onClick of <Button>` for a function in a JSX attribute.
fn jsx_attribute(around: &[Node<'_>], text: &Text) -> String {
    let [.., element, attribute, _] = around else { return "anonymous function".to_owned() };
    let tag = element.child_by_field_name("name");
    match (attribute.kind(), attribute.named_child(0), tag) {
        ("jsx_attribute", Some(name), Some(tag)) => {
            format!("{} of <{}>", shorten(text.slice(span(name))), shorten(text.slice(span(tag))))
        }
        _ => "anonymous function".to_owned(),
    }
}

/// Climbs out of transparent wrappers: the outermost node that still is the same value, and how
/// many ancestors are around it.
pub(crate) fn outermost<'tree>(
    node: Node<'tree>,
    ancestors: &[Node<'tree>],
) -> (Node<'tree>, usize) {
    let mut depth = ancestors.len();
    let mut outermost = node;
    while let Some(wrapper) = ancestors[..depth].last()
        && is_transparent(wrapper.kind())
    {
        outermost = *wrapper;
        depth -= 1;
    }
    (outermost, depth)
}

/// The first line of what stands before a function's body: `(a, b) =>`, `function (reply)`.
pub(crate) fn head(node: Node<'_>, text: &Text) -> Span {
    let (start, end) = span(node);
    let last = child_of_kind(node, "=>")
        .or_else(|| node.child_by_field_name("parameters"))
        .map_or(end, |last| span(last).1);
    let first_line = text.slice((start, last)).lines().next().map_or(0, str::len) as u32;
    (start, start + first_line)
}
