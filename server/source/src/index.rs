//! One walk over a file's syntax tree that notes everything the file can be asked about.
//!
//! The tree is dropped afterwards: it weighs some twenty times the text, and all answers come from
//! the notes. The walk uses no recursion, because depth is in the hands of whoever wrote the file.

use rustc_hash::FxHashMap;
use tree_sitter::{Node, Tree};

use crate::call::CallFact;
use crate::function::{Class, Function, FunctionKind};
use crate::mutation::{
    Assignment, Method, MutationFact, MutationKind, callback, keeps_old_value, method_kind,
};
use crate::naming::{class_name, field_name, full_name, function_name};
use crate::receiver::{Receiver, This};
use crate::scope::{DeclarationKind, ScopeIndex, ScopeKind, Scopes, Variable};
use crate::syntax::{
    arguments, child_of_kind, describe, is_class, is_function, property_name, span, string_value,
    unwrapped,
};
use crate::text::{Span, Text};

/// A field's definition in a class body or a parameter property.
#[derive(Debug)]
pub(crate) struct FieldFact {
    pub(crate) class: u32,
    pub(crate) is_static: bool,
    pub(crate) name: Span,
    pub(crate) span: Span,
    pub(crate) initializer: Option<Span>,
}

/// What is known about a file.
#[derive(Debug, Default)]
pub(crate) struct Index {
    pub(crate) functions: Vec<Function>,
    pub(crate) classes: Vec<Class>,
    /// Byte offset of V8's position -> function.
    pub(crate) function_anchors: FxHashMap<u32, u32>,
    /// Byte offset of V8's position -> class.
    pub(crate) class_anchors: FxHashMap<u32, u32>,
    pub(crate) scopes: Scopes,
    pub(crate) fields: Vec<FieldFact>,
    pub(crate) calls: Vec<CallFact>,
    pub(crate) mutations: Vec<MutationFact>,
}

impl Index {
    pub(crate) fn of(tree: &Tree, text: &Text) -> Index {
        let mut walk = Walk {
            text,
            index: Index::default(),
            ancestors: Vec::new(),
            scopes: Vec::new(),
            functions: Vec::new(),
            classes: Vec::new(),
            this: vec![This::Unknown],
            superclasses: Vec::new(),
        };
        walk.run(tree);
        walk.finish()
    }
}

/// How long the walk's stacks were before a node was entered: what it pushed goes when it is left.
#[derive(Debug, Clone, Copy)]
struct Depths {
    scopes: usize,
    functions: usize,
    classes: usize,
    this: usize,
}

struct Walk<'a> {
    text: &'a Text,
    index: Index,
    ancestors: Vec<Node<'a>>,
    /// The scopes, functions and classes around the current node, innermost last.
    scopes: Vec<ScopeIndex>,
    functions: Vec<u32>,
    classes: Vec<u32>,
    this: Vec<This>,
    /// The name behind `extends` and where it was read, for each class that has one.
    superclasses: Vec<(u32, Span, ScopeIndex)>,
}

impl<'a> Walk<'a> {
    fn run(&mut self, tree: &'a Tree) {
        let mut before = Vec::new();
        let mut cursor = tree.walk();
        loop {
            let node = cursor.node();
            let depths = self.depths();
            if node.is_named() {
                self.enter(node);
            }
            if cursor.goto_first_child() {
                self.ancestors.push(node);
                before.push(depths);
                continue;
            }
            self.leave(depths);
            while !cursor.goto_next_sibling() {
                let Some(depths) = before.pop().filter(|_| cursor.goto_parent()) else { return };
                self.ancestors.pop();
                self.leave(depths);
            }
        }
    }

    fn depths(&self) -> Depths {
        Depths {
            scopes: self.scopes.len(),
            functions: self.functions.len(),
            classes: self.classes.len(),
            this: self.this.len(),
        }
    }

    fn leave(&mut self, before: Depths) {
        self.scopes.truncate(before.scopes);
        self.functions.truncate(before.functions);
        self.classes.truncate(before.classes);
        self.this.truncate(before.this);
    }

