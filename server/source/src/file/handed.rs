//! What a holder, or what has it, is handed to in other modules, and what a function does to what it gets.
//!
//! Inside one file a parameter is [another name](crate::index::calling) for what it gets. Which file a module
//! is, whoever asks knows.

use super::SourceFile;
use super::sought::Match;
use super::target::{Inside, Target};
use crate::index::callable::{HandedFact, HandedOutFact};
use crate::statements::call::Call;
use crate::statements::mutation::Mutation;
use crate::syntax::receiver::{Base, Step, This};
use crate::syntax::scope::Declaration;
use crate::text::Span;
use crate::text::position::Range;

/// Something that is handed to a function of another module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Handed {
    /// How the module is asked for: `./trim.js`.
    pub module: String,
    /// The function, from what the module exports; empty for the module itself.
    pub function: Vec<String>,
    /// Which argument it is, from 0.
    pub argument: u32,
    /// The properties that lead from there to the target.
    pub rest: Vec<String>,
    /// It is something that the target holds.
    pub nested: bool,
    /// It is the target, and not another thing of the same name.
    pub exact: bool,
}

impl SourceFile {
    /// Where a target, an entry of it, or what has it is handed to functions of other modules of the program.
    /// Packages are not followed.
    pub fn handed(&self, target: &Target<'_>) -> Vec<Handed> {
        let sought = self.sought(target);
        let mut found = Vec::new();
        for fact in &self.index.handed {
            let module = self.text.slice(fact.module);
            if !module.starts_with('.') && !module.starts_with('/') {
                continue;
            }
            let way = self.names_for(&fact.receiver).find_map(|name| {
                let matched = self.matches_as_written(&name, &sought);
                let whole = matched.map(|matched| (matched, Vec::new()));
                whole.or_else(|| {
                    let rest = match target {
                        Target::Field { class, name: field, is_static } => {
                            let is_it = name.steps.is_empty()
                                && match name.base {
                                    Base::This(This::Instance(it)) => {
                                        !is_static && self.related(class, it)
                                    }
                                    _ => false,
                                };
                            is_it.then(|| vec![(*field).to_owned()])?
                        }
                        _ => self.way_on(&name, &sought)?,
                    };
                    Some((Match { nested: false, exact: true }, rest))
                })
            });
            let Some((matched, mut rest)) = way else { continue };
            rest.splice(0..0, fact.within.iter().map(ToString::to_string));
            let handed = self.handed_as(fact, module, matched, rest);
            if !found.contains(&handed) {
                found.push(handed);
            }
        }
        found
    }

    /// The calls that hand a target, or what has it, to code that is not in this file and is not asked what it
    /// does: of a package, of what a value holds. Those that only read it, by their names, are left out.
    pub fn handed_to_others(&self, target: &Target<'_>) -> Vec<Call> {
        let sought = self.sought(target);
        let is_it = |fact: &&HandedOutFact| {
            let matched = self.matches(&fact.receiver, &sought);
            matched.is_some_and(|matched| matched.exact && !matched.nested)
        };
        let facts = self.index.handed_out.iter().filter(is_it);
        facts.map(|fact| self.call(&self.index.calls[fact.call as usize])).collect()
    }

    fn handed_as(
        &self,
        fact: &HandedFact,
        module: &str,
        matched: Match,
        rest: Vec<String>,
    ) -> Handed {
        let name = |step: &Step| match step {
            Step::Property(name) => self.text.slice(*name).to_owned(),
            _ => "default".to_owned(),
        };
        Handed {
            module: module.to_owned(),
            function: fact.path.iter().map(name).collect(),
            argument: fact.argument,
            rest,
            nested: matched.nested,
            exact: matched.exact,
        }
    }

    /// What a function that this module exports does to what it is handed.
    pub fn mutations_of_argument(&self, handed: &Handed) -> Vec<Mutation> {
        let Some((parameter, inside)) = self.parameter_of(handed) else { return Vec::new() };
        let found = match path_of(&inside) {
            Some(path) => self.mutations(&Target::Path { variable: &parameter, path: &path }),
            None => self.mutations_inside(&Target::Variable(&parameter), &inside),
        };
        let found = found.into_iter().map(|mutation| Mutation {
            nested: mutation.nested || handed.nested,
            exact: mutation.exact && handed.exact,
            ..mutation
        });
        found.collect()
    }

    /// Where a function that this module exports hands on what it is handed.
    pub fn handed_on(&self, handed: &Handed) -> Vec<Handed> {
        let Some((parameter, inside)) = self.parameter_of(handed) else { return Vec::new() };
        let Some(path) = path_of(&inside) else { return Vec::new() };
        let found = self.handed(&Target::Path { variable: &parameter, path: &path });
        let found = found.into_iter().map(|it| Handed {
            nested: it.nested || handed.nested,
            exact: it.exact && handed.exact,
            ..it
        });
        found.collect()
    }

