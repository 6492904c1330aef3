//! Whether anything calls the function that a statement stands in: a `clear()` for tests that nobody calls
//! removes nothing.
//!
//! Calls are followed backwards as far as names go. Whatever may be called in a way that is not seen here
//! (a value that is handed on, a class that extends another one, a decorator) counts as called: to say of
//! something that runs that it does not is the worse mistake.

use rustc_hash::FxHashSet;

use super::SourceFile;
use crate::file::sought::Match;
use crate::statements::call::CallFact;
use crate::statements::form::Method;
use crate::statements::mutation::{Mutation, MutationFact};
use crate::syntax::function::{Class, Function, FunctionKind};
use crate::syntax::receiver::{Receiver, Step, This};
use crate::syntax::scope::DeclarationIndex;
use crate::text::Span;

/// Classes to extend which gives nobody else a reason to call one's methods.
const PLAIN_BASES: [&str; 7] =
    ["Map", "Set", "WeakMap", "Array", "Object", "EventEmitter", "events.EventEmitter"];

/// Methods that the language calls.
const CALLED_BY_LANGUAGE: [&str; 8] =
    ["toString", "toJSON", "valueOf", "then", "next", "return", "throw", "handleEvent"];

/// What one file tells of whether a function runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Runs {
    /// Something calls it, or may.
    Yes,
    /// Only if another file uses one of these names.
    IfUsed(Vec<String>),
}

impl SourceFile {
    /// Whether what a statement does is ever done. The functions of the `known` statements do run, and so may
    /// whatever calls those.
    pub fn runs(&self, statement: &Mutation, known: &[&Mutation]) -> Runs {
        let known = known.iter().filter(|it| it.file == *self.path());
        let running = self.with_callers(known.filter_map(|it| it.function).collect());
        let Some(first) = statement.function else { return Runs::Yes };
        let mut open = vec![first];
        let mut seen = FxHashSet::default();
        let mut names = Vec::new();
        while let Some(function) = open.pop() {
            if !seen.insert(function) {
                continue;
            }
            if running.contains(&function) {
                return Runs::Yes;
            }
            for caller in self.callers(function, &mut names) {
                match caller {
                    Some(caller) => open.push(caller),
                    None => return Runs::Yes,
                }
            }
        }
        names.sort_unstable();
        names.dedup();
        Runs::IfUsed(names)
    }

    /// What a function takes out of something, itself or in those of this file that it calls: `held.delete(key)`.
    pub fn taken_out_by(&self, function: &Function) -> Option<Mutation> {
        let mut functions = vec![function.index];
        let calls = self.index.calls.iter().filter(|call| call.function == Some(function.index));
        functions.extend(calls.filter_map(|call| call.calls));
        let takes = |fact: &&MutationFact| {
            let name = match fact.method {
                Method::Call(name) => self.text.slice(name),
                _ => "",
            };
            let is_it = fact.method == Method::DELETES || matches!(name, "delete" | "splice");
            is_it && fact.function.is_some_and(|it| functions.contains(&it))
        };
        let fact = self.index.mutations.iter().find(takes)?;
        Some(self.mutation(fact, Match { nested: false, exact: false }))
    }

    /// These functions, with all that may have called them.
    fn with_callers(&self, mut open: Vec<u32>) -> FxHashSet<u32> {
        let mut running = FxHashSet::default();
        while let Some(function) = open.pop() {
            if running.insert(function) {
                open.extend(self.callers(function, &mut Vec::new()).into_iter().flatten());
            }
        }
        running
    }

    /// Whether the file may call or hand on something that has a name: not a `clear` of a `Map` of its own.
    pub fn may_use(&self, name: &str) -> bool {
        let is_method = |call: &&CallFact| self.text.slice(call.name) == name;
        let mut calls = self.index.calls.iter().filter(is_method);
        calls.any(|call| call.calls.is_none() && self.may_be_any(call)) || self.refers_to(name)
    }

