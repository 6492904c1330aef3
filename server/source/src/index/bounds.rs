//! What bounds a collection other than a comparison of its own size: a counter beside it, a getter that
//! gives its size, keys that repeat, and what takes out entries when their time has come.
//!
//! Here the notes of a file are brought together. Not here: keys ([`super::repeating`]) and time
//! ([`super::expiry`]); what is a comparison is read in [`crate::statements::condition`].

use rustc_hash::{FxHashMap, FxHashSet};

use super::Walk;
use super::graph::Graph;
use super::noted::{Condition, Key, Noted};
use crate::statements::condition::{ConditionSpans, Sense};
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

/// Numbers for names.
#[derive(Default)]
struct Names(FxHashMap<Name, u32>);

impl Names {
    fn number(&mut self, name: Name) -> u32 {
        let next = self.0.len() as u32;
        *self.0.entry(name).or_insert(next)
    }

    fn known(&self, name: &Name) -> Option<u32> {
        self.0.get(name).copied()
    }
}

/// What is counted, by the numbers of the names, and in which functions.
struct Counters {
    up: FxHashMap<u32, FxHashSet<Option<u32>>>,
    down: FxHashMap<u32, FxHashSet<Option<u32>>>,
    /// What is counted up by more than one.
    sums: FxHashSet<u32>,
}

