//! What bounds a collection other than a comparison of its own size: a counter beside it, a getter that
//! gives its size, keys that repeat, and what takes out entries when their time has come.
//!
//! Here the notes of a file are brought together; what is a comparison is read in
//! [`crate::statements::condition`].

use rustc_hash::{FxHashMap, FxHashSet};
use tree_sitter::Node;

use super::Walk;
use crate::statements::condition::{self, ConditionSpans, Sense};
use crate::statements::form::Method;
use crate::statements::mutation::{MutationFact, MutationKind};
use crate::syntax::function::FunctionKind;
use crate::syntax::receiver::{Base, Receiver, Step};
use crate::syntax::scope::DeclarationKind;
use crate::syntax::{arguments, is_function, span, string_value, unwrapped};
use crate::text::Span;

/// Bytes: what hangs on a limit is shorter.
const LONGEST_BRANCH: u32 = 5_000;

/// So many calls away from a timer or a condition a statement may stand.
const MAX_CALLS: usize = 3;

/// So many functions are gone through from one place.
const MAX_FUNCTIONS: usize = 100;

/// What the walk notes for this.
#[derive(Debug, Default)]
pub(super) struct Noted {
    conditions: Vec<Condition>,
    /// What is counted up, in which function.
    counted_up: Vec<Counted>,
    /// What is counted down or begins anew.
    counted_down: Vec<Counted>,
    /// The functions that give the size of something.
    sizes: Vec<(u32, Receiver)>,
    /// Under which key a statement adds: the statement, and the names that may repeat.
    keys: Vec<(Span, Key)>,
    /// What gets a value that repeats: `at = (at + 1) % SIZE`.
    wrapped: Vec<Receiver>,
    /// What removes, with the loop or the like around it.
    pub(super) loops: Vec<(Span, Span)>,
    /// Comparisons that tell which of two is more, ascending.
    compared: Vec<Span>,
}

/// What is counted, in which function, and whether by one.
type Counted = (Receiver, Option<u32>, bool);

#[derive(Debug)]
struct Condition {
    counted: Receiver,
    limit: Span,
    sense: Sense,
    spans: ConditionSpans,
    function: Option<u32>,
}

/// What is known of a key.
#[derive(Debug, Clone)]
pub(super) enum Key {
    /// It repeats.
    Repeats,
    /// It is what a name holds.
    Named(Receiver),
}

/// Which of two things are the same, in words: the declaration or class, and the steps from there.
type Name = String;

impl<'a> Walk<'a> {
    fn named(&self, node: Node<'a>) -> Option<Receiver> {
        let receiver = Receiver::of(node, self.text, self.scope(), self.this())?;
        (receiver.base != Base::Other).then_some(receiver)
    }

    /// Notes what is done on a condition that compares something with a limit.
    pub(super) fn note_condition(&mut self, node: Node<'a>) {
        let operator = node.child_by_field_name("operator").map(|operator| operator.kind());
        if node.kind() == "binary_expression" && matches!(operator, Some("<" | ">" | "<=" | ">=")) {
            self.noted.compared.push(span(node));
        }
        let Some(conditional) = condition::of(node) else { return };
        for compared in condition::comparisons(conditional.condition, self.text) {
            let callee = match compared.counted.kind() {
                "call_expression" if arguments(compared.counted).is_empty() => {
                    compared.counted.child_by_field_name("function")
                }
                "call_expression" => None,
                _ => Some(compared.counted),
            };
            let Some(counted) = callee.and_then(|it| self.named(it)) else { continue };
            let spans = ConditionSpans {
                whole: span(compared.whole),
                body: span(conditional.body),
                otherwise: conditional.otherwise.map(span),
                leaves: condition::leaves(conditional.body),
                statement: span(node),
            };
            self.noted.conditions.push(Condition {
                counted,
                limit: span(compared.limit),
                sense: compared.sense,
                spans,
                function: self.functions.last().copied(),
            });
        }
    }

    /// Notes that a name is counted up, counted down, or begins anew.
    pub(super) fn note_count(&mut self, name: Node<'a>, is_up: bool, by_one: bool) {
        let function = self.functions.last().copied();
        if let Some(receiver) = self.named(name) {
            let noted = &mut self.noted;
            let counted = if is_up { &mut noted.counted_up } else { &mut noted.counted_down };
            counted.push((receiver, function, by_one));
        }
    }

