//! What a file takes from other modules, and by which ways others reach what it has.
//!
//! Not here: which files there are, and which of them asks for which ([`crate::ran::importers`]).

use super::SourceFile;
use super::target::Target;
use crate::syntax::function::Class;
use crate::syntax::receiver::{Base, NEW, Receiver, Step};
use crate::syntax::scope::{Declaration, DeclarationIndex};
use crate::syntax::unquoted;
use crate::text::Span;

/// The way to a value from what a module exports: the exported name, then properties. Empty for all
/// that a module of CommonJS exports.
pub(crate) type ExportPath = Vec<String>;

impl SourceFile {
    /// Whether other modules can reach a target by importing this one: only then is it worth asking
    /// who does.
    pub fn is_exported(&self, target: &Target<'_>) -> bool {
        !self.exported_as(target).is_empty()
    }

    /// How a variable that only stands for what another file of the program has asks for that:
    /// `./store.js`. Packages and path aliases of a bundler are not followed.
    pub fn imported_from(&self, variable: &Declaration) -> Option<&str> {
        let start = self.text.offset(variable.name_range.start)?;
        let index = self.index.scopes.declared_at(start)?;
        let found = self.index.scopes.variable(index);
        let module = match self.index.aliases.get(&index) {
            Some(Receiver { base: Base::Module(module), .. }) => *module,
            _ => self.required_through_helper(found.initializer?)?,
        };
        let module = self.text.slice(module);
        (module.starts_with('/') || module.starts_with('.')).then_some(module)
    }

    /// The exported name that a variable of an import stands for: `executor` of `const { executor } =
    /// require("./stitching")`. None if it stands for the whole module, or for a part of an export.
    pub fn imported_as(&self, variable: &Declaration) -> Option<&str> {
        let start = self.text.offset(variable.name_range.start)?;
        let alias = self.index.aliases.get(&self.index.scopes.declared_at(start)?)?;
        match (&alias.base, &alias.steps[..]) {
            (Base::Module(_), [Step::Property(name)]) => Some(self.text.slice(*name)),
            (Base::Module(_), [Step::Default]) => Some("default"),
            _ => None,
        }
    }

    /// The variables that stand for what a module exports, asked for by this name: `side-effect`.
    pub fn imports_of(&self, module: &str) -> Vec<Declaration> {
        let is_it = |receiver: &Receiver| matches!(receiver.base, Base::Module(name) if self.text.slice(name) == module);
        let aliases = self.index.aliases.iter().filter(|(_, receiver)| is_it(receiver));
        let mut found: Vec<Declaration> = aliases.map(|(&it, _)| self.declared(it)).collect();
        found.sort_by_key(|declared| declared.name_range);
        found
    }

    /// `__importStar(require("./store.js"))`, as compilers write it.
    pub(crate) fn required_through_helper(&self, value: Span) -> Option<Span> {
        const HELPERS: [&str; 3] = ["import", "interop", "toESM"];
        let calls = &self.index.calls;
        let helper = self.text.slice(calls.iter().find(|call| call.span == value)?.name);
        let is_helper = helper.starts_with('_') && HELPERS.iter().any(|it| helper.contains(it));
        let is_inside = |span: Span| value.0 < span.0 && span.1 <= value.1;
        let mut inner = calls.iter().filter(|call| is_helper && is_inside(call.span));
        inner.find(|call| self.text.slice(call.name) == "require")?.first_string
    }

    /// The ways to a target from what this module exports.
    pub(crate) fn exported_as(&self, target: &Target<'_>) -> Vec<ExportPath> {
        let owned = |path: &[&str]| path.iter().map(|&name| name.to_owned()).collect::<Vec<_>>();
        let (name_ranges, path) = match *target {
            Target::Variable(variable) => (vec![variable.name_range], Vec::new()),
            Target::Property { variable, name } => (vec![variable.name_range], owned(&[name])),
            Target::Path { variable, path } => (vec![variable.name_range], owned(path)),
            Target::Field { class, name, is_static: true } => {
                let ranges = class.declarations.iter().map(|&index| self.name_range(index));
                (ranges.collect(), owned(&[name]))
            }
            Target::Export(name) => return vec![owned(&[name])],
            Target::Within { of, path } => {
                let ways = self.exported_as(of).into_iter();
                return ways.map(|way| way.into_iter().chain(owned(path)).collect()).collect();
            }
            Target::Field { class, name, is_static: false } => {
                return self.instances_exported_as(class, name);
            }
            Target::Global(_)
            | Target::GlobalObject
            | Target::GlobalSymbol(_)
            | Target::Anywhere(_)
            | Target::Instance(_)
            | Target::Imported { .. } => {
                return Vec::new();
            }
        };
        let ways = self.variables_exported_as(|it| name_ranges.contains(&self.name_range(it)));
        let whole = ways.into_iter().map(|(way, _)| way.into_iter().chain(path.iter().cloned()));
        whole.map(Iterator::collect).collect()
    }

