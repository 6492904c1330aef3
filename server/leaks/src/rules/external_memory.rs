//! external-memory: bytes outside of V8's own heap, behind objects that look small there: a buffer that
//! is made longer again and again, and much in few buffers.
//!
//! Buffers that pile up in a collection are found as what grows there ([`crate::rules::growing_collection`]), whose
//! numbers count their bytes.

pub(crate) mod slices;

use heapmark_heap::{NodeOrdinal, NodeSet};
use rustc_hash::FxHashSet;

use crate::blame::by_holder::{HeldTogether, by_holder};
use crate::blame::retaining_path;
use crate::evidence::Evidence;
use crate::locate::statements::Statements;
use crate::report::fingerprint::fingerprint;
use crate::report::{Role, Rule};
use crate::rules::leak::{At, Leak};
use crate::rules::lengthened::{self, Content};
use crate::rules::scene::Scene;
use crate::v8::backing_stores::Stores;
use crate::verdict::What;
use crate::verdict::thresholds::external_memory::{MIN_BYTES, MIN_SHARE, MIN_STORE};
use crate::verdict::trend::Trend;

pub(crate) const RULE: Rule = Rule::new(
    "external-memory",
    "A buffer that only gets longer, and much memory behind few buffers",
);

/// Every buffer that grows at one variable or property of the program's own.
pub(crate) fn growing(scene: &mut Scene) -> Vec<Leak> {
    let e = scene.e;
    let mut leaks: Vec<Leak> = Vec::new();
    if e.snapshots() == 1 || e.newest_census().slots.buffers.is_empty() {
        return leaks;
    }
    for (buffer, store) in buffers(e) {
        for edge in e.heap.retainers(buffer).filter(|edge| !e.is_new(edge.from)) {
            let Some((bytes, trend)) = e.bytes_series(&edge, |census| &census.slots.buffers) else {
                continue;
            };
            let leak = lengthened::leak(e, edge, (RULE, Content::Buffer), &bytes, trend);
            let Some(mut leak) = leak else { continue };
            leak.accumulators.push(store);
            if !leaks.iter().any(|known| known.fingerprint == leak.fingerprint) {
                leaks.push(leak);
            }
        }
    }
    leaks
}

/// What holds much, whether it grows or not. What hangs on something that grows, and what was named
/// already, is not told twice.
pub(crate) fn large(scene: &mut Scene) -> Vec<Leak> {
    let explained = scene.grown();
    told(scene.e, &explained, &scene.leaks)
}

fn told(e: &Evidence, explained: &NodeSet, known: &[Leak]) -> Vec<Leak> {
    let stores = Stores::of(e.heap);
    let free = buffers(e)
        .into_iter()
        .filter(|&(buffer, store)| !explained.contains(buffer) && !explained.contains(store));
    let buffers: Vec<NodeOrdinal> = free.map(|(buffer, _)| buffer).collect();
    let (_, total) = behind(e, &stores, &buffers);
    if total < smallest(e) {
        return Vec::new();
    }
    let together = by_holder(e, buffers);
    together
        .iter()
        .filter_map(|together| of_large(e, &stores, together))
        .filter(|found| {
            let is_named = |known: &Leak| {
                matches!((known.primary(), found.primary()), (Some(known), Some(found))
                    if known.is_at(found))
            };
            !known.iter().any(is_named)
        })
        .collect()
}

/// Every buffer and typed array with many bytes behind it, and the node of these.
fn buffers(e: &Evidence) -> Vec<(NodeOrdinal, NodeOrdinal)> {
    let stores = Stores::of(e.heap);
    let with_store = |node| Some((node, stores.behind(e.heap, node)?));
    let is_large = |&(_, store): &(_, NodeOrdinal)| e.heap.self_size(store) >= MIN_STORE;
    e.heap.nodes().filter_map(with_store).filter(is_large).collect()
}

/// How many stores there are behind buffers, and their bytes: a `Buffer`, its `ArrayBuffer` and
/// everything else on one store are one.
fn behind(e: &Evidence, stores: &Stores, buffers: &[NodeOrdinal]) -> (u64, u64) {
    let behind: FxHashSet<NodeOrdinal> =
        buffers.iter().filter_map(|&buffer| stores.behind(e.heap, buffer)).collect();
    (behind.len() as u64, behind.iter().map(|&store| e.heap.self_size(store)).sum())
}

