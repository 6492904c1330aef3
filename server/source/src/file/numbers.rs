//! The number behind a limit that is not written where it is used: in a field, among the options of a
//! constructor, in a constant of another module.
//!
//! What this file does not tell is named for whoever knows the other files ([`NumberFrom`]). Numbers that are
//! written on the spot or in constants beside are read in [`super::limit`].

use super::SourceFile;
use super::making::{Found as FoundProperty, Given};
use crate::statements::number::{Argument, Limit, Number, NumberFrom};
use crate::syntax::receiver::{Base, Receiver, Step, This};
use crate::syntax::scope::{DeclarationIndex, DeclarationKind};
use crate::syntax::unquoted;
use crate::text::Span;

/// So many names in a row are followed.
const LONGEST_CHAIN: usize = 8;

/// So many calls of one function are looked at.
const MAX_CALLS: usize = 50;

impl SourceFile {
    /// The number at the end of a path of properties from an expression.
    pub(crate) fn number(&self, expression: Span, path: &[String], chain: usize) -> Number {
        let Some(chain) = chain.checked_sub(1) else { return Number::Unknown };
        if path.is_empty() {
            match self.value(expression, LONGEST_CHAIN) {
                Given::Number { limit, .. } if limit.value > 0 => return Number::Known(limit),
                Given::Nothing => return Number::Nothing,
                Given::NoLimit { .. } | Given::Yes | Given::No => return Number::Unknown,
                Given::Number { .. } | Given::Unknown => {}
            }
        }
        let Some(piece) = self.piece(expression) else { return Number::Unknown };
        let Some(node) = piece.value() else { return Number::Unknown };
        let field = |name| node.child_by_field_name(name);
        match node.kind() {
            "object" => {
                let Some((first, rest)) = path.split_first() else { return Number::Unknown };
                match piece.property(node, first) {
                    FoundProperty::Value(value) => self.number(piece.span(value), rest, chain),
                    FoundProperty::Absent => Number::Nothing,
                    FoundProperty::Unknown => Number::Unknown,
                }
            }
            "identifier" | "shorthand_property_identifier" => {
                self.number_of_variable(piece.span(node), path, chain)
            }
            "member_expression" => {
                let (Some(object), Some(name)) = (field("object"), field("property")) else {
                    return Number::Unknown;
                };
                let name = piece.written(name).to_owned();
                if object.kind() == "this" {
                    return self.number_of_field(piece.span(node).0, &name, path, chain);
                }
                let further: Vec<String> = [&[name], path].concat();
                self.number(piece.span(object), &further, chain)
            }
            "binary_expression" => {
                let is_or = field("operator").is_some_and(|it| matches!(it.kind(), "??" | "||"));
                let (Some(left), Some(right)) = (field("left"), field("right")) else {
                    return Number::Unknown;
                };
                if !is_or {
                    return Number::Unknown;
                }
                let left = self.number(piece.span(left), path, chain);
                left.or(|| self.number(piece.span(right), path, chain))
            }
            "call_expression" => {
                let callee = field("function").map_or("", |callee| piece.written(callee));
                let first = crate::syntax::arguments(node).first().copied();
                match first {
                    Some(first) if matches!(callee, "Number" | "parseInt" | "Object.freeze") => {
                        self.number(piece.span(first), path, chain)
                    }
                    _ => Number::Unknown,
                }
            }
            _ => Number::Unknown,
        }
    }

    fn number_of_variable(&self, name: Span, path: &[String], chain: usize) -> Number {
        let scope = self.index.scopes.at(name.0);
        let found = scope.and_then(|it| self.index.scopes.resolve(self.text.slice(name), it));
        let Some(index) = found else { return Number::Unknown };
        let variable = self.index.scopes.variable(index);
        let default = || {
            let default = self.index.defaults.get(&variable.name.0);
            default.map_or(Number::Nothing, |&value| self.number(value, path, chain))
        };
        if let Some(alias) = self.index.aliases.get(&index) {
            return self.number_of(alias, path, chain).or(default);
        }
        match (variable.kind, variable.initializer) {
            (DeclarationKind::Parameter, _) => self.number_of_parameter(index, path, chain),
            (DeclarationKind::Const, Some(value)) => {
                // `const { max } = …` has the whole as its value.
                if variable.span.0 == variable.name.0 {
                    self.number(value, path, chain)
                } else {
                    Number::Unknown
                }
            }
            // `static MAX = 500`
            (DeclarationKind::Class, _) => {
                let class = self.index.classes.iter().find(|it| it.declarations.contains(&index));
                match (class, path.split_first()) {
                    (Some(class), Some((field, rest))) => {
                        let value = self.field_value(class.index, field, true);
                        value.map_or(Number::Unknown, |value| self.number(value, rest, chain))
                    }
                    _ => Number::Unknown,
                }
            }
            _ => Number::Unknown,
        }
    }

