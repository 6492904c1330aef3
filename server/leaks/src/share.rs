//! By how many bytes each leak grew, when several keep the same things.
//!
//! An order that stands in two maps is dominated by neither, so its bytes would count for nobody.
//! Here the bytes that only the suspects keep are divided evenly among those that reach them, which
//! is `BLeak`'s `LeakShare`, restricted to what was born after the first snapshot. The shares add
//! up to what would be gained without any of the suspects.

use heapmark_heap::{NodeOrdinal, NodeSet};

use crate::evidence::Evidence;
use crate::suspect::Suspect;

/// Sets the growth of every suspect to its share.
pub(crate) fn share_growth(e: &Evidence, suspects: &mut [Suspect]) {
    let accumulators = suspects.iter().flat_map(|suspect| suspect.accumulators.iter().copied());
    let kept_otherwise = e.reachable_without(accumulators);
    let mut claims = vec![0u8; e.heap.node_count()];
    for suspect in &*suspects {
        for_each_kept(e, suspect, &kept_otherwise, |node| {
            claims[node.index()] = claims[node.index()].saturating_add(1);
        });
    }
    for suspect in suspects {
        let mut bytes = 0.0;
        for_each_kept(e, suspect, &kept_otherwise, |node| {
            if is_new(e, node) {
                bytes += e.heap.self_size(node) as f64 / f64::from(claims[node.index()].max(1));
            }
        });
        suspect.finding.growth = (bytes + grown_stores(e, suspect)) as i64;
    }
}

/// By how many bytes the stores of old collections grew: what they hold may be numbers, which are no
/// objects. A store is as large as what is in it.
fn grown_stores(e: &Evidence, suspect: &Suspect) -> f64 {
    let counts = &suspect.finding.counts;
    let (Some(&first), Some(&last)) = (counts.first(), counts.last()) else { return 0.0 };
    let old = suspect.accumulators.iter().filter(|&&node| !is_new(e, node));
    let bytes: u64 = old.map(|&node| e.heap.self_size(node)).sum();
    bytes as f64 * last.saturating_sub(first) as f64 / last.max(1) as f64
}

/// Node's and V8's own objects have no birth of their own; they share that of what dominates them.
fn is_new(e: &Evidence, node: NodeOrdinal) -> bool {
    let has_birth = e.heap.node_id(node).0 % 2 == 1;
    e.is_new(if has_birth { node } else { e.heap.dominator(node) })
}

/// Visits what a suspect reaches and nothing but suspects keep.
fn for_each_kept(
    e: &Evidence,
    suspect: &Suspect,
    kept_otherwise: &NodeSet,
    mut visit: impl FnMut(NodeOrdinal),
) {
    let mut seen = NodeSet::new(e.heap);
    let mut open = Vec::new();
    for &node in &suspect.accumulators {
        if seen.insert(node) {
            open.push(node);
        }
    }
    while let Some(node) = open.pop() {
        visit(node);
        for edge in e.heap.edges(node) {
            let leads_on = e.heap.is_essential(&edge) && !kept_otherwise.contains(edge.to);
            if leads_on && seen.insert(edge.to) {
                open.push(edge.to);
            }
        }
    }
}
