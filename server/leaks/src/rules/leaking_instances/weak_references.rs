//! Things that are kept by what was meant to let them go: a `FinalizationRegistry` that was handed what
//! it waits for, and a `WeakMap` whose values keep its keys.
//!
//! ```text
//! FinalizationRegistry → WeakCell ─held value→ … → target      (the cell's link to the target is weak)
//! key ─"part of key -> value pair in WeakMap"→ value, the next key → …
//! ```

use heapmark_heap::{Edge, EdgeType, NodeOrdinal, NodeType};

use crate::blame::access_path::name_of;
use crate::blame::holding::blame_for;
use crate::evidence::Evidence;
use crate::locate::Holder;
use crate::locate::statements::{MAX_SHOWN, Statements};
use crate::report::Role;
use crate::rules::leak::At;
use crate::rules::leaking_instances::facts::PilePlace;
use crate::rules::leaking_instances::facts::WeakRetention;
use crate::v8::weak_map_entries::is_pair;
use crate::verdict::thresholds::weak_references::MIN_SHARE;

/// A budget: so many things are looked at; more would only repeat.
const SAMPLE: usize = 100;
/// How `nodes` are kept, of which one is held by `way`, if it is so; with the places that tell of it.
pub(super) fn weakly_kept(
    e: &Evidence,
    nodes: &[NodeOrdinal],
    way: &[Edge],
) -> Option<(WeakRetention, Vec<At<PilePlace>>)> {
    let stride = nodes.len().div_ceil(SAMPLE).max(1);
    let sample: Vec<NodeOrdinal> = nodes.iter().copied().step_by(stride).collect();
    let most = |is_so: &dyn Fn(NodeOrdinal) -> bool| {
        let count = sample.iter().filter(|&&node| is_so(node)).count();
        count as f64 >= MIN_SHARE * sample.len() as f64
    };
    let is_object =
        |node, name: &str| e.heap.node_type(node) == NodeType::Object && e.heap.name(node) == name;
    let by_registry = way.iter().any(|edge| is_object(edge.from, "FinalizationRegistry"));
    if by_registry && most(&|node| is_target(e, node)) {
        return Some((WeakRetention::Finalizer, Vec::new()));
    }
    let map = sample.iter().find_map(|&node| weak_map(e, node))?;
    most(&|node| is_kept_by_key(e, node)).then(|| {
        let blame = blame_for(e, map);
        let name = blame.as_ref().map(|it| name_of(e, &it.owner, it.holder.as_ref()));
        let holder = blame.and_then(|blame| blame.holder);
        let places = holder.map_or_else(Vec::new, |holder| places(e, &holder));
        (WeakRetention::Map { name }, places)
    })
}

/// The declaration of a map, and what puts values into it.
fn places(e: &Evidence, map: &Holder) -> Vec<At<PilePlace>> {
    let statements = Statements::about(e.locator, map, None);
    let adds = statements.adds.iter().take(MAX_SHOWN);
    let adds = adds.map(|add| At::statement(&map.spot, add, PilePlace::AddsToWeakMap));
    let declared = At::name_of(Role::Holder, &map.spot, PilePlace::WeakMap);
    std::iter::once(declared).chain(adds).collect()
}

/// Whether a `FinalizationRegistry` waits for the node to be collected.
fn is_target(e: &Evidence, node: NodeOrdinal) -> bool {
    e.heap.retainers(node).any(|edge| {
        edge.edge_type == EdgeType::Weak && e.heap.name(edge.from) == "system / WeakCell"
    })
}

/// Whether nothing keeps the node but a key of a `WeakMap` whose value it is.
fn is_kept_by_key(e: &Evidence, node: NodeOrdinal) -> bool {
    let mut essential = e.heap.retainers(node).filter(|edge| e.heap.is_essential(edge)).peekable();
    essential.peek().is_some() && essential.all(|edge| is_pair(e.heap, &edge))
}

/// The `WeakMap` that has the node as a value.
fn weak_map(e: &Evidence, value: NodeOrdinal) -> Option<NodeOrdinal> {
    let tables = e.heap.retainers(value).filter(|edge| edge.edge_type == EdgeType::Internal);
    tables
        .filter(|edge| e.heap.node_type(edge.from) == NodeType::Array)
        .flat_map(|edge| e.heap.retainers(edge.from))
        .find(|edge| e.heap.name(edge.from) == "WeakMap")
        .map(|edge| edge.from)
}
