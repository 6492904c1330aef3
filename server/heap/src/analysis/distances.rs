//! How far each node is from a root (`DevTools`: `calculateDistances`).
//!
//! Breadth first, twice: from the program's own roots (distance 1), and then from the root of all,
//! which starts at 100,000,000 so that what only V8 holds is told apart at a glance.

use rustc_hash::FxHashSet;

use super::ephemerons::Ephemerons;
use super::roots::is_user_root;
use crate::kinds::{EdgeType, NodeType};
use crate::monitor::{Cancelled, Monitor, Phase, Progress};
use crate::ordinals::{NodeOrdinal, StringIndex};
use crate::snapshot::{Edge, EdgeName, Snapshot};

/// The distance of what cannot be reached.
pub(super) const NO_DISTANCE: i32 = -5;
/// The distance of the root where the program has roots of its own, which then come first.
pub(super) const SYSTEM_DISTANCE: i32 = 100_000_000;

/// The distances on ways of which each step `may_enter` its node.
pub(super) fn compute(
    snapshot: &Snapshot,
    ephemerons: &Ephemerons,
    may_enter: impl Fn(NodeOrdinal) -> bool,
    monitor: &dyn Monitor,
) -> Result<Vec<i32>, Cancelled> {
    let progress = Progress::start(monitor, Phase::Distances, snapshot.node_count())?;
    let mut filter = Filter::new(snapshot, ephemerons);
    let mut distances = vec![NO_DISTANCE; snapshot.node_count()];
    let mut roots = Vec::new();
    for edge in snapshot.edges(NodeOrdinal::ROOT) {
        let distance = &mut distances[edge.to.index()];
        if is_user_root(snapshot, edge.to) && *distance == NO_DISTANCE {
            *distance = 1;
            roots.push(edge.to);
        }
    }
    let has_user_roots = !roots.is_empty();
    search(&mut filter, &may_enter, &mut distances, roots, 1, &progress)?;
    let of_root = if has_user_roots { SYSTEM_DISTANCE } else { 0 };
    distances[NodeOrdinal::ROOT.index()] = of_root;
    let roots = vec![NodeOrdinal::ROOT];
    search(&mut filter, &may_enter, &mut distances, roots, of_root, &progress)?;
    Ok(distances)
}

/// Goes on from all nodes of one distance to those of the next.
fn search(
    filter: &mut Filter<'_>,
    may_enter: &impl Fn(NodeOrdinal) -> bool,
    distances: &mut [i32],
    mut level: Vec<NodeOrdinal>,
    mut distance: i32,
    progress: &Progress<'_>,
) -> Result<(), Cancelled> {
    let mut done = 0;
    let mut next_level = Vec::new();
    while !level.is_empty() {
        distance += 1;
        for node in level.drain(..) {
            progress.tick(done)?;
            done += 1;
            for edge in filter.snapshot.edges(node) {
                // In this order: the filter remembers what it is asked.
                if edge.edge_type != EdgeType::Weak
                    && distances[edge.to.index()] == NO_DISTANCE
                    && may_enter(edge.to)
                    && filter.passes(&edge)
                {
                    distances[edge.to.index()] = distance;
                    next_level.push(edge.to);
                }
            }
        }
        std::mem::swap(&mut level, &mut next_level);
    }
    Ok(())
}

/// Edges that would make distances misleading.
struct Filter<'s> {
    snapshot: &'s Snapshot,
    ephemerons: &'s Ephemerons,
    native_context: Option<StringIndex>,
    sloppy_function_map: Option<StringIndex>,
    map_descriptors: Option<StringIndex>,
    /// Entries of weak maps of which one edge has been met.
    half_entries: FxHashSet<u32>,
}

impl<'s> Filter<'s> {
    fn new(snapshot: &'s Snapshot, ephemerons: &'s Ephemerons) -> Self {
        Self {
            snapshot,
            ephemerons,
            native_context: snapshot.find_string("system / NativeContext"),
            sloppy_function_map: snapshot.find_string("sloppy_function_map"),
            map_descriptors: snapshot.find_string("(map descriptors)"),
            half_entries: FxHashSet::default(),
        }
    }

    #[inline]
    fn passes(&mut self, edge: &Edge) -> bool {
        let snapshot = self.snapshot;
        match snapshot.node_type(edge.from) {
            NodeType::Hidden
                if Some(snapshot.name_index(edge.from)) == self.native_context
                    && self.sloppy_function_map.is_some()
                    && snapshot.edge_name_index(edge) == self.sloppy_function_map =>
            {
                return false;
            }
            NodeType::Array if Some(snapshot.name_index(edge.from)) == self.map_descriptors => {
                // Descriptors are shared between maps that do not all use them.
                return descriptor_counts(&snapshot.edge_name(edge));
            }
            _ => {}
        }
        // The value of a weak map's entry is as far as the farther of key and table: the edge that
        // the search meets second.
        match self.ephemerons.get(snapshot, edge) {
            Some(entry) => {
                let is_second = self.half_entries.remove(&entry.pair);
                if !is_second {
                    self.half_entries.insert(entry.pair);
                }
                is_second
            }
            None => true,
        }
    }
}

/// Whether the edge of this name out of `(map descriptors)` counts: not a descriptor's value. A name
/// that does not begin with a number does.
fn descriptor_counts(name: &EdgeName<'_>) -> bool {
    let index = match name {
        EdgeName::Index(index) => u64::from(*index),
        EdgeName::Name(name) => {
            let digits = name.trim_start();
            let length = digits.bytes().take_while(u8::is_ascii_digit).count();
            match digits[..length].parse() {
                Ok(index) => index,
                Err(_) => return true,
            }
        }
    };
    index < 2 || index % 3 != 1
}
