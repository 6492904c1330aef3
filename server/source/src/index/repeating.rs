//! Keys that repeat, and what they bound: a ring that is written by `ring[next++ % SIZE] = item`.

use rustc_hash::{FxHashMap, FxHashSet};

use super::Walk;
use super::bounds::{MAX_CALLS, Name};
use super::noted::{Key, Noted};
use crate::statements::form::Method;
use crate::statements::mutation::{MutationFact, MutationKind};
use crate::syntax::receiver::Base;
use crate::syntax::scope::DeclarationKind;
use crate::text::Span;

/// With more keys than this, nobody meets the same again soon.
const MAX_KEYS: f64 = 1_000_000.0;

impl Walk<'_> {
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
    pub(super) fn bounds_by_keys(&self, noted: &Noted) -> Vec<MutationFact> {
        let wrapped: FxHashSet<Name> =
            noted.wrapped.iter().filter_map(|receiver| self.name_of(receiver)).collect();
        let repeats = |key: &Key| self.repeats(key, &wrapped, MAX_CALLS);
        let repeating: FxHashSet<Span> =
            noted.keys.iter().filter(|(_, key)| repeats(key)).map(|(at, _)| *at).collect();
        let facts = self.index.mutations.iter();
        let adding =
            facts.filter(|it| it.kind == MutationKind::Adds && repeating.contains(&it.span));
        adding.map(|fact| fact.guarded_by(Method::REPEATS_KEY)).collect()
    }

    /// What is taken out for what a ring writes over is bounded like the ring: `const old = ring[at]; if (old)
    /// index.delete(old.key); ring[at] = item; index.set(item.key, at)`.
    pub(super) fn bounds_by_rings(&self, rings: &[MutationFact]) -> Vec<MutationFact> {
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
            Some(taken.guarded_by(Method::COUNTS_TO_LIMIT))
        });
        bounded.collect()
    }
}

/// Whether a value is what is left of a division, and by few enough that keys are met again.
fn is_remainder(value: &str) -> bool {
    let mut depth = 0_i32;
    let mut divisor = None;
    let bytes = value.as_bytes();
    let is_mask = |at: usize| {
        let is_and = |at: Option<usize>| at.and_then(|at| bytes.get(at)) == Some(&b'&');
        !is_and(at.checked_sub(1)) && !is_and(Some(at + 1))
    };
    for (at, c) in value.char_indices() {
        match c {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth -= 1,
            '\'' | '"' | '`' => return false,
            '%' if depth == 0 => divisor = Some(&value[at + 1..]),
            '&' if depth == 0 && is_mask(at) => divisor = Some(&value[at + 1..]),
            '?' | '|' | '&' if depth == 0 => divisor = None,
            _ => {}
        }
    }
    divisor.is_some_and(are_few)
}

/// Whether there are few remainders by a divisor, as far as it says: what a hash is cut to is any number.
pub(super) fn are_few(divisor: &str) -> bool {
    let divisor = divisor.trim().replace('_', "").to_ascii_lowercase();
    let is_power = divisor.contains("**") || divisor.contains("<<");
    let is_number = divisor.starts_with(|c: char| c.is_ascii_digit());
    let number = match divisor.strip_prefix("0x") {
        Some(digits) => u64::from_str_radix(digits, 16).ok().map(|it| it as f64),
        None => divisor.parse().ok(),
    };
    !is_power && (!is_number || number.is_some_and(|it: f64| it <= MAX_KEYS))
}
