//! What a place is about: the piece of syntax that its mark stands for.
//!
//! A mark is a few characters to underline: a function's name, the `bus.on` of a call, the
//! parameters of an anonymous function. The subject is the whole that they stand for: the function,
//! the call. It is found from the mark alone, so it can be found again in another tree.

use tree_sitter::{Node, Tree};

use crate::syntax::naming::{function_name, head};
use crate::syntax::{arguments, is_class, is_function, span, string_value};
use crate::text::{Span, Text};

/// What a mark is to its subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Role {
    /// The name of a declaration.
    Name,
    /// The beginning of a function or class without a name.
    Head,
    /// A name that a pattern or a parameter list binds; the subject is the whole declaration.
    Binding,
    /// The first part of an expression.
    Expression,
}

/// A piece of syntax with the mark that stands for it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Subject<'tree> {
    pub(crate) node: Node<'tree>,
    pub(crate) mark: Span,
    pub(crate) role: Role,
}

impl<'tree> Subject<'tree> {
    /// The subject of the mark at `mark`. Whatever part of a mark is given, the result has the
    /// whole of it. The nodes around it are left in `path`, the file first; a name that is bound
    /// lies inside its subject.
    pub(crate) fn at(
        tree: &'tree Tree,
        text: &Text,
        mark: Span,
        path: &mut Vec<Node<'tree>>,
    ) -> Option<Subject<'tree>> {
        around(tree, mark, path);
        let leaf = path.pop()?;
        let subject = Self::of(leaf, path, text).or_else(|| {
            // A mark that begins an expression and is no node of its own.
            (span(leaf).0 == mark.0 && !path.is_empty()).then(|| {
                let mark = expression_mark(leaf).unwrap_or(mark);
                Subject { node: leaf, mark, role: Role::Expression }
            })
        })?;
        let depth = path.iter().position(|node| *node == subject.node);
        let is_inside = usize::from(subject.role == Role::Binding);
        path.truncate(depth.map_or(path.len(), |depth| depth + is_inside));
        Some(subject)
    }

    /// The subject whose mark is, or begins at, `leaf`.
    fn of(leaf: Node<'tree>, path: &[Node<'tree>], text: &Text) -> Option<Subject<'tree>> {
        let parent = *path.last()?;
        if is_named_function_or_class(leaf) {
            return Some(Subject { node: leaf, mark: head_mark(leaf, text), role: Role::Head });
        }
        if !leaf.is_named() {
            let begins = is_named_function_or_class(parent) && span(parent).0 == span(leaf).0;
            return begins.then(|| Subject {
                node: parent,
                mark: head_mark(parent, text),
                role: Role::Head,
            });
        }
        if name_of(parent) == Some(leaf) {
            return Some(Subject { node: parent, mark: span(leaf), role: Role::Name });
        }
        if let Some(assignment) = path.len().checked_sub(2).map(|above| path[above])
            && is_assigned_property(assignment, parent, leaf)
        {
            return Some(Subject { node: assignment, mark: span(leaf), role: Role::Name });
        }
        if let Some(node) = binding_construct(leaf, path) {
            return Some(Subject { node, mark: span(leaf), role: Role::Binding });
        }
        if let Some(mark) = expression_mark(parent).filter(|mark| mark.1 == span(leaf).1) {
            return Some(Subject { node: parent, mark, role: Role::Expression });
        }
        None
    }
}

/// The subjects that a node is, if any: for going through a whole tree. `path` are the nodes around
/// it.
pub(crate) fn subjects_of<'tree>(
    node: Node<'tree>,
    path: &[Node<'tree>],
    text: &Text,
) -> impl Iterator<Item = Subject<'tree>> + use<'tree> {
    let own = if let Some(name) = name_of(node) {
        Some((node, span(name), Role::Name))
    } else if is_named_function_or_class(node) {
        Some((node, head_mark(node, text), Role::Head))
    } else if node.kind() == "assignment_expression"
        && let Some(left) = node.child_by_field_name("left")
        && let Some(property) = left.child_by_field_name("property")
    {
        Some((node, span(property), Role::Name))
    } else {
        binding_construct(node, path).map(|construct| (construct, span(node), Role::Binding))
    };
    let expression = expression_mark(node).map(|mark| (node, mark, Role::Expression));
    let all = own.into_iter().chain(expression);
    all.map(|(node, mark, role)| Subject { node, mark, role })
}