    /// The ways to some variables from what this module exports.
    pub(super) fn variables_exported_as(
        &self,
        is_wanted: impl Fn(DeclarationIndex) -> bool,
    ) -> Vec<(ExportPath, DeclarationIndex)> {
        let exports = &self.index.exports;
        let whole = exports.aliases.iter().map(|&alias| (Vec::new(), alias));
        let named = exports.facts.iter().filter_map(|fact| {
            let (variable, scope) = fact.variable?;
            let found = self.index.scopes.resolve(self.text.slice(variable), scope)?;
            Some((vec![unquoted(self.text.slice(fact.name)).to_owned()], found))
        });
        whole.chain(named).filter(|(_, variable)| is_wanted(*variable)).collect()
    }

    /// The ways to a field of instances: of those that are exported, and of those that others make of the
    /// class.
    fn instances_exported_as(&self, class: &Class, name: &str) -> Vec<ExportPath> {
        let is_class = |variable| self.is_class_of(class, variable);
        let makes = |value: Span| {
            let made = self.index.instances.get(&value).map(|&class| self.text.slice(class));
            let scope = self.index.scopes.at(value.0);
            let made = made.zip(scope).and_then(|(it, scope)| self.index.scopes.resolve(it, scope));
            made.is_some_and(is_class)
        };
        let is_instance = |variable| {
            let value = self.index.scopes.variable(variable).initializer;
            value.is_some_and(makes)
        };
        let of_instances = self.variables_exported_as(is_instance).into_iter();
        let of_class = self.class_exported_as(class).into_iter().map(|mut way| {
            way.push(NEW.to_owned());
            way
        });
        let ways = of_instances.map(|(way, _)| way).chain(of_class);
        ways.chain(self.values_exported_as(makes))
            .map(|way: ExportPath| way.into_iter().chain([name.to_owned()]).collect())
            .collect()
    }

    /// The ways to a class, or to one that extends it, from what this module exports.
    pub(super) fn class_exported_as(&self, class: &Class) -> Vec<ExportPath> {
        let named = self.variables_exported_as(|variable| self.is_class_of(class, variable));
        let named = named.into_iter().map(|(way, _)| way);
        named.chain(self.values_exported_as(|value| value == class.span)).collect()
    }

    /// The ways to some values that are exported without a name of their own: `export default new Store()`,
    /// `exports.store = new Store()`, `module.exports = class { … }`.
    fn values_exported_as(&self, is_wanted: impl Fn(Span) -> bool) -> Vec<ExportPath> {
        let facts = self.index.exports.facts.iter().filter(|fact| fact.variable.is_none());
        let assigned = self.assigned_exports();
        let all = facts.chain(&assigned);
        let all = all.filter(|fact| fact.value.is_some_and(&is_wanted));
        let named = all.map(|fact| vec![unquoted(self.text.slice(fact.name)).to_owned()]);
        let puts = self.index.mutations.iter().filter(|fact| {
            self.text.slice(fact.head) == "module.exports"
                && fact.assigns.is_some_and(|it| is_wanted(it.value))
        });
        named.chain(puts.map(|_| Vec::new())).collect()
    }

    /// Under which paths this module exports what `path` is in the module that it asks for by one of
    /// `names`.
    pub(crate) fn passes_on(&self, names: &[String], path: &[String]) -> Vec<ExportPath> {
        let slice = |span| unquoted(self.text.slice(span)).to_owned();
        let is_meant = |from| names.iter().any(|name| name == self.text.slice(from));
        let exports = &self.index.exports;
        let mut found = Vec::new();
        for passed in exports.passed_on.iter().filter(|passed| is_meant(passed.from)) {
            let rest = match passed.name.map(slice) {
                None => path,
                Some(name) if path.first() == Some(&name) => &path[1..],
                Some(_) => continue,
            };
            found
                .push(passed.exported.map(slice).into_iter().chain(rest.iter().cloned()).collect());
        }
        // `import { list } from "./store"; export { list };`
        for fact in &exports.facts {
            let variable = fact
                .variable
                .and_then(|(name, scope)| self.index.scopes.resolve(self.text.slice(name), scope));
            let Some(Receiver { base: Base::Module(from), steps }) =
                variable.and_then(|variable| self.index.aliases.get(&variable))
            else {
                continue;
            };
            let matches = |(step, name): (&Step, &String)| match step {
                Step::Property(found) => self.text.slice(*found) == name,
                Step::Default => name == "default",
                Step::New => name == NEW,
                Step::Element | Step::Key(_) => false,
            };
            if is_meant(*from) && steps.len() <= path.len() && steps.iter().zip(path).all(matches) {
                let rest = path[steps.len()..].iter().cloned();
                found.push([slice(fact.name)].into_iter().chain(rest).collect());
            }
        }
        found
    }
}