    /// The functions that call one, `None` where that is known to run; and by which `names` others may.
    fn callers(&self, function: u32, names: &mut Vec<String>) -> Vec<Option<u32>> {
        let found = &self.index.functions[function as usize];
        if found.kind == FunctionKind::Constructor {
            return vec![None];
        }
        let callable = &self.index.callable;
        let methods = callable.methods.iter().filter(|(_, it)| **it == function);
        let methods: Vec<(This, &str)> =
            methods.map(|((owner, name), _)| (*owner, &**name)).collect();
        let mut variables = callable.declarations_of(function);
        // The name that an expression has for itself: `setTimeout(function expire() { … })`.
        let scopes = &self.index.scopes;
        variables.retain(|it| scopes.scope(scopes.variable(*it).scope).function != Some(function));
        if methods.is_empty() && variables.is_empty() {
            // It is written where it is used.
            return vec![found.parent];
        }
        let calls = self.index.calls.iter();
        let mut callers: Vec<Option<u32>> =
            calls.filter(|call| call.calls == Some(function)).map(|call| call.function).collect();
        for (owner, name) in methods {
            callers.extend(self.callers_of_method(function, owner, name));
            names.push(name.to_owned());
        }
        for variable in variables {
            callers.extend(self.users_of(variable, names));
        }
        callers
    }