/// What tells one subject from others of its kind: its name, or how a call begins.
pub(crate) fn title(subject: &Subject<'_>, path: &[Node<'_>], text: &Text) -> String {
    match subject.role {
        Role::Name | Role::Binding => text.slice(subject.mark).to_owned(),
        Role::Head if is_function(subject.node.kind()) => {
            function_name(subject.node, path, text, None).text
        }
        Role::Head => String::new(),
        Role::Expression => {
            let words = text.slice(subject.mark).split_whitespace();
            let mut title: String = words.collect();
            // `bus.on("tick"` and `bus.on("end"` are not the same.
            let first = arguments(subject.node).first().and_then(|it| string_value(*it, text));
            if let Some(first) = first {
                title.push('(');
                title.push_str(first);
            }
            title
        }
    }
}

/// The nodes around a stretch, from the file down to the smallest that has all of it.
fn around<'tree>(tree: &'tree Tree, (start, end): Span, path: &mut Vec<Node<'tree>>) {
    path.clear();
    let mut cursor = tree.walk();
    loop {
        path.push(cursor.node());
        if cursor.goto_first_child_for_byte(start as usize).is_none() {
            return;
        }
        let child = span(cursor.node());
        if child.0 > start || child.1 < end {
            return;
        }
    }
}

fn is_named_function_or_class(node: Node<'_>) -> bool {
    node.is_named() && (is_function(node.kind()) || is_class(node.kind()))
}

fn head_mark(node: Node<'_>, text: &Text) -> Span {
    if is_function(node.kind()) { head(node, text) } else { (span(node).0, span(node).0 + 5) }
}

/// The name that a declaration declares, if it is a single one.
fn name_of(node: Node<'_>) -> Option<Node<'_>> {
    match node.kind() {
        "function_declaration"
        | "generator_function_declaration"
        | "function_expression"
        | "generator_function"
        | "method_definition"
        | "class_declaration"
        | "abstract_class_declaration"
        | "class"
        | "enum_declaration"
        | "internal_module"
        | "module"
        | "public_field_definition"
            if node.is_named() =>
        {
            node.child_by_field_name("name")
        }
        "variable_declarator" => {
            node.child_by_field_name("name").filter(|name| name.kind() == "identifier")
        }
        "field_definition" => node.child_by_field_name("property"),
        "pair" => node.child_by_field_name("key"),
        "import_specifier" | "export_specifier" => {
            node.child_by_field_name("alias").or_else(|| node.child_by_field_name("name"))
        }
        _ => None,
    }
}

/// `name` in `object.name = value`.
fn is_assigned_property(assignment: Node<'_>, member: Node<'_>, name: Node<'_>) -> bool {
    assignment.kind() == "assignment_expression"
        && assignment.child_by_field_name("left") == Some(member)
        && member.child_by_field_name("property") == Some(name)
}

/// The function, declaration or statement that binds a name by a pattern or as a parameter.
fn binding_construct<'tree>(name: Node<'tree>, path: &[Node<'tree>]) -> Option<Node<'tree>> {
    if !matches!(name.kind(), "identifier" | "shorthand_property_identifier_pattern") {
        return None;
    }
    let mut below = name;
    for node in path.iter().rev() {
        let binds = match node.kind() {
            "object_pattern" | "array_pattern" | "rest_pattern" | "formal_parameters"
            | "required_parameter" | "optional_parameter" => {
                if node.child_by_field_name("value") == Some(below) {
                    return None;
                }
                false
            }
            "pair_pattern" if node.child_by_field_name("value") == Some(below) => false,
            "assignment_pattern" | "object_assignment_pattern"
                if node.child_by_field_name("left") == Some(below) =>
            {
                false
            }
            "variable_declarator" => node.child_by_field_name("name") == Some(below),
            "catch_clause" => node.child_by_field_name("parameter") == Some(below),
            "for_in_statement" => node.child_by_field_name("left") == Some(below),
            kind if is_function(kind) => {
                node.child_by_field_name("parameters") == Some(below)
                    || node.child_by_field_name("parameter") == Some(below)
            }
            _ => return None,
        };
        if binds {
            return Some(*node);
        }
        if is_function(node.kind()) || node.kind().ends_with("_statement") {
            return None;
        }
        below = *node;
    }
    None
}

/// What is underlined of an expression that does something: up to its arguments or its `=`.
fn expression_mark(node: Node<'_>) -> Option<Span> {
    let last = match node.kind() {
        "call_expression" => node.child_by_field_name("function"),
        "new_expression" => node.child_by_field_name("constructor"),
        "assignment_expression" | "augmented_assignment_expression" => {
            node.child_by_field_name("left")
        }
        "unary_expression" => node.child_by_field_name("argument"),
        "binary_expression" | "update_expression" => Some(node),
        _ => None,
    };
    last.map(|last| (span(node).0, span(last).1))
}