    fn enter(&mut self, node: Node<'a>) {
        // The file's own scope; a file that is broken from the start has an ERROR as its root.
        if self.scopes.is_empty() {
            return self.open_scope(ScopeKind::Function, (0, self.text.as_str().len() as u32));
        }
        match node.kind() {
            kind if is_function(kind) => self.enter_function(node),
            kind if is_class(kind) => self.enter_class(node),
            "statement_block" if self.is_body_of_scope() => {}
            "statement_block" | "for_statement" | "switch_body" => {
                self.open_scope(ScopeKind::Block, span(node));
            }
            "for_in_statement" => {
                self.open_scope(ScopeKind::Block, span(node));
                self.declare_loop_variable(node);
            }
            "catch_clause" => {
                self.open_scope(ScopeKind::Block, span(node));
                if let Some(parameter) = node.child_by_field_name("parameter") {
                    self.declare_pattern(parameter, DeclarationKind::Catch, span(parameter), None);
                }
            }
            "class_static_block" => {
                self.open_scope(ScopeKind::Function, span(node));
                self.this.push(self.classes.last().map_or(This::Unknown, |&c| This::Class(c)));
            }
            "internal_module" | "module" => {
                if let Some(name) = node.child_by_field_name("name") {
                    self.declare(name, DeclarationKind::Const, span(node), None);
                }
                self.open_scope(ScopeKind::Function, span(node));
            }
            "field_definition" | "public_field_definition" => self.enter_field(node),
            "variable_declarator" => self.declare_variable(node),
            "enum_declaration" => {
                if let Some(name) = node.child_by_field_name("name") {
                    self.declare(name, DeclarationKind::Const, span(node), None);
                }
            }
            "import_clause"
            | "import_specifier"
            | "namespace_import"
            | "import_require_clause"
            | "import_alias" => self.declare_import(node),
            "call_expression" | "new_expression" => self.note_call(node),
            "assignment_expression" | "augmented_assignment_expression" => {
                self.note_assignment(node);
            }
            "unary_expression" => self.note_delete(node),
            "binary_expression" => self.note_comparison(node),
            _ => {}
        }
    }

    // Scopes and declarations.

    fn scope(&self) -> ScopeIndex {
        // `enter` opens the file's scope before anything else and `leave` closes it last.
        *self.scopes.last().unwrap_or(&ScopeIndex(0))
    }

    fn this(&self) -> This {
        self.this.last().copied().unwrap_or_default()
    }

    fn open_scope(&mut self, kind: ScopeKind, span: Span) {
        let parent = self.scopes.last().copied();
        let function = self.functions.last().copied();
        self.scopes.push(self.index.scopes.open(parent, kind, span, function));
    }

    /// Whether the current block is a body whose names belong to the scope around it.
    fn is_body_of_scope(&self) -> bool {
        self.ancestors.last().is_some_and(|parent| {
            is_function(parent.kind())
                || matches!(
                    parent.kind(),
                    "catch_clause" | "class_static_block" | "internal_module" | "module"
                )
        })
    }