impl Walk<'_> {
    /// Adds the statements that bound what the notes say is bounded, and marks what removes when time
    /// has come.
    pub(super) fn settle_bounds(&mut self) {
        let mut noted = std::mem::take(&mut self.noted);
        self.settle_this(&mut noted);
        let mut names = Names::default();
        let of_facts = self.index.mutations.iter();
        let of_facts = of_facts.map(|fact| Some(names.number(self.name_of(&fact.receiver)?)));
        let graph = Graph::of(&self.index, of_facts.collect());
        let [up, down] = [&noted.counted_up, &noted.counted_down].map(|counted| {
            let mut functions: FxHashMap<u32, FxHashSet<Option<u32>>> = FxHashMap::default();
            for (receiver, function, _) in counted {
                if let Some(name) = self.name_of(receiver) {
                    functions.entry(names.number(name)).or_default().insert(*function);
                }
            }
            functions
        });
        let sums = noted.counted_up.iter().filter(|(.., by_one)| !by_one);
        let sums = sums.filter_map(|(it, ..)| names.known(&self.name_of(it)?)).collect();
        let counters = Counters { up, down, sums };
        let mut found = self.bounds_by_getters(&noted);
        found.extend(self.bounds_by_counters(&noted, &graph, &names, &counters));
        found.extend(self.bounds_by_places(&noted));
        let turns = self.bounds_by_turns(&noted, &graph);
        let is_known = |turn: &MutationFact| found.iter().any(|it| it.span == turn.span);
        let turns: Vec<_> = turns.into_iter().filter(|turn| !is_known(turn)).collect();
        found.extend(turns);
        self.settle_counted_places(&noted, &names, &counters);
        let rings = self.bounds_by_keys(&noted);
        found.extend(self.bounds_by_rings(&rings));
        found.extend(self.bounds_by_checks(&noted));
        found.extend(rings);
        let expiring = self.expiring(&noted, &graph);
        for fact in &mut self.index.mutations {
            fact.expires = expiring.get(&fact.span).copied();
        }
        self.index.mutations.extend(found);
        self.index.mutations.sort_by_key(|fact| fact.span.0);
    }

    /// A place that is only ever counted up is behind the last element: no ring writes there.
    fn settle_counted_places(&mut self, noted: &Noted, names: &Names, counters: &Counters) {
        let begins_anew = |name: &Name| {
            names.known(name).is_some_and(|number| counters.down.contains_key(&number))
        };
        let is_append = |(statement, counter): &(Span, Receiver)| {
            let name = self.name_of(counter).filter(|name| !begins_anew(name))?;
            Some((*statement, name))
        };
        let appending: FxHashSet<Span> =
            noted.counted_places.iter().filter_map(is_append).map(|(at, _)| at).collect();
        let facts = self.index.mutations.iter_mut();
        for fact in facts.filter(|it| it.method == Method::ASSIGNS_ELEMENT) {
            if appending.contains(&fact.span) {
                fact.method = Method::APPENDS_ELEMENT;
            }
        }
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
        let places = noted.counted_places.iter_mut().map(|(_, receiver)| receiver);
        for receiver in all.chain(places).chain(keys).chain(&mut noted.wrapped) {
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
            Step::New => "new".to_owned(),
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
            expires: None,
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
    fn bounds_by_counters(
        &self,
        noted: &Noted,
        graph: &Graph,
        names: &Names,
        counters: &Counters,
    ) -> Vec<MutationFact> {
        let mut found = Vec::new();
        for condition in &noted.conditions {
            let counter = self.name_of(&condition.counted).and_then(|name| names.known(&name));
            let Some((counter, up)) = counter.and_then(|it| Some((it, counters.up.get(&it)?)))
            else {
                continue;
            };
            let mut known = FxHashSet::default();
            for number in self.hanging_on(condition, graph) {
                let Some(store) = graph.name(number) else { continue };
                if store == counter || !known.insert(store) {
                    continue;
                }
                let does = |function: Option<u32>, kind| {
                    let mut facts = graph.facts_of(function, MAX_CALLS).into_iter();
                    facts.any(|it| self.kind(it) == kind && graph.name(it) == Some(store))
                };
                let counts = up.iter().any(|&function| does(function, MutationKind::Adds));
                let mut let_go = counters.down.get(&counter).into_iter().flatten();
                let is_begun = |function: Option<u32>| {
                    function.is_none_or(|function| {
                        self.index.functions[function as usize].kind == FunctionKind::Constructor
                    })
                };
                if counts && let_go.all(|&it| is_begun(it) || does(it, MutationKind::Removes)) {
                    // A sum of bytes says nothing about how many there may be.
                    let limit = (!counters.sums.contains(&counter)).then_some(condition.limit);
                    let receiver = &self.index.mutations[number].receiver;
                    found.push(MutationFact { limit, ..Self::guard(condition, receiver) });
                }
            }
        }
        found
    }

    /// What has only places below a limit: `if (slot < SIZE) samples[slot] = sample`.
    fn bounds_by_places(&self, noted: &Noted) -> Vec<MutationFact> {
        let keys: FxHashMap<Span, &Key> = noted.keys.iter().map(|(at, key)| (*at, key)).collect();
        let mut conditions: FxHashMap<Option<u32>, Vec<&Condition>> = FxHashMap::default();
        for condition in &noted.conditions {
            conditions.entry(condition.function).or_default().push(condition);
        }
        let bound = |fact: &MutationFact| {
            let Key::Named(place) = keys.get(&fact.span)? else { return None };
            let place = self.name_of(place).filter(|_| fact.method == Method::ASSIGNS_ELEMENT)?;
            let is_checked = |condition: &Condition| {
                let ConditionSpans { body, leaves, .. } = condition.spans;
                let is_inside = body.0 <= fact.span.0 && fact.span.1 <= body.1;
                let is_behind = leaves && fact.span.0 > body.1;
                let may_be = match condition.sense {
                    Sense::Below => is_inside,
                    Sense::Full => is_behind,
                    Sense::Again => false,
                };
                may_be && self.name_of(&condition.counted).is_some_and(|name| name == place)
            };
            let condition = conditions.get(&fact.function)?.iter().find(|it| is_checked(it))?;
            let limit = Some(condition.limit);
            Some(MutationFact { limit, ..Self::guard(condition, &fact.receiver) })
        };
        self.index.mutations.iter().filter_map(bound).collect()
    }

    /// What is emptied every so often, by the function that adds to it: `if (version % 5_000 === 0) compact()`.
    fn bounds_by_turns(&self, noted: &Noted, graph: &Graph) -> Vec<MutationFact> {
        let mut found = Vec::new();
        for condition in noted.conditions.iter().filter(|it| it.sense == Sense::Again) {
            let adds_too = |number: &usize| {
                let mut facts = graph.facts_of(condition.function, MAX_CALLS).into_iter();
                facts.any(|it| {
                    self.kind(it) == MutationKind::Adds && graph.name(it) == graph.name(*number)
                })
            };
            let emptied = self.hanging_on(condition, graph).into_iter().filter(adds_too);
            let receiver = emptied.map(|number| &self.index.mutations[number].receiver).next();
            found.extend(receiver.map(|receiver| Self::guard(condition, receiver)));
        }
        found
    }

    /// The statements that something bounds if a condition is about how full it is: they take out when it
    /// is full, or add only when it is not.
    fn hanging_on(&self, condition: &Condition, graph: &Graph) -> Vec<usize> {
        let spans = &condition.spans;
        let inside = |branch: Span, kind| {
            let facts = self.facts_from(branch, graph).into_iter();
            facts.filter(move |&number| self.kind(number) == kind)
        };
        let removes = inside(spans.body, MutationKind::Removes);
        match condition.sense {
            Sense::Again => removes.filter(|&it| self.empties(&self.index.mutations[it])).collect(),
            Sense::Full => {
                let otherwise = spans.otherwise.into_iter();
                let otherwise = otherwise.flat_map(|it| inside(it, MutationKind::Adds));
                let after = graph.facts_of(condition.function, 0).into_iter().filter(|&it| {
                    let is_behind = self.index.mutations[it].span.0 > spans.body.1;
                    spans.leaves && is_behind && self.kind(it) == MutationKind::Adds
                });
                removes.chain(otherwise).chain(after).collect()
            }
            // Who leaves as long as there is room takes out behind that.
            Sense::Below if spans.leaves => {
                let function = condition.function.map(|it| self.index.functions[it as usize].span);
                let behind = function.map_or(spans.body, |function| (spans.body.1, function.1));
                inside(behind, MutationKind::Removes).collect()
            }
            // What takes out as long as few are at work is a queue.
            Sense::Below => {
                let taken: FxHashSet<_> = removes.map(|it| graph.name(it)).collect();
                let adds = inside(spans.body, MutationKind::Adds);
                adds.filter(|&it| !taken.contains(&graph.name(it))).collect()
            }
        }
    }

    fn kind(&self, number: usize) -> MutationKind {
        self.index.mutations[number].kind
    }

    /// The statements in a branch, and in the functions that it calls.
    fn facts_from(&self, branch: Span, graph: &Graph) -> Vec<usize> {
        if branch.1 - branch.0 > LONGEST_BRANCH {
            return Vec::new();
        }
        let all = &self.index.mutations;
        let start = all.partition_point(|fact| fact.span.0 < branch.0);
        let within = all[start..].iter().take_while(|fact| fact.span.0 < branch.1).count();
        let mut found: Vec<usize> = (start..start + within).collect();
        let calls = &self.index.calls;
        let start = calls.partition_point(|call| call.span.0 < branch.0);
        let calls = calls[start..].iter().take_while(|call| call.span.0 < branch.1);
        for function in calls.filter_map(|call| call.calls) {
            found.extend(graph.facts_of(Some(function), MAX_CALLS - 1));
        }
        found
    }

    /// Whether a statement leaves nothing: `.clear()`, `.length = 0`, `= new Map()`.
    pub(super) fn empties(&self, fact: &MutationFact) -> bool {
        let text = self.text.slice(fact.span);
        match fact.method {
            Method::Call(name) => self.text.slice(name) == "clear",
            Method::ASSIGNS_LENGTH => {
                text.rsplit_once('=').is_some_and(|(_, length)| length.trim() == "0")
            }
            Method::PUTS_ANOTHER => fact.assigns.is_some_and(|assignment| {
                let value = self.text.slice(assignment.value);
                self.index.instances.contains_key(&assignment.value)
                    || matches!(value, "{}" | "Object.create(null)")
                    || is_short_list(value)
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

/// Whether a value is a list of what is written in it, and of nothing else: `[]`, `[{ ...state }]`.
fn is_short_list(value: &str) -> bool {
    let Some(inside) = value.strip_prefix('[').and_then(|it| it.strip_suffix(']')) else {
        return false;
    };
    let mut depth = 0_i32;
    for (at, c) in inside.char_indices() {
        match c {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth -= 1,
            '.' if depth == 0 && inside[at..].starts_with("...") => return false,
            _ => {}
        }
    }
    true
}
