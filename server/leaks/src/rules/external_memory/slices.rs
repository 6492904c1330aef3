//! Short pieces of large buffers that keep all of them: `chunk.subarray(0, 8)` copies nothing. Told as
//! external-memory, at the call that cuts the pieces, also where what holds them is bounded: then the bytes
//! are too many all the same.
//!
//! ```text
//! Buffer (8 bytes) ─buffer→ ArrayBuffer ─backing_store→ 64 kB
//! ```
//!
//! A snapshot does not tell how long a piece is. So the source must say that pieces are cut, and buffers of
//! which many pieces are kept are taken to be needed.

use heapmark_heap::NodeOrdinal;
use heapmark_source::Call;
use rustc_hash::FxHashMap;

use crate::blame::by_holder::{HeldTogether, by_holder};
use crate::blame::retaining_path;
use crate::evidence::Evidence;
use crate::locate::statements::{Statement, Statements};
use crate::locate::{Holder, Spot};
use crate::report::Role;
use crate::report::fingerprint::fingerprint;
use crate::rules::external_memory::{RULE, buffers};
use crate::rules::leak::{At, Explanation, Leak};
use crate::verdict::What;
use crate::verdict::thresholds::external_memory::{MIN_PER_SLICE, MIN_SLICED, MIN_SLICED_SHARE};
use crate::verdict::trend::seen;

/// Words in the names of what holds bytes: `slice` is a method of texts and arrays, too.
const BYTES: [&str; 8] = ["buf", "chunk", "data", "bytes", "packet", "frame", "body", "payload"];

/// The pieces of large buffers that one declaration holds more and more of.
pub(crate) fn find(e: &Evidence) -> Vec<Explanation> {
    if e.snapshots() == 1 {
        return Vec::new();
    }
    let views = buffers(e);
    let mut on_store: FxHashMap<NodeOrdinal, u64> = FxHashMap::default();
    for (_, store) in &views {
        *on_store.entry(*store).or_default() += 1;
    }
    let has_few = |store| e.heap.self_size(store) >= MIN_PER_SLICE * on_store[&store];
    let views = views.into_iter().filter(|&(view, store)| {
        // The `ArrayBuffer` itself is no piece.
        has_few(store) && e.heap.name(view) != "ArrayBuffer"
    });
    let views = views.map(|(view, _)| view);
    by_holder(e, views).iter().filter_map(|together| explanation(e, together)).collect()
}

/// Pieces in one holder that keep large buffers.
pub(crate) struct BufferSlices {
    /// The name of the holder.
    pub(crate) holder: String,
    pub(crate) count: u64,
    /// Bytes of the buffers.
    pub(crate) kept: u64,
    /// Bytes of the whole heap.
    pub(crate) heap: u64,
    /// What cuts them.
    pub(crate) cut: Statement,
    pub(crate) places: Vec<At<BufferSlicePlace>>,
}

/// What stands at a place of [`BufferSlices`].
#[derive(Clone, Copy)]
pub(crate) enum BufferSlicePlace {
    /// The call that cuts them.
    Cuts,
    Holder,
}

fn explanation(e: &Evidence, together: &HeldTogether) -> Option<Explanation> {
    let holder = together.blame.holder.as_ref()?;
    let slices = together.nodes();
    let counts = born_until(e, &slices);
    let trend = seen(&counts)?;
    let kept = e.retained_by(&slices);
    let heap = e.heap.total_size();
    if kept < MIN_SLICED.max((MIN_SLICED_SHARE * heap as f64) as u64) {
        return None;
    }
    let (spot, cut) = cutting(e, holder)?;
    let statements = Statements { adds: vec![cut.clone()], ..Statements::default() };
    let features = statements.features(What::Other, trend);
    let places = vec![
        At::statement(&spot, &cut, BufferSlicePlace::Cuts),
        At::name_of(Role::Holder, &holder.spot, BufferSlicePlace::Holder),
    ];
    let file = e.locator.relative(holder.spot.path());
    let name = holder.spot.name.clone();
    let key = fingerprint(RULE, &[&file, &holder.declared_in.key(), &name, "slices"]);
    let edges = &together.blame.owner.edges;
    let count = slices.len() as u64;
    let facts = BufferSlices { holder: name, count, kept, heap, cut, places };
    let leak = Leak {
        shallow_size: slices.iter().map(|&slice| e.heap.self_size(slice)).sum(),
        retained_size: kept,
        growth: e.growth(&slices, kept),
        path: retaining_path::hops(e, edges),
        steps: retaining_path::steps(e, Some(holder), edges, "slice"),
        ..Leak::new(RULE, features, key, counts, facts)
    };
    Some(Explanation { leak, keepers: slices })
}

/// How many of those that are there now were there in each snapshot, oldest first.
fn born_until(e: &Evidence, nodes: &[NodeOrdinal]) -> Vec<u64> {
    let births: Vec<usize> = nodes.iter().filter_map(|&node| e.birth(node)).collect();
    let until = |at: usize| births.iter().filter(|&&birth| birth <= at).count() as u64;
    (0..e.snapshots()).map(until).collect()
}

/// The call that cuts pieces off buffers, if there is only one that can be meant.
fn cutting(e: &Evidence, holder: &Holder) -> Option<(Spot, Statement)> {
    let subarrays = e.locator.own_calls("subarray");
    let is_of_bytes = |call: &Call| {
        let receiver = call.callee.to_lowercase();
        BYTES.iter().any(|word| receiver.contains(word))
    };
    let slices = || {
        let slices = e.locator.own_calls("slice").into_iter();
        slices
            .filter(|(spot, call)| spot.path() == holder.spot.path() && is_of_bytes(call))
            .collect()
    };
    let mut calls = if subarrays.is_empty() { slices() } else { subarrays };
    let (spot, call) = calls.pop().filter(|_| calls.is_empty())?;
    Some((spot, call.into()))
}
