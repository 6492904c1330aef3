//! What the tables beside the findings need of the heap alone. Walks through all nodes, to be made while rules
//! look; whose the things are is asked when the rules are done, since the tables ask for more places than
//! these.

use heapmark_heap::NodeOrdinal;
use rustc_hash::FxHashMap;

use crate::census::classes::Class;
use crate::evidence::Evidence;
use crate::output::contents::accumulation_points;
use crate::output::growth::{Thing, things_that_grew};
use crate::output::shares::Shares;

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