    /// The number at the end of a path from what a name stands for.
    fn number_of(&self, receiver: &Receiver, path: &[String], chain: usize) -> Number {
        let step = |step: &Step| match step {
            Step::Property(name) => Some(unquoted(self.text.slice(*name)).to_owned()),
            Step::Default => Some("default".to_owned()),
            Step::New | Step::Element | Step::Key(_) => None,
        };
        let Some(mut names) = receiver.steps.iter().map(step).collect::<Option<Vec<String>>>()
        else {
            return Number::Unknown;
        };
        names.extend(path.iter().cloned());
        match receiver.base {
            Base::Module(module) => {
                let module = self.text.slice(module).to_owned();
                Number::From(NumberFrom::Import { module, path: names, default: None })
            }
            Base::Variable { name, .. } => self.number_of_variable(name, &names, chain),
            Base::This(This::Instance(class) | This::Class(class)) => match names.split_first() {
                Some((field, rest)) => {
                    let at = self.index.classes[class as usize].span.0;
                    self.number_of_field(at, field, rest, chain)
                }
                None => Number::Unknown,
            },
            Base::This(_) | Base::Other => Number::Unknown,
        }
    }

    /// The number in a field of the innermost class around a place.
    fn number_of_field(&self, at: u32, name: &str, path: &[String], chain: usize) -> Number {
        let classes = self.index.classes.iter();
        let around = classes.filter(|it| it.span.0 <= at && at < it.span.1);
        let Some(class) = around.min_by_key(|it| it.span.1 - it.span.0) else {
            return Number::Unknown;
        };
        let value = self.field_value(class.index, name, false);
        let value = value.or_else(|| self.field_value(class.index, name, true));
        value.map_or(Number::Unknown, |value| self.number(value, path, chain))
    }

    /// The value of a field, if it gets one only.
    fn field_value(&self, class: u32, name: &str, is_static: bool) -> Option<Span> {
        let is_it = |of: u32, found: Span| of == class && unquoted(self.text.slice(found)) == name;
        let fields = self.index.fields.iter();
        let fields = fields.filter(|it| it.is_static == is_static && is_it(it.class, it.name));
        let this = if is_static { This::Class(class) } else { This::Instance(class) };
        let assigned = self.index.mutations.iter().filter_map(|fact| {
            let is_of_this = fact.receiver.base == Base::This(this);
            match fact.receiver.steps[..] {
                [Step::Property(found)] if is_of_this && self.text.slice(found) == name => {
                    Some(fact.assigns?.value)
                }
                _ => None,
            }
        });
        let mut values = fields.filter_map(|it| it.initializer).chain(assigned);
        // `max = 500` and then `this.max = max` in the constructor: the latter counts.
        let first = values.next()?;
        let last = values.next().unwrap_or(first);
        values.next().is_none().then_some(last)
    }

    fn number_of_parameter(
        &self,
        index: DeclarationIndex,
        path: &[String],
        chain: usize,
    ) -> Number {
        let variable = self.index.scopes.variable(index);
        let callable = &self.index.callable;
        let plain = callable.parameters.iter().find(|(_, name)| **name == variable.name);
        let plain = plain.map(|(place, _)| (*place, Vec::new()));
        let bound = || {
            callable.bound.iter().find_map(|(place, names)| {
                let (_, steps) = names.iter().find(|(name, _)| *name == variable.name)?;
                let name = |step: &Step| match step {
                    Step::Property(name) => Some(unquoted(self.text.slice(*name)).to_owned()),
                    _ => None,
                };
                Some((*place, steps.iter().map(name).collect::<Option<Vec<String>>>()?))
            })
        };
        let Some(((function, at), mut way)) = plain.or_else(bound) else { return Number::Unknown };
        way.extend(path.iter().cloned());
        let default = self.index.defaults.get(&variable.name.0).copied();
        let default = default.and_then(|value| self.number(value, path, chain).known());
        let argument = Argument { function, at, path: way, default };
        Number::From(NumberFrom::Argument(argument))
    }