    fn declare(
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
    fn declare_pattern(
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
        let mut open = vec![pattern];
        while let Some(node) = open.pop() {
            match node.kind() {
                "identifier" | "shorthand_property_identifier_pattern" => {
                    self.declare(node, kind, range, None);
                }
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
    }

    fn declare_variable(&mut self, declarator: Node<'a>) {
        let Some(name) = declarator.child_by_field_name("name") else { return };
        let kind = self.ancestors.last().map_or(DeclarationKind::Const, |declaration| {
            match (declaration.kind(), declaration.child_by_field_name("kind")) {
                ("variable_declaration", _) => DeclarationKind::Var,
                (_, Some(kind)) if kind.kind() == "let" => DeclarationKind::Let,
                _ => DeclarationKind::Const,
            }
        });
        let value = declarator.child_by_field_name("value").map(span);
        self.declare_pattern(name, kind, span(declarator), value);
    }

    fn declare_loop_variable(&mut self, node: Node<'a>) {
        let (Some(kind), Some(left)) =
            (node.child_by_field_name("kind"), node.child_by_field_name("left"))
        else {
            return;
        };
        let kind = match kind.kind() {
            "var" => DeclarationKind::Var,
            "let" => DeclarationKind::Let,
            _ => DeclarationKind::Const,
        };
        self.declare_pattern(left, kind, span(left), None);
    }

    fn declare_import(&mut self, node: Node<'a>) {
        let name = match node.kind() {
            "import_specifier" => {
                node.child_by_field_name("alias").or_else(|| node.child_by_field_name("name"))
            }
            _ => child_of_kind(node, "identifier"),
        };
        if let Some(name) = name {
            self.declare(name, DeclarationKind::Import, span(node), None);
        }
    }

    // Functions, classes, fields.

    fn enter_function(&mut self, node: Node<'a>) {
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
            parent,
            is_named: own.given,
        });
        self.index.function_anchors.insert(anchor, index);
        let own_name = node.child_by_field_name("name");
        if let Some(name) = own_name
            && matches!(node.kind(), "function_declaration" | "generator_function_declaration")
        {
            self.declare(name, DeclarationKind::Function, span(node), None);
        }

        self.this.push(self.this_inside(node, kind));
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
            self.declare_pattern(parameter, DeclarationKind::Parameter, span(parameter), None);
        }
        let Some(parameters) = node.child_by_field_name("parameters") else { return };
        let mut cursor = parameters.walk();
        let parameters: Vec<_> = parameters.named_children(&mut cursor).collect();
        for parameter in parameters {
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
            }
        }
    }

    /// The name of the class that a function's name begins with: the class around a method or
    /// field, or the class that `this` means where the function is assigned to `this.x`.
    fn class_of_this(&self, node: Node<'a>) -> Option<String> {
        let is_member = node.kind() == "method_definition" || self.parent_is_field();
        let class = match self.this() {
            _ if is_member => self.classes.last().copied(),
            This::Instance(class) | This::Class(class) => Some(class),
            This::Unknown => None,
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

    fn this_inside(&self, node: Node<'a>, kind: FunctionKind) -> This {
        if kind == FunctionKind::Arrow {
            return self.this();
        }
        let in_class = self.ancestors.last().is_some_and(|parent| parent.kind() == "class_body");
        match self.classes.last() {
            Some(&class) if in_class => {
                if is_static(node) {
                    This::Class(class)
                } else {
                    This::Instance(class)
                }
            }
            _ => This::Unknown,
        }
    }

    fn enter_class(&mut self, node: Node<'a>) {
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
        // V8 uses the word `class` for the hidden function that sets the fields, even if there is
        // a constructor; it means this class in any case.
        self.index.class_anchors.insert(keyword, index);
        self.index.class_anchors.insert(anchor, index);

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
            declarations,
            base: None,
        });
        self.classes.push(index);
    }

    fn enter_field(&mut self, node: Node<'a>) {
        let (Some(&class), Some(name)) = (self.classes.last(), field_name(node)) else {
            return;
        };
        let is_static = is_static(node);
        self.index.fields.push(FieldFact {
            class,
            is_static,
            name: span(name),
            span: span(node),
            initializer: node.child_by_field_name("value").map(span),
        });
        self.this.push(if is_static { This::Class(class) } else { This::Instance(class) });
    }

    // Calls and mutations.

    fn receiver(&self, node: Node<'a>) -> Option<Receiver> {
        Receiver::of(node, self.text, self.scope(), self.this())
    }

    fn note_call(&mut self, node: Node<'a>) {
        let is_new = node.kind() == "new_expression";
        let callee = if is_new { "constructor" } else { "function" };
        let Some(callee) = node.child_by_field_name(callee).map(unwrapped) else { return };
        let name = match callee.kind() {
            "identifier" => callee,
            "member_expression" => match callee.child_by_field_name("property") {
                Some(property) => property,
                None => return,
            },
            _ => return,
        };
        let text = self.text.slice(span(name));
        let callback = callback(text, node);
        let first = arguments(node).into_iter().next();
        let first_string = first.filter(|first| string_value(*first, self.text).is_some());
        let first_string = first_string.map(|first| (span(first).0 + 1, span(first).1 - 1));
        let head = (span(node).0, span(callee).1);
        let statement = self.statement(node);
        let function = self.functions.last().copied();
        self.index.calls.push(CallFact {
            span: span(node),
            head,
            name: span(name),
            statement,
            callback,
            first_string,
            function,
        });

        let mut mutates = |kind, method, receiver| {
            self.index.mutations.push(MutationFact {
                kind,
                method,
                receiver,
                span: span(node),
                head,
                statement,
                event: first_string,
                callback,
                function,
                assigns: None,
            });
        };
        if is_new {
            return;
        }
        if let Some(object) = callee.child_by_field_name("object") {
            let scope = *self.scopes.last().unwrap_or(&ScopeIndex(0));
            let this = self.this.last().copied().unwrap_or_default();
            if self.text.slice(span(callee)) == "Object.assign"
                && let Some(target) = first
                && let Some(receiver) = Receiver::of(target, self.text, scope, this)
            {
                mutates(MutationKind::Adds, Method::Form("Object.assign("), receiver);
            } else if let Some(kind) = method_kind(text, node, self.text)
                && let Some(receiver) = Receiver::of(object, self.text, scope, this)
            {
                mutates(kind, Method::Call(span(name)), receiver);
            }
        }
    }

    fn note_assignment(&mut self, node: Node<'a>) {
        let (Some(left), Some(right)) =
            (node.child_by_field_name("left"), node.child_by_field_name("right"))
        else {
            return;
        };
        let left = unwrapped(left);
        let operator = node.child_by_field_name("operator").map_or("=", |operator| operator.kind());
        let mut assigns = None;
        let (kind, method, target) = match left.kind() {
            "subscript_expression" => {
                let (Some(object), Some(index)) =
                    (left.child_by_field_name("object"), left.child_by_field_name("index"))
                else {
                    return;
                };
                // A fixed place (`pair[0] = …`) cannot grow.
                if matches!(index.kind(), "number" | "string") {
                    return;
                }
                if operator == "=" && matches!(unwrapped(right).kind(), "null" | "undefined") {
                    (MutationKind::Removes, "[k] = null", object)
                } else {
                    (MutationKind::Adds, "[k] =", object)
                }
            }
            "member_expression"
                if left
                    .child_by_field_name("property")
                    .is_some_and(|property| self.text.slice(span(property)) == "length") =>
            {
                let Some(object) = left.child_by_field_name("object") else { return };
                (MutationKind::Removes, ".length =", object)
            }
            "identifier" | "member_expression" if operator == "=" => {
                if keeps_old_value(left, right, self.text) {
                    (MutationKind::Adds, "= [...]", left)
                } else {
                    let constructor = self.functions.last().is_some_and(|&function| {
                        self.index.functions[function as usize].kind == FunctionKind::Constructor
                    });
                    assigns = Some(Assignment { value: span(right), in_constructor: constructor });
                    (MutationKind::Removes, "=", left)
                }
            }
            _ => return,
        };
        self.note_mutation(node, left, kind, Method::Form(method), target, assigns);
    }

    fn note_delete(&mut self, node: Node<'a>) {
        let is_delete =
            node.child_by_field_name("operator").is_some_and(|token| token.kind() == "delete");
        let Some(argument) = node.child_by_field_name("argument").filter(|_| is_delete) else {
            return;
        };
        let argument = unwrapped(argument);
        if let Some(object) = argument.child_by_field_name("object") {
            let method = Method::Form("delete");
            self.note_mutation(node, argument, MutationKind::Removes, method, object, None);
        }
    }

    fn note_comparison(&mut self, node: Node<'a>) {
        let Some(guard) = crate::guard::of(node, &self.ancestors, self.text) else { return };
        let method = Method::Comparison { property: guard.property, operator: guard.operator };
        self.note_mutation(node, node, MutationKind::Guards, method, guard.collection, None);
    }

    fn note_mutation(
        &mut self,
        node: Node<'a>,
        head: Node<'a>,
        kind: MutationKind,
        method: Method,
        target: Node<'a>,
        assigns: Option<Assignment>,
    ) {
        let Some(receiver) = self.receiver(target) else { return };
        let statement = self.statement(node);
        self.index.mutations.push(MutationFact {
            kind,
            method,
            receiver,
            span: span(node),
            head: (span(node).0, span(head).1),
            statement,
            event: None,
            callback: None,
            function: self.functions.last().copied(),
            assigns,
        });
    }

    /// The statement that a node is part of; the expression itself for the body of an arrow.
    fn statement(&self, node: Node<'a>) -> Span {
        let mut statement = node;
        for ancestor in self.ancestors.iter().rev() {
            let kind = ancestor.kind();
            if kind == "statement_block" || kind == "program" || is_function(kind) {
                break;
            }
            statement = *ancestor;
            if kind.ends_with("_statement")
                || kind.ends_with("_declaration")
                || kind.ends_with("field_definition")
            {
                break;
            }
        }
        span(statement)
    }

    /// Ties classes to the classes of this file that they extend, now that all are known.
    fn finish(mut self) -> Index {
        let by_declaration: FxHashMap<_, _> = self
            .index
            .classes
            .iter()
            .flat_map(|class| class.declarations.iter().map(|&found| (found, class.index)))
            .collect();
        for (class, name, scope) in self.superclasses {
            let base = self.index.scopes.resolve(self.text.slice(name), scope);
            self.index.classes[class as usize].base =
                base.and_then(|base| by_declaration.get(&base).copied());
        }
        self.index
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
