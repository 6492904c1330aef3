//! Questions about one holder: where is it declared, who adds to it, who removes from it.

use crate::file::SourceFile;
use crate::file::sought::Match;
use crate::file::target::Target;
use crate::statements::call::CallFact;
use crate::statements::form::Method;
use crate::statements::mutation::{LimitAt, Mutation, MutationFact, MutationKind};
use crate::statements::number::Number;
use crate::syntax::function::Class;
use crate::syntax::receiver::{Base, Receiver, Step};
use crate::syntax::scope::{Declaration, DeclarationIndex, DeclarationKind};
use crate::syntax::unquoted;
use crate::text::Span;

impl SourceFile {
    /// The declaration of a class's field: its definition in the class, else the first assignment
    /// in the constructor, else the first anywhere. Classes of this file that it extends count too.
    pub fn field(&self, class: &Class, name: &str, is_static: bool) -> Option<Declaration> {
        let mut next = Some(class);
        let mut seen = Vec::new();
        while let Some(class) = next.filter(|class| !seen.contains(&class.index)) {
            seen.push(class.index);
            let found = self.field_definition(class, name, is_static).or_else(|| {
                let target = Target::Field { class, name, is_static };
                // What the prototype has, instances need not have.
                let fact = self.assigned_fact(&target).filter(|it| !self.is_on_prototype(it))?;
                Some(self.assignment(fact, &target))
            });
            if found.is_some() {
                return found;
            }
            next = class.base.map(|base| &self.index.classes[base as usize]);
        }
        None
    }

    /// Whether a variable is declared to be another name for `this`, as compilers write it (`var _this =
    /// _super.call(this) || this`) and people do (`const self = this`).
    pub fn stands_for_this(&self, variable: &Declaration) -> bool {
        let index = self
            .text
            .offset(variable.name_range.start)
            .and_then(|at| self.index.scopes.declared_at(at));
        let alias = index.and_then(|index| self.index.aliases.get(&index));
        alias.is_some_and(|it| it.steps.is_empty() && matches!(it.base, Base::This(_)))
    }

    /// The first assignment to a property of a class's prototype: `Tracker.prototype.items = []`.
    pub fn prototype_property(&self, class: &Class, name: &str) -> Option<Declaration> {
        let path = ["prototype", name];
        class.declarations.iter().find_map(|&variable| {
            let variable = &self.declared(variable);
            self.assigned_declaration(&Target::Path { variable, path: &path })
        })
    }

    /// The first assignment to a property of what a variable holds: `createLogger.instances = []`.
    pub fn property_of(&self, variable: &Declaration, name: &str) -> Option<Declaration> {
        self.assigned_declaration(&Target::Property { variable, name })
    }

    /// The first assignment to `globalThis.name`, or to a `name` that nothing declares.
    pub fn global(&self, name: &str) -> Option<Declaration> {
        self.assigned_declaration(&Target::Global(name))
    }

    /// Every assignment to what these properties lead to, wherever they begin: `app.locals.visits = []`
    /// for `locals`, `visits`.
    pub fn assignments_anywhere(&self, path: &[String]) -> Vec<Declaration> {
        let target = Target::Anywhere(path);
        let sought = self.sought(&target);
        let is_it = |fact: &&MutationFact| {
            let is_itself = |matched: Match| matched.exact && !matched.nested;
            fact.assigns.is_some() && self.is_about(fact, &sought).is_some_and(is_itself)
        };
        let found = self.index.mutations.iter().filter(is_it);
        let written = |fact: &MutationFact| Declaration {
            name: self.text.slice(fact.head).split_whitespace().collect(),
            name_range: self.text.range(fact.head),
            ..self.assignment(fact, &target)
        };
        found.map(written).collect()
    }

    /// Every `Symbol.for("key")`, with the variable that is declared to hold it.
    pub fn symbols(&self, key: &str) -> Vec<Option<Declaration>> {
        let is_it = |call: &&CallFact| {
            self.text.slice(call.head) == "Symbol.for"
                && call.first_string.is_some_and(|string| self.text.slice(string) == key)
        };
        let variable_with = |value: Span| {
            let mut variables = self.index.scopes.variables();
            variables.find(|(_, variable)| variable.initializer == Some(value))
        };
        let calls = self.index.calls.iter().filter(is_it);
        calls.map(|call| Some(self.declared(variable_with(call.span)?.0))).collect()
    }

    /// The first assignment to `exports.name` or `module.exports.name`.
    pub(crate) fn assigned_export(&self, name: &str) -> Option<Declaration> {
        self.assigned_declaration(&Target::Export(name))
    }