    /// The parameter of an exported function that gets what is handed to it, and the way on from there.
    fn parameter_of(&self, handed: &Handed) -> Option<(Declaration, Vec<Inside>)> {
        let function = self.exported_function(&handed.function)?;
        let callable = &self.index.callable;
        let declared = |name: Span| Some(self.declared(self.index.scopes.declared_at(name.0)?));
        let named =
            |rest: &[String]| rest.iter().cloned().map(Inside::Property).collect::<Vec<_>>();
        let place = (function, handed.argument);
        if let Some(&name) = callable.parameters.get(&place) {
            return Some((declared(name)?, named(&handed.rest)));
        }
        // `function evict({ from, most })`
        let leads = |steps: &[Step]| {
            let (before, _) = handed.rest.split_at_checked(steps.len())?;
            let is_it = |(step, name): (&Step, &String)| matches!(step, Step::Property(found) if self.text.slice(*found) == name);
            (!steps.is_empty() && steps.iter().zip(before).all(is_it)).then_some(steps.len())
        };
        let bound = callable.bound.get(&place).into_iter().flatten();
        let mut bound = bound.filter_map(|(name, steps)| Some((*name, leads(steps)?)));
        if let Some((name, length)) = bound.next() {
            return Some((declared(name)?, named(&handed.rest[length..])));
        }
        // `function reset(...all)`
        let &(from, name) = callable.rest.get(&function)?;
        let mut inside = vec![Inside::Entry];
        inside.extend(named(&handed.rest));
        (handed.argument >= from).then_some((declared(name)?, inside))
    }

    fn exported_function(&self, path: &[String]) -> Option<u32> {
        let with_range = |range: Range| {
            let start = self.text.offset(range.start)?;
            let functions = &self.index.functions;
            let at = functions.binary_search_by_key(&start, |it| it.span.0).ok();
            at.map(|at| functions[at].index).or_else(|| {
                let class = self.index.classes.iter().find(|it| it.span.0 == start)?;
                let constructor = (This::Instance(class.index), "constructor".into());
                self.index.callable.methods.get(&constructor).copied()
            })
        };
        let of_declaration = |declared: &Declaration| {
            declared.initializer.and_then(with_range).or_else(|| with_range(declared.range))
        };
        let path: Vec<&str> =
            path.iter().map(String::as_str).filter(|it| *it != "default").collect();
        match path[..] {
            [] => {
                let whole = self.index.exports.aliases.iter().map(|&it| self.declared(it));
                let default = self.export("default");
                let named = whole.chain(default).find_map(|it| of_declaration(&it));
                named.or_else(|| {
                    let facts = self.index.mutations.iter();
                    let mut puts = facts.filter(|it| self.text.slice(it.head) == "module.exports");
                    puts.find_map(|it| with_range(self.text.range(it.assigns?.value)))
                })
            }
            [name] => {
                let literals = self.index.exports.literals.iter();
                let methods = &self.index.callable.methods;
                let method =
                    |&start: &u32| methods.get(&(This::Literal(start), name.into())).copied();
                self.export(name)
                    .and_then(|it| of_declaration(&it))
                    .or_else(|| literals.clone().find_map(method))
            }
            _ => None,
        }
    }

    /// What changes or bounds a collection inside what a target holds: `rooms.get(name).messages` for an
    /// entry, and then `messages`.
    pub fn mutations_inside(&self, target: &Target<'_>, inside: &[Inside]) -> Vec<Mutation> {
        let sought = self.sought(target);
        let follows = |steps: &[Step]| {
            let (named, rest) = steps.split_at_checked(inside.len())?;
            let mut exact = true;
            for (step, part) in named.iter().zip(inside) {
                match (step, part) {
                    (Step::Property(found), Inside::Property(name)) => {
                        if self.text.slice(*found) != name {
                            return None;
                        }
                    }
                    (_, Inside::Entry) if step.is_element() => {}
                    (Step::Property(_) | Step::Default | Step::New, _) => return None,
                    _ => exact = false,
                }
            }
            let nested = !rest.is_empty();
            rest.iter().all(Step::is_element).then_some(Match { nested, exact })
        };
        let facts = self.candidates(&sought).into_iter();
        let found = facts.filter_map(|fact| {
            let matched = self.names_for(&fact.receiver).find_map(|mut name| {
                let steps = std::mem::take(&mut name.steps);
                (0..=steps.len()).find_map(|cut| {
                    name.steps = steps[..cut].to_vec();
                    let head = self.matches_as_written(&name, &sought)?;
                    let matched = follows(&steps[cut..]).filter(|_| !head.nested)?;
                    Some(Match { exact: matched.exact && head.exact, ..matched })
                })
            })?;
            // What is assigned to it for the first time neither fills nor empties it.
            Some(self.mutation(fact, matched))
        });
        found.collect()
    }
}

/// The properties of a way that has no entries on it.
fn path_of(inside: &[Inside]) -> Option<Vec<&str>> {
    let mut path = Vec::new();
    for part in inside {
        let Inside::Property(name) = part else { return None };
        path.push(name.as_str());
    }
    Some(path)
}
