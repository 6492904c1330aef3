//! By how many bytes each leak grew, when several keep the same things.
//!
//! An order that stands in two maps is dominated by neither, so its bytes would count for nobody.
//! Here the bytes that only the suspects keep are divided evenly among those that reach them, which
//! is `BLeak`'s `LeakShare`, restricted to what was born after the first snapshot. The shares add
//! up to what would be gained without any of the suspects.

use heapmark_heap::{Edge, NodeOrdinal, NodeSet};

use crate::evidence::{Births, Evidence};
use crate::rules::leak::Leak;
use crate::rules::scene::Residue;

/// A look that closes less than one in so many nodes is the last one.
const MIN_CLOSED: usize = 50;

/// What holds the leaks: each node once, in order.
pub(crate) fn accumulators_of(suspects: &[Leak]) -> Vec<NodeOrdinal> {
    let all = suspects.iter().flat_map(|suspect| suspect.accumulators.iter().copied());
    let mut all: Vec<NodeOrdinal> = all.collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// Sets the growth of every suspect to its share. `residue` is what can be reached without certain
/// accumulators, if somebody has looked already.
pub(crate) fn share_growth(e: &Evidence, suspects: &mut [Leak], residue: Option<Residue>) {
    let accumulators = accumulators_of(suspects);
    let kept_otherwise = match residue {
        Some(residue) if residue.accumulators == accumulators => residue.unexplained,
        _ => e.reachable_without(accumulators),
    };
    let births = e.births();
    let closed = closed(births, kept_otherwise);
    let gain = |suspects: &[Leak]| -> Vec<Vec<NodeOrdinal>> {
        let accumulators = suspects.iter().map(|suspect| &suspect.accumulators);
        accumulators.map(|it| gained(births, it, &closed)).collect()
    };
    // Each suspect by itself, half of them on a second thread.
    let (left, right) = suspects.split_at(suspects.len() / 2);
    let gained = std::thread::scope(|scope| {
        let right = scope.spawn(|| gain(right));
        let mut gained = gain(left);
        gained.extend(right.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        gained
    });
    let mut claims = vec![0u8; e.heap.node_count()];
    for node in gained.iter().flatten() {
        claims[node.index()] = claims[node.index()].saturating_add(1);
    }
    for (suspect, gained) in suspects.iter_mut().zip(gained) {
        let share = |node: NodeOrdinal| {
            e.heap.self_size(node) as f64 / f64::from(claims[node.index()].max(1))
        };
        let bytes: f64 = gained.into_iter().map(share).sum();
        suspect.growth = if e.one_process {
            (bytes + grown_stores(e, suspect)) as i64
        } else {
            // Everything is new there: what came is its part of what is there.
            (bytes * gained_share(&suspect.counts)) as i64
        };
    }
}

/// By how many bytes the stores of old collections grew: what they hold may be numbers, which are no
/// objects. A store is as large as what is in it.
fn grown_stores(e: &Evidence, suspect: &Leak) -> f64 {
    let counts = &suspect.counts;
    let births = e.births();
    let old = suspect.accumulators.iter().filter(|&&node| !is_new(births, node));
    let bytes: u64 = old.map(|&node| e.heap.self_size(node)).sum();
    bytes as f64 * gained_share(counts)
}

/// The part of the last number that came after the first.
fn gained_share(counts: &[u64]) -> f64 {
    let (Some(&first), Some(&last)) = (counts.first(), counts.last()) else { return 0.0 };
    last.saturating_sub(first) as f64 / last.max(1) as f64
}

/// Node's and V8's own objects have no birth of their own; they share that of what dominates them.
fn is_new(births: Births, node: NodeOrdinal) -> bool {
    let has_birth = births.heap.node_id(node).0 % 2 == 1;
    births.is_new(if has_birth { node } else { births.heap.dominator(node) })
}

/// Where there is nothing to gain: what is kept by something else than suspects, and what is old and
/// leads only to such. Most of what a program keeps is old: found once, the search from each suspect can
/// pass by.
///
/// What an object holds stands before or behind it in the file, so that looks at all that is left, from
/// the end and from the beginning in turns, soon find nearly everything.
fn closed(births: Births, kept_otherwise: NodeSet) -> NodeSet {
    let heap = births.heap;
    let mut closed = kept_otherwise;
    let is_left = |&node: &NodeOrdinal| !closed.contains(node) && !is_new(births, node);
    let mut left: Vec<NodeOrdinal> = heap.nodes().filter(is_left).collect();
    loop {
        left.reverse();
        let before = left.len();
        left.retain(|&node| {
            let is_open = |edge: Edge| !closed.contains(edge.to) && heap.is_essential(&edge);
            heap.edges(node).any(is_open) || !closed.insert(node)
        });
        if (before - left.len()) * MIN_CLOSED < heap.node_count() {
            return closed;
        }
    }
}

/// What is new of what can be reached from `accumulators`, without what is `closed`.
fn gained(births: Births, accumulators: &[NodeOrdinal], closed: &NodeSet) -> Vec<NodeOrdinal> {
    let heap = births.heap;
    let mut open = accumulators.to_vec();
    open.sort_unstable();
    open.dedup();
    let mut seen = closed.clone();
    seen.extend(open.iter().copied());
    let mut gained = Vec::new();
    while let Some(node) = open.pop() {
        if is_new(births, node) {
            gained.push(node);
        }
        for edge in heap.edges(node) {
            if !seen.contains(edge.to) && heap.is_essential(&edge) {
                seen.insert(edge.to);
                open.push(edge.to);
            }
        }
    }
    gained
}
