//! growing-chain: a linked list that only grows: a history that nobody cuts, a queue that nobody
//! empties, objects that remember the one before them.
//!
//! Looked at like a collection ([`crate::rules::growing_collection`]), whose words it shares. The lists of Node's
//! own (timers, listeners) are left to the rules that know them.

use heapmark_heap::NodeSet;

use crate::evidence::churn::churns;
use crate::evidence::{Evidence, Form, GrowingCollection};
use crate::locate::Origin;
use crate::report::Rule;
use crate::rules::detached_dom;
use crate::rules::growing_collection::group::GROWING;
use crate::rules::growing_collection::large::is_large;
use crate::rules::leak::Leak;
use crate::rules::retained_after_close::{CLOSED, DEAD_WEAK_REFS};
use crate::rules::scene::Scene;
use crate::v8::linked_lists::Chain;
use crate::verdict::thresholds::growing_chain::{MIN_EXPLAINED_SHARE, MIN_IN_ONE};
use crate::verdict::trend::Trend;

use crate::rules::growing_collection;

/// A budget: so many elements are asked whose they are; a list may have several classes, but few.
const ASKED: usize = 8;
/// Every growing list of the program's own that is no part of a growing collection.
pub(crate) fn find(scene: &mut Scene) -> Vec<Leak> {
    let (e, lists) = (scene.e, scene.lists);
    let of_collections = scene.leaks.iter().filter(|leak| is_of_collections(leak.rule));
    let members = of_collections.flat_map(|leak| leak.members.iter().copied());
    let explained = &NodeSet::of(e.heap, members);
    let growing: Vec<GrowingCollection> =
        lists.iter().filter_map(|list| growing(e, list, explained)).collect();
    growing_collection::told(e, &growing, &[])
}

fn is_of_collections(rule: Rule) -> bool {
    [GROWING, CLOSED, DEAD_WEAK_REFS, detached_dom::RULE].contains(&rule)
}

fn growing(e: &Evidence, list: &Chain, explained: &NodeSet) -> Option<GrowingCollection> {
    let is_own = list.members.iter().take(ASKED).any(|&member| {
        let class = e.heap.name(member);
        // An error has the one before as its `cause`.
        let is_anybodys = matches!(&*class, "Object" | "Array") || class.ends_with("Error");
        let location = e.heap.location(member);
        location.map_or(is_anybodys, |it| e.locator.origin(it) != Origin::Builtin)
    });
    let count = list.members.len() as u64;
    let (counts, seen) = match e.snapshots() {
        1 if count < MIN_IN_ONE || !is_large(e, e.retained_by(&list.members)) => return None,
        1 => (vec![count], Trend::Once),
        _ => e.series(list.id(e.heap), |census| &census.chains)?,
    };
    let inside = list.members.iter().filter(|&&member| explained.contains(member)).count();
    let is_part = inside as f64 >= MIN_EXPLAINED_SHARE * count as f64;
    let node = outer_end(e, list);
    let form = Form::List(list.members.clone());
    (is_own && !is_part && !churns(e, &list.members, &counts)).then_some(GrowingCollection {
        node,
        counts,
        seen,
        form,
    })
}

/// The end by which the program holds the list: the one nearer to a root.
fn outer_end(e: &Evidence, list: &Chain) -> heapmark_heap::NodeOrdinal {
    let first = list.members[0]; // a list has members
    let last = list.members[list.members.len() - 1];
    if e.heap.distance(last) < e.heap.distance(first) { last } else { first }
}

#[cfg(test)]
mod drawn_tests;