    /// What the calls in this file give for an argument.
    pub fn numbers_given(&self, argument: &Argument) -> Vec<Number> {
        let constructs = self.class_constructed_by(argument.function);
        let is_class = |call: Span| {
            let scope = self.index.scopes.at(call.0);
            let written = self.text.slice(call);
            let found = scope.and_then(|scope| self.index.scopes.resolve(written, scope));
            found.zip(constructs).is_some_and(|(variable, class)| {
                self.index.classes[class as usize].declarations.contains(&variable)
            })
        };
        let calls = self.index.calls.iter().filter(|call| {
            let is_new = self.index.instances.contains_key(&call.span);
            call.calls == Some(argument.function) || is_new && is_class(call.name)
        });
        calls.take(MAX_CALLS).map(|call| self.number_given(call.span, argument)).collect()
    }

    /// What those calls give that make instances of a class of another module, which is asked for by one of
    /// `names` and exported on one of these `ways`.
    pub(crate) fn numbers_given_from(
        &self,
        names: &[String],
        ways: &[Vec<String>],
        argument: &Argument,
    ) -> Vec<Number> {
        let makes = |call: Span| {
            let piece = self.piece(call)?;
            let callee = piece.value()?.child_by_field_name("constructor")?;
            let (module, mut way) = piece.export(callee)?;
            let is_it = names.contains(&module) && {
                // A module of CommonJS as a whole is the default of its imports.
                ways.contains(&way) || {
                    way.retain(|name| name != "default");
                    ways.contains(&way)
                }
            };
            is_it.then_some(())
        };
        let calls = self.index.calls.iter();
        let calls = calls.filter(|call| self.index.instances.contains_key(&call.span));
        let calls = calls.filter(|call| makes(call.span).is_some());
        calls.take(MAX_CALLS).map(|call| self.number_given(call.span, argument)).collect()
    }

    fn number_given(&self, call: Span, argument: &Argument) -> Number {
        let Some(piece) = self.piece(call) else { return Number::Unknown };
        let arguments = piece.value().map(crate::syntax::arguments).unwrap_or_default();
        if arguments.iter().any(|it| it.kind() == "spread_element") {
            return Number::Unknown;
        }
        match arguments.get(argument.at as usize) {
            Some(given) => self.number(piece.span(*given), &argument.path, LONGEST_CHAIN),
            None => Number::Nothing,
        }
    }

    fn class_constructed_by(&self, function: u32) -> Option<u32> {
        let methods = self.index.callable.methods.iter();
        let mut constructors = methods.filter(|((_, name), _)| &**name == "constructor");
        constructors.find_map(|((this, _), found)| match this {
            This::Instance(class) if *found == function => Some(*class),
            _ => None,
        })
    }

    /// The ways to the class whose constructor has an argument, from what this module exports.
    pub(crate) fn constructor_exported_as(&self, argument: &Argument) -> Vec<Vec<String>> {
        let class = self.class_constructed_by(argument.function);
        let class = class.map(|class| &self.index.classes[class as usize]);
        class.map_or_else(Vec::new, |class| self.class_exported_as(class))
    }

    /// The number that this module exports at the end of a path; a file of data is what it exports.
    pub fn exported_number(&self, path: &[String]) -> Number {
        if self.path.extension().is_some_and(|extension| extension == "json") {
            let path =
                if path.first().is_some_and(|it| it == "default") { &path[1..] } else { path };
            let whole = (0, self.text.as_str().len() as u32);
            return self.number(whole, path, LONGEST_CHAIN);
        }
        let named = path.split_first().and_then(|(name, rest)| {
            let value = self.export(name)?.initializer?;
            Some(((self.text.offset(value.start)?, self.text.offset(value.end)?), rest))
        });
        let found = named.map(|(value, rest)| self.number(value, rest, LONGEST_CHAIN));
        found.unwrap_or_else(|| {
            let path =
                if path.first().is_some_and(|it| it == "default") { &path[1..] } else { path };
            let whole = self.index.exports.aliases.first().copied();
            let value = whole.and_then(|it| self.index.scopes.variable(it).initializer);
            value.map_or(Number::Unknown, |value| self.number(value, path, LONGEST_CHAIN))
        })
    }

    /// Where the number comes from that an expression is, if no constant of this file says so.
    pub(crate) fn number_behind(&self, expression: Span) -> Number {
        let name = self.text.slice(expression);
        let named = |limit: Limit| Limit { name: crate::syntax::shorten(name), ..limit };
        match self.number(expression, &[], LONGEST_CHAIN) {
            Number::Known(limit) => Number::Known(named(limit)),
            other => other,
        }
    }
}
