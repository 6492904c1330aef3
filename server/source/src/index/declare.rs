//! Scopes and the names they declare.

use tree_sitter::Node;

use super::Walk;
use crate::syntax::receiver::{Base, Receiver, Step, This};
use crate::syntax::scope::{DeclarationKind, ScopeIndex, ScopeKind, Variable};
use crate::syntax::{child_of_kind, is_function, span, string_value, unwrapped};
use crate::text::{Span, Text};

/// To find what stands behind a `let` takes longer the longer the file is, so it is done so often only,
const MAX_LETS: usize = 1_000;
/// and over so many comments.
const MAX_COMMENTS: usize = 20;

impl<'a> Walk<'a> {
    pub(super) fn scope(&self) -> ScopeIndex {
        // `enter` opens the file's scope before anything else and `leave` closes it last.
        *self.scopes.last().unwrap_or(&ScopeIndex(0))
    }

    pub(super) fn this(&self) -> This {
        self.this.last().copied().unwrap_or_default()
    }

    pub(super) fn open_scope(&mut self, kind: ScopeKind, span: Span) {
        let parent = self.scopes.last().copied();
        let function = self.functions.last().copied();
        self.scopes.push(self.index.scopes.open(parent, kind, span, function));
    }

    /// Whether the current block is a body whose names belong to the scope around it.
    pub(super) fn is_body_of_scope(&self) -> bool {
        self.ancestors.last().is_some_and(|parent| {
            is_function(parent.kind())
                || matches!(
                    parent.kind(),
                    "catch_clause" | "class_static_block" | "internal_module" | "module"
                )
        })
    }

    pub(super) fn declare(
        &mut self,
        name: Node<'a>,
        kind: DeclarationKind,
        range: Span,
        initializer: Option<Span>,
    ) {
        let variable =
            Variable { scope: self.scope(), kind, name: span(name), span: range, initializer };
        self.index.scopes.declare(self.text, variable);
    }

    /// Declares every name in a pattern; only a plain name has the initializer as its value.
    pub(super) fn declare_pattern(
        &mut self,
        pattern: Node<'a>,
        kind: DeclarationKind,
        range: Span,
        initializer: Option<Span>,
    ) {
        if pattern.kind() == "identifier" {
            self.declare(pattern, kind, range, initializer);
            return;
        }
        for name in names_in(pattern) {
            self.declare(name, kind, range, None);
        }
    }

    pub(super) fn declare_variable(&mut self, declarator: Node<'a>) {
        let Some(name) = declarator.child_by_field_name("name") else { return };
        let kind = self.ancestors.last().map_or(DeclarationKind::Const, |declaration| {
            match (declaration.kind(), declaration.child_by_field_name("kind")) {
                ("variable_declaration", _) => DeclarationKind::Var,
                (_, Some(kind)) if kind.kind() == "let" => DeclarationKind::Let,
                _ => DeclarationKind::Const,
            }
        });
        let value = declarator.child_by_field_name("value");
        if let Some(value) = value {
            self.note_aliases(name, value, kind == DeclarationKind::Const);
            self.note_parts(name, value);
        }
        self.declare_pattern(name, kind, span(declarator), value.map(span));
        // It may turn out to be what the module exports.
        if let Some(literal) = value.map(unwrapped)
            && literal.kind() == "object"
            && self.functions.is_empty()
        {
            self.note_properties(literal);
        }
    }

    /// The grammar takes a `let` at the end of a line for a variable of that name, and what follows for
    /// assignments.
    pub(super) fn declare_after_let(&mut self, statement: Node<'a>) {
        if self.text.slice(span(statement)) != "let" || self.lets == MAX_LETS {
            return;
        }
        self.lets += 1;
        let siblings = std::iter::successors(statement.next_named_sibling(), |next| {
            next.next_named_sibling().filter(|_| next.kind() == "comment")
        });
        let next = siblings.take(MAX_COMMENTS).last();
        let Some(next) = next.filter(|next| next.kind() == "expression_statement") else {
            return;
        };
        let mut open: Vec<Node<'a>> = next.named_child(0).into_iter().collect();
        while let Some(part) = open.pop() {
            match part.kind() {
                "sequence_expression" => {
                    let mut cursor = part.walk();
                    open.extend(part.named_children(&mut cursor));
                }
                "identifier" => self.declare(part, DeclarationKind::Let, span(part), None),
                "assignment_expression" => {
                    let value = part.child_by_field_name("right").map(span);
                    if let Some(name) = part.child_by_field_name("left") {
                        self.declaring.insert(span(part));
                        self.declare_pattern(name, DeclarationKind::Let, span(part), value);
                    }
                }
                _ => {}
            }
        }
    }

    /// Notes what the names of a pattern stand for. A variable that is assigned again stands for what
    /// it gets first only if that is a member of a collection, which `let group = groups.get(key)`
    /// says and a missing one is made for.
    fn note_aliases(&mut self, pattern: Node<'a>, value: Node<'a>, is_fixed: bool) {
        let value = inherited_this(value, self.text).unwrap_or(value);
        let Some(receiver) = Receiver::of(value, self.text, self.scope(), self.this()) else {
            return;
        };
        if receiver.base == Base::Other {
            return;
        }
        if !is_fixed && !receiver.steps.iter().any(Step::is_element) {
            self.unless_assigned.extend(names_in(pattern).into_iter().map(span));
        }
        for (name, steps) in bound_by(pattern) {
            self.aliases.extend(Receiver::beyond(&receiver, &steps).map(|bound| (name, bound)));
        }
    }

