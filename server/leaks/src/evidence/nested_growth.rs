//! What the collections in the entries of another one gain together: a table of a thousand users, each
//! with a list that grows slowly.
//!
//! Those that stay as they are have no part in it. How many entries there are inside is counted in
//! [`crate::census`], which collections are inside in [`crate::census::slots`].

use heapmark_heap::{EdgeType, NodeOrdinal};

use crate::census::Census;
use crate::census::slots::inner;
use crate::evidence::churn::churns;
use crate::evidence::collection::{Form, GrowingCollection};
use crate::evidence::run::Evidence;
use crate::v8::members::all_members;
use crate::verdict::thresholds::is_most;
use crate::verdict::trend::seen;

/// A budget: so many of those that hold a collection are asked whether they were there before; few are held by
/// more than two.
const MAX_HOLDERS: usize = 8;

/// What grows inside `outer`, if that is what grows there. `is_collection` is asked of each thing inside
/// as often as it is met.
pub(crate) fn growing_inside(
    e: &Evidence,
    outer: NodeOrdinal,
    is_collection: impl FnMut(NodeOrdinal) -> bool,
) -> Option<GrowingCollection> {
    let (mut counts, _) = e.series(e.heap.node_id(outer), |census| &census.inner)?;
    let mut inside = inner(e.heap, outer, is_collection);
    inside.retain(|&it| match still(e, it) {
        None => true,
        Some(entries) => {
            for count in &mut counts {
                *count = count.saturating_sub(entries);
            }
            false
        }
    });
    let seen = seen(&counts)?;
    // One that grows alone is told by itself.
    if let [one] = inside[..]
        && e.entries_series(one).is_some()
    {
        return None;
    }
    let members: Vec<NodeOrdinal> = inside.iter().flat_map(|&it| all_members(e.heap, it)).collect();
    let grows = !churns(e, &members, &counts) && grows_in_old_entries(e, outer, &inside, &counts);
    let largest = inside.iter().copied().max_by_key(|&it| e.heap.retained_size(it));
    let node = largest.filter(|_| grows)?;
    Some(GrowingCollection { node, counts, seen, form: Form::Inner(inside) })
}

/// How many entries a collection has, if it has had as many in every snapshot, or has none.
fn still(e: &Evidence, node: NodeOrdinal) -> Option<u64> {
    let id = e.heap.node_id(node);
    let number = |census: &Census| {
        census.collections.get(&id).copied().filter(|_| e.may_be_same(id, census))
    };
    let mut numbers = e.censuses.iter().map(number);
    let last = numbers.next_back()?;
    match last {
        None => (e.heap.entry_count(node) == 0).then_some(0),
        Some(_) => last.filter(|_| numbers.all(|number| number == last)),
    }
}

/// Whether at least half of what the collections `inside` of another one gained in its last step up came to
/// entries that were there before. In a cache at its limit newer entries may simply be larger.
fn grows_in_old_entries(
    e: &Evidence,
    outer: NodeOrdinal,
    inside: &[NodeOrdinal],
    counts: &[u64],
) -> bool {
    let last = counts.last().copied().unwrap_or(0);
    let Some(step) = counts.windows(2).rposition(|pair| pair[1] > pair[0]) else { return false };
    if !e.one_process {
        return true;
    }
    let (then, before) = (&e.censuses[step], counts[step]);
    let was_there = |node: NodeOrdinal| e.was_there(e.heap.node_id(node), then);
    let is_of_old_entry = |node: NodeOrdinal| {
        let mut holders = e.heap.retainers(node).take(MAX_HOLDERS);
        holders.any(|edge| {
            edge.edge_type == EdgeType::Property && edge.from != outer && was_there(edge.from)
        })
    };
    let new = inside.iter().filter(|&&it| !was_there(it) && !is_of_old_entry(it));
    // Very small ones are in no census, and yet their entries are among those inside; of what holds numbers
    // only the census knows how many.
    let counted = |it: NodeOrdinal| e.newest_census().collections.get(&e.heap.node_id(it)).copied();
    let entries = |&it: &NodeOrdinal| counted(it).unwrap_or(e.heap.entry_count(it) as u64);
    let of_new: u64 = new.map(entries).sum();
    !is_most(of_new, last.saturating_sub(before))
}
