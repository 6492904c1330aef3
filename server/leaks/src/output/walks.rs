//! What the tables beside the findings need of the heap alone. Walks through all nodes, to be made while rules
//! look; whose the things are is asked when the rules are done, since the tables ask for more places than
//! these.

use std::cmp::Reverse;

use heapmark_heap::NodeOrdinal;
use rustc_hash::FxHashMap;

use crate::census::classes::{Class, Classifier};
use crate::evidence::Evidence;
use crate::output::shares::Shares;
use crate::verdict::thresholds::contents::MIN_SHARE;

/// What was found.
pub(crate) struct Walks {
    /// For the table of what grew.
    pub(super) grown: FxHashMap<Class, Thing>,
    /// For that of what fills the heap: where it comes together, with the bytes.
    pub(super) points: Vec<(NodeOrdinal, u64)>,
    /// For that of whose code holds it.
    pub(super) shares: Shares,
}

impl Walks {
    pub(crate) fn of(e: &Evidence) -> Self {
        let points = accumulation_points(e);
        let shares = Shares::of(e, points.iter().map(|&(node, _)| node));
        Self { grown: things_that_grew(e), points, shares }
    }
}

/// Things of a class.
#[derive(Default)]
pub(super) struct Thing {
    /// The newest of them.
    pub(super) example: Option<NodeOrdinal>,
    /// Those that came since the first snapshot.
    pub(super) new: Vec<NodeOrdinal>,
}

/// Whether it is known how many there were of each class.
pub(super) fn can_be_told(e: &Evidence) -> bool {
    e.snapshots() > 1 && e.one_process
}

/// The things of all classes that grew in bytes.
pub(super) fn things_that_grew(e: &Evidence) -> FxHashMap<Class, Thing> {
    if !can_be_told(e) {
        return FxHashMap::default();
    }
    let (first, newest) = (&e.censuses[0].classes, &e.newest_census().classes);
    let before = |class: &Class| first.get(class).map_or(0, |it| it.bytes);
    let grew = newest.iter().filter(|(class, now)| now.bytes > before(class));
    let mut things: FxHashMap<Class, Thing> =
        grew.map(|(&class, _)| (class, Thing::default())).collect();
    let new = e.new_nodes();
    let mut classifier = Classifier::new(e.heap);
    for node in e.heap.nodes() {
        if let Some(thing) = things.get_mut(&classifier.class(node)) {
            thing.example = Some(node);
            if new.contains(node) {
                thing.new.push(node);
            }
        }
    }
    things
}

/// Where much comes together that is not below another such point, with these bytes. What does not reach so much
/// counts for what is above: functions that each keep the one before are told by many small parts.
pub(super) fn accumulation_points(e: &Evidence) -> Vec<(NodeOrdinal, u64)> {
    let heap = e.heap;
    let least = ((MIN_SHARE * heap.total_size() as f64) as u64).max(1);
    let is_large =
        |&node: &NodeOrdinal| node != NodeOrdinal::ROOT && heap.retained_size(node) >= least;
    let mut large: Vec<NodeOrdinal> = heap.nodes().filter(is_large).collect();
    let mut rest: FxHashMap<NodeOrdinal, u64> =
        large.iter().map(|&node| (node, heap.retained_size(node))).collect();
    for &node in &large {
        // What dominates a large node is large, or the root.
        if let Some(above) = rest.get_mut(&heap.dominator(node)) {
            *above = above.saturating_sub(heap.retained_size(node));
        }
    }
    // Whatever dominates a node is nearer to the root: the inner ones first.
    large.sort_by_key(|&node| (Reverse(heap.distance(node)), node));
    let mut points = Vec::new();
    for node in large {
        let own = rest[&node];
        if own >= least {
            points.push((node, own));
        } else if let Some(above) = rest.get_mut(&heap.dominator(node)) {
            *above += own;
        }
    }
    points.sort_unstable();
    points
}
