//! Which function of the file a call calls, and what it hands over to its parameters.
//!
//! `trim(log, MAX)` does to `log` what `trim` does to its first parameter: there, the parameter is another
//! name for `log`. Only names are followed, and no call through a value. What is handed to a function of
//! another module is noted, for whoever knows the other file ([`crate::file::handed`]).

use rustc_hash::FxHashMap;
use tree_sitter::Node;

use super::Walk;
use super::callable::Callable;
use super::noted::Calling;
use crate::syntax::receiver::{Base, Receiver, Step, This};
use crate::syntax::scope::DeclarationIndex;
use crate::syntax::{arguments, is_function, property_name, span, unwrapped};
use crate::text::Span;

/// So many different things may be handed to one parameter; a function that gets more is everybody's, and
/// says little about any of them.
pub(super) const MAX_HANDED: usize = 16;

/// So many arguments of a call are looked at.
const MAX_ARGUMENTS: usize = 6;

/// Longest chain of names for a function that is followed.
const LONGEST_CHAIN: usize = 4;

/// What parameters stand for.
pub(super) type Handed = FxHashMap<DeclarationIndex, Vec<Receiver>>;

impl<'a> Walk<'a> {
    /// Notes what a call calls and hands over; called for each call in the order of the index.
    pub(super) fn note_calling(&mut self, callee: Node<'a>, call: Node<'a>, is_new: bool) {
        let (scope, this) = (self.scope(), self.this());
        let read = |node| {
            let receiver = Receiver::of(node, self.text, scope, this)?;
            (receiver.base != Base::Other).then_some(receiver)
        };
        let unbound = |node| crate::statements::mutation::unbound(node, self.text);
        let arguments: Vec<_> = arguments(call).into_iter().take(MAX_ARGUMENTS).collect();
        let is_literal = |node: &Node<'_>| node.kind() == "object";
        let literals = (0..).zip(arguments.iter().copied().map(unwrapped));
        let literals = literals.filter(|(_, argument)| is_literal(argument));
        let parts = literals.flat_map(|(at, literal)| {
            self.parts_of(literal).into_iter().map(move |part| (at, part))
        });
        let calling = Calling {
            callee: read(callee),
            keys: arguments.iter().map(|&argument| self.key_of(argument)).collect(),
            parts: parts.collect(),
            each: if is_new { Vec::new() } else { self.given_to_each(callee) },
            arguments: arguments.into_iter().map(|argument| read(unbound(argument))).collect(),
            is_new,
        };
        self.calling.push(calling);
    }

    /// Notes a function that is a method; `inside` is what `this` is in it.
    pub(super) fn note_method(&mut self, node: Node<'a>, function: u32, inside: This) {
        let Some(parent) = self.ancestors.last() else { return };
        let (owner, name) = match (node.kind(), parent.kind()) {
            ("method_definition", _) => (inside, node.child_by_field_name("name")),
            (_, "pair") if parent.child_by_field_name("value") == Some(node) => {
                let literal = self.ancestors.iter().rev().nth(1);
                let owner = literal.map_or(This::Unknown, |it| This::Literal(span(*it).0));
                (owner, parent.child_by_field_name("key"))
            }
            (_, "field_definition" | "public_field_definition") => {
                let name = parent.child_by_field_name("property");
                (self.this(), name.or_else(|| parent.child_by_field_name("name")))
            }
            (_, "assignment_expression") => {
                let left = parent.child_by_field_name("left").map(unwrapped);
                let name = left.and_then(|left| left.child_by_field_name("property"));
                let object = left.and_then(|left| left.child_by_field_name("object"));
                let is_this = object.is_some_and(|object| object.kind() == "this");
                (if is_this { self.this() } else { This::Function(function) }, name)
            }
            _ => return,
        };
        if let Some(name) = name.filter(|_| owner != This::Unknown && is_function(node.kind())) {
            self.methods.push((owner, property_name(name, self.text).into(), function));
        }
    }

    /// Settles what calls call and what parameters stand for.
    pub(super) fn settle_calls(&mut self) {
        let mut callable = Callable {
            by_declaration: self.functions_by_declaration(|_| true),
            ..std::mem::take(&mut self.callable)
        };
        for (owner, name, function) in std::mem::take(&mut self.methods) {
            let owner = self.of_this.get(&owner).map_or(owner, |&class| This::Instance(class));
            callable.methods.entry((owner, name)).or_insert(function);
        }
        let mut handed = Handed::default();
        let mut calling = std::mem::take(&mut self.calling);
        for calling in &mut calling {
            self.settle_this_of(calling);
        }
        for (number, calling) in calling.into_iter().enumerate() {
            self.settle_callback(number, &calling, &callable, &mut handed);
            let Some(callee) = &calling.callee else {
                self.hand_to_others(number, calling);
                continue;
            };
            let function = if calling.is_new {
                self.constructor_of(&callable, callee)
            } else {
                self.function_of(&callable, callee)
            };
            if !calling.is_new {
                let call = &mut self.index.calls[number];
                call.calls = function;
                if let (None, Some((_, on))) = (function, callee.steps.split_last()) {
                    let receiver = Receiver { base: callee.base.clone(), steps: on.to_vec() };
                    call.receiver = Some(receiver);
                }
            }
            match function {
                Some(function) => self.hand_over(function, calling, &callable, &mut handed),
                None => self.hand_to_others(number, calling),
            }
        }
        handed.retain(|_, receivers| receivers.len() <= MAX_HANDED);
        self.index.handed_to = handed;
        self.index.callable = callable;
    }

