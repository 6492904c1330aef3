//! The collections that rules look at: those that grow, or are suspiciously large in a single snapshot.

use heapmark_heap::NodeSet;

use crate::evidence::growing_collections::growing_collections;
use crate::evidence::{Evidence, Form, GrowingCollection};
use crate::rules::growing_collection;
use crate::rules::growing_listeners;
use crate::rules::growing_listeners::listener_lists::registration;

/// A budget: so many collections are looked into, those that retain most first, since each costs a climb. Nobody
/// reads of so many.
const MAX_COLLECTIONS: usize = 2_000;

/// The collections that grow, or are suspiciously large in a single snapshot, those that retain most
/// first.
pub(super) fn suspicious_collections(e: &Evidence) -> Vec<GrowingCollection> {
    let mut suspicious = if e.snapshots() == 1 {
        let mut large = growing_listeners::large(e);
        large.extend(growing_collection::large::large(e));
        large
    } else {
        growing_collections(e)
    };
    // Of an emitter's events one may grow: then its own listeners are told, and not those of all.
    let is_of_all_events = |c: &GrowingCollection| {
        matches!(c.form, Form::Inner(_)) && registration(e, c.node).is_some()
    };
    suspicious.sort_by_cached_key(|c| {
        (std::cmp::Reverse(e.heap.retained_size(c.node)), c.node, is_of_all_events(c))
    });
    suspicious.dedup_by_key(|c| c.node);
    let mut below = NodeSet::new(e.heap);
    // Everything is below the global object.
    let others = suspicious.iter().map(|c| c.node).filter(|&node| !e.shapes.is_global(node));
    e.add_below(&mut below, others);
    // What was born inside something that grows is part of that growth.
    suspicious.retain(|c| !(is_born_inside(e, c) && below.contains(c.node)));
    suspicious.truncate(MAX_COLLECTIONS);
    suspicious
}

/// What replaces another was not born there.
fn is_born_inside(e: &Evidence, collection: &GrowingCollection) -> bool {
    e.is_new(collection.node) && collection.counts[0] == 0
}
