//! Which variable of a block holds a value.
//!
//! The heap has the names of a block's variables, but not which of them holds a small integer and so
//! has no link; the source says what each begins with. Nothing is guessed: if several may hold the
//! value, none is named.

use heapmark_heap::Edge;
use heapmark_source::{Declaration, Written};

use crate::binding::BlockNames;
use crate::locate::Locator;

impl BlockNames for Locator<'_> {
    fn names_of(&self, variables: &[(Vec<String>, Edge)]) -> Vec<Option<String>> {
        // Each name once, in the order of the source.
        let mut names: Vec<&str> = Vec::new();
        for name in variables.iter().flat_map(|(names, _)| names) {
            if !names.contains(&name.as_str()) {
                names.push(name);
            }
        }
        let possible = variables.iter().map(|(own, edge)| {
            let class = self.class_name(edge.to);
            let may_be = |name: &str| {
                let found = self.seen_from(edge.from, name, &names);
                found.is_some_and(|found| may_hold(initial(&found), &class))
            };
            let own = (0..names.len()).filter(|&at| own.iter().any(|name| name == names[at]));
            own.filter(|&at| may_be(names[at])).collect()
        });
        let only = |slots: Vec<usize>| match slots[..] {
            [slot] => Some(names[slot].to_owned()),
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
