//! One walk over a file's syntax tree that notes everything the file can be asked about.
//!
//! The tree is dropped afterwards: it weighs some twenty times the text, and all answers come from
//! the notes. The walk uses no recursion, because depth is in the hands of whoever wrote the file.
//!
//! This module walks; what is noted on the way is divided among its parts: [`declare`] scopes and
//! names, [`define`] functions and classes, [`note`] calls, mutations and mentions, [`export`] what
//! a module hands out. [`tie`] joins what can only be joined at the end, [`calling`] calls with what they call, and
//! [`bounds`] what is bounded with what bounds it.

mod bounds;
pub(crate) mod callable;
mod calling;
mod candidates;
mod checking;
mod declare;
mod define;
mod destructure;
mod expiry;
mod export;
mod graph;
mod handing;
mod note;
mod note_bounds;
mod noted;
mod reach;
pub(crate) mod reached;
mod repeating;
mod reuse;
pub(crate) mod roots;
mod tie;

use callable::{Callable, HandedFact, HandedOutFact};
use candidates::Candidates;
use noted::{Calling, Key, Noted};
use reached::{ReachNotes, Reached};
use rustc_hash::{FxHashMap, FxHashSet};
use tree_sitter::{Node, Tree};

use crate::statements::call::CallFact;
use crate::statements::export::Exports;
use crate::statements::mutation::MutationFact;
use crate::syntax::function::{Class, Function};
use crate::syntax::receiver::{Receiver, This};
use crate::syntax::scope::{DeclarationIndex, DeclarationKind, ScopeIndex, ScopeKind, Scopes};
use crate::syntax::{is_class, is_function, span};
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
    /// Byte offset of where V8 may have a hidden function that sets what a class has -> class.
    pub(crate) setting_anchors: FxHashMap<u32, u32>,
    pub(crate) scopes: Scopes,
    pub(crate) fields: Vec<FieldFact>,
    pub(crate) calls: Vec<CallFact>,
    pub(crate) mutations: Vec<MutationFact>,
    pub(crate) exports: Exports,
    /// Variables that are another name for something: `const { jobs } = this`.
    pub(crate) aliases: FxHashMap<DeclarationIndex, Receiver>,
    /// What parameters stand for in the calls of this file: what is handed to them.
    pub(crate) handed_to: FxHashMap<DeclarationIndex, Vec<Receiver>>,
    /// What variables are for a while, and what they have: `for (const held of [a, b])`.
    pub(crate) reached: FxHashMap<DeclarationIndex, Reached>,
    /// What names in patterns stand for if there is nothing, by their first byte: `{ max = 500 }`.
    pub(crate) defaults: FxHashMap<u32, Span>,
    /// What classes extend.
    pub(crate) superclasses: FxHashMap<u32, Receiver>,
    /// The same of fields, by what `this` is there.
    pub(crate) reached_fields: FxHashMap<This, FxHashMap<Box<str>, Reached>>,
    /// What is handed to functions of other modules.
    pub(crate) handed: Vec<HandedFact>,
    /// What is handed to anybody else who may change it.
    pub(crate) handed_out: Vec<HandedOutFact>,
    pub(crate) callable: Callable,
    /// Every identifier that may mean a variable, in the order of the file.
    pub(crate) mentions: Vec<Span>,
    /// What may mention anything, in the order of the file: broken syntax and direct `eval`.
    pub(crate) opaque: Vec<Span>,
    /// Of each expression that makes an instance the name of its class.
    pub(crate) instances: FxHashMap<Span, Span>,
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
            prototypes: Vec::new(),
            created: Vec::new(),
            aliases: Vec::new(),
            counted: Vec::new(),
            unless_assigned: FxHashSet::default(),
            lets: 0,
            declaring: FxHashSet::default(),
            assigned: Vec::new(),
            candidates: Candidates::default(),
            calling: Vec::new(),
            methods: Vec::new(),
            callable: Callable::default(),
            of_this: FxHashMap::default(),
            timers: Vec::new(),
            keys_handed: FxHashMap::default(),
            noted: Noted::default(),
            reach: ReachNotes::default(),
        };
        walk.run(tree);
        walk.finish()
    }
}

/// What is put on a prototype.
#[derive(Debug, Clone, Copy)]
enum OnPrototype {
    /// The function with this index: `Name.prototype.method = function …`.
    Function(u32),
    /// What a name stands for: `Name.prototype.method = add`.
    Named(Span),
    /// The methods of the object literal that begins at this byte: `Name.prototype = { … }`.
    Literal(u32),
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
    /// What is put on the prototype of a name, and where that was read.
    prototypes: Vec<(OnPrototype, Span, ScopeIndex)>,
    /// Names behind `new`, and where they were read.
    created: Vec<(Span, ScopeIndex)>,
    /// What names are declared to stand for, by the place of the name.
    aliases: Vec<(Span, Receiver)>,
    /// The branches that [make only so many](crate::statements::guard::counts_up_to_a_limit): the function around,
    /// the whole statement, and its condition.
    counted: Vec<(u32, Span, Span)>,
    /// Of these, the names that stand for that only if nothing else is ever assigned to them.
    unless_assigned: FxHashSet<Span>,
    /// How many times `let` ended a line.
    lets: usize,
    /// Assignments that are declarations.
    declaring: FxHashSet<Span>,
    /// Names that something is assigned to, and where they were read.
    assigned: Vec<(Span, ScopeIndex)>,
    candidates: Candidates,
    /// What is called with what, for each of the calls.
    calling: Vec<Calling>,
    /// Methods: what `this` is in them, their name, and the function.
    methods: Vec<(This, Box<str>, u32)>,
    /// The parameters of functions, in their parts of this.
    callable: Callable,
    /// Whose instance `this` is in functions that serve as classes.
    of_this: FxHashMap<This, u32>,
    /// The calls that have a function called later, and that function.
    timers: Vec<(usize, u32)>,
    /// What is known of what is handed to parameters, if it is a key: of each call.
    keys_handed: FxHashMap<DeclarationIndex, Vec<Option<Key>>>,
    noted: Noted,
    reach: ReachNotes,
}

impl<'a> Walk<'a> {
    fn run(&mut self, tree: &'a Tree) {
        let mut before = Vec::new();
        let mut cursor = tree.walk();
        loop {
            let node = cursor.node();
            let depths = self.depths();
            // A missing token has no name, but what stands in its place is not known.
            if node.is_named() || node.is_missing() {
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
        if node.is_error() || node.is_missing() {
            self.index.opaque.push(span(node));
        }
        match node.kind() {
            "identifier"
            | "shorthand_property_identifier"
            | "shorthand_property_identifier_pattern" => self.index.mentions.push(span(node)),
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
                self.note_setting(node);
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
            "expression_statement" => self.declare_after_let(node),
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
            "object_assignment_pattern" | "assignment_pattern" | "required_parameter" => {
                self.note_default(node);
            }
            "export_statement" => self.note_export(node),
            "unary_expression" => self.note_delete(node),
            "update_expression" => self.note_update(node),
            "binary_expression" => {
                self.note_comparison(node);
                self.note_condition(node);
            }
            "if_statement" => {
                self.note_counted(node);
                self.note_condition(node);
                self.note_checks(node);
            }
            "while_statement" | "ternary_expression" => self.note_condition(node),
            "return_statement" => self.note_returned(node),
            _ => {}
        }
    }
}
