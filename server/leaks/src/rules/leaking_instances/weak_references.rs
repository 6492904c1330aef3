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
use crate::locate::places::{place, place_of};
use crate::locate::statements::MAX_SHOWN;
use crate::locate::statements::Statements;
use crate::report::place_words::line_of;
use crate::report::{Place, Role};
use crate::v8::weak_map_entries::is_pair;

/// How many things to look at; more would only repeat.
const SAMPLE: usize = 100;
/// So large a share of them must be kept in this way.
const MOST: f64 = 0.5;
/// What keeps things alive although it was meant to let them go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WeakRetention {
    /// A `FinalizationRegistry`: its held values lead to its targets.
    Finalizer,
    /// This `WeakMap`: a value leads to the next key.
    Map(NodeOrdinal),
}

impl WeakRetention {
    /// Of `nodes`, of which one is held by `way`.
    pub(crate) fn of(e: &Evidence, nodes: &[NodeOrdinal], way: &[Edge]) -> Option<Self> {
        let stride = nodes.len().div_ceil(SAMPLE).max(1);
        let sample: Vec<NodeOrdinal> = nodes.iter().copied().step_by(stride).collect();
        let most = |is_so: &dyn Fn(NodeOrdinal) -> bool| {
            let count = sample.iter().filter(|&&node| is_so(node)).count();
            count as f64 >= MOST * sample.len() as f64
        };
        let is_object = |node, name: &str| {
            e.heap.node_type(node) == NodeType::Object && e.heap.name(node) == name
        };
        let by_registry = way.iter().any(|edge| is_object(edge.from, "FinalizationRegistry"));
        if by_registry && most(&|node| is_target(e, node)) {
            return Some(WeakRetention::Finalizer);
        }
        let map = sample.iter().find_map(|&node| weak_map(e, node))?;
        most(&|node| is_kept_by_key(e, node)).then_some(WeakRetention::Map(map))
    }

    /// What is wrong, as a sentence after others.
    pub(crate) fn sentence(self, e: &Evidence) -> String {
        match self {
            WeakRetention::Finalizer => {
                " The registry waits for them to be collected, but what it was told to remember of each \
                 leads to it: so none ever is."
                    .to_owned()
            }
            WeakRetention::Map(map) => {
                let name = blame_for(e, map).map(|blame| name_of(e, &blame.owner, blame.holder.as_ref()));
                let map = name.map_or_else(|| "a WeakMap".to_owned(), |name| format!("`{name}`"));
                format!(
                    " They hang on {map}: a WeakMap keeps a value as long as its key lives, and here \
                     the value of one key is, or leads to, the next key."
                )
            }
        }
    }

    pub(crate) fn help(self) -> &'static str {
        match self {
            WeakRetention::Finalizer => {
                "register a held value that does not lead to the target: its id, or a path"
            }
            WeakRetention::Map(_) => "keep in the WeakMap what does not lead to other keys of it",
        }
    }

    /// The declaration of the map, and what puts values into it.
    pub(crate) fn places(self, e: &Evidence, leaked: &Place) -> Vec<Place> {
        let WeakRetention::Map(map) = self else { return Vec::new() };
        let Some(holder) = blame_for(e, map).and_then(|blame| blame.holder) else {
            return Vec::new();
        };
        let at = line_of(leaked);
        let message = format!("The values in it keep its keys: `{}` ({at}).", leaked.name);
        let label = "its values lead to its keys".to_owned();
        let mut places = vec![place(Role::Holder, &holder.spot, label, message)];
        for add in Statements::about(e.locator, &holder, None).adds.iter().take(MAX_SHOWN) {
            let message = format!("Adds a value that keeps another key: `{}` ({at}).", leaked.name);
            places.push(place_of(&holder.spot, add, "adds here".to_owned(), message));
        }
        places
    }
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
