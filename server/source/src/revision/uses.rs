//! What is done with each name of a text: tells a variable or field from another one that took its
//! name.
//!
//! ```text
//! then    this.entries.set(key, value)        add: this . _ . set
//! now     this.store.set(key, value)          the same is done with `store` now
//!         this.entries.get(key)               and this with something else
//! ```

use std::hash::Hasher;

use rustc_hash::{FxHashMap, FxHashSet, FxHasher};
use tree_sitter::Tree;

use crate::syntax::print::{each_token, is_layout};
use crate::syntax::span;
use crate::text::{Span, Text};

/// What so many names have done to them tells them not apart.
const MAX_NAMES: usize = 64;

/// What stands around a name, in which function, as a number.
type Use = u64;

/// Every use of every name, both as numbers.
pub(super) struct Uses {
    of: FxHashMap<u64, FxHashSet<Use>>,
    names: FxHashMap<Use, Vec<u64>>,
}

/// A name as a number.
pub(super) fn name(written: &str) -> u64 {
    let mut hasher = FxHasher::default();
    hasher.write(written.as_bytes());
    hasher.finish()
}

impl Uses {
    /// `places`: the functions and other surroundings with a name, in the order of the text, each with
    /// a number that another text has, too. `declared`: the names that are no uses.
    pub(super) fn of(
        tree: &Tree,
        text: &Text,
        places: impl Iterator<Item = (Span, u64)>,
        declared: &FxHashSet<Span>,
    ) -> Uses {
        let mut tokens = Vec::new();
        each_token(tree.root_node(), |token| {
            if !is_layout(token.kind()) {
                let is_use = is_name(token.kind()) && !declared.contains(&span(token));
                tokens.push((span(token), is_use));
            }
        });
        let mut uses = Uses { of: FxHashMap::default(), names: FxHashMap::default() };
        let mut places = places.peekable();
        let mut around: Vec<(Span, u64)> = Vec::new();
        for (index, &(at, _)) in tokens.iter().enumerate().filter(|(_, (_, is_use))| *is_use) {
            while let Some(place) = places.next_if(|((start, _), _)| *start <= at.0) {
                around.push(place);
            }
            while around.last().is_some_and(|((_, end), _)| *end <= at.0) {
                around.pop();
            }
            let written = text.slice(at);
            let mut hasher = FxHasher::default();
            hasher.write_u64(around.last().map_or(0, |(_, label)| *label));
            for near in [index.wrapping_sub(2), index.wrapping_sub(1), index + 1, index + 2] {
                let word = tokens.get(near).map_or("", |&(near, _)| text.slice(near));
                hasher.write(if word == written { b"" } else { word.as_bytes() });
                hasher.write_u8(0xFF);
            }
            uses.note(name(written), hasher.finish());
        }
        uses
    }

    fn note(&mut self, name: u64, noted: Use) {
        if self.of.entry(name).or_default().insert(noted) {
            let names = self.names.entry(noted).or_default();
            // One more than tells anything is as good as all.
            if names.len() <= MAX_NAMES {
                names.push(name);
            }
        }
    }

    /// Whether more of what was done with a name is done with one of `others` now than with itself.
    pub(super) fn are_of_another(&self, now: &Uses, name: u64, others: &FxHashSet<u64>) -> bool {
        let mut common: FxHashMap<u64, u32> = FxHashMap::default();
        for noted in self.of.get(&name).into_iter().flatten() {
            let names = now.names.get(noted).filter(|names| names.len() <= MAX_NAMES);
            for &other in names.into_iter().flatten() {
                *common.entry(other).or_default() += 1;
            }
        }
        let own = common.get(&name).copied().unwrap_or(0);
        common.iter().any(|(other, &count)| count > own && others.contains(other))
    }
}

fn is_name(kind: &str) -> bool {
    matches!(
        kind,
        "identifier"
            | "property_identifier"
            | "private_property_identifier"
            | "shorthand_property_identifier"
            | "shorthand_property_identifier_pattern"
    )
}