fn smallest(e: &Evidence) -> u64 {
    MIN_BYTES.max((MIN_SHARE * e.heap.total_size() as f64) as u64)
}

/// Much in few buffers, whether it grows or not.
pub(crate) struct LargeBuffers {
    /// The variable or property that holds them.
    pub(crate) holder: String,
    /// Bytes in the buffers.
    pub(crate) bytes: u64,
    /// Bytes of the objects that stand for them on V8's own heap.
    pub(crate) on_heap: u64,
    /// Bytes of the heap with everything outside of it.
    pub(crate) all: u64,
    /// There is only one snapshot.
    pub(crate) is_once: bool,
    pub(crate) places: Vec<At<BufferPlace>>,
}

/// What stands at a place of [`LargeBuffers`].
#[derive(Clone, Copy)]
pub(crate) enum BufferPlace {
    /// The declaration that holds them. The first place is this one.
    Holder,
    /// The user's own declaration that leads there.
    User,
}

fn of_large(e: &Evidence, stores: &Stores, together: &HeldTogether) -> Option<Leak> {
    let holder = together.blame.holder.as_ref()?;
    let buffers = together.nodes();
    let (count, bytes) = behind(e, stores, &buffers);
    if bytes < smallest(e) {
        return None;
    }
    let mut places = vec![At::name_of(Role::Holder, &holder.spot, BufferPlace::Holder)];
    let user = together.blame.user.as_ref();
    places.extend(user.map(|user| At::name_of(Role::User, &user.spot, BufferPlace::User)));
    let shallow = buffers.iter().map(|&node| e.heap.self_size(node)).sum();
    let features = Statements::default().features(What::Waste, Trend::Once);
    let (file, name) = (e.locator.relative(holder.spot.path()), &holder.spot.name);
    let edges = &together.blame.owner.edges;
    let facts = LargeBuffers {
        holder: name.clone(),
        bytes,
        on_heap: shallow,
        all: e.heap.total_size(),
        is_once: e.snapshots() == 1,
        places,
    };
    let key = fingerprint(RULE, &[&file, &holder.declared_in.key(), name]);
    Some(Leak {
        shallow_size: shallow,
        retained_size: bytes,
        path: retaining_path::hops(e, edges),
        steps: retaining_path::steps(e, Some(holder), edges, "buffer"),
        accumulators: buffers,
        ..Leak::new(RULE, features, key, vec![count], facts)
    })
}

#[cfg(test)]
mod drawn_tests;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{self, Ran};

    /// What is said of large buffers, without the share of the heap, which differs from version to
    /// version.
    #[track_caller]
    fn check(program: &str, expected: &[&str]) {
        let told: Vec<String> = Ran::file(program).ask(|e| {
            let found = super::told(e, &NodeSet::new(e.heap), &[]).into_iter();
            let titles = found.map(|leak| testing::told(&leak).title);
            titles.filter_map(|title| Some(title.split_once(',')?.0.to_owned())).collect()
        });
        assert_eq!(told, expected);
    }

    #[test]
    fn a_buffer_and_what_it_is_on_are_one() {
        check(
            "const files = Array.from({ length: 3 }, () => Buffer.alloc(6e6));
globalThis.get = () => files;",
            &["`files` holds 18 MB in 3 buffers"],
        );
        check(
            "const models = new Map([['a', new Float32Array(2e6)], ['b', new Float32Array(2e6)]]);
globalThis.get = () => models;",
            &["`models` holds 16 MB in 2 buffers"],
        );
    }

    #[test]
    fn pieces_of_one_buffer_are_one() {
        check(
            "function read(file) {
  return Array.from({ length: 100 }, (_, n) => file.subarray(n * 80, n * 80 + 80));
}
const lines = read(Buffer.alloc(12e6));
globalThis.get = () => lines;",
            &["`lines` holds 12 MB in 1 buffer"],
        );
    }
}
