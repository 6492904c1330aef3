//! Statements that make a collection larger or smaller, and comparisons that bound it.
//!
//! Found in the tree by the name of a method or by the form of an assignment; which variable or
//! field they mean is answered when asked ([`crate::file::SourceFile::mutations`]). Types are not known:
//! `x.add(y)` counts as adding whatever `x` is, so ask only about things that are collections or
//! emitters.

use tree_sitter::Node;

use std::path::PathBuf;

use super::form::{Method, MutationForm, adds_listener, removes_listener};
use super::number::{Limit, Number};
use crate::syntax::receiver::Receiver;
use crate::syntax::scope::ScopeIndex;
use crate::syntax::{arguments, is_function, span, string_value, unwrapped};
use crate::text::position::Range;
use crate::text::{Span, Text};

/// What a statement does to a collection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum MutationKind {
    /// It can make it larger.
    Adds,
    /// It can make it smaller, or replaces it.
    Removes,
    /// It compares the size with a limit.
    Guards,
}

/// A statement that changes or bounds a collection or the listeners of an emitter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mutation {
    /// The file that it stands in.
    pub file: PathBuf,
    /// What it does.
    pub kind: MutationKind,
    /// By what it does that.
    pub form: MutationForm,
    /// How it is written, in short: `.set(`, `[k] =`, `delete`, `.size >`.
    pub method: String,
    /// The first line of the whole statement, trimmed.
    pub statement: String,
    /// The whole expression, which may run over several lines.
    pub range: Range,
    /// What to underline: the expression up to its arguments, `entries.set`.
    pub head_range: Range,
    /// The event's name, for listeners: the first argument if it is a string.
    pub event: Option<String>,
    /// The function that does it, as people say it; `None` at the top level.
    pub in_function: Option<String>,
    /// The function or the name of one that is handed over, for listeners and the like.
    pub callback: Option<Callback>,
    /// It changes a collection inside the collection: `groups.get(key).push(value)`.
    pub nested: bool,
    /// `false`: the statement goes through another value (`pool.entries.push(x)` for the field
    /// `entries`) or a computed key (`state[key].push(x)` for `state.entries`), so it may mean another
    /// thing.
    pub exact: bool,
    /// It takes out what is old, or what has had its time.
    pub expires: Option<Expiry>,
    /// The limit that the size is compared with, if its value is written in this file.
    pub limit: Option<Limit>,
    /// Where the limit is written otherwise: in a field, among the options of a constructor, in another module.
    pub limit_behind: Number,
    /// Where else that limit stands while the program runs, if a name says so.
    pub limit_at: Option<LimitAt>,
    /// Index of the innermost function around.
    pub(crate) function: Option<u32>,
}

/// Where a limit stands in memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LimitAt {
    /// In a property of the instance whose method compares with it, by the names that lead there:
    /// `this.options.max`.
    Instance(Vec<String>),
    /// In a variable.
    Variable(String),
}

/// How what has had its time is taken out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expiry {
    /// By a loop over all, or all of them at once: `if (it.expires < now) held.delete(key)`.
    Together,
    /// Each by a timer of its own: `setTimeout(() => held.delete(key), TTL)`.
    ByOwnTimer,
}

/// A function that is handed to a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Callback {
    /// The function literal, or the expression that names a function.
    pub range: Range,
    /// The expression, if it names a function instead of being one: `this.onTick`.
    pub reference: Option<String>,
}

/// A mutation as found, still in bytes and not yet tied to a declaration.
#[derive(Debug)]
pub(crate) struct MutationFact {
    pub(crate) kind: MutationKind,
    pub(crate) method: Method,
    pub(crate) receiver: Receiver,
    pub(crate) span: Span,
    pub(crate) head: Span,
    pub(crate) statement: Span,
    pub(crate) event: Option<Span>,
    pub(crate) callback: Option<CallbackFact>,
    /// Index of the innermost function around.
    pub(crate) function: Option<u32>,
    /// A plain `x = …`: the first one may be the declaration instead of a replacement.
    pub(crate) assigns: Option<Assignment>,
    /// It takes out what is old, or what has had its time.
    pub(crate) expires: Option<Expiry>,
    /// With what the size is compared.
    pub(crate) limit: Option<Span>,
}

