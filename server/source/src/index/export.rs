//! Exports of both kinds of modules.

use tree_sitter::Node;

use super::Walk;
use super::declare::names_in;
use crate::statements::export::{ExportFact, Exports, PassedOn};
use crate::syntax::scope::ScopeIndex;
use crate::syntax::{child_of_kind, span, string_value, unwrapped};
use crate::text::Span;

/// What looks like an export of CommonJS, until the whole file tells what the names in it mean.
#[derive(Debug, Default)]
pub(super) struct Candidates {
    /// `exports.name = variable`, with the place of `exports` or `module`.
    facts: Vec<(ExportFact, Place)>,
    /// `module.exports = { … }`, by the literal's first byte.
    literals: Vec<(u32, Place)>,
    /// `module.exports = name`.
    aliases: Vec<(Place, Place)>,
    /// The properties of the object literals that may be exported.
    properties: Vec<ExportFact>,
}

/// A name, and the scope in which it was read.
type Place = (Span, ScopeIndex);

impl<'a> Walk<'a> {
    /// `module.exports = …`, `exports.name = variable`, `module.exports.name = variable`.
    pub(super) fn note_exports_assignment(
        &mut self,
        node: Node<'a>,
        left: Node<'a>,
        right: Node<'a>,
    ) {
        let scope = self.scope();
        let place = |node: Node<'a>| (span(node), scope);
        if let Some(module) = self.module_of(left) {
            let mut value = unwrapped(right);
            while value.kind() == "assignment_expression"
                && let Some(right) = value.child_by_field_name("right")
            {
                value = unwrapped(right);
            }
            match value.kind() {
                "object" => {
                    self.candidates.literals.push((span(value).0, place(module)));
                    self.note_properties(value);
                }
                "identifier" => self.candidates.aliases.push((place(value), place(module))),
                _ => {}
            }
            return;
        }
        let value = unwrapped(right);
        let (Some(object), Some(name)) =
            (left.child_by_field_name("object"), left.child_by_field_name("property"))
        else {
            return;
        };
        let is_exports =
            object.kind() == "identifier" && self.text.slice(span(object)) == "exports";
        let owner = if is_exports { Some(object) } else { self.module_of(object) };
        if let Some(owner) = owner.filter(|_| value.kind() == "identifier") {
            let fact = ExportFact {
                name: span(name),
                variable: Some(place(value)),
                span: span(node),
                value: Some(span(value)),
                literal: None,
            };
            self.candidates.facts.push((fact, place(owner)));
        }
    }