    /// Notes a name that gets what repeats: `at = (at + 1) % SIZE`.
    pub(super) fn note_wrapped(&mut self, name: Node<'a>, value: Node<'a>) {
        if condition::remainder(value).is_some()
            && let Some(receiver) = self.named(name)
        {
            self.noted.wrapped.push(receiver);
        }
    }

    /// Notes under which key a statement adds.
    pub(super) fn note_key(&mut self, statement: Node<'a>, key: Node<'a>) {
        let key = self.key_of(key);
        self.noted.keys.extend(key.map(|key| (span(statement), key)));
    }

    /// What is known of a key: of a text, by its only part that changes: `room ${id % 20}`, `"room" + id`.
    pub(super) fn key_of(&self, key: Node<'a>) -> Option<Key> {
        let mut parts = vec![key];
        let mut changing = None;
        while let Some(part) = parts.pop() {
            let part = unwrapped(part);
            let operator = part.child_by_field_name("operator").map(|operator| operator.kind());
            if string_value(part, self.text).is_some() || part.kind() == "number" {
                continue;
            }
            if part.kind() == "template_string" {
                let mut cursor = part.walk();
                let inside = part.named_children(&mut cursor);
                let inside = inside.filter(|it| it.kind() == "template_substitution");
                parts.extend(inside.filter_map(|it| it.named_child(0)));
            } else if part.kind() == "binary_expression" && operator == Some("+") {
                let sides = ["left", "right"].iter().filter_map(|it| part.child_by_field_name(it));
                parts.extend(sides);
            } else if changing.replace(part).is_some() {
                return None;
            }
        }
        let changing = changing?;
        if condition::remainder(changing).is_some() {
            return Some(Key::Repeats);
        }
        let is_name = matches!(changing.kind(), "identifier" | "member_expression");
        if is_name { self.named(changing).map(Key::Named) } else { None }
    }

    /// Notes a function that gives the size of something: `get size() { return this.items.size; }`.
    pub(super) fn note_returned(&mut self, node: Node<'a>) {
        if let Some(&function) = self.functions.last()
            && let Some(value) = node.named_child(0)
            && let Some(collection) = crate::statements::guard::collection_of_size(value, self.text)
            && let Some(receiver) = self.named(collection)
        {
            self.noted.sizes.push((function, receiver));
        }
    }

    /// The loop around a place, in its function, or the function that is called for each.
    pub(super) fn loop_around(&self) -> Option<Span> {
        for (depth, around) in self.ancestors.iter().enumerate().rev() {
            match around.kind() {
                "for_statement" | "for_in_statement" | "while_statement" | "do_statement" => {
                    return Some(span(*around));
                }
                kind if is_function(kind) => {
                    let call = self.ancestors[..depth].iter().rev().nth(1)?;
                    let callee = call.child_by_field_name("function")?;
                    let method = callee.child_by_field_name("property")?;
                    let is_each = matches!(self.text.slice(span(method)), "forEach" | "filter");
                    return is_each.then(|| span(*around));
                }
                _ => {}
            }
        }
        None
    }