    fn callers_of_method(&self, function: u32, owner: This, name: &str) -> Vec<Option<u32>> {
        let is_called_otherwise = match owner {
            This::Instance(class) | This::Class(class) => {
                is_used_by_others(&self.index.classes[class as usize], &self.text)
            }
            This::Literal(start) => {
                let calls = self.index.calls.iter();
                // `register({ clear() { … } })`
                let mut around = calls.filter(|call| call.head.1 <= start && start < call.span.1);
                around.any(|call| call.function == self.index.functions[function as usize].parent)
            }
            This::Function(_) | This::Unknown => false,
        };
        let is_name = name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '$' | '#'));
        if is_called_otherwise
            || !is_name
            || CALLED_BY_LANGUAGE.contains(&name)
            || self.refers_to(name)
        {
            return vec![None];
        }
        let is_it = |call: &&CallFact| {
            call.calls.is_none() && self.text.slice(call.name) == name && self.may_be_any(call)
        };
        self.index.calls.iter().filter(is_it).map(|call| call.function).collect()
    }

    /// Where a function that a variable holds is used other than by calling it: nobody knows who calls it then,
    /// and who handed it on.
    fn users_of(&self, variable: DeclarationIndex, names: &mut Vec<String>) -> Vec<Option<u32>> {
        let declared = self.index.scopes.variable(variable);
        let name = self.text.slice(declared.name);
        let exports = &self.index.exports;
        if exports.aliases.contains(&variable) {
            return vec![None];
        }
        let mut users = Vec::new();
        for &mention in &self.index.mentions {
            if mention == declared.name || self.text.slice(mention) != name {
                continue;
            }
            let scope = self.index.scopes.at(mention.0);
            if scope.and_then(|scope| self.index.scopes.resolve(name, scope)) != Some(variable) {
                continue;
            }
            let at = |span: Span| span == mention;
            if let Some(export) =
                exports.facts.iter().find(|it| it.variable.is_some_and(|(span, _)| at(span)))
            {
                names.push(self.text.slice(export.name).to_owned());
            } else if !self.index.calls.iter().any(|call| at(call.name) && call.calls.is_some()) {
                // Whoever hands it on runs if it does: `used.forEach(give)`.
                let around = scope.and_then(|scope| self.index.scopes.scope(scope).function);
                users.extend([None, around]);
            }
        }
        // `export function clear()`
        let own = exports
            .facts
            .iter()
            .filter(|it| it.variable.is_some_and(|(span, _)| self.text.slice(span) == name));
        names.extend(own.map(|export| self.text.slice(export.name).to_owned()));
        users
    }

    /// Whether a property of this name is read without being called at once, or is meant by a text.
    fn refers_to(&self, name: &str) -> bool {
        let text = self.text.as_str();
        let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '$' | '#');
        text.match_indices(name).any(|(start, _)| {
            let (before, after) = (&text[..start], &text[start + name.len()..]);
            let quote = before.chars().next_back().filter(|c| matches!(c, '"' | '\'' | '`'));
            if let Some(quote) = quote {
                // A key of a literal or of a class is no use of it.
                let is_whole = after.starts_with(quote);
                return is_whole && !after[quote.len_utf8()..].trim_start().starts_with([':', '(']);
            }
            if after.starts_with(is_part) || !before.ends_with('.') {
                return self.is_destructured((start as u32, (start + name.len()) as u32));
            }
            let called = self.index.calls.iter().any(|call| call.name.0 == start as u32);
            let rest = after.trim_start();
            let is_assigned = rest.starts_with('=') && !rest.starts_with("==");
            !called && !is_assigned
        })
    }

    /// Whether a name is taken out of an object: `const { clear } = cache`.
    fn is_destructured(&self, name: Span) -> bool {
        let variable = self.index.scopes.declared_at(name.0);
        let alias = variable.and_then(|it| self.index.aliases.get(&it));
        let last = alias.and_then(|it| it.steps.last());
        matches!(last, Some(Step::Property(found)) if *found == name)
    }

    /// Whether what a method is called on may be of any class, as far as one sees: not if it is known to be
    /// a collection of the language.
    fn may_be_any(&self, call: &CallFact) -> bool {
        let of = |receiver: &Receiver| self.is_collection(receiver);
        !call.receiver.as_ref().is_some_and(of)
    }

    fn is_collection(&self, receiver: &Receiver) -> bool {
        const BEGINNINGS: [&str; 7] =
            ["new Map", "new Set", "new WeakMap", "new Array", "[", "{", "Object.create(null"];
        let is_one = |value: Span| {
            let value = self.text.slice(value);
            BEGINNINGS.iter().any(|beginning| value.starts_with(beginning))
        };
        match (&receiver.base, receiver.steps.last()) {
            (crate::syntax::receiver::Base::Variable { name, scope }, None) => {
                let variable = self.index.scopes.resolve(self.text.slice(*name), *scope);
                let value = variable.and_then(|it| self.index.scopes.variable(it).initializer);
                value.is_some_and(|value| is_one(value) && !self.text.slice(value).starts_with('{'))
            }
            (_, Some(Step::Property(field))) => {
                // All fields and properties of that name in this file.
                let field = self.text.slice(*field);
                let fields = self.index.fields.iter();
                let fields = fields.filter(|it| self.text.slice(it.name) == field);
                let assigned = self.index.mutations.iter().filter(|fact| {
                    matches!(fact.receiver.steps.last(), Some(Step::Property(name))
                        if self.text.slice(*name) == field)
                });
                let assigned = assigned.filter_map(|fact| Some(fact.assigns?.value));
                let mut values = fields.filter_map(|it| it.initializer).chain(assigned).peekable();
                values.peek().is_some() && values.all(is_one)
            }
            _ => false,
        }
    }
}

/// Whether others may call the methods of a class without naming them: a framework whose class it extends
/// or that decorates it.
fn is_used_by_others(class: &Class, text: &crate::text::Text) -> bool {
    let extends = class.superclass.as_deref();
    let is_strange = class.base.is_none() && extends.is_some_and(|it| !PLAIN_BASES.contains(&it));
    let body = text.slice(class.span);
    let is_decorator = |(at, _): (usize, &str)| {
        let before = body[..at].chars().next_back();
        let after = body[at + 1..].chars().next();
        before.is_none_or(char::is_whitespace) && after.is_some_and(char::is_uppercase)
    };
    is_strange || body.match_indices('@').any(is_decorator)
}
