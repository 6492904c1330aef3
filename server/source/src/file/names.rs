//! By which names one thing goes in a file: aliases, parameters, variables of loops, parts of literals, fields.
//!
//! Not here: what of that is [sought](super::sought), and how it was read ([`crate::index::reach`]).

use super::SourceFile;
use super::sought::{Match, Sought};
use crate::statements::mutation::MutationFact;
use crate::syntax::receiver::{Base, Receiver, Step, This};

/// Longest chain of names for one thing that is followed,
const LONGEST_CHAIN: usize = 4;
/// and so many names.
const MAX_NAMES: usize = 24;

impl SourceFile {
    /// Whether a statement is about what is sought, and how. What is assigned to another name for it (`list =
    /// []`, where `list` is a parameter) does nothing to it.
    pub(crate) fn is_about(&self, fact: &MutationFact, sought: &Sought<'_>) -> Option<Match> {
        if !fact.puts_there() {
            return self.matches(&fact.receiver, sought);
        }
        let as_written = self.matches_as_written(&fact.receiver, sought);
        if as_written.is_some_and(|matched| matched.exact) {
            return as_written;
        }
        let Some((last, object)) = fact.receiver.steps.split_last() else { return as_written };
        let object = Receiver { base: fact.receiver.base.clone(), steps: object.to_vec() };
        let others = self.other_names_for(&object).into_iter();
        let others = others.filter_map(|it| Receiver::beyond(&it, std::slice::from_ref(last)));
        let found: Vec<Match> =
            others.filter_map(|it| self.matches_as_written(&it, sought)).collect();
        let exact = found.iter().find(|matched| matched.exact).copied();
        exact.or(as_written).or_else(|| found.first().copied())
    }

    /// The same thing as it is written, and by all other names.
    pub(crate) fn names_for<'r>(
        &'r self,
        receiver: &'r Receiver,
    ) -> impl Iterator<Item = Receiver> + 'r {
        std::iter::once(receiver.clone()).chain(self.other_names_for(receiver))
    }

    /// The same thing by the names that its variable, and what that stands for, stand for. A parameter
    /// stands for whatever is handed to it.
    pub(super) fn other_names_for(&self, receiver: &Receiver) -> Vec<Receiver> {
        let mut known = self.unaliased(receiver);
        let mut next = 0;
        // A circle (`const a = b.c, b = a.c`) ends here too.
        for _ in 1..LONGEST_CHAIN {
            let end = known.len();
            for at in next..end {
                for name in self.unaliased(&known[at]) {
                    if known.len() < MAX_NAMES && !known.contains(&name) {
                        known.push(name);
                    }
                }
            }
            next = end;
        }
        known
    }

    /// The same thing by what its variable stands for.
    pub(crate) fn unaliased(&self, receiver: &Receiver) -> Vec<Receiver> {
        let Base::Variable { name, scope } = &receiver.base else {
            return self.unaliased_field(receiver);
        };
        let Some(variable) = self.index.scopes.resolve(self.text.slice(*name), *scope) else {
            return Vec::new();
        };
        let alias = self.index.aliases.get(&variable).into_iter();
        let handed = self.index.handed_to.get(&variable).into_iter().flatten();
        let mut names: Vec<Receiver> =
            alias.chain(handed).filter_map(|other| receiver.based_on(other)).collect();
        if let Some(reached) = self.index.reached.get(&variable) {
            names.extend(reached.with(&receiver.steps, |name| self.text.slice(name)));
        }
        // What the class says of its instances is true of the one that is made.
        if let Some((Step::New, rest)) = receiver.steps.split_first() {
            let mut classes = self.index.classes.iter();
            let class = classes.find(|it| it.declarations.contains(&variable));
            names.extend(class.into_iter().flat_map(|class| {
                let base = Base::This(This::Instance(class.index));
                self.unaliased_field(&Receiver { base, steps: rest.to_vec() })
            }));
        }
        names
    }

    /// The same thing by what a field of `this` is or has.
    fn unaliased_field(&self, receiver: &Receiver) -> Vec<Receiver> {
        let Base::This(of) = receiver.base else { return Vec::new() };
        let Some((Step::Property(name), rest)) = receiver.steps.split_first() else {
            return Vec::new();
        };
        let name = self.text.slice(*name);
        let of_bases = |of: &This| match *of {
            This::Instance(class) => self.base_of(class).map(This::Instance),
            This::Class(class) => self.base_of(class).map(This::Class),
            _ => None,
        };
        // A circle (`class A extends A`) ends after as many steps as there are classes.
        let all = std::iter::successors(Some(of), of_bases).take(self.index.classes.len() + 1);
        let fields = all.filter_map(|of| self.index.reached_fields.get(&of)?.get(name));
        let found = fields.flat_map(|it| it.with(rest, |name| self.text.slice(name)));
        // What a class of another module has, those have that extend it.
        let base = match of {
            This::Instance(class) => self.index.superclasses.get(&class),
            _ => None,
        };
        let inherited = base.and_then(|base| {
            Receiver::beyond(&Receiver::beyond(base, &[Step::New])?, &receiver.steps)
        });
        found.chain(inherited).collect()
    }

    fn base_of(&self, class: u32) -> Option<u32> {
        self.index.classes[class as usize].base
    }
}
