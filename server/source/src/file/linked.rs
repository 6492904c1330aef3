//! Questions about a linked list: what makes it longer, and what cuts it.
//!
//! Which properties link its elements, the heap knows; here they are names.

use crate::file::SourceFile;
use crate::file::sought::Match;
use crate::file::target::Target;
use crate::statements::mutation::{Assignment, Mutation, MutationFact};
use crate::syntax::receiver::{Base, Receiver, Step};

impl SourceFile {
    /// The assignments that put an element before the linked list that begins at a target, by the new
    /// value: one that is made with the old one besides something else, or what a variable holds. What
    /// an element leads to by one of these properties was in the list before.
    pub fn lengthenings(&self, target: &Target<'_>, links: &[String]) -> Vec<Mutation> {
        let sought = self.sought(target);
        let facts =
            self.index.mutations.iter().filter(|fact| {
                fact.assigns.is_some_and(|it| it.links && !self.is_next(&it, links))
            });
        facts
            .filter_map(|fact| {
                let matched = self.is_about(fact, &sought)?;
                (matched.exact && !matched.nested).then(|| self.mutation(fact, matched))
            })
            .collect()
    }

    /// The assignments of nothing (`null`, `undefined`) to a target that has something: of the linked list
    /// that begins there, nothing is left.
    pub fn emptyings(&self, target: &Target<'_>) -> Vec<Mutation> {
        let sought = self.sought(target);
        let is_declared = match target {
            Target::Variable(variable) => variable.initializer.is_some(),
            Target::Field { class, name, is_static } => self
                .field_definition(class, name, *is_static)
                .is_some_and(|field| field.initializer.is_some()),
            _ => false,
        };
        let first = if is_declared { Vec::new() } else { self.first_assignments(target) };
        let facts = self.assignments_of_nothing().filter(|fact| !first.contains(&fact.span));
        facts
            .filter_map(|fact| {
                let matched = self.is_about(fact, &sought)?;
                (matched.exact && !matched.nested).then(|| self.mutation(fact, matched))
            })
            .collect()
    }

    /// The assignments that move a target on by one of these properties (`first = first.next`): what it
    /// began with is left behind.
    pub fn advances(&self, target: &Target<'_>, links: &[String]) -> Vec<Mutation> {
        let sought = self.sought(target);
        let facts = self.index.mutations.iter().filter(|fact| {
            let left = self.text.slice(fact.head);
            fact.assigns.is_some_and(|assignment| {
                let value = self.text.slice(assignment.value);
                let rest = value.strip_prefix(left).unwrap_or_default();
                let (_, name) = rest.rsplit_once('.').unwrap_or_default();
                let is_next = matches!(rest.strip_suffix(name), Some("." | "?." | "!."));
                is_next && links.iter().any(|link| link == name)
            })
        });
        facts
            .filter_map(|fact| {
                let matched = self.is_about(fact, &sought)?;
                (matched.exact && !matched.nested).then(|| self.mutation(fact, matched))
            })
            .collect()
    }

    /// The assignments of nothing to one of the properties by which the elements of a linked list lead to
    /// each other: what comes behind is cut off.
    pub fn unlinkings(&self, links: &[String]) -> Vec<Mutation> {
        let matched = Match { nested: true, exact: false };
        let facts = self.assignments_of_nothing();
        let cuts = facts.filter(|fact| self.is_link(&fact.receiver, links));
        cuts.map(|fact| self.mutation(fact, matched)).collect()
    }

    /// Whether a variable is assigned that is declared to be what an element leads to: `const next =
    /// node.next`.
    fn is_next(&self, assignment: &Assignment, links: &[String]) -> bool {
        let name = self.text.slice(assignment.value);
        let Some(variable) = self.index.scopes.resolve(name, assignment.scope) else {
            return false;
        };
        let last = self.index.aliases.get(&variable).and_then(|it| it.steps.last());
        matches!(last, Some(Step::Property(name))
            if links.iter().any(|link| link == self.text.slice(*name)))
    }

    fn assignments_of_nothing(&self) -> impl Iterator<Item = &MutationFact> {
        self.index.mutations.iter().filter(|fact| {
            fact.assigns.is_some_and(|assignment| {
                let value = self.text.slice(assignment.value);
                !assignment.in_constructor && matches!(value, "null" | "undefined" | "void 0")
            })
        })
    }

    /// Whether a receiver is one of these properties of something that was there before: the first value
    /// of a link is often nothing.
    fn is_link(&self, receiver: &Receiver, links: &[String]) -> bool {
        let Some((Step::Property(name), before)) = receiver.steps.split_last() else {
            return false;
        };
        let is_made = || {
            let Base::Variable { name, scope } = &receiver.base else { return false };
            let variable = self.index.scopes.resolve(self.text.slice(*name), *scope);
            let value = variable.and_then(|it| self.index.scopes.variable(it).initializer);
            value.is_some_and(|value| {
                let is_literal = self.text.slice(value).starts_with('{');
                is_literal || self.index.instances.contains_key(&value)
            })
        };
        let name = self.text.slice(*name);
        links.iter().any(|link| link == name) && !(before.is_empty() && is_made())
    }
}
