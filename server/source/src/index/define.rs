//! Functions, classes and fields, with the points where V8 places them.

use tree_sitter::Node;

use super::declare::names_in;
use super::reach::entry_bound_by;
use super::{FieldFact, OnPrototype, Walk};
use crate::syntax::function::{Class, Function, FunctionKind};
use crate::syntax::naming::{class_name, field_name, full_name, function_name};
use crate::syntax::receiver::This;
use crate::syntax::runtime_name::runtime_name;
use crate::syntax::scope::{DeclarationKind, ScopeIndex, ScopeKind};
use crate::syntax::{child_of_kind, describe, property_name, span, unwrapped};
use crate::text::{Span, Text};

impl<'a> Walk<'a> {
    pub(super) fn enter_function(&mut self, node: Node<'a>) {
        let outer_scope = self.scope();
        let class = self.class_of_this(node);
        let own = function_name(node, &self.ancestors, self.text, class.as_deref());
        let parent = self.functions.last().copied();
        let around = self.nearest_named_function();
        let name = full_name(around.as_deref(), &own);
        let index = self.index.functions.len() as u32;
        let kind = self.function_kind(node);
        let anchor = function_anchor(node);
        self.index.functions.push(Function {
            name,
            kind,
            name_range: self.text.range(own.span),
            range: self.text.range(span(node)),
            anchor: self.text.position(anchor),
            index,
            outer_scope,
            span: span(node),
            body: body(node),
            parent,
            is_named: own.given,
            runtime_name: runtime_name(node, &self.ancestors, self.text),
            parameters: Vec::new(),
        });
        self.index.function_anchors.insert(anchor, index);
        let own_name = node.child_by_field_name("name");
        if let Some(name) = own_name
            && matches!(node.kind(), "function_declaration" | "generator_function_declaration")
        {
            self.declare(name, DeclarationKind::Function, span(node), None);
        }

        if let Some((name, scope)) = self.prototype_owner(node) {
            self.prototypes.push((OnPrototype::Function(index), name, scope));
        }
        let this = self.this_inside(node, kind, index);
        self.note_method(node, index, this);
        self.this.push(this);
        self.functions.push(index);
        self.open_scope(ScopeKind::Function, span(node));
        self.declare_parameters(node, kind);
        // The own name of a function expression comes last: a parameter of that name hides it.
        if let Some(name) = own_name
            && matches!(node.kind(), "function_expression" | "generator_function")
        {
            self.declare(name, DeclarationKind::Function, span(node), None);
        }
    }

    fn declare_parameters(&mut self, node: Node<'a>, kind: FunctionKind) {
        if let Some(parameter) = node.child_by_field_name("parameter") {
            self.note_parameter(parameter, 0);
            self.declare_pattern(parameter, DeclarationKind::Parameter, span(parameter), None);
        }
        let Some(parameters) = node.child_by_field_name("parameters") else { return };
        let mut cursor = parameters.walk();
        let parameters = parameters.named_children(&mut cursor);
        let parameters: Vec<_> = parameters.filter(|it| it.kind() != "comment").collect();
        for (parameter, at) in parameters.into_iter().zip(0..) {
            let (pattern, value) = match parameter.kind() {
                "required_parameter" | "optional_parameter" => (
                    parameter.child_by_field_name("pattern"),
                    parameter.child_by_field_name("value"),
                ),
                "assignment_pattern" => {
                    (parameter.child_by_field_name("left"), parameter.child_by_field_name("right"))
                }
                _ => (Some(parameter), None),
            };
            let Some(pattern) = pattern else { continue };
            let value = value.map(span);
            self.note_parameter(pattern, at);
            self.declare_pattern(pattern, DeclarationKind::Parameter, span(parameter), value);
            // TypeScript's `constructor(private items: Item[])` declares a field.
            let is_field = kind == FunctionKind::Constructor
                && (child_of_kind(parameter, "accessibility_modifier").is_some()
                    || child_of_kind(parameter, "readonly").is_some());
            if let Some(&class) = self.classes.last().filter(|_| is_field) {
                self.index.fields.push(FieldFact {
                    class,
                    is_static: false,
                    name: span(pattern),
                    span: span(parameter),
                    initializer: value,
                });
                let of = self.this();
                self.note_field(of, pattern, pattern);
            }
        }
    }

    fn note_parameter(&mut self, pattern: Node<'a>, at: u32) {
        let mut names: Vec<Span> = names_in(pattern).into_iter().map(span).collect();
        names.sort_unstable();
        if let Some(&function) = self.functions.last() {
            match (pattern.kind(), pattern.named_child(0)) {
                ("identifier", _) => {
                    self.callable.parameters.insert((function, at), span(pattern));
                }
                ("rest_pattern", Some(name)) => {
                    self.callable.rest.insert(function, (at, span(name)));
                }
                _ => {
                    let bound = entry_bound_by(pattern, self.text);
                    self.callable.bound.insert((function, at), bound);
                }
            }
            self.index.functions[function as usize].parameters.extend(names);
        }
    }