    /// The `module` of `module.exports`.
    fn module_of(&self, node: Node<'a>) -> Option<Node<'a>> {
        let module = node.child_by_field_name("object")?;
        let is_exports = node.kind() == "member_expression"
            && module.kind() == "identifier"
            && self.text.slice(span(module)) == "module"
            && self.text.slice(span(node.child_by_field_name("property")?)) == "exports";
        is_exports.then_some(module)
    }

    /// Notes the properties of an object literal that is or may be exported.
    pub(super) fn note_properties(&mut self, literal: Node<'a>) {
        let scope = self.scope();
        let mut cursor = literal.walk();
        for property in literal.named_children(&mut cursor) {
            let (name, value) = match property.kind() {
                "pair" => {
                    (property.child_by_field_name("key"), property.child_by_field_name("value"))
                }
                "method_definition" => (property.child_by_field_name("name"), Some(property)),
                "shorthand_property_identifier" => (Some(property), Some(property)),
                _ => continue,
            };
            let Some(name) = name.filter(|name| name.kind() != "computed_property_name") else {
                continue;
            };
            let variable = value.map(unwrapped).filter(|value| {
                matches!(value.kind(), "identifier" | "shorthand_property_identifier")
            });
            self.candidates.properties.push(ExportFact {
                name: span(name),
                variable: variable.map(|variable| (span(variable), scope)),
                span: span(property),
                value: value.map(span),
                literal: Some(span(literal).0),
            });
        }
    }

    /// An `export` statement.
    pub(super) fn note_export(&mut self, node: Node<'a>) {
        if let Some(source) = node.child_by_field_name("source") {
            return self.note_passed_on(node, source);
        }
        let default = child_of_kind(node, "default");
        if let Some(declaration) = node.child_by_field_name("declaration") {
            let names = match declaration.child_by_field_name("name") {
                Some(name) => vec![name],
                None => declared_names(declaration),
            };
            for name in names {
                self.export(node, default.unwrap_or(name), Some(name), declaration);
            }
        } else if let (Some(default), Some(value)) = (default, node.child_by_field_name("value")) {
            let variable = Some(unwrapped(value)).filter(|value| value.kind() == "identifier");
            // A named function or class that is exported as a value is known by its own name.
            let variable = variable.or_else(|| value.child_by_field_name("name"));
            self.export(node, default, variable, value);
        } else if let Some(clause) = child_of_kind(node, "export_clause") {
            let mut cursor = clause.walk();
            for specifier in clause.named_children(&mut cursor) {
                let Some(local) = specifier.child_by_field_name("name") else { continue };
                let name = specifier.child_by_field_name("alias").unwrap_or(local);
                self.export(specifier, name, Some(local), local);
            }
        }
    }

    /// `export { name } from "./store"`, `export * from "./store"`.
    fn note_passed_on(&mut self, node: Node<'a>, source: Node<'a>) {
        if string_value(source, self.text).is_none() {
            return;
        }
        let from = (span(source).0 + 1, span(source).1 - 1);
        let passed_on = &mut self.index.exports.passed_on;
        if let Some(clause) = child_of_kind(node, "export_clause") {
            let mut cursor = clause.walk();
            for specifier in clause.named_children(&mut cursor) {
                let Some(name) = specifier.child_by_field_name("name").map(span) else { continue };
                let exported = specifier.child_by_field_name("alias").map_or(name, span);
                passed_on.push(PassedOn { from, name: Some(name), exported: Some(exported) });
            }
        } else {
            let namespace = child_of_kind(node, "namespace_export");
            let exported = namespace.and_then(|namespace| namespace.named_child(0)).map(span);
            passed_on.push(PassedOn { from, name: None, exported });
        }
    }

    fn export(
        &mut self,
        node: Node<'a>,
        name: Node<'a>,
        variable: Option<Node<'a>>,
        value: Node<'a>,
    ) {
        let scope = self.scope();
        self.index.exports.facts.push(ExportFact {
            name: span(name),
            variable: variable.map(|variable| (span(variable), scope)),
            span: span(node),
            value: Some(span(value)),
            literal: None,
        });
    }

    /// Keeps of the candidates what is exported: where nothing declares `module` or `exports`.
    pub(super) fn settle_exports(&mut self) {
        let candidates = std::mem::take(&mut self.candidates);
        let Exports { mut facts, mut literals, mut aliases, passed_on } =
            std::mem::take(&mut self.index.exports);
        let resolve =
            |(name, scope): Place| self.index.scopes.resolve(self.text.slice(name), scope);
        let is_module = |place: &Place| resolve(*place).is_none();
        let noted = candidates.facts.into_iter().filter(|(_, owner)| is_module(owner));
        facts.extend(noted.map(|(fact, _)| fact));
        let noted = candidates.literals.into_iter().filter(|(_, owner)| is_module(owner));
        literals.extend(noted.map(|(literal, _)| literal));
        let noted = candidates.aliases.into_iter().filter(|(_, owner)| is_module(owner));
        aliases.extend(noted.filter_map(|(name, _)| resolve(name)));
        aliases.sort_unstable();
        aliases.dedup();
        // `const api = { … }; module.exports = api;`
        let held =
            aliases.iter().filter_map(|&alias| self.index.scopes.variable(alias).initializer);
        literals.extend(held.map(|value| value.0));
        literals.sort_unstable();
        literals.dedup();
        let is_exported = |fact: &ExportFact| {
            fact.literal.is_some_and(|literal| literals.binary_search(&literal).is_ok())
        };
        facts.extend(candidates.properties.into_iter().filter(is_exported));
        self.index.exports = Exports { facts, literals, aliases, passed_on };
    }
}

/// The names that `const …`, `let …` or `var …` declares.
fn declared_names(declaration: Node<'_>) -> Vec<Node<'_>> {
    let mut cursor = declaration.walk();
    let declarators = declaration.named_children(&mut cursor);
    let patterns = declarators.filter_map(|declarator| declarator.child_by_field_name("name"));
    patterns.flat_map(names_in).collect()
}
