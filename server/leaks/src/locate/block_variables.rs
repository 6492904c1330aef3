//! Which variable of a block holds a value.
//!
//! The heap has the names of a block's variables, but not which of them holds a small integer and so
//! has no link; the source says what each begins with. Nothing is guessed: if several may hold the
//! value, none is named.

use std::sync::{Arc, OnceLock};

use heapmark_heap::{Edge, NodeOrdinal, StringIndex};
use heapmark_source::{Declaration, Siblings, Written};
use rustc_hash::FxHashMap;

use crate::locate::known_scopes::Block;
use crate::locate::locator::Locator;
use crate::v8::bindings::BlockNames;

impl BlockNames for Locator<'_> {
    fn name_in_block(&self, link: &Edge) -> Option<String> {
        let block = self.block(link.from);
        let &at = block.places.get(&link.ordinal)?;
        match block.variables[at].0[..] {
            [] => None,
            [name] => Some(self.heap().string(name).into_owned()),
            _ => block.names.get_or_init(|| self.names_of(&block.variables))[at].clone(),
        }
    }
}

impl Locator<'_> {
    fn block(&self, scope: NodeOrdinal) -> Arc<Block> {
        self.blocks.get_or_find(scope, || {
            let variables = self.heap().block_variables(scope);
            let places = (0..).zip(&variables).map(|(at, (_, link))| (link.ordinal, at)).collect();
            Arc::new(Block { variables, places, names: OnceLock::new() })
        })
    }

    /// The name of each variable of one scope, in their order, of those that it may have: where that is
    /// certain.
    fn names_of(&self, variables: &[(Vec<StringIndex>, Edge)]) -> Vec<Option<String>> {
        // Each name once, in the order of the source.
        let mut slots: FxHashMap<StringIndex, usize> = FxHashMap::default();
        let mut names: Vec<String> = Vec::new();
        for &name in variables.iter().flat_map(|(names, _)| names) {
            slots.entry(name).or_insert_with(|| {
                names.push(self.heap().string(name).into_owned());
                names.len() - 1
            });
        }
        let Some(scope) = variables.first().map(|(_, link)| link.from) else { return Vec::new() };
        let siblings = Siblings::of(names);
        let names = siblings.names();
        // What each name is declared to begin with, looked up once.
        let mut declared: Vec<Option<Option<Written<Declaration>>>> = vec![None; names.len()];
        let possible = variables.iter().map(|(own, link)| {
            let class = self.class_name(link.to);
            let mut own: Vec<usize> = own.iter().map(|name| slots[name]).collect();
            own.sort_unstable();
            own.dedup();
            own.retain(|&at| {
                let find = || self.seen_from(scope, &names[at], &siblings);
                let found = declared[at].get_or_insert_with(find);
                found.as_ref().is_some_and(|found| may_hold(initial(found), &class))
            });
            own
        });
        let only = |slots: Vec<usize>| match slots[..] {
            [slot] => Some(names[slot].clone()),
            _ => None,
        };
        in_order(possible.collect()).into_iter().map(only).collect()
    }
}

/// Of the slots that each variable may have, those that leave one for all before it and behind it.
fn in_order(mut possible: Vec<Vec<usize>>) -> Vec<Vec<usize>> {
    for at in 1..possible.len() {
        if let Some(&first) = possible[at - 1].first() {
            possible[at].retain(|&slot| slot > first);
        }
    }
    for at in (1..possible.len()).rev() {
        if let Some(&last) = possible[at].last() {
            possible[at - 1].retain(|&slot| slot < last);
        }
    }
    possible
}

/// What a variable begins with, as it is written.
fn initial(found: &Written<Declaration>) -> Option<&str> {
    let range = found.what.initializer?;
    let (start, end) = (found.file.offset(range.start)?, found.file.offset(range.end)?);
    found.file.text().get(start..end)
}

/// Whether a variable that begins with this may hold an object of a class by now.
fn may_hold(initial: Option<&str>, class: &str) -> bool {
    let Some(initial) = initial else { return true };
    if let Some(made) = initial.strip_prefix("new ") {
        let made = made.split(['(', '<']).next().unwrap_or(made).trim();
        return made.rsplit('.').next() == Some(class);
    }
    match initial.trim_start_matches(['-', '+']).chars().next() {
        Some('[') => class == "Array",
        Some('{') => class == "Object",
        Some(first) => !first.is_ascii_digit() && !"'\"`".contains(first),
        None => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_of_variables_come_in_their_order() {
        assert_eq!(in_order(vec![vec![1], vec![1, 2]]), [[1], [2]]);
        assert_eq!(in_order(vec![vec![0, 1], vec![1]]), [[0], [1]]);
        assert_eq!(in_order(vec![vec![0, 1], vec![1, 2]]), [[0, 1], [1, 2]]);
    }

    #[test]
    fn what_a_variable_begins_with_says_what_it_holds() {
        for (initial, class) in [
            ("new Map()", "Map"),
            ("new Map<string, Card>()", "Map"),
            ("new lib.Cache({ max: 3 })", "Cache"),
            ("[]", "Array"),
            ("{ a: 1 }", "Object"),
            ("makeCache()", "Map"),
            ("null", "Map"),
        ] {
            assert!(may_hold(Some(initial), class), "{initial}");
        }
        for initial in ["0", "-1", "1_000n", "'text'", "`text`", "new Set()", "[]", "{}"] {
            assert!(!may_hold(Some(initial), "Map"), "{initial}");
        }
        assert!(may_hold(None, "Map"), "it is assigned later");
    }
}
