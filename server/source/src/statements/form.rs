//! By which form a statement changes or bounds a collection, and how that is written in short.
//!
//! Verdicts ask for the form; the spelling is for people. Not here: which forms there are in a tree
//! ([`super::mutation`]).

use crate::text::{Span, Text};

/// By what a statement changes or bounds what it is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MutationForm {
    /// `.set(`, as a `Map` adds.
    Set,
    /// `.add(`, as a `Set` adds.
    Add,
    /// It registers a listener: `.on(`, `.subscribe(`, `once(emitter, "event")`.
    Listens,
    /// Any other call: `.push(`, `.delete(`, `Object.assign(`.
    Calls,
    /// The element under a computed key gets a value: `[k] =`.
    AssignsElement,
    /// The element behind the last one gets a value: `list[list.length] =`, `list[count++] =`.
    AppendsElement,
    /// The element under a computed key gets nothing: `[k] = null`.
    EmptiesElement,
    /// `.length =`
    AssignsLength,
    /// `.length--`
    CountsLengthDown,
    /// `delete`
    Deletes,
    /// `+=`
    Appends,
    /// A longer copy takes its place: `= [...held, value]`.
    PutsLongerCopy,
    /// What a function makes of it takes its place, and may keep what was there: `= reduce(held)`.
    PutsResult,
    /// Another value takes its place: `=`.
    PutsAnother,
    /// What takes its place is cut: `= [...held, value].slice(`.
    Cuts,
    /// It is added under a key that repeats: `[next++ % SIZE] =`, `.set(id % SHARDS, …)`.
    RepeatsKey,
    /// It is added under a key that a fixed table has: `if (!known.has(key)) throw …`.
    ChecksKey,
    /// One is taken out, and a new one is made only if there is none: `free.pop() ?? make()`.
    Reuses,
    /// Its size, or the number of what was made for it, is compared with a limit: `.size >`.
    Compares,
}

impl MutationForm {
    /// Whether it calls a method or a function, which may do more than its name says.
    pub fn is_call(self) -> bool {
        matches!(
            self,
            MutationForm::Set | MutationForm::Add | MutationForm::Listens | MutationForm::Calls
        )
    }

    /// Whether a changed copy takes the place of what was there, which itself stays as it is.
    pub fn puts_changed_copy(self) -> bool {
        matches!(self, MutationForm::PutsLongerCopy | MutationForm::PutsResult)
    }
}

/// How a mutation is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Method {
    /// `.name(`
    Call(Span),
    /// As given.
    Fixed { form: MutationForm, written: &'static str },
    /// A comparison of `.size` or `.length`: the property and the operator.
    Comparison { property: &'static str, operator: &'static str },
}

impl Method {
    pub(crate) const ASSIGNS_ELEMENT: Self = fixed(MutationForm::AssignsElement, "[k] =");
    pub(crate) const APPENDS_ELEMENT: Self = fixed(MutationForm::AppendsElement, "[n] =");
    pub(crate) const EMPTIES_ELEMENT: Self = fixed(MutationForm::EmptiesElement, "[k] = null");
    pub(crate) const ASSIGNS_LENGTH: Self = fixed(MutationForm::AssignsLength, ".length =");
    pub(crate) const COUNTS_LENGTH_DOWN: Self = fixed(MutationForm::CountsLengthDown, ".length--");
    pub(crate) const DELETES: Self = fixed(MutationForm::Deletes, "delete");
    pub(crate) const APPENDS: Self = fixed(MutationForm::Appends, "+=");
    pub(crate) const PUTS_LONGER_COPY: Self = fixed(MutationForm::PutsLongerCopy, "= [...]");
    pub(crate) const PUTS_RESULT: Self = fixed(MutationForm::PutsResult, "= f(");
    pub(crate) const PUTS_ANOTHER: Self = fixed(MutationForm::PutsAnother, "=");
    pub(crate) const CUTS: Self = fixed(MutationForm::Cuts, ".slice(");
    pub(crate) const PUTS_CUT: Self = fixed(MutationForm::Cuts, "= .slice(");
    pub(crate) const REPEATS_KEY: Self = fixed(MutationForm::RepeatsKey, "[k % n]");
    pub(crate) const CHECKS_KEY: Self = fixed(MutationForm::ChecksKey, ".has(k)");
    pub(crate) const REUSES: Self = fixed(MutationForm::Reuses, ".pop() ??");
    pub(crate) const COUNTS_TO_LIMIT: Self = fixed(MutationForm::Compares, "counter <");

    /// By what it does what it does.
    pub(crate) fn form(&self, text: &Text) -> MutationForm {
        match self {
            Method::Call(name) => match text.slice(*name) {
                "set" => MutationForm::Set,
                "add" => MutationForm::Add,
                name if adds_listener(name) => MutationForm::Listens,
                _ => MutationForm::Calls,
            },
            Method::Fixed { form, .. } => *form,
            Method::Comparison { .. } => MutationForm::Compares,
        }
    }

    /// How it is written, in short.
    pub(crate) fn written(&self, text: &Text) -> String {
        match self {
            Method::Call(name) => format!(".{}(", text.slice(*name)),
            Method::Fixed { written, .. } => (*written).to_owned(),
            Method::Comparison { property, operator } => format!(".{property} {operator}"),
        }
    }
}

const fn fixed(form: MutationForm, written: &'static str) -> Method {
    Method::Fixed { form, written }
}

/// Methods that register a listener. Of Node's `EventEmitter`, `EventTarget`, and observables.
pub(crate) fn adds_listener(name: &str) -> bool {
    matches!(
        name,
        "on" | "once"
            | "addListener"
            | "prependListener"
            | "prependOnceListener"
            | "addEventListener"
            | "subscribe"
    )
}

/// Methods that remove listeners.
pub(crate) fn removes_listener(name: &str) -> bool {
    matches!(
        name,
        "off" | "removeListener" | "removeAllListeners" | "removeEventListener" | "unsubscribe"
    )
}
