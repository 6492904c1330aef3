//! Calls, and statements that change or bound collections.

use tree_sitter::Node;

use super::Walk;
use crate::statements::call::CallFact;
use crate::statements::form::Method;
use crate::statements::mutation::{
    Assignment, MutationFact, MutationKind, borrowed_method, by_helper, callback, is_behind_last,
    is_cut, is_end_of, is_limit, is_made_of_old_value, is_of_events, is_one_more,
    is_some_of_old_value, keeps_old_value, links, method_kind,
};
use crate::syntax::function::FunctionKind;
use crate::syntax::receiver::{Receiver, This};
use crate::syntax::scope::ScopeIndex;
use crate::syntax::{arguments, is_function, is_transparent, span, string_value, unwrapped};
use crate::text::Span;

/// Bytes: a function that cuts a list is shorter.
const LONGEST_FUNCTION: usize = 2_000;

impl<'a> Walk<'a> {
    fn receiver(&self, node: Node<'a>) -> Option<Receiver> {
        Receiver::of(node, self.text, self.scope(), self.this())
    }

    /// Notes what makes an instance, with and without what is written around it and changes nothing.
    fn note_instance(&mut self, node: Node<'a>, class: Span) {
        let around = self.ancestors.iter().rev().take_while(|it| is_transparent(it.kind()));
        let same: Vec<Span> = around.map(|&it| span(it)).chain([span(node)]).collect();
        self.index.instances.extend(same.into_iter().map(|value| (value, class)));
    }

