//! By how many bytes each leak grew, when several keep the same things.
//!
//! An order that stands in two maps is dominated by neither, so its bytes would count for nobody.
//! Here the bytes that only the suspects keep are divided evenly among those that reach them, which
//! is `BLeak`'s `LeakShare`, restricted to what was born after the first snapshot. The shares add
//! up to what would be gained without any of the suspects.

use heapmark_heap::{Analysis, Edge, NodeOrdinal, NodeSet};

use crate::evidence::{Evidence, of_each};
use crate::rules::leak::Leak;

/// A budget: a look that closes less than one in so many nodes is the last one, since each costs a walk over all.
const MIN_CLOSED: usize = 50;

/// What holds the leaks: each node once, in order.
pub(crate) fn accumulators_of(suspects: &[Leak]) -> Vec<NodeOrdinal> {
    let all = suspects.iter().flat_map(|suspect| suspect.accumulators.iter().copied());
    let mut all: Vec<NodeOrdinal> = all.collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// Where there is nothing to gain for leaks that are held by certain accumulators.
pub(crate) struct Closed {
    accumulators: Vec<NodeOrdinal>,
    nodes: NodeSet,
    /// What counts as new, see [`is_new`].
    new: NodeSet,
}

impl Closed {
    /// `kept_otherwise` is what can be reached without the accumulators.
    pub(crate) fn of(
        e: &Evidence,
        accumulators: Vec<NodeOrdinal>,
        kept_otherwise: NodeSet,
    ) -> Self {
        let new = NodeSet::of(e.heap, e.heap.nodes().filter(|&node| is_new(e, node)));
        Self { accumulators, nodes: closed(e.heap, &new, kept_otherwise), new }
    }
}

/// Sets the growth of every suspect to its share. `known` is for certain accumulators, if somebody has
/// looked already.
pub(crate) fn share_growth(e: &Evidence, suspects: &mut [Leak], known: Option<Closed>) {
    let accumulators = accumulators_of(suspects);
    let closed = known.filter(|it| it.accumulators == accumulators).unwrap_or_else(|| {
        let kept_otherwise = e.reachable_without(accumulators.iter().copied());
        Closed::of(e, accumulators, kept_otherwise)
    });
    let gained = of_each(suspects, |suspect| gained(e.heap, &suspect.accumulators, &closed));
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
            (bytes + grown_stores(e, &closed, suspect)) as i64
        } else {
            // Everything is new there: what came is its part of what is there.
            (bytes * gained_share(&suspect.counts)) as i64
        };
    }
}

/// By how many bytes the stores of old collections grew: what they hold may be numbers, which are no
/// objects. A store is as large as what is in it.
fn grown_stores(e: &Evidence, closed: &Closed, suspect: &Leak) -> f64 {
    let counts = &suspect.counts;
    let old = suspect.accumulators.iter().filter(|&&node| !closed.new.contains(node));
    let bytes: u64 = old.map(|&node| e.heap.self_size(node)).sum();
    bytes as f64 * gained_share(counts)
}

/// The part of the last number that came after the first.
fn gained_share(counts: &[u64]) -> f64 {
    let (Some(&first), Some(&last)) = (counts.first(), counts.last()) else { return 0.0 };
    last.saturating_sub(first) as f64 / last.max(1) as f64
}

/// Node's and V8's own objects have no birth of their own; they share that of what dominates them.
fn is_new(e: &Evidence, node: NodeOrdinal) -> bool {
    let has_birth = e.heap.node_id(node).0 % 2 == 1;
    e.is_new(if has_birth { node } else { e.heap.dominator(node) })
}

/// Where there is nothing to gain: what is kept by something else than suspects, and what is old and
/// leads only to such. Most of what a program keeps is old: found once, the search from each suspect can
/// pass by.
///
/// What an object holds stands before or behind it in the file, so that looks at all that is left, from
/// the end and from the beginning in turns, soon find nearly everything.
fn closed(heap: &Analysis, new: &NodeSet, kept_otherwise: NodeSet) -> NodeSet {
    let mut closed = kept_otherwise;
    let is_left = |&node: &NodeOrdinal| !closed.contains(node) && !new.contains(node);
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
fn gained(heap: &Analysis, accumulators: &[NodeOrdinal], closed: &Closed) -> Vec<NodeOrdinal> {
    let mut open = accumulators.to_vec();
    open.sort_unstable();
    open.dedup();
    let mut seen = closed.nodes.clone();
    seen.extend(open.iter().copied());
    let mut gained = Vec::new();
    while let Some(node) = open.pop() {
        if closed.new.contains(node) {
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