impl MutationFact {
    /// What bounds the same collection at the same place: a statement that adds may itself be why there are few.
    pub(crate) fn guarded_by(&self, method: Method) -> Self {
        Self {
            kind: MutationKind::Guards,
            method,
            receiver: self.receiver.clone(),
            event: None,
            callback: None,
            assigns: None,
            expires: None,
            limit: None,
            ..*self
        }
    }

    /// Whether it gives a variable or property another value, and does nothing to the one that is there.
    pub(crate) fn puts_there(&self) -> bool {
        let puts = [Method::APPENDS, Method::PUTS_LONGER_COPY, Method::PUTS_CUT];
        self.assigns.is_some() || puts.contains(&self.method)
    }
}

/// A plain assignment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Assignment {
    /// The value.
    pub(crate) value: Span,
    /// Whether it stands in a constructor, so that it is a field's declaration.
    pub(crate) in_constructor: bool,
    /// Whether the value is `undefined` or `null`: the declaration is where it gets another.
    pub(crate) gives_nothing: bool,
    /// See [`SourceFile::lengthenings`](crate::file::SourceFile::lengthenings).
    pub(crate) links: bool,
    /// Where it stands: a name in the value is of that scope.
    pub(crate) scope: ScopeIndex,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct CallbackFact {
    pub(crate) span: Span,
    pub(crate) is_literal: bool,
}

/// What calling a method of this name does, by the number of arguments.
pub(crate) fn method_kind(name: &str, call: Node<'_>, text: &Text) -> Option<MutationKind> {
    match name {
        "set" | "add" | "push" | "unshift" => Some(MutationKind::Adds),
        "splice" => {
            let arguments = arguments(call);
            let inserts = arguments.len() > 2 && text.slice(span(arguments[1])) == "0";
            Some(if inserts { MutationKind::Adds } else { MutationKind::Removes })
        }
        "delete" | "clear" | "shift" | "pop" => Some(MutationKind::Removes),
        "fill" => {
            let value = arguments(call).first().map(|value| text.slice(span(*value)));
            matches!(value, Some("undefined" | "null" | "void 0")).then_some(MutationKind::Removes)
        }
        _ if adds_listener(name) => Some(MutationKind::Adds),
        _ if removes_listener(name) => Some(MutationKind::Removes),
        _ => None,
    }
}

/// What a function that is no method of the collection does to one of its arguments:
/// `Object.assign(state, more)`, `once(bus, "tick")`.
pub(crate) fn by_helper<'tree>(
    callee: Node<'tree>,
    call: Node<'tree>,
    text: &Text,
) -> Option<(MutationKind, Method, Node<'tree>)> {
    let (kind, form, written) = match text.slice(span(callee)) {
        "Object.assign" => (MutationKind::Adds, MutationForm::Calls, "Object.assign("),
        "Object.defineProperty" => {
            (MutationKind::Adds, MutationForm::Calls, "Object.defineProperty(")
        }
        "Object.defineProperties" => {
            (MutationKind::Adds, MutationForm::Calls, "Object.defineProperties(")
        }
        "Reflect.set" => (MutationKind::Adds, MutationForm::Calls, "Reflect.set("),
        "Reflect.deleteProperty" => {
            (MutationKind::Removes, MutationForm::Calls, "Reflect.deleteProperty(")
        }
        "_.pull" | "_.pullAll" | "_.pullAt" | "_.remove" | "_.unset" => {
            (MutationKind::Removes, MutationForm::Calls, "_.remove(")
        }
        _ if is_of_events(callee, call, text) => {
            let name = callee.child_by_field_name("property").unwrap_or(callee);
            let written = if text.slice(span(name)) == "on" { "on(" } else { "once(" };
            (MutationKind::Adds, MutationForm::Listens, written)
        }
        _ => return None,
    };
    Some((kind, Method::Fixed { form, written }, *arguments(call).first()?))
}