    /// Adds the statements that bound what the notes say is bounded, and marks what removes when time
    /// has come.
    pub(super) fn settle_bounds(&mut self) {
        let mut noted = std::mem::take(&mut self.noted);
        self.settle_this(&mut noted);
        let graph = Graph::of(self);
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
    fn name_of(&self, receiver: &Receiver) -> Option<Name> {
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
    fn empties(&self, fact: &MutationFact) -> bool {
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
    fn takes_named(&self, fact: &MutationFact) -> bool {
        match fact.method {
            Method::Call(name) => matches!(self.text.slice(name), "delete" | "splice"),
            Method::DELETES => true,
            Method::PUTS_ANOTHER => self.text.slice(fact.span).contains(".filter("),
            _ => false,
        }
    }

    /// Whether a key is met again and again. A parameter is, if everything that is handed to it is; `most` is
    /// how many calls away that may be.
    fn repeats(&self, key: &Key, wrapped: &FxHashSet<Name>, most: usize) -> bool {
        let Key::Named(receiver) = key else { return true };
        if self.name_of(receiver).is_some_and(|name| wrapped.contains(&name)) {
            return true;
        }
        let Base::Variable { name, scope } = receiver.base else { return false };
        let variable = self.index.scopes.resolve(self.text.slice(name), scope);
        let Some(variable) = variable.filter(|_| receiver.steps.is_empty()) else { return false };
        let declared = self.index.scopes.variable(variable);
        if declared.kind != DeclarationKind::Parameter {
            let value = declared.initializer;
            return value.is_some_and(|value| is_remainder(self.text.slice(value)));
        }
        let keys = self.keys_handed.get(&variable).filter(|_| most > 0);
        keys.is_some_and(|keys| {
            let repeats = |key: &Key| self.repeats(key, wrapped, most - 1);
            keys.iter().all(|key| key.as_ref().is_some_and(repeats))
        })
    }

    /// The keys that repeat bound what is added under them.
    fn bounds_by_keys(&self, noted: &Noted) -> Vec<MutationFact> {
        let wrapped: FxHashSet<Name> =
            noted.wrapped.iter().filter_map(|receiver| self.name_of(receiver)).collect();
        let repeats = |key: &Key| self.repeats(key, &wrapped, MAX_CALLS);
        let repeating: FxHashSet<Span> =
            noted.keys.iter().filter(|(_, key)| repeats(key)).map(|(at, _)| *at).collect();
        let facts = self.index.mutations.iter();
        let adding =
            facts.filter(|it| it.kind == MutationKind::Adds && repeating.contains(&it.span));
        adding
            .map(|fact| MutationFact {
                kind: MutationKind::Guards,
                method: Method::REPEATS_KEY,
                receiver: fact.receiver.clone(),
                event: None,
                callback: None,
                assigns: None,
                expires: false,
                limit: None,
                ..*fact
            })
            .collect()
    }

    /// What is taken out for what a ring writes over is bounded like the ring: `const old = ring[at]; if (old)
    /// index.delete(old.key); ring[at] = item; index.set(item.key, at)`.
    fn bounds_by_rings(&self, rings: &[MutationFact]) -> Vec<MutationFact> {
        let in_rings: FxHashSet<Option<u32>> = rings.iter().map(|ring| ring.function).collect();
        let mut by_store: FxHashMap<(Option<u32>, Name), Vec<&MutationFact>> = FxHashMap::default();
        let facts = self.index.mutations.iter();
        for fact in facts.filter(|it| it.function.is_some() && in_rings.contains(&it.function)) {
            if let Some(name) = self.name_of(&fact.receiver) {
                by_store.entry((fact.function, name)).or_default().push(fact);
            }
        }
        let bounded = by_store.into_values().filter_map(|facts| {
            let adds = facts.iter().any(|it| it.kind == MutationKind::Adds);
            let is_out =
                |it: &&&MutationFact| it.kind == MutationKind::Removes && self.takes_named(it);
            let taken = *facts.iter().find(is_out).filter(|_| adds)?;
            Some(MutationFact {
                kind: MutationKind::Guards,
                method: Method::COUNTS_TO_LIMIT,
                receiver: taken.receiver.clone(),
                event: None,
                callback: None,
                assigns: None,
                expires: false,
                limit: None,
                ..*taken
            })
        });
        bounded.collect()
    }

    /// The statements that take out what has had its time.
    fn expiring(&self, noted: &Noted, graph: &Graph) -> FxHashSet<Span> {
        let loops: FxHashMap<Span, Span> = noted.loops.iter().copied().collect();
        let is_dated = |fact: &MutationFact| {
            loops.get(&fact.span).is_some_and(|around| self.compares_dates(*around, noted))
        };
        let mut found: FxHashSet<Span> = FxHashSet::default();
        let facts = self.index.mutations.iter();
        let removes = facts.filter(|fact| fact.kind == MutationKind::Removes);
        found.extend(removes.filter(|fact| is_dated(fact)).map(|fact| fact.span));
        for &(call, run) in &self.timers {
            let call = &self.index.calls[call];
            let is_interval = self.text.slice(call.name) == "setInterval";
            let reached = graph.facts_of(Some(run), MAX_CALLS);
            let facts: Vec<&MutationFact> =
                reached.iter().map(|&number| &self.index.mutations[number]).collect();
            let adds = |name: &Name| {
                let adds = facts.iter().filter(|fact| fact.kind == MutationKind::Adds);
                adds.map(|it| self.name_of(&it.receiver)).any(|it| it.as_ref() == Some(name))
            };
            // Where it is started, entries are added.
            let starts = |name: &Name| {
                let adding = self.index.mutations.iter().filter(|fact| {
                    fact.kind == MutationKind::Adds
                        && self.name_of(&fact.receiver).as_ref() == Some(name)
                });
                adding.map(|fact| fact.function).any(|adder| {
                    adder == call.function
                        || self.is_inside(call.function, adder)
                        || graph.calls(adder, call.function)
                })
            };
            for fact in facts.iter().filter(|fact| fact.kind == MutationKind::Removes) {
                let Some(name) = self.name_of(&fact.receiver) else { continue };
                let is_its_time = if self.empties(fact) {
                    is_interval || starts(&name)
                } else {
                    !is_interval && self.takes_named(fact) && starts(&name)
                };
                if is_its_time && !adds(&name) {
                    found.insert(fact.span);
                }
            }
        }
        found
    }

    /// Whether one function is written inside the other.
    fn is_inside(&self, inner: Option<u32>, outer: Option<u32>) -> bool {
        let Some(outer) = outer else { return false };
        let parent = |&index: &u32| self.index.functions[index as usize].parent;
        std::iter::successors(inner, parent).take(MAX_FUNCTIONS).any(|it| it == outer)
    }

    /// Whether something in a stretch of text is compared with the time.
    fn compares_dates(&self, around: Span, noted: &Noted) -> bool {
        let start = noted.compared.partition_point(|it| it.0 < around.0);
        let within = noted.compared[start..].iter().take_while(|it| it.0 < around.1);
        within.take(MAX_FUNCTIONS).any(|&compared| self.tells_time(compared))
    }

    /// Whether an expression reads the clock, or is about a time by its name.
    fn tells_time(&self, expression: Span) -> bool {
        let text = self.text.slice(expression);
        if reads_clock(text) {
            return true;
        }
        let scope = self.index.scopes.at(expression.0);
        let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '$');
        text.split(|c| !is_part(c)).filter(|word| !word.is_empty()).any(|word| {
            let lower = word.to_ascii_lowercase();
            let is_named = lower == "now"
                || ["expir", "ttl", "deadline", "timestamp"].iter().any(|it| lower.contains(it));
            is_named
                || scope.is_some_and(|scope| {
                    let variable = self.index.scopes.resolve(word, scope);
                    let value = variable.and_then(|it| self.index.scopes.variable(it).initializer);
                    value.is_some_and(|value| {
                        value.1 - value.0 < 200 && reads_clock(self.text.slice(value))
                    })
                })
        })
    }
}

fn reads_clock(text: &str) -> bool {
    ["Date.now(", "performance.now(", "new Date(", "hrtime"].iter().any(|it| text.contains(it))
}

/// Whether a value is what is left of a division, or a text with nothing else that changes.
fn is_remainder(value: &str) -> bool {
    let mut depth = 0_i32;
    let mut last = None;
    for c in value.chars() {
        match c {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth -= 1,
            '\'' | '"' | '`' => return false,
            '%' | '?' | '|' | '&' if depth == 0 => last = Some(c),
            _ => {}
        }
    }
    last == Some('%')
}

/// Which function calls which, and what stands in each.
struct Graph {
    calls: FxHashMap<Option<u32>, Vec<u32>>,
    facts: FxHashMap<Option<u32>, Vec<usize>>,
}

impl Graph {
    fn of(walk: &Walk<'_>) -> Self {
        let mut graph = Self { calls: FxHashMap::default(), facts: FxHashMap::default() };
        for call in &walk.index.calls {
            if let Some(called) = call.calls {
                graph.calls.entry(call.function).or_default().push(called);
            }
        }
        for (number, fact) in walk.index.mutations.iter().enumerate() {
            graph.facts.entry(fact.function).or_default().push(number);
        }
        // What is written inside a function runs in its time: `held.forEach(() => …)`.
        for function in &walk.index.functions {
            if function.kind == FunctionKind::Arrow && function.parent.is_some() {
                graph.calls.entry(function.parent).or_default().push(function.index);
            }
        }
        graph
    }

    fn calls(&self, caller: Option<u32>, called: Option<u32>) -> bool {
        let Some(called) = called else { return false };
        self.calls.get(&caller).is_some_and(|calls| calls.contains(&called))
    }

    /// The statements of a function and of those that it calls, so many calls away.
    fn facts_of(&self, function: Option<u32>, most: usize) -> Vec<usize> {
        let mut functions = vec![function];
        let mut next = 0;
        for _ in 0..most {
            let end = functions.len();
            for at in next..end {
                for &called in self.calls.get(&functions[at]).into_iter().flatten() {
                    if functions.len() < MAX_FUNCTIONS && !functions.contains(&Some(called)) {
                        functions.push(Some(called));
                    }
                }
            }
            next = end;
        }
        functions.iter().flat_map(|it| self.facts.get(it).into_iter().flatten()).copied().collect()
    }
}