    /// The name of the class that a function's name begins with: the class around a method or
    /// field, or the class that `this` means where the function is assigned to `this.x`.
    fn class_of_this(&self, node: Node<'a>) -> Option<String> {
        let is_member = node.kind() == "method_definition" || self.parent_is_field();
        let class = match self.this() {
            _ if is_member => self.classes.last().copied(),
            This::Instance(class) | This::Class(class) => Some(class),
            This::Function(_) | This::Literal(_) | This::Unknown => None,
        };
        class.map(|class| self.index.classes[class as usize].name.clone())
    }

    fn parent_is_field(&self) -> bool {
        self.ancestors.last().is_some_and(|parent| {
            matches!(parent.kind(), "field_definition" | "public_field_definition")
        })
    }

    /// The name of the nearest function around that the user named.
    fn nearest_named_function(&self) -> Option<String> {
        let mut next = self.functions.last().copied();
        while let Some(function) = next.map(|index| &self.index.functions[index as usize]) {
            if function.is_named {
                return Some(function.name.clone());
            }
            next = function.parent;
        }
        None
    }

    fn function_kind(&self, node: Node<'a>) -> FunctionKind {
        match node.kind() {
            "arrow_function" => FunctionKind::Arrow,
            "method_definition" => {
                let in_class = self.ancestors.last().is_some_and(|p| p.kind() == "class_body");
                if child_of_kind(node, "get").is_some() {
                    FunctionKind::Getter
                } else if child_of_kind(node, "set").is_some() {
                    FunctionKind::Setter
                } else if in_class && is_constructor(node, self.text) {
                    FunctionKind::Constructor
                } else {
                    FunctionKind::Method
                }
            }
            _ => FunctionKind::Function,
        }
    }

    fn this_inside(&self, node: Node<'a>, kind: FunctionKind, index: u32) -> This {
        if kind == FunctionKind::Arrow {
            return self.this();
        }
        let in_class = self.ancestors.last().is_some_and(|parent| parent.kind() == "class_body");
        if let Some(literal) = self.literal_of(node) {
            return This::Literal(span(literal).0);
        }
        match self.classes.last() {
            Some(&class) if in_class => {
                if is_static(node) {
                    This::Class(class)
                } else {
                    This::Instance(class)
                }
            }
            _ if kind == FunctionKind::Function => This::Function(index),
            _ => This::Unknown,
        }
    }

