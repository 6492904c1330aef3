//! What a module hands out, by the names others know it by.
//!
//! Modules of CommonJS (`exports.name = …`, `module.exports = { name: … }`) and of ECMAScript
//! (`export const name`, `export { local as name }`, `export default …`). What a module passes on
//! from another one (`export … from`) is not its own; that is noted beside it.

use rustc_hash::FxHashSet;

use crate::file::SourceFile;
use crate::statements::export::ExportFact;
use crate::syntax::receiver::{Base, Step};
use crate::syntax::scope::{Declaration, DeclarationIndex, DeclarationKind};
use crate::syntax::unquoted;
use crate::text::Span;

impl SourceFile {
    /// What the module exports under `name`: the variable behind it if there is one, else the
    /// property of `module.exports = { … }`, else the first assignment to `exports.name` or
    /// `module.exports.name`. ECMAScript's `export default` has the name `default`.
    pub fn export(&self, name: &str) -> Option<Declaration> {
        if let Some(found) = self.exported_variable(name) {
            return Some(self.declared(found));
        }
        match self.exported(name).find(|fact| fact.variable.is_none() || fact.literal.is_some()) {
            Some(fact) => Some(self.exported_property(fact)),
            None => self.assigned_export(name),
        }
    }

    /// The variable that is exported as `name`.
    pub(crate) fn exported_variable(&self, name: &str) -> Option<DeclarationIndex> {
        self.exported(name).find_map(|fact| {
            let (variable, scope) = fact.variable?;
            self.index.scopes.resolve(self.text.slice(variable), scope)
        })
    }

    fn exported<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a ExportFact> {
        let facts = self.index.exports.facts.iter();
        facts.filter(move |fact| unquoted(self.text.slice(fact.name)) == name)
    }

    /// The assignments `exports.name = variable`.
    pub(crate) fn exporting_assignments<'a>(
        &'a self,
        name: &'a str,
    ) -> impl Iterator<Item = Span> + 'a {
        self.exported(name).map(|fact| fact.span)
    }

    /// Whether the declaration of an export is a property that has its value written there.
    pub(crate) fn is_exported_property(&self, name: &str) -> bool {
        self.exported(name).any(|fact| fact.literal.is_some())
    }

    /// The assignments of values to `exports.name` and `module.exports.name`: the names that they
    /// export.
    pub(crate) fn assigned_exports(&self) -> Vec<ExportFact> {
        let text = |span| self.text.slice(span);
        // `exports.name = variable` is one already, by that variable.
        let known: FxHashSet<Span> = self.index.exports.facts.iter().map(|it| it.span).collect();
        let facts = self.index.mutations.iter().filter_map(|fact| {
            let value = fact.assigns.filter(|assignment| !assignment.gives_nothing)?.value;
            let (Step::Property(name), before) = fact.receiver.steps.split_last()? else {
                return None;
            };
            let Base::Variable { name: object, scope } = fact.receiver.base else { return None };
            let is_exports = match (text(object), before) {
                ("exports", []) => true,
                ("module", [Step::Property(exports)]) => text(*exports) == "exports",
                _ => false,
            };
            let is_module = || self.index.scopes.resolve(text(object), scope).is_none();
            let is_it = is_exports && !known.contains(&fact.span) && is_module();
            is_it.then_some(ExportFact {
                name: *name,
                variable: None,
                span: fact.span,
                value: Some(value),
                literal: None,
            })
        });
        facts.collect()
    }

    fn exported_property(&self, fact: &ExportFact) -> Declaration {
        let file: Span = (0, self.text.as_str().len() as u32);
        let scope = self.index.scopes.at(fact.span.0);
        let function = scope.and_then(|scope| self.index.scopes.scope(scope).function);
        Declaration {
            name: unquoted(self.text.slice(fact.name)).to_owned(),
            kind: DeclarationKind::Property,
            name_range: self.text.range(fact.name),
            range: self.text.range(fact.span),
            initializer: fact.value.map(|value| self.text.range(value)),
            scope_range: self.text.range(file),
            in_function: self.function_name(function),
        }
    }
}