    /// Every statement that adds to a target, removes from it or bounds it, in the order of the
    /// file. Assignments that only give the target its first value are left out.
    pub fn mutations(&self, target: &Target<'_>) -> Vec<Mutation> {
        let sought = self.sought(target);
        let declaring = self.first_assignments(target);
        // `+=` makes something larger only where it can be stored.
        let is_fixed = match target {
            Target::Variable(variable) => {
                !matches!(variable.kind, DeclarationKind::Let | DeclarationKind::Var)
            }
            _ => false,
        };
        let is_field = matches!(target, Target::Field { .. });
        let is_before = |fact: &MutationFact| declaring.iter().any(|it| fact.span.0 < it.0);
        let gives_first_value = |fact: &MutationFact| {
            let is_empty_yet = gives_nothing(fact) && fact.function.is_none();
            let is_export = matches!(target, Target::Export(_));
            declaring.contains(&fact.span)
                || is_empty_yet && (is_export || is_before(fact))
                || is_field && fact.assigns.is_some_and(|assignment| assignment.in_constructor)
        };
        self.candidates(&sought)
            .into_iter()
            .filter_map(|fact| {
                let matched = self.is_about(fact, &sought)?;
                if is_fixed && fact.method == Method::APPENDS {
                    return None;
                }
                // What is assigned to an element of the holder neither fills nor empties it.
                let counts = fact.assigns.is_none() || !matched.nested && !gives_first_value(fact);
                counts.then(|| self.mutation(fact, matched))
            })
            .collect()
    }

    /// The assignments that give a target its first value, if its declaration does not.
    pub(crate) fn first_assignments(&self, target: &Target<'_>) -> Vec<Span> {
        // `let held = null` waits for its first value like `let held`.
        let has_value = |declaration: &Declaration| {
            let value = declaration.initializer.map(|value| self.range_text(value));
            value.is_some_and(|value| !matches!(value, "null" | "undefined"))
        };
        let mut first = Vec::new();
        let declared_with_value = match target {
            Target::Variable(variable) => {
                has_value(variable)
                    || !matches!(variable.kind, DeclarationKind::Let | DeclarationKind::Var)
            }
            Target::Field { class, name, is_static } => self
                .field_definition(class, name, *is_static)
                .is_some_and(|field| has_value(&field)),
            Target::Export(name) => {
                if let Some(variable) = self.exported_variable(name) {
                    first = self.first_assignments(&Target::Variable(&self.declared(variable)));
                    // `exports.name = variable` fills nothing and empties nothing.
                    first.extend(self.exporting_assignments(name));
                }
                !first.is_empty() || self.is_exported_property(name)
            }
            // Its first value is given where it is exported.
            Target::Imported { .. }
            | Target::GlobalSymbol(_)
            | Target::GlobalObject
            | Target::Instance(_) => true,
            Target::Property { variable, name } => self.has_inside(variable, &[name]),
            Target::Path { variable, path: [] } => has_value(variable),
            Target::Path { variable, path } => self.has_inside(variable, path),
            Target::Within { of, path } => self
                .declaration_of(of)
                .is_some_and(|declaration| self.has_inside(&declaration, path)),
            Target::Global(_) | Target::Anywhere(_) => false,
        };
        if !declared_with_value {
            first.extend(self.assigned_fact(target).map(|fact| fact.span));
        }
        first
    }

    /// What declares a target, if that says what is inside.
    fn declaration_of(&self, target: &Target<'_>) -> Option<Declaration> {
        match *target {
            Target::Variable(variable) => Some(variable.clone()),
            Target::Field { class, name, is_static } => self.field(class, name, is_static),
            Target::Export(name) => self.export(name),
            _ => None,
        }
    }

    pub(crate) fn mutation(&self, fact: &MutationFact, matched: Match) -> Mutation {
        let limit = fact.limit.and_then(|limit| self.limit(limit));
        let asked = fact.limit.filter(|_| limit.is_none());
        let limit_behind = asked.map_or(Number::Unknown, |limit| self.number_behind(limit));
        Mutation {
            file: self.path().to_owned(),
            kind: fact.kind,
            form: fact.method.form(&self.text),
            method: fact.method.written(&self.text),
            statement: self.first_line(fact.statement),
            range: self.text.range(fact.span),
            head_range: self.text.range(fact.head),
            event: fact.event.map(|event| self.text.slice(event).to_owned()),
            in_function: self.function_name(fact.function),
            callback: fact.callback.map(|callback| self.callback(callback)),
            nested: matched.nested,
            exact: matched.exact,
            expires: fact.expires,
            limit,
            limit_behind,
            limit_at: fact.limit.and_then(|limit| LimitAt::written(self.text.slice(limit))),
            function: fact.function,
        }
    }

    pub(crate) fn field_definition(
        &self,
        class: &Class,
        name: &str,
        is_static: bool,
    ) -> Option<Declaration> {
        let field = self.index.fields.iter().find(|field| {
            field.class == class.index
                && field.is_static == is_static
                && unquoted(self.text.slice(field.name)) == name
        })?;
        Some(Declaration {
            name: name.to_owned(),
            kind: if is_static { DeclarationKind::Static } else { DeclarationKind::Field },
            name_range: self.text.range(field.name),
            range: self.text.range(field.span),
            initializer: field.initializer.map(|span| self.text.range(span)),
            scope_range: class.range,
            in_function: None,
        })
    }