/// Whether a call is one of Node's `events.once(emitter, "event")` and `events.on(emitter,
/// "event")`, which listen until they are done.
pub(crate) fn is_of_events(callee: Node<'_>, call: Node<'_>, text: &Text) -> bool {
    let name = match callee.kind() {
        "identifier" => Some(callee),
        "member_expression" => {
            let object =
                callee.child_by_field_name("object").map(|object| text.slice(span(object)));
            callee
                .child_by_field_name("property")
                .filter(|_| matches!(object, Some("events" | "EventEmitter")))
        }
        _ => None,
    };
    name.is_some_and(|name| matches!(text.slice(span(name)), "once" | "on"))
        && matches!(arguments(call)[..], [emitter, event, ..]
            if string_value(emitter, text).is_none() && string_value(event, text).is_some()
                && !is_function(unwrapped(emitter).kind()))
}

/// A method that is called through another function, now or later, and on what: `held.push.apply(held,
/// more)`, `Array.prototype.push.call(held, item)`, `held.delete.bind(held)`, `keys.forEach(held.delete, held)`.
pub(crate) fn borrowed_method<'tree>(
    callee: Node<'tree>,
    call: Node<'tree>,
    text: &Text,
) -> Option<(Node<'tree>, Node<'tree>)> {
    let arguments = arguments(call);
    let how = text.slice(span(callee.child_by_field_name("property")?));
    let object = unwrapped(callee.child_by_field_name("object")?);
    let method_of = |function: Node<'tree>| unwrapped(function).child_by_field_name("property");
    match (how, &arguments[..]) {
        ("apply", [function, target, ..]) if text.slice(span(object)) == "Reflect" => {
            Some((method_of(*function)?, *target))
        }
        ("call" | "apply" | "bind", [target, ..]) => Some((method_of(object)?, *target)),
        ("forEach", [function, target]) => Some((method_of(*function)?, *target)),
        _ => None,
    }
}

/// Whether a value that is assigned to `left` keeps what was there: `[...x, y]`, `{ ...x }`,
/// `x.concat(y)`, `Buffer.concat([x, y])`, `new Map([...x, y])`.
pub(crate) fn keeps_old_value(left: Node<'_>, right: Node<'_>, text: &Text) -> bool {
    let old = text.slice(span(left));
    let is_old = |node: Node<'_>| text.slice(span(unwrapped(node))) == old;
    let spreads = |literal: Node<'_>| {
        let mut cursor = literal.walk();
        literal
            .named_children(&mut cursor)
            .any(|item| item.kind() == "spread_element" && item.named_child(0).is_some_and(is_old))
    };
    let right = unwrapped(right);
    match right.kind() {
        "array" | "object" => spreads(right),
        "new_expression" => arguments(right).iter().any(|argument| spreads(unwrapped(*argument))),
        "call_expression" => right.child_by_field_name("function").is_some_and(|function| {
            let method = function.child_by_field_name("property");
            let lists_old = |argument: &Node<'_>| {
                let list = unwrapped(*argument);
                let mut cursor = list.walk();
                list.kind() == "array" && list.named_children(&mut cursor).any(is_old)
            };
            method.is_some_and(|method| text.slice(span(method)) == "concat")
                && (function.child_by_field_name("object").is_some_and(is_old)
                    || arguments(right).iter().any(lists_old))
        }),
        _ => false,
    }
}

/// Whether a value that is assigned to `left` is made from what was there by a function, which may keep
/// it or not: `reduce(state, action)`, `produce(this.state, recipe)`.
pub(crate) fn is_made_of_old_value(left: Node<'_>, right: Node<'_>, text: &Text) -> bool {
    let old = text.slice(span(left));
    let right = unwrapped(right);
    right.kind() == "call_expression"
        && arguments(right).iter().any(|argument| text.slice(span(unwrapped(*argument))) == old)
}

/// Whether a value that is assigned to `left` is some of what was there: `x.filter(isOpen)`.
pub(crate) fn is_some_of_old_value(left: Node<'_>, right: Node<'_>, text: &Text) -> bool {
    let right = unwrapped(right);
    right.kind() == "call_expression"
        && cut_by(right, text).is_some_and(|it| text.slice(span(it)) == text.slice(span(left)))
}