    /// The object literal whose method a function is: `{ add() {} }`, `{ add: function () {} }`.
    fn literal_of(&self, node: Node<'a>) -> Option<Node<'a>> {
        let mut around = self.ancestors.iter().rev().filter(|around| around.kind() != "pair");
        let is_value = self.ancestors.last()?.child_by_field_name("value") == Some(node);
        let literal = around.next().filter(|around| around.kind() == "object")?;
        (is_value || node.kind() == "method_definition").then_some(*literal)
    }

    /// The `Name` in `Name.prototype.method = function …`.
    fn prototype_owner(&self, node: Node<'a>) -> Option<(Span, ScopeIndex)> {
        let assignment = *self.ancestors.last()?;
        let is_value = assignment.child_by_field_name("right") == Some(node);
        let left = assignment.child_by_field_name("left").filter(|_| is_value)?;
        Some((self.owner_of_prototype(left.child_by_field_name("object")?)?, self.scope()))
    }

    /// The `Name` in `Name.prototype`.
    fn owner_of_prototype(&self, node: Node<'a>) -> Option<Span> {
        let owner = node.child_by_field_name("object")?;
        let property = node.child_by_field_name("property")?;
        let is_it = self.text.slice(span(property)) == "prototype" && owner.kind() == "identifier";
        is_it.then(|| span(owner))
    }

    /// Notes a function that is put on a prototype by its name (`Name.prototype.add = add`, also in
    /// a row of assignments), and the literal in `Name.prototype = { … }`.
    pub(super) fn note_prototype(&mut self, left: Node<'a>, right: Node<'a>) {
        let mut value = unwrapped(right);
        while value.kind() == "assignment_expression"
            && let Some(right) = value.child_by_field_name("right")
        {
            value = unwrapped(right);
        }
        let (owner, put) = match value.kind() {
            "identifier" => (left.child_by_field_name("object"), OnPrototype::Named(span(value))),
            "object" => (Some(left), OnPrototype::Literal(span(value).0)),
            _ => return,
        };
        if let Some(owner) = owner.and_then(|owner| self.owner_of_prototype(owner)) {
            self.prototypes.push((put, owner, self.scope()));
        }
    }

    pub(super) fn enter_class(&mut self, node: Node<'a>) {
        let own = class_name(node, &self.ancestors, self.text);
        let index = self.index.classes.len() as u32;
        let keyword = child_of_kind(node, "class").map_or(node.start_byte() as u32, |k| span(k).0);
        let anchor = constructor_of(node, self.text).map_or(keyword, function_anchor);
        let superclass = superclass(node);
        if let Some(name) = superclass.map(unwrapped)
            && name.kind() == "identifier"
        {
            self.superclasses.push((index, span(name), self.scope()));
        }
        if let Some(base) = superclass.and_then(|base| self.place(base)) {
            self.index.superclasses.insert(index, base);
        }
        // V8 uses the word `class` for the hidden function that sets the fields, even if there is
        // a constructor; it means this class in any case.
        self.index.class_anchors.insert(keyword, index);
        self.index.class_anchors.insert(anchor, index);
        // V8 12 has it where the body begins.
        self.index.setting_anchors.insert(body(node), index);

        let is_declaration = node.kind() != "class";
        let name = node.child_by_field_name("name");
        if let Some(name) = name.filter(|_| is_declaration) {
            self.declare(name, DeclarationKind::Class, span(node), None);
        }
        let outer = self.index.scopes.resolve(self.text.slice(own.span), self.scope());
        self.open_scope(ScopeKind::Block, span(node));
        if let Some(name) = name.filter(|_| !is_declaration) {
            self.declare(name, DeclarationKind::Class, span(node), None);
        }
        let inner = self.index.scopes.resolve(self.text.slice(own.span), self.scope());
        let mut declarations: Vec<_> = outer.into_iter().chain(inner).collect();
        declarations.dedup();
        // Only a name that this very node declares counts, not one that merely sounds the same.
        declarations.retain(|&declaration| {
            let variable = self.index.scopes.variable(declaration);
            variable.name == own.span || variable.initializer == Some(span(node))
        });

        self.index.classes.push(Class {
            name: own.text,
            name_range: self.text.range(own.span),
            range: self.text.range(span(node)),
            anchor: self.text.position(anchor),
            superclass: superclass.map(|superclass| describe(superclass, self.text)),
            index,
            span: span(node),
            body: body(node),
            runtime_name: runtime_name(node, &self.ancestors, self.text),
            declarations,
            base: None,
        });
        self.classes.push(index);
    }

    /// V8 13 has the hidden functions that set the fields of an instance, or of the class, where the first
    /// of them stands; a block of statements counts as a field of the class.
    pub(super) fn note_setting(&mut self, member: Node<'a>) {
        if let Some(&class) = self.classes.last() {
            self.index.setting_anchors.insert(begin_of_member(member), class);
        }
    }

    pub(super) fn enter_field(&mut self, node: Node<'a>) {
        let (Some(&class), Some(name)) = (self.classes.last(), field_name(node)) else {
            return;
        };
        let is_static = is_static(node);
        self.note_setting(node);
        self.index.fields.push(FieldFact {
            class,
            is_static,
            name: span(name),
            span: span(node),
            initializer: node.child_by_field_name("value").map(span),
        });
        let of = if is_static { This::Class(class) } else { This::Instance(class) };
        self.this.push(of);
        if let Some(value) = node.child_by_field_name("value") {
            self.note_field(of, name, value);
        }
    }
}

/// Where V8 points for a function: an arrow's first token, else the `(` of the parameters.
fn function_anchor(node: Node<'_>) -> u32 {
    let parameters = node.child_by_field_name("parameters").map_or(span(node).0, |p| span(p).0);
    if node.kind() != "arrow_function" {
        return parameters;
    }
    // Type parameters before an arrow's `(` are gone when it runs.
    match child_of_kind(node, "async") {
        Some(word) => span(word).0,
        None => node.child_by_field_name("parameter").map_or(parameters, |name| span(name).0),
    }
}

/// Where the body begins.
fn body(node: Node<'_>) -> u32 {
    node.child_by_field_name("body").map_or(span(node).1, |body| span(body).0)
}

/// Where a member begins when it runs: modifiers of TypeScript are gone then.
fn begin_of_member(member: Node<'_>) -> u32 {
    let is_erased = |kind: &str| {
        matches!(kind, "accessibility_modifier" | "override_modifier" | "readonly" | "decorator")
    };
    let mut cursor = member.walk();
    let first = member.children(&mut cursor).find(|child| !is_erased(child.kind()));
    first.map_or(span(member), span).0
}

fn is_static(member: Node<'_>) -> bool {
    child_of_kind(member, "static").or_else(|| child_of_kind(member, "static get")).is_some()
}

fn is_constructor(method: Node<'_>, text: &Text) -> bool {
    let name = method.child_by_field_name("name");
    name.is_some_and(|name| {
        name.kind() != "computed_property_name" && property_name(name, text) == "constructor"
    }) && !is_static(method)
}

/// The explicit constructor of a class, the one with a body.
fn constructor_of<'tree>(class: Node<'tree>, text: &Text) -> Option<Node<'tree>> {
    let body = class.child_by_field_name("body")?;
    let mut cursor = body.walk();
    body.named_children(&mut cursor)
        .find(|member| member.kind() == "method_definition" && is_constructor(*member, text))
}

/// The expression behind `extends`.
fn superclass(class: Node<'_>) -> Option<Node<'_>> {
    let heritage = child_of_kind(class, "class_heritage")?;
    match child_of_kind(heritage, "extends_clause") {
        Some(clause) => clause.child_by_field_name("value"),
        None => heritage.named_child(0).filter(|child| child.kind() != "implements_clause"),
    }
}