    /// The assignment that stands for a declaration: the first in a constructor, else the first that gives
    /// a value: compilers write `exports.name = void 0` at the top, and what is given up gets `null`.
    fn assigned_fact(&self, target: &Target<'_>) -> Option<&MutationFact> {
        let sought = self.sought(target);
        let candidates = self.candidates(&sought);
        // What one instance gets from outside, `entry.forget = …`, its class does not declare.
        let is_field = matches!(target, Target::Field { is_static: false, .. });
        let is_of_one = |fact: &MutationFact| {
            let names: Vec<Receiver> = self.names_for(&fact.receiver).collect();
            names.iter().any(|name| name.steps.contains(&Step::New))
                && !names.iter().any(|name| matches!(name.base, Base::This(_)))
        };
        let assignments = || {
            candidates.iter().copied().filter(|fact| {
                fact.assigns.is_some()
                    && self
                        .is_about(fact, &sought)
                        .is_some_and(|matched| matched.exact && !matched.nested)
                    && !(is_field && is_of_one(fact))
            })
        };
        let in_constructor =
            |fact: &&MutationFact| fact.assigns.is_some_and(|assignment| assignment.in_constructor);
        let gives_value = |fact: &&MutationFact| !gives_nothing(fact);
        assignments()
            .find(in_constructor)
            .or_else(|| assignments().find(|fact| gives_value(fact) && !self.is_on_prototype(fact)))
            .or_else(|| assignments().find(gives_value))
            .or_else(|| assignments().next())
    }

    /// The assignment by which a variable or field gets its value that is declared without one, if it gets no
    /// other: `let pages; function start() { pages = new Cache(); }`.
    pub fn given_later(&self, target: &Target<'_>) -> Option<Declaration> {
        let sought = self.sought(target);
        let gives_value = |fact: &&MutationFact| {
            let is_it = || self.is_about(fact, &sought).is_some_and(|it| it.exact && !it.nested);
            fact.assigns.is_some() && !gives_nothing(fact) && is_it()
        };
        let mut given = self.candidates(&sought).into_iter().filter(gives_value);
        let only = given.next()?;
        given.next().is_none().then(|| self.assignment(only, target))
    }

    /// Whether something is assigned to a property of a prototype.
    fn is_on_prototype(&self, fact: &MutationFact) -> bool {
        matches!(fact.receiver.steps.first(), Some(Step::Property(first))
            if self.text.slice(*first) == "prototype")
    }

    fn assigned_declaration(&self, target: &Target<'_>) -> Option<Declaration> {
        Some(self.assignment(self.assigned_fact(target)?, target))
    }

    /// What an assignment declares.
    fn assignment(&self, fact: &MutationFact, target: &Target<'_>) -> Declaration {
        let name = match fact.receiver.steps.last() {
            Some(Step::Property(name)) => *name,
            _ => fact.head,
        };
        let file: Span = (0, self.text.as_str().len() as u32);
        let (kind, scope_range) = match target {
            Target::Field { class, is_static: false, .. } => (DeclarationKind::Field, class.range),
            Target::Field { class, .. } => (DeclarationKind::Static, class.range),
            Target::Global(_) => (DeclarationKind::Global, self.text.range(file)),
            _ => (DeclarationKind::Property, self.text.range(file)),
        };
        Declaration {
            name: self.text.slice(name).to_owned(),
            kind,
            name_range: self.text.range(name),
            range: self.text.range(fact.span),
            initializer: fact.assigns.map(|assignment| self.text.range(assignment.value)),
            scope_range,
            in_function: self.function_name(fact.function),
        }
    }

    pub(crate) fn declared(&self, index: DeclarationIndex) -> Declaration {
        let variable = self.index.scopes.variable(index);
        let scope = self.index.scopes.scope(variable.scope);
        Declaration {
            name: self.text.slice(variable.name).to_owned(),
            kind: variable.kind,
            name_range: self.text.range(variable.name),
            range: self.text.range(variable.span),
            initializer: variable.initializer.map(|span| self.text.range(span)),
            scope_range: self.text.range(scope.span),
            in_function: self.function_name(scope.function),
        }
    }
}

fn gives_nothing(fact: &MutationFact) -> bool {
    fact.assigns.is_some_and(|assignment| assignment.gives_nothing)
}

impl MutationKind {
    /// The kind in one word: `adds`, `removes`, `guards`.
    pub fn as_str(self) -> &'static str {
        match self {
            MutationKind::Adds => "adds",
            MutationKind::Removes => "removes",
            MutationKind::Guards => "guards",
        }
    }
}
