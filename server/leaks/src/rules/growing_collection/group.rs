//! Collections that one declaration holds: one finding.

use std::path::PathBuf;

use heapmark_heap::NodeOrdinal;
use heapmark_source::Range;
use rustc_hash::FxHashSet;

use crate::blame::holding::Blame;
use crate::evidence::members::members;
use crate::evidence::{Evidence, Form, GrowingCollection};
use crate::report::Rule;
use crate::rules::growing_collection::packaged_cache::PackagedCache;
use crate::rules::retained_after_close::Defunct;
use crate::verdict::trend::{Trend, seen};

pub(crate) const CHAIN: Rule = Rule::new("growing-chain", "A linked list that only grows");
pub(crate) const GROWING: Rule =
    Rule::new("growing-collection", "A Map, Set, array or plain object that only grows");

/// Collections with one holder.
pub(super) struct Group<'a> {
    /// How the first of them is held.
    pub(super) blame: Blame,
    pub(super) name: String,
    /// Where the holder is declared.
    pub(super) place: Option<(PathBuf, Range)>,
    /// At least one, the one that retains most first.
    pub(super) collections: Vec<&'a GrowingCollection>,
    /// The cache of a package that they are in.
    pub(super) cache: Option<PackagedCache>,
    /// How they are called inside it.
    pub(super) inside: String,
    /// What else the cache keeps: its keys, the order in which they were used.
    pub(super) beside: Vec<NodeOrdinal>,
}

impl Group<'_> {
    pub(super) fn members(&self, e: &Evidence) -> Vec<NodeOrdinal> {
        let of = |it: &&GrowingCollection| match &it.form {
            Form::Collection | Form::Replaced => members(e, it.node),
            Form::List(elements) => elements.clone(),
            Form::Inner(collections) => collections.iter().flat_map(|&it| members(e, it)).collect(),
        };
        self.collections.iter().flat_map(of).collect()
    }

    /// Whether each takes the place of a shorter one.
    pub(super) fn is_replaced(&self) -> bool {
        self.collections.iter().all(|it| matches!(it.form, Form::Replaced))
    }

    /// The collections by themselves.
    pub(super) fn nodes(&self) -> Vec<NodeOrdinal> {
        let of = |it: &&GrowingCollection| match &it.form {
            Form::Inner(collections) => collections.clone(),
            Form::Collection | Form::Replaced | Form::List(_) => vec![it.node],
        };
        let mut nodes: Vec<NodeOrdinal> = self.collections.iter().flat_map(of).collect();
        let mut seen = FxHashSet::default();
        nodes.retain(|&node| seen.insert(node));
        nodes
    }

    /// What is full of things that are done with is told so; linked lists are told from collections.
    pub(super) fn rule(&self, done: Option<Defunct>) -> Rule {
        match done {
            Some(done) => done.rule(),
            None if self.is_list() => CHAIN,
            None => GROWING,
        }
    }

    pub(super) fn is_list(&self) -> bool {
        matches!(self.collections[0].form, Form::List(_))
    }

    /// Entries of all together, oldest snapshot first.
    pub(super) fn counts(&self) -> Vec<u64> {
        let snapshots = self.collections[0].counts.len();
        // A collection that is counted as part of an `Inner` group is not counted a second time.
        let inside: FxHashSet<NodeOrdinal> = self
            .collections
            .iter()
            .flat_map(|it| match &it.form {
                Form::Inner(collections) => collections.as_slice(),
                Form::Collection | Form::Replaced | Form::List(_) => &[],
            })
            .copied()
            .collect();
        let by_itself = |it: &&&GrowingCollection| {
            matches!(it.form, Form::Inner(_)) || !inside.contains(&it.node)
        };
        let counted: Vec<&&GrowingCollection> = self.collections.iter().filter(by_itself).collect();
        (0..snapshots).map(|index| counted.iter().map(|it| it.counts[index]).sum()).collect()
    }

    pub(super) fn seen(&self) -> Trend {
        let own = self.collections[0].seen;
        if own == Trend::Once { own } else { seen(&self.counts()).unwrap_or(own) }
    }
}