    /// Notes every name in a pattern that something is assigned to.
    pub(super) fn note_assigned(&mut self, pattern: Node<'a>) {
        let scope = self.scope();
        self.assigned.extend(names_in(pattern).into_iter().map(|name| (span(name), scope)));
    }

    pub(super) fn declare_loop_variable(&mut self, node: Node<'a>) {
        let Some(left) = node.child_by_field_name("left") else { return };
        let Some(kind) = node.child_by_field_name("kind") else {
            return self.note_assigned(left);
        };
        let kind = match kind.kind() {
            "var" => DeclarationKind::Var,
            "let" => DeclarationKind::Let,
            _ => DeclarationKind::Const,
        };
        self.declare_pattern(left, kind, span(left), None);
        self.note_loop_over(node, left);
    }

    pub(super) fn declare_import(&mut self, node: Node<'a>) {
        let name = match node.kind() {
            "import_specifier" => {
                node.child_by_field_name("alias").or_else(|| node.child_by_field_name("name"))
            }
            _ => child_of_kind(node, "identifier"),
        };
        if let Some(name) = name {
            self.declare(name, DeclarationKind::Import, span(node), None);
            self.note_import(node, name);
        }
    }

    /// What an imported name stands for.
    fn note_import(&mut self, node: Node<'a>, name: Node<'a>) {
        let statement = self.ancestors.iter().rev().find(|node| node.kind() == "import_statement");
        let statement =
            if node.kind() == "import_require_clause" { Some(&node) } else { statement };
        let source = statement.and_then(|statement| statement.child_by_field_name("source"));
        let Some(source) = source.filter(|source| string_value(*source, self.text).is_some())
        else {
            return;
        };
        let step = match node.kind() {
            "import_specifier" => {
                node.child_by_field_name("name").map(|name| Step::Property(span(name)))
            }
            "import_clause" => Some(Step::Default),
            _ => None,
        };
        let base = Base::Module((span(source).0 + 1, span(source).1 - 1));
        let receiver = Receiver { base, steps: step.into_iter().collect() };
        self.aliases.push((span(name), receiver));
    }
}

/// The `this` that compilers of classes give another name: `_super.call(this, name) || this`.
fn inherited_this<'tree>(value: Node<'tree>, text: &Text) -> Option<Node<'tree>> {
    let value = unwrapped(value);
    let this = value.child_by_field_name("right").map(unwrapped);
    let called = text.slice(span(value.child_by_field_name("left")?));
    let is_super = [".call(this", ".apply(this"].iter().any(|call| called.contains(call));
    let is_or = value.child_by_field_name("operator").is_some_and(|it| it.kind() == "||");
    this.filter(|this| is_or && is_super && this.kind() == "this")
}

/// The names that a pattern binds, and the steps that lead to what they stand for. What is under a computed
/// key, or is the rest, stands for nothing that has a name.
pub(super) fn bound_by(pattern: Node<'_>) -> Vec<(Span, Vec<Step>)> {
    let mut names = Vec::new();
    let mut open = vec![(pattern, Vec::new())];
    while let Some((pattern, steps)) = open.pop() {
        match pattern.kind() {
            "identifier" | "shorthand_property_identifier_pattern" => {
                names.push((span(pattern), steps));
            }
            "assignment_pattern" => {
                let inner = pattern.child_by_field_name("left");
                open.extend(inner.map(|inner| (inner, steps)));
            }
            "array_pattern" => {
                let mut cursor = pattern.walk();
                let parts = pattern.named_children(&mut cursor);
                let parts = parts.filter(|part| part.kind() != "rest_pattern");
                let element = [&steps[..], &[Step::Element]].concat();
                open.extend(parts.map(|part| (part, element.clone())));
            }
            "object_pattern" => {
                let mut cursor = pattern.walk();
                for part in pattern.named_children(&mut cursor) {
                    let field = |name| part.child_by_field_name(name);
                    let (key, inner) = match part.kind() {
                        "shorthand_property_identifier_pattern" => (Some(part), Some(part)),
                        "pair_pattern" => (field("key"), field("value")),
                        "object_assignment_pattern" => (field("left"), field("left")),
                        _ => (None, None),
                    };
                    let key = key.filter(|key| key.kind() != "computed_property_name");
                    if let (Some(key), Some(inner)) = (key, inner) {
                        open.push((inner, [&steps[..], &[Step::Property(span(key))]].concat()));
                    }
                }
            }
            _ => {}
        }
    }
    names
}

/// The names that a pattern binds.
pub(super) fn names_in(pattern: Node<'_>) -> Vec<Node<'_>> {
    let mut names = Vec::new();
    let mut open = vec![pattern];
    while let Some(node) = open.pop() {
        match node.kind() {
            "identifier" | "shorthand_property_identifier_pattern" => names.push(node),
            "pair_pattern" => open.extend(node.child_by_field_name("value")),
            "assignment_pattern" | "object_assignment_pattern" => {
                open.extend(node.child_by_field_name("left"));
            }
            "object_pattern" | "array_pattern" | "rest_pattern" => {
                let mut cursor = node.walk();
                open.extend(node.named_children(&mut cursor));
            }
            _ => {}
        }
    }
    names
}