    pub(super) fn note_call(&mut self, node: Node<'a>) {
        let is_new = node.kind() == "new_expression";
        let callee = if is_new { "constructor" } else { "function" };
        let Some(callee) = node.child_by_field_name(callee).map(unwrapped) else { return };
        let name = match callee.kind() {
            // `import(…)` is written like a call of a function of that name.
            "identifier" | "import" => callee,
            "member_expression" => match callee.child_by_field_name("property") {
                Some(property) => property,
                None => return,
            },
            _ => return,
        };
        let text = self.text.slice(span(name));
        if text == "eval" && callee.kind() == "identifier" {
            self.index.opaque.push(span(node));
        }
        let callback = callback(text, node, self.text);
        let first = arguments(node).into_iter().next();
        // `once(emitter, "end")` has the event second.
        let first_string = arguments(node)
            .into_iter()
            .take(2)
            .find(|argument| string_value(*argument, self.text).is_some())
            .filter(|string| first == Some(*string) || is_of_events(callee, node, self.text));
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
            receiver: None,
            calls: None,
        });
        if is_new {
            self.note_instance(node, span(callee));
        }
        self.note_calling(callee, node, is_new);

        let known = self.index.mutations.len();
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
                expires: None,
                limit: None,
            });
        };
        if is_new {
            if callee.kind() == "identifier" {
                self.created.push((span(name), self.scope()));
            }
            return;
        }
        let scope = *self.scopes.last().unwrap_or(&ScopeIndex(0));
        let this = self.this.last().copied().unwrap_or_default();
        let receiver = |node: Node<'a>| Receiver::of(node, self.text, scope, this);
        if let Some((kind, method, target)) = by_helper(callee, node, self.text) {
            if let Some(receiver) = receiver(target) {
                mutates(kind, method, receiver);
            }
        } else if let Some((method, target)) = borrowed_method(callee, node, self.text) {
            if let Some(kind) = method_kind(self.text.slice(span(method)), node, self.text)
                && let Some(receiver) = receiver(target)
            {
                mutates(kind, Method::Call(span(method)), receiver);
            }
        } else if let Some(object) = callee.child_by_field_name("object")
            && let Some(kind) = method_kind(text, node, self.text)
            && let Some(receiver) = receiver(object)
        {
            mutates(kind, Method::Call(span(name)), receiver);
        }
        match self.index.mutations.get(known).map(|fact| fact.kind) {
            Some(MutationKind::Removes) => {
                self.note_loop(node);
                match text {
                    "splice" => self.note_cut_by_splice(node, callee),
                    "pop" | "shift" => self.note_reuse(node, callee),
                    _ => {}
                }
            }
            Some(MutationKind::Adds) if matches!(text, "set" | "add") => {
                if let Some(key) = first {
                    self.note_key(node, key);
                }
            }
            _ => {}
        }
    }

    fn note_loop(&mut self, node: Node<'a>) {
        if let Some(around) = self.loop_around() {
            self.noted.loops.push((span(node), around));
        }
    }

    /// `list.splice(0, list.length - MAX)` leaves so many.
    fn note_cut_by_splice(&mut self, node: Node<'a>, callee: Node<'a>) {
        let Some(object) = callee.child_by_field_name("object") else { return };
        let cut = match arguments(node)[..] {
            [behind] => is_limit(behind, self.text),
            [_, count] => {
                let length = format!("{}.length - ", self.text.slice(span(object)));
                let written = self.text.slice(span(count));
                written.contains(&length) || self.gets_in_function(written, &length)
            }
            _ => false,
        };
        if cut {
            self.note_mutation(node, callee, MutationKind::Guards, Method::CUTS, object, None);
        }
    }

    /// Whether a variable of the function around gets what is written so: `const over = list.length - MAX`.
    fn gets_in_function(&self, variable: &str, value: &str) -> bool {
        let around = self.ancestors.iter().rev().find(|it| is_function(it.kind()));
        let function = around.map(|function| self.text.slice(span(*function)));
        let function = function.filter(|function| function.len() < LONGEST_FUNCTION);
        function.is_some_and(|function| function.contains(&format!(" {variable} = {value}")))
    }

    pub(super) fn note_assignment(&mut self, node: Node<'a>) {
        if self.declaring.contains(&span(node)) {
            return;
        }
        let (Some(left), Some(right)) =
            (node.child_by_field_name("left"), node.child_by_field_name("right"))
        else {
            return;
        };
        let left = unwrapped(left);
        let operator = node.child_by_field_name("operator").map_or("=", |operator| operator.kind());
        self.note_assigned(left);
        if operator == "=" {
            self.note_prototype(left, right);
            let function = self.functions.last().copied();
            // It may turn out to be a class.
            let is_plain = self.this() == function.map_or(This::Unknown, This::Function);
            if self.is_in_constructor() || is_plain {
                self.note_kept(left, right);
            }
            self.note_wrapped(left, right);
        }
        if matches!(left.kind(), "identifier" | "member_expression") {
            let adds_one = operator == "=" && is_one_more(left, right, self.text);
            let by_one = adds_one && self.text.slice(span(right)).ends_with("+ 1");
            self.note_count(left, operator == "+=" || adds_one, by_one);
        }
        if matches!(left.kind(), "array_pattern" | "object_pattern") {
            return self.note_destructured(node, left, right);
        }
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
                if matches!(operator, "=" | "&&=") && is_nothing(right) {
                    (MutationKind::Removes, Method::EMPTIES_ELEMENT, object)
                } else if operator == "&&=" {
                    // Replaces what is there.
                    return;
                } else if is_some_of_old_value(left, right, self.text) {
                    // Of what is under that key, some is left.
                    (MutationKind::Removes, Method::PUTS_ANOTHER, left)
                } else {
                    self.note_key(node, index);
                    self.note_counted_place(node, index);
                    let appends = is_behind_last(object, index, self.text);
                    let method =
                        if appends { Method::APPENDS_ELEMENT } else { Method::ASSIGNS_ELEMENT };
                    (MutationKind::Adds, method, object)
                }
            }
            "member_expression"
                if left
                    .child_by_field_name("property")
                    .is_some_and(|property| self.text.slice(span(property)) == "length") =>
            {
                let Some(object) = left.child_by_field_name("object") else { return };
                if operator == "=" && is_limit(right, self.text) {
                    self.note_mutation(
                        node,
                        left,
                        MutationKind::Guards,
                        Method::CUTS,
                        object,
                        None,
                    );
                }
                (MutationKind::Removes, Method::ASSIGNS_LENGTH, object)
            }
            // A number that is counted up does not grow.
            "identifier" | "member_expression"
                if operator == "+=" && unwrapped(right).kind() != "number" =>
            {
                (MutationKind::Adds, Method::APPENDS, left)
            }
            "identifier" | "member_expression" if operator == "=" => {
                if is_cut(right, self.text) || is_end_of(left, right, self.text) {
                    let (guards, method) = (MutationKind::Guards, Method::PUTS_CUT);
                    self.note_mutation(node, left, guards, method, left, None);
                }
                if keeps_old_value(left, right, self.text) {
                    (MutationKind::Adds, Method::PUTS_LONGER_COPY, left)
                } else {
                    assigns = Some(Assignment {
                        value: span(right),
                        in_constructor: self.is_in_constructor(),
                        gives_nothing: is_nothing(right),
                        links: links(left, right, self.text),
                        scope: self.scope(),
                    });
                    let is_of_old = is_made_of_old_value(left, right, self.text);
                    let method = if is_of_old { Method::PUTS_RESULT } else { Method::PUTS_ANOTHER };
                    (MutationKind::Removes, method, left)
                }
            }
            _ => return,
        };
        self.note_mutation(node, left, kind, method, target, assigns);
        if kind == MutationKind::Removes {
            self.note_loop(node);
            let is_filter = self.text.slice(span(right)).contains(".filter(");
            if operator == "=" && is_filter {
                self.noted.loops.push((span(node), span(node)));
            }
        }
        if operator == "=" {
            self.note_exports_assignment(node, left, right);
        }
    }

    pub(super) fn is_in_constructor(&self) -> bool {
        self.functions.last().is_some_and(|&function| {
            self.index.functions[function as usize].kind == FunctionKind::Constructor
        })
    }

    pub(super) fn note_delete(&mut self, node: Node<'a>) {
        let is_delete =
            node.child_by_field_name("operator").is_some_and(|token| token.kind() == "delete");
        let Some(argument) = node.child_by_field_name("argument").filter(|_| is_delete) else {
            return;
        };
        let argument = unwrapped(argument);
        if let Some(object) = argument.child_by_field_name("object") {
            let method = Method::DELETES;
            self.note_mutation(node, argument, MutationKind::Removes, method, object, None);
            self.note_loop(node);
        }
    }

    /// `list.length--`
    pub(super) fn note_update(&mut self, node: Node<'a>) {
        let operator = node.child_by_field_name("operator").map(|operator| operator.kind());
        let Some(argument) = node.child_by_field_name("argument").map(unwrapped) else { return };
        self.note_count(argument, operator == Some("++"), true);
        if operator == Some("--")
            && let Some(property) = argument.child_by_field_name("property")
            && self.text.slice(span(property)) == "length"
            && let Some(object) = argument.child_by_field_name("object")
        {
            let method = Method::COUNTS_LENGTH_DOWN;
            self.note_mutation(node, node, MutationKind::Removes, method, object, None);
        }
    }

    /// A branch that makes something new as long as not too many were made.
    pub(super) fn note_counted(&mut self, node: Node<'a>) {
        if let Some(&function) = self.functions.last()
            && let Some(condition) = crate::statements::guard::counts_up_to_a_limit(node, self.text)
        {
            self.counted.push((function, span(node), condition));
        }
    }

    pub(super) fn note_comparison(&mut self, node: Node<'a>) {
        let Some(guard) = crate::statements::guard::of(node, &self.ancestors, self.text) else {
            return;
        };
        let method = Method::Comparison { property: guard.property, operator: guard.operator };
        let limit = span(guard.limit);
        let known = self.index.mutations.len();
        self.note_mutation(node, node, MutationKind::Guards, method, guard.collection, None);
        if let Some(fact) = self.index.mutations.get_mut(known) {
            fact.limit = Some(limit);
        }
    }

    pub(super) fn note_mutation(
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
            expires: None,
            limit: None,
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
}

/// `undefined`, also through further assignments: `exports.other = void 0`.
pub(super) fn is_nothing(value: Node<'_>) -> bool {
    let mut value = unwrapped(value);
    while value.kind() == "assignment_expression"
        && let Some(right) = value.child_by_field_name("right")
    {
        value = unwrapped(right);
    }
    let operator = value.child_by_field_name("operator");
    matches!(value.kind(), "undefined" | "null")
        || operator.is_some_and(|operator| operator.kind() == "void")
}