    /// `this` in functions that serve as classes is an instance.
    fn settle_this_of(&self, calling: &mut Calling) {
        let receivers = calling.callee.iter_mut().chain(calling.arguments.iter_mut().flatten());
        let parts = calling.parts.iter_mut().map(|(_, (_, receiver))| receiver);
        for receiver in receivers.chain(parts).chain(&mut calling.each) {
            if let Base::This(this) = receiver.base
                && let Some(&class) = self.of_this.get(&this)
            {
                receiver.base = Base::This(This::Instance(class));
            }
        }
    }

    /// What the function that a call gets is called with, and whether that happens later.
    fn settle_callback(
        &mut self,
        number: usize,
        calling: &Calling,
        callable: &Callable,
        handed: &mut Handed,
    ) {
        let call = &self.index.calls[number];
        let is_timer = is_timer(self.text.slice(call.name));
        let Some(callback) = call.callback.filter(|_| is_timer || !calling.each.is_empty()) else {
            return;
        };
        let run = if callback.is_literal {
            let functions = &self.index.functions;
            let at = functions.binary_search_by_key(&callback.span.0, |it| it.span.0).ok();
            at.map(|at| functions[at].index)
        } else {
            let named = calling.arguments.first().and_then(Option::as_ref);
            named.and_then(|named| self.function_of(callable, named))
        };
        let Some(run) = run else { return };
        if is_timer {
            self.timers.push((number, run));
        }
        for receiver in &calling.each {
            self.hand(run, 0, receiver, callable, handed);
        }
    }

    /// The constructor that `new` calls.
    fn constructor_of(&self, callable: &Callable, callee: &Receiver) -> Option<u32> {
        let Base::Variable { name, scope } = &callee.base else { return None };
        let variable = self.index.scopes.resolve(self.text.slice(*name), *scope)?;
        let classes = self.index.classes.iter();
        let mut classes = classes.filter(|_| callee.steps.is_empty());
        let class = classes.find(|it| it.declarations.contains(&variable))?;
        let method = (This::Instance(class.index), "constructor".into());
        let own = || callable.by_declaration.get(&variable);
        callable.methods.get(&method).or_else(own).copied()
    }

    /// The function that a callee means.
    pub(super) fn function_of(&self, callable: &Callable, callee: &Receiver) -> Option<u32> {
        let mut callee = callee.clone();
        for _ in 0..LONGEST_CHAIN {
            if let Some(found) = self.function_as_written(callable, &callee) {
                return Some(found);
            }
            let Base::Variable { name, scope } = &callee.base else { return None };
            let variable = self.index.scopes.resolve(self.text.slice(*name), *scope)?;
            callee = callee.based_on(self.index.aliases.get(&variable)?)?;
        }
        None
    }

    fn function_as_written(&self, callable: &Callable, callee: &Receiver) -> Option<u32> {
        let variable = match &callee.base {
            Base::Variable { name, scope } => {
                Some(self.index.scopes.resolve(self.text.slice(*name), *scope)?)
            }
            _ => None,
        };
        let method = match (&callee.steps[..], variable) {
            ([], Some(variable)) => return callable.by_declaration.get(&variable).copied(),
            ([Step::Property(method)], _) => self.text.slice(*method),
            _ => return None,
        };
        let method_of = |this| callable.methods.get(&(this, method.into())).copied();
        match (&callee.base, variable) {
            (Base::This(This::Instance(class)), _) => self.inherited(callable, *class, method),
            (Base::This(this), _) => method_of(*this),
            (_, Some(variable)) => {
                let value = self.index.scopes.variable(variable).initializer;
                let of_literal = value.and_then(|value| method_of(This::Literal(value.0)));
                let class_of = |variable| {
                    let mut classes = self.index.classes.iter().rev();
                    classes.find(|it| it.declarations.contains(&variable)).map(|it| it.index)
                };
                let of_class = || method_of(This::Class(class_of(variable)?));
                // `const cache = new Cache()`
                let of_instance = || {
                    let name = self.text.slice(*self.index.instances.get(&value?)?);
                    let scope = self.index.scopes.variable(variable).scope;
                    let class = class_of(self.index.scopes.resolve(name, scope)?)?;
                    self.inherited(callable, class, method)
                };
                of_literal.or_else(of_class).or_else(of_instance)
            }
            _ => None,
        }
    }

    /// A method that instances of a class have, also from those that it extends.
    fn inherited(&self, callable: &Callable, class: u32, method: &str) -> Option<u32> {
        let mut next = Some(class);
        // A circle (`class A extends A`) ends after as many steps as there are classes.
        for _ in 0..=self.index.classes.len() {
            let class = next?;
            let found = callable.methods.get(&(This::Instance(class), method.into()));
            if let Some(&found) = found {
                return Some(found);
            }
            next = self.index.classes[class as usize].base;
        }
        None
    }

    /// The module that has the function that is called, and the way to it.
    pub(super) fn function_of_module(&self, callee: &Receiver) -> Option<(Span, Vec<Step>)> {
        let mut callee = callee.clone();
        for _ in 0..LONGEST_CHAIN {
            if let Base::Module(module) = callee.base {
                let is_named = !callee.steps.iter().any(Step::is_element);
                return is_named.then_some((module, callee.steps));
            }
            let Base::Variable { name, scope } = &callee.base else { return None };
            let variable = self.index.scopes.resolve(self.text.slice(*name), *scope)?;
            callee = callee.based_on(self.index.aliases.get(&variable)?)?;
        }
        None
    }
}

/// Whether a function of this name calls another one later.
pub(super) fn is_timer(name: &str) -> bool {
    matches!(name, "setTimeout" | "setInterval")
}