/// Whether a value that is put in the place of another is longer only up to a limit: `[...x,
/// y].slice(-100)`, `[...x.filter(isNew), y]`, `x.concat(y).slice(1)`, on its own or deep in a new state.
pub(crate) fn is_cut(right: Node<'_>, text: &Text) -> bool {
    let is_spread = |node: &Node<'_>| node.kind() == "spread_element";
    let is_longer = |node: Node<'_>| match node.kind() {
        "array" => named_children(node).iter().any(is_spread),
        "call_expression" => {
            let method = node.child_by_field_name("function");
            let method = method.and_then(|method| method.child_by_field_name("property"));
            method.is_some_and(|method| text.slice(span(method)) == "concat")
        }
        _ => false,
    };
    let mut open = vec![unwrapped(right)];
    let mut parts = 0;
    while let Some(value) = open.pop() {
        parts += 1;
        let is_cut_and_longer = match value.kind() {
            "call_expression" => cut_by(value, text).is_some_and(is_longer),
            "array" => {
                let inside = named_children(value);
                let spread = inside.iter().filter(|part| is_spread(part));
                let mut spread = spread.filter_map(|part| part.named_child(0));
                inside.len() > 1 && spread.any(|it| cut_by(unwrapped(it), text).is_some())
            }
            kind if is_function(kind) => continue,
            _ => false,
        };
        if is_cut_and_longer {
            return true;
        }
        if parts == MAX_PARTS {
            return false;
        }
        open.extend(named_children(value));
    }
    false
}

/// Whether a value that is assigned to `left` is an end of what was there, of a length that does not depend
/// on it: `x.slice(-100)`, `x.slice(0, MAX)`, `_.takeRight(x, MAX)`.
pub(crate) fn is_end_of(left: Node<'_>, right: Node<'_>, text: &Text) -> bool {
    let old = text.slice(span(left));
    let is_old = |node: Node<'_>| text.slice(span(unwrapped(node))) == old;
    let right = unwrapped(right);
    let Some(function) =
        right.child_by_field_name("function").filter(|_| right.kind() == "call_expression")
    else {
        return false;
    };
    let Some(method) = function.child_by_field_name("property") else { return false };
    let arguments = arguments(right);
    let is_negative = |node: &Node<'_>| text.slice(span(*node)).starts_with('-');
    match (text.slice(span(method)), &arguments[..]) {
        ("slice", [from]) => {
            let at = text.slice(span(*from));
            let of_itself = || at.contains(".length - ") && at.contains(old);
            function.child_by_field_name("object").is_some_and(is_old)
                && (is_negative(from) || of_itself())
        }
        ("slice", [from, to]) => {
            function.child_by_field_name("object").is_some_and(is_old)
                && text.slice(span(*from)) == "0"
                && !is_negative(to)
        }
        ("take" | "takeRight", [list, _]) => is_old(*list),
        _ => false,
    }
}

/// Whether a length is a limit by how it is written: `Math.min(…)`, `MAX`, `100`.
pub(crate) fn is_limit(value: Node<'_>, text: &Text) -> bool {
    let value = unwrapped(value);
    let written = text.slice(span(value));
    match value.kind() {
        "number" => written != "0",
        "call_expression" => written.starts_with("Math.min("),
        "identifier" => !written.contains(|c: char| c.is_lowercase()),
        "member_expression" => {
            let lower = written.to_ascii_lowercase();
            ["max", "limit", "capacity"].iter().any(|word| lower.contains(word))
        }
        _ => false,
    }
}

/// Whether an index is the place behind the last element of `list`: `list.length`, `list.length++`.
pub(crate) fn is_behind_last(list: Node<'_>, index: Node<'_>, text: &Text) -> bool {
    let index = unwrapped(index);
    let index = match index.kind() {
        "update_expression" => index.child_by_field_name("argument").map(unwrapped),
        _ => Some(index),
    };
    let part = |name| index.and_then(|index| index.child_by_field_name(name));
    let (Some(object), Some(property)) = (part("object"), part("property")) else { return false };
    text.slice(span(property)) == "length" && text.slice(span(object)) == text.slice(span(list))
}

/// Whether a value that is assigned to `left` is more than what was there: `x + 1`.
pub(crate) fn is_one_more(left: Node<'_>, right: Node<'_>, text: &Text) -> bool {
    let right = unwrapped(right);
    let side = |side| right.child_by_field_name(side).map(unwrapped);
    let is_sum = right.child_by_field_name("operator").is_some_and(|it| it.kind() == "+");
    let is_old = |node: Node<'_>| text.slice(span(node)) == text.slice(span(left));
    is_sum && right.kind() == "binary_expression" && side("left").is_some_and(is_old)
}

