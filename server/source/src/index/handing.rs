//! What a call hands over: to parameters of functions of this file, to other modules, to code that is not known.
//!
//! Which function a call means is told in [`super::calling`].

use super::Walk;
use super::callable::{Callable, HandedFact, HandedOutFact};
use super::calling::{Handed, MAX_HANDED, is_timer};
use super::noted::Calling;
use crate::syntax::receiver::{Receiver, Step};

impl Walk<'_> {
    /// What is handed to a function of this file.
    pub(super) fn hand_over(
        &mut self,
        function: u32,
        calling: Calling,
        callable: &Callable,
        handed: &mut Handed,
    ) {
        if !calling.is_new {
            for (at, key) in (0..).zip(calling.keys) {
                let name = callable.parameters.get(&(function, at));
                let parameter = name.and_then(|name| self.index.scopes.declared_at(name.0));
                if let Some(parameter) = parameter {
                    self.keys_handed.entry(parameter).or_default().push(key);
                }
            }
        }
        for (at, receiver) in (0..).zip(&calling.arguments) {
            if let Some(receiver) = receiver {
                self.hand(function, at, receiver, callable, handed);
            }
        }
        for (at, (key, receiver)) in calling.parts {
            if let Some(&name) = callable.parameters.get(&(function, at)) {
                self.reach.parts.push((name, (key.clone(), receiver.clone())));
            }
            for (name, steps) in callable.bound.get(&(function, at)).into_iter().flatten() {
                let is_it = |first: &Step| match (first, &key) {
                    (Step::Property(first), Some(key)) => self.text.slice(*first) == &**key,
                    _ => false,
                };
                let behind = steps.split_first().filter(|(first, _)| is_it(first));
                let same = behind.and_then(|(_, behind)| Receiver::beyond(&receiver, behind));
                self.reach.same.extend(same.map(|same| (*name, same)));
            }
        }
    }

    /// What a parameter stands for in one call.
    pub(super) fn hand(
        &mut self,
        function: u32,
        at: u32,
        receiver: &Receiver,
        callable: &Callable,
        handed: &mut Handed,
    ) {
        let name = callable.parameters.get(&(function, at));
        if let Some(parameter) = name.and_then(|name| self.index.scopes.declared_at(name.0)) {
            let known = handed.entry(parameter).or_default();
            if !known.contains(receiver) && known.len() <= MAX_HANDED {
                known.push(receiver.clone());
            }
        }
        for (name, steps) in callable.bound.get(&(function, at)).into_iter().flatten() {
            let same = Receiver::beyond(receiver, steps);
            self.reach.same.extend(same.map(|same| (*name, same)));
        }
        if let Some(&(from, name)) = callable.rest.get(&function)
            && at >= from
        {
            self.reach.parts.push((name, (None, receiver.clone())));
        }
    }

    /// Notes what is handed to a function or class of another module, or to one that is not known.
    pub(super) fn hand_to_others(&mut self, number: usize, calling: Calling) {
        let of_module = calling.callee.as_ref().and_then(|it| self.function_of_module(it));
        let is_of_program = of_module
            .as_ref()
            .is_some_and(|(module, _)| self.text.slice(*module).starts_with(['.', '/']));
        let call = &self.index.calls[number];
        let name = self.text.slice(call.name);
        let is_reader = if self.index.instances.contains_key(&call.span) {
            is_of_language(name)
        } else {
            only_reads(self.text.slice(call.head), name)
        };
        if !is_of_program && !is_reader {
            let whole = calling.arguments.iter().flatten();
            let parts = calling.parts.iter().map(|(_, (_, receiver))| receiver);
            self.index.handed_out.extend(
                whole.chain(parts).map(|receiver| HandedOutFact {
                    call: number as u32,
                    receiver: receiver.clone(),
                }),
            );
        }
        let Some((module, path)) = of_module else { return };
        let arguments = (0..).zip(calling.arguments);
        let whole = arguments.filter_map(|(at, receiver)| Some((at, (None, receiver?))));
        let all = whole.chain(calling.parts.into_iter().filter(|(_, (key, _))| key.is_some()));
        self.index.handed.extend(all.map(|(argument, (within, receiver))| HandedFact {
            module,
            path: path.clone(),
            argument,
            within,
            receiver,
        }));
    }
}

/// Whether instances of a class take nothing out of what they are made of: those of the language are known.
fn is_of_language(class: &str) -> bool {
    const CLASSES: [&str; 10] = [
        "Map",
        "Set",
        "Array",
        "Error",
        "Promise",
        "WeakRef",
        "WeakMap",
        "WeakSet",
        "Date",
        "Uint8Array",
    ];
    CLASSES.contains(&class)
}

/// Whether a call takes nothing out of what it gets: it reads it, tells it, or puts it somewhere. Known by its
/// name, as the functions of the language and of Node are.
fn only_reads(callee: &str, name: &str) -> bool {
    const OBJECTS: [&str; 12] = [
        "console.", "JSON.", "Object.", "Array.", "Math.", "Promise.", "Reflect.", "Buffer.",
        "Number.", "assert.", "util.", "Symbol.",
    ];
    const READ: [&str; 44] = [
        "json",
        "send",
        "end",
        "write",
        "log",
        "info",
        "warn",
        "error",
        "debug",
        "trace",
        "stringify",
        "render",
        "has",
        "get",
        "includes",
        "indexOf",
        "concat",
        "equal",
        "deepEqual",
        "strictEqual",
        "deepStrictEqual",
        "ok",
        "assert",
        "expect",
        "inspect",
        "resolve",
        "reject",
        "isArray",
        "max",
        "min",
        "format",
        "join",
        "print",
        "dump",
        "report",
        "test",
        "String",
        "Number",
        "Boolean",
        "structuredClone",
        "clearTimeout",
        "clearInterval",
        "require",
        "import",
    ];
    OBJECTS.iter().any(|object| callee.starts_with(object))
        || READ.contains(&name)
        || matches!(name, "set" | "add" | "push" | "unshift" | "delete" | "splice" | "emit")
        || is_timer(name)
        || crate::statements::form::adds_listener(name)
        || crate::statements::form::removes_listener(name)
}
