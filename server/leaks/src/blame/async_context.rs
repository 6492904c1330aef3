//! The stores of `AsyncLocalStorage` that asynchronous work keeps alive: a timer, a promise or a waiting
//! call remembers the context in which it was started.
//!
//! ```text
//! before Node 24:  Timeout, Promise ─<symbol kResourceStore>→ store
//! since:           Timeout, PromiseReaction → AsyncContextFrame (a Map) ─table→ AsyncLocalStorage, store
//! ```

use heapmark_heap::{Edge, EdgeType, NodeOrdinal, NodeType};
use rustc_hash::FxHashSet;

use crate::blame::holding::blame_for;
use crate::blame::payload::kept_by;
use crate::evidence::Evidence;
use crate::locate::{Holder, Spot};
use crate::v8::sites::Kind;
use crate::verdict::thresholds::async_context::MIN_SHARE;

/// A budget: so many instances of `AsyncLocalStorage` are asked who holds them, a climb each. A program has one a
/// framework or two; where hundreds pile up, the first tell as much as all.
const MAX_STORAGES: usize = 50;

/// The stores that pieces of work keep alive, one or more each.
pub(crate) struct KeptStores {
    pub(crate) nodes: Vec<NodeOrdinal>,
    /// What they are instances of, and how many of these there are.
    pub(crate) class: Option<(Spot, u64)>,
    /// The declaration of the storage whose they are, if there is only one.
    pub(crate) storage: Option<String>,
}

impl KeptStores {
    /// Of timers, promises or waiting calls, if most have a store of their own.
    pub(crate) fn of(e: &Evidence, work: &[NodeOrdinal]) -> Option<Self> {
        let stores: FxHashSet<NodeOrdinal> =
            work.iter().flat_map(|&work| stores_of(e, work)).collect();
        if stores.is_empty() || (stores.len() as f64) < MIN_SHARE * work.len() as f64 {
            return None;
        }
        let mut nodes: Vec<NodeOrdinal> = stores.into_iter().collect();
        nodes.sort_unstable();
        let class = kept_by(e, &nodes, &[Kind::Instance]).and_then(|kept| {
            let alive = e.site_series(kept.site).last().copied().unwrap_or(0);
            Some((e.locator.site(kept.site)?, alive))
        });
        let storage = the_storage(e).map(|storage| storage.spot.name);
        Some(Self { nodes, class, storage })
    }
}

/// The stores that one timer, promise or waiting call remembers.
fn stores_of(e: &Evidence, work: NodeOrdinal) -> Vec<NodeOrdinal> {
    let mut carriers = vec![work];
    carriers.extend(e.heap.edges(work).map(|edge| edge.to).filter(|&to| is_promise(e, to)));
    if e.shapes.is_frame(work) {
        carriers.extend(reactions_of_frame(e, work));
    }
    let mut stores = Vec::new();
    for edge in carriers.into_iter().flat_map(|carrier| e.heap.edges(carrier)) {
        if edge.edge_type == EdgeType::Property && edge.is_named(e.heap, "<symbol kResourceStore>")
        {
            stores.push(edge.to);
        } else if e.heap.node_type(edge.to) == NodeType::Object
            && e.heap.name(edge.to) == "AsyncContextFrame"
        {
            stores.extend(in_frame(e, edge.to));
        }
    }
    stores.retain(|&store| e.heap.node_type(store) == NodeType::Object);
    stores
}

fn is_promise(e: &Evidence, node: NodeOrdinal) -> bool {
    e.heap.node_type(node) == NodeType::Object && e.heap.name(node) == "Promise"
}

/// What waits for what the function awaits: `PromiseReaction → closure → scope → frame`.
fn reactions_of_frame(e: &Evidence, frame: NodeOrdinal) -> Vec<NodeOrdinal> {
    let above = |node| e.heap.retainers(node).map(|edge| edge.from);
    let scopes = above(frame).filter(|&scope| e.shapes.is_context(scope));
    let closures = scopes.flat_map(above).filter(|&it| e.heap.node_type(it) == NodeType::Closure);
    let reactions = closures.flat_map(above);
    reactions.filter(|&it| e.heap.name(it) == "system / PromiseReaction").collect()
}

/// The stores in an `AsyncContextFrame`, whose keys are the storages.
fn in_frame(e: &Evidence, frame: NodeOrdinal) -> Vec<NodeOrdinal> {
    let Some(table) = e.heap.child(frame, EdgeType::Internal, "table") else { return Vec::new() };
    let is_entry = |edge: &Edge| !edge.is_named(e.heap, "map");
    let entries = e.heap.edges(table).filter(is_entry).map(|edge| edge.to);
    entries.filter(|&to| e.heap.name(to) != "AsyncLocalStorage").collect()
}

/// The instances of `AsyncLocalStorage`.
pub(crate) fn storages(e: &Evidence) -> Vec<NodeOrdinal> {
    let Some(name) = e.heap.find_string("AsyncLocalStorage") else { return Vec::new() };
    // Its prototype has no place.
    let is_one = |&node: &NodeOrdinal| {
        e.heap.node_type(node) == NodeType::Object
            && e.heap.name_index(node) == name
            && e.heap.location(node).is_some()
    };
    e.heap.nodes().filter(is_one).collect()
}

/// The declaration of the only storage that the user's own code holds.
fn the_storage(e: &Evidence) -> Option<Holder> {
    let storages = storages(e);
    let asked = storages.iter().take(MAX_STORAGES);
    let mut holders = asked.filter_map(|&storage| blame_for(e, storage)?.holder);
    holders.next().filter(|_| holders.next().is_none())
}