/// What `x.slice(…)` or `x.filter(…)` cuts.
fn cut_by<'a>(call: Node<'a>, text: &Text) -> Option<Node<'a>> {
    let function = call.child_by_field_name("function")?;
    let method = text.slice(span(function.child_by_field_name("property")?));
    let object = function.child_by_field_name("object").map(unwrapped);
    object.filter(|_| matches!(method, "slice" | "filter"))
}

/// So many parts of a value are looked at.
const MAX_PARTS: usize = 500;

/// Whether a value that is assigned to `left` puts an element before the list that begins there: `head
/// = new Entry(item, head)`, `head = entry`.
pub(crate) fn links(left: Node<'_>, right: Node<'_>, text: &Text) -> bool {
    let old = text.slice(span(left));
    let mut open = vec![unwrapped(right)];
    let mut parts = 0;
    while let Some(value) = open.pop() {
        parts += 1;
        let is_old = |node: Node<'_>| text.slice(span(unwrapped(node))) == old;
        let mut inside = match value.kind() {
            "identifier" => return text.slice(span(value)) != "undefined",
            "ternary_expression" => {
                let branches = ["consequence", "alternative"];
                open.extend(branches.iter().filter_map(|it| value.child_by_field_name(it)));
                Vec::new()
            }
            "new_expression" | "call_expression" => arguments(value),
            "array" => named_children(value),
            "object" => values_of(value),
            _ => Vec::new(),
        };
        // `new Error(text, { cause: last })`
        let options = inside.iter().filter(|part| part.kind() == "object");
        let options: Vec<Node<'_>> = options.flat_map(|literal| values_of(*literal)).collect();
        inside.extend(options);
        if inside.len() > 1 && inside.iter().any(|part| is_old(*part)) {
            return true;
        }
        if parts == MAX_PARTS {
            return false;
        }
    }
    false
}

/// What an object literal has, by whatever names.
fn values_of(literal: Node<'_>) -> Vec<Node<'_>> {
    let parts = named_children(literal).into_iter();
    parts.map(|part| part.child_by_field_name("value").unwrap_or(part)).collect()
}

fn named_children(node: Node<'_>) -> Vec<Node<'_>> {
    let mut cursor = node.walk();
    node.named_children(&mut cursor).collect()
}

/// The function that a call hands over: a function literal anywhere among the arguments, else what
/// stands where the method by custom takes a function. What is put into a collection under a name
/// may be anything.
pub(crate) fn callback(name: &str, call: Node<'_>, text: &Text) -> Option<CallbackFact> {
    let arguments: Vec<_> = arguments(call).into_iter().map(|node| unbound(node, text)).collect();
    if let Some(literal) = arguments.iter().find(|node| is_function(node.kind())) {
        return Some(CallbackFact { span: span(*literal), is_literal: true });
    }
    let expected = match name {
        "set" | "add" | "push" | "unshift" | "splice" | "delete" | "assign" | "call" | "apply"
        | "defineProperty" | "defineProperties" | "deleteProperty" | "pull" | "pullAll"
        | "pullAt" | "unset" => return None,
        "subscribe" | "unsubscribe" => 0,
        _ if adds_listener(name) || removes_listener(name) => 1,
        _ => 0,
    };
    let named = *arguments.get(expected)?;
    // `debounce(onTick)` hands over a function too.
    matches!(named.kind(), "identifier" | "member_expression" | "call_expression")
        .then(|| CallbackFact { span: span(named), is_literal: false })
}

/// The function that runs in the end: `this.onTick` of `this.onTick.bind(this)`.
pub(crate) fn unbound<'tree>(node: Node<'tree>, text: &Text) -> Node<'tree> {
    let mut node = unwrapped(node);
    while node.kind() == "call_expression"
        && let Some(callee) = node.child_by_field_name("function")
        && let Some(method) = callee.child_by_field_name("property")
        && text.slice(span(method)) == "bind"
        && let Some(function) = callee.child_by_field_name("object")
    {
        node = unwrapped(function);
    }
    node
}
