//! What takes out entries whose time has come: a timer that is started with each, or a sweep of what is old.

use rustc_hash::{FxHashMap, FxHashSet};

use super::Walk;
use super::bounds::MAX_CALLS;
use super::graph::{Graph, MAX_FUNCTIONS};
use super::noted::Noted;
use crate::statements::mutation::{Expiry, MutationFact, MutationKind};
use crate::text::Span;

/// So many comparisons in one loop are looked at.
const MAX_COMPARED: usize = 100;

impl Walk<'_> {
    /// The statements that take out what has had its time.
    pub(super) fn expiring(&self, noted: &Noted, graph: &Graph) -> FxHashMap<Span, Expiry> {
        let loops: FxHashMap<Span, Span> = noted.loops.iter().copied().collect();
        let is_dated = |fact: &MutationFact| {
            loops.get(&fact.span).is_some_and(|around| self.compares_dates(*around, noted))
        };
        let mut found: FxHashMap<Span, Expiry> = FxHashMap::default();
        let facts = self.index.mutations.iter();
        let removes = facts.filter(|fact| fact.kind == MutationKind::Removes);
        let dated = removes.filter(|fact| is_dated(fact));
        found.extend(dated.map(|fact| (fact.span, Expiry::Together)));
        for &(call, run) in &self.timers {
            let call = &self.index.calls[call];
            let is_interval = self.text.slice(call.name) == "setInterval";
            let reached = graph.facts_of(Some(run), MAX_CALLS);
            let fact = |number: &usize| &self.index.mutations[*number];
            let adding = reached.iter().filter(|it| fact(it).kind == MutationKind::Adds);
            let added: FxHashSet<_> = adding.map(|&number| graph.name(number)).collect();
            // Where it is started, entries are added.
            let starts = |name: u32| {
                graph.adders(name).iter().any(|&adder| {
                    adder == call.function
                        || self.is_inside(call.function, adder)
                        || graph.calls(adder, call.function)
                })
            };
            for &number in reached.iter().filter(|it| fact(it).kind == MutationKind::Removes) {
                let removes = fact(&number);
                let Some(name) = graph.name(number) else { continue };
                let expiry = if self.empties(removes) {
                    (is_interval || starts(name)).then_some(Expiry::Together)
                } else {
                    let is_own = !is_interval && self.takes_named(removes) && starts(name);
                    is_own.then_some(Expiry::ByOwnTimer)
                };
                if let Some(expiry) = expiry.filter(|_| !added.contains(&Some(name))) {
                    found.entry(removes.span).or_insert(expiry);
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
        within.take(MAX_COMPARED).any(|&compared| self.tells_time(compared))
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

/// Also one that was handed in: `this.now()`, `clock.now()`.
fn reads_clock(text: &str) -> bool {
    ["now(", "new Date(", "hrtime"].iter().any(|it| text.contains(it))
}
