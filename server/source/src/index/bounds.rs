//! What bounds a collection other than a comparison of its own size: a counter beside it, a getter that
//! gives its size, keys that repeat, and what takes out entries when their time has come.
//!
//! Here the notes of a file are brought together. Not here: keys ([`super::repeating`]) and time
//! ([`super::expiry`]); what is a comparison is read in [`crate::statements::condition`].

use rustc_hash::{FxHashMap, FxHashSet};

use super::Walk;
use super::graph::Graph;
use super::noted::{Condition, Counted, Key, Noted};
use crate::statements::condition::Sense;
use crate::statements::form::Method;
use crate::statements::mutation::{MutationFact, MutationKind};
use crate::syntax::function::FunctionKind;
use crate::syntax::receiver::{Base, Receiver, Step};
use crate::text::Span;

/// Bytes: what hangs on a limit is shorter.
const LONGEST_BRANCH: u32 = 5_000;

/// So many calls away from a timer or a condition a statement may stand.
pub(super) const MAX_CALLS: usize = 3;

/// Which of two things are the same, in words: the declaration or class, and the steps from there.
pub(super) type Name = String;

impl Walk<'_> {
    /// Adds the statements that bound what the notes say is bounded, and marks what removes when time
    /// has come.
    pub(super) fn settle_bounds(&mut self) {
        let mut noted = std::mem::take(&mut self.noted);
        self.settle_this(&mut noted);
        let graph = Graph::of(&self.index);
        let mut found = self.bounds_by_getters(&noted);
        found.extend(self.bounds_by_counters(&noted, &graph));
        let rings = self.bounds_by_keys(&noted);
        found.extend(self.bounds_by_rings(&rings));
        found.extend(rings);
        let expiring = self.expiring(&noted, &graph);
        for fact in &mut self.index.mutations {
            fact.expires = expiring.contains(&fact.span);
        }
        self.index.mutations.extend(found);
        self.index.mutations.sort_by_key(|fact| fact.span.0);
    }

    /// `this` in functions that serve as classes is an instance.
    fn settle_this(&self, noted: &mut Noted) {
        let conditions = noted.conditions.iter_mut().map(|it| &mut it.counted);
        let counted = noted.counted_up.iter_mut().chain(&mut noted.counted_down);
        let sizes = noted.sizes.iter_mut().map(|(_, receiver)| receiver);
        let keys = noted.keys.iter_mut().filter_map(|(_, key)| match key {
            Key::Named(receiver) => Some(receiver),
            Key::Repeats => None,
        });
        let all = conditions.chain(counted.map(|(receiver, ..)| receiver)).chain(sizes);
        for receiver in all.chain(keys).chain(&mut noted.wrapped) {
            if let Base::This(this) = receiver.base
                && let Some(&class) = self.of_this.get(&this)
            {
                receiver.base = Base::This(crate::syntax::receiver::This::Instance(class));
            }
        }
    }

    /// The name of what a receiver means, also if that has other names.
    pub(super) fn name_of(&self, receiver: &Receiver) -> Option<Name> {
        let mut receiver = receiver.clone();
        let mut names = 0;
        let base = loop {
            let Base::Variable { name, scope } = &receiver.base else {
                break match &receiver.base {
                    Base::Other => return None,
                    Base::Module(module) => self.text.slice(*module).to_owned(),
                    base => format!("{base:?}"),
                };
            };
            let text = self.text.slice(*name);
            let Some(variable) = self.index.scopes.resolve(text, *scope) else {
                break text.to_owned();
            };
            let alias = self.index.aliases.get(&variable).and_then(|it| receiver.based_on(it));
            match alias.filter(|_| names < MAX_CALLS) {
                Some(alias) => receiver = alias,
                None => break format!("{variable:?}"),
            }
            names += 1;
        };
        let step = |step: &Step| match step {
            Step::Property(name) => format!(".{}", self.text.slice(*name)),
            Step::Default => ".default".to_owned(),
            Step::Element | Step::Key(_) => "[]".to_owned(),
        };
        Some(base + &receiver.steps.iter().map(step).collect::<String>())
    }

    fn guard(condition: &Condition, receiver: &Receiver) -> MutationFact {
        MutationFact {
            kind: MutationKind::Guards,
            method: Method::COUNTS_TO_LIMIT,
            receiver: receiver.clone(),
            span: condition.spans.whole,
            head: condition.spans.whole,
            statement: condition.spans.statement,
            event: None,
            callback: None,
            function: condition.function,
            assigns: None,
            expires: false,
            limit: None,
        }
    }

    /// `if (this.size === this.max)`, where `size` is a getter that gives the size of `this.items`.
    fn bounds_by_getters(&self, noted: &Noted) -> Vec<MutationFact> {
        let mut found = Vec::new();
        let sizes: FxHashMap<u32, &Receiver> =
            noted.sizes.iter().map(|(function, receiver)| (*function, receiver)).collect();
        for condition in noted.conditions.iter().filter(|it| it.sense != Sense::Again) {
            let function = self.function_of(&self.index.callable, &condition.counted);
            if let Some(size) = function.and_then(|function| sizes.get(&function)) {
                let limit = Some(condition.limit);
                found.push(MutationFact { limit, ..Self::guard(condition, size) });
            }
        }
        found
    }

    /// A counter that is counted up where something is added bounds that, if what hangs on its limit takes
    /// out, or adds no more; and if it is counted down only where something is taken out.
    fn bounds_by_counters(&self, noted: &Noted, graph: &Graph) -> Vec<MutationFact> {
        let by_name = |counted: &[Counted]| {
            let mut functions: FxHashMap<Name, FxHashSet<Option<u32>>> = FxHashMap::default();
            for (receiver, function, _) in counted {
                if let Some(name) = self.name_of(receiver) {
                    functions.entry(name).or_default().insert(*function);
                }
            }
            functions
        };
        let (up, down) = (by_name(&noted.counted_up), by_name(&noted.counted_down));
        let sums = noted.counted_up.iter().filter(|(.., by_one)| !by_one);
        let sums: FxHashSet<Name> = sums.filter_map(|(it, ..)| self.name_of(it)).collect();
        let mut found = Vec::new();
        for condition in &noted.conditions {
            let Some(counter) = self.name_of(&condition.counted) else { continue };
            let Some(up) = up.get(&counter) else { continue };
            let down = down.get(&counter);
            let mut bounded: Vec<&MutationFact> = Vec::new();
            let spans = &condition.spans;
            let inside = |branch: Span, kind| {
                let facts = self.facts_from(branch, graph).into_iter();
                facts.filter(move |fact| fact.kind == kind)
            };
            match condition.sense {
                Sense::Full | Sense::Again => {
                    let removes = inside(spans.body, MutationKind::Removes);
                    let empties =
                        |it: &&MutationFact| condition.sense == Sense::Full || self.empties(it);
                    bounded.extend(removes.filter(empties));
                    if condition.sense == Sense::Full {
                        let otherwise = spans.otherwise.into_iter();
                        bounded.extend(otherwise.flat_map(|it| inside(it, MutationKind::Adds)));
                        if spans.leaves {
                            bounded.extend(self.index.mutations.iter().filter(|it| {
                                it.kind == MutationKind::Adds
                                    && it.function == condition.function
                                    && it.span.0 > spans.body.1
                            }));
                        }
                    }
                }
                // What takes out as long as few are at work is a queue.
                Sense::Below => {
                    let taken = inside(spans.body, MutationKind::Removes);
                    let taken: Vec<_> = taken.map(|it| self.name_of(&it.receiver)).collect();
                    let adds = inside(spans.body, MutationKind::Adds);
                    bounded.extend(adds.filter(|it| !taken.contains(&self.name_of(&it.receiver))));
                }
            }
            let mut known = FxHashSet::default();
            for fact in bounded {
                let Some(store) = self.name_of(&fact.receiver) else { continue };
                if store == counter || !known.insert(store.clone()) {
                    continue;
                }
                let does = |function: Option<u32>, kind| {
                    let facts = graph.facts_of(function, MAX_CALLS).into_iter();
                    let facts = facts.map(|number| &self.index.mutations[number]);
                    let mut names =
                        facts.filter(|it| it.kind == kind).map(|it| self.name_of(&it.receiver));
                    names.any(|name| name.as_ref() == Some(&store))
                };
                let counts = up.iter().any(|&function| does(function, MutationKind::Adds));
                let mut let_go = down.into_iter().flatten();
                let is_begun = |function: Option<u32>| {
                    function.is_none_or(|function| {
                        self.index.functions[function as usize].kind == FunctionKind::Constructor
                    })
                };
                if counts && let_go.all(|&it| is_begun(it) || does(it, MutationKind::Removes)) {
                    // A sum of bytes says nothing about how many there may be.
                    let limit = (!sums.contains(&counter)).then_some(condition.limit);
                    found.push(MutationFact { limit, ..Self::guard(condition, &fact.receiver) });
                }
            }
        }
        found
    }

    /// The statements in a branch, and in the functions that it calls.
    fn facts_from(&self, branch: Span, graph: &Graph) -> Vec<&MutationFact> {
        if branch.1 - branch.0 > LONGEST_BRANCH {
            return Vec::new();
        }
        let all = &self.index.mutations;
        let start = all.partition_point(|fact| fact.span.0 < branch.0);
        let within = all[start..].iter().take_while(|fact| fact.span.0 < branch.1);
        let mut found: Vec<&MutationFact> = within.collect();
        let calls = &self.index.calls;
        let start = calls.partition_point(|call| call.span.0 < branch.0);
        let calls = calls[start..].iter().take_while(|call| call.span.0 < branch.1);
        for function in calls.filter_map(|call| call.calls) {
            let facts = graph.facts_of(Some(function), MAX_CALLS - 1);
            found.extend(facts.into_iter().map(|number| &all[number]));
        }
        found
    }

    /// Whether a statement leaves nothing: `.clear()`, `.length = 0`, `= new Map()`.
    pub(super) fn empties(&self, fact: &MutationFact) -> bool {
        let text = self.text.slice(fact.span);
        match fact.method {
            Method::Call(name) => self.text.slice(name) == "clear",
            Method::ASSIGNS_LENGTH => text.ends_with("= 0"),
            Method::PUTS_ANOTHER => fact.assigns.is_some_and(|assignment| {
                let value = self.text.slice(assignment.value);
                value.starts_with("new ") || matches!(value, "[]" | "{}" | "Object.create(null)")
            }),
            _ => false,
        }
    }

    /// Whether a statement takes out one that it names: `.delete(key)`, `delete held[key]`.
    pub(super) fn takes_named(&self, fact: &MutationFact) -> bool {
        match fact.method {
            Method::Call(name) => matches!(self.text.slice(name), "delete" | "splice"),
            Method::DELETES => true,
            Method::PUTS_ANOTHER => self.text.slice(fact.span).contains(".filter("),
            _ => false,
        }
    }
}
