//! The retaining path of a finding: edge by edge for tools, and in plain words for people.
//!
//! `module scope of cache.js → entries → [key] → page → RenderedPage`

use heapmark_heap::{Edge, EdgeName, EdgeType, NodeOrdinal, NodeType};

use crate::blame::access_path::{as_written, name_of};
use crate::blame::holding::blame_for;
use crate::blame::private_field::private_field;
use crate::evidence::Evidence;
use crate::locate::Holder;
use crate::report::Hop;
use crate::v8::weak_map_entries::is_pair;
use crate::v8::weak_map_entries::key;

/// From a root to the thing at the end of `edges`: the shortest path to where `edges` begin, then
/// `edges`.
pub(crate) fn hops(e: &Evidence, edges: &[Edge]) -> Vec<Hop> {
    let Some(first) = edges.first() else { return Vec::new() };
    let above = e.heap.shortest_path(first.from);
    let above = above.iter().map(|edge| hop(e, edge, false));
    above.chain(edges.iter().map(|edge| hop(e, edge, true))).collect()
}

fn hop(e: &Evidence, edge: &Edge, below_holder: bool) -> Hop {
    let spot = e.locator.node(edge.to);
    // A build may have made the name shorter.
    let written = spot.as_ref().filter(|spot| spot.generated.is_some() && spot.is_named());
    let node = match written {
        Some(spot) if e.heap.node_type(edge.to) == NodeType::Closure => {
            format!("function {}", spot.short_name())
        }
        Some(spot) if !e.shapes.is_frame(edge.to) => spot.short_name().to_owned(),
        _ => node_name(e, edge.to),
    };
    Hop {
        below_holder,
        node,
        id: e.heap.node_id(edge.to).0,
        edge: match e.heap.edge_name(edge) {
            EdgeName::Name(name) => name.into_owned(),
            EdgeName::Index(index) => format!("[{index}]"),
        },
        edge_type: edge.edge_type.as_str(),
        place: spot.map(|spot| spot.hop_place()),
    }
}

/// What a node is, as people say it.
pub(crate) fn node_name(e: &Evidence, node: NodeOrdinal) -> String {
    let name = e.heap.name(node);
    match e.heap.node_type(node) {
        NodeType::Closure if name.is_empty() => "anonymous function".to_owned(),
        NodeType::Closure => format!("function {name}"),
        NodeType::Object if e.shapes.is_context(node) => "scope".to_owned(),
        NodeType::Object if e.shapes.is_frame(node) => "waiting function".to_owned(),
        NodeType::Object | NodeType::Native | NodeType::Synthetic => name.into_owned(),
        _ => e.heap.class_name(node).into_owned(),
    }
}

/// The way from a holder down `edges` in plain words. Steps that only V8 knows of (tables, stores)
/// are left out; members of collections are `[key]` or `[…]`.
pub(crate) fn in_words(
    e: &Evidence,
    holder: Option<&Holder>,
    edges: &[Edge],
    leaked: &str,
) -> String {
    let mut words: Vec<String> = Vec::new();
    words.extend(holder.map(|holder| holder.scope.clone()));
    // A cell of a module has no name on its way; the export has. A variable has the name that it
    // was written with, whatever a build made of it.
    let first = edges.first().map(|edge| edge.edge_type);
    let is_cell = first == Some(EdgeType::Internal);
    let is_variable = matches!(first, Some(EdgeType::Context | EdgeType::Hidden));
    let variable = holder.filter(|holder| is_variable && !holder.is_whole_path());
    if is_cell {
        words.extend(holder.map(|holder| holder.spot.name.clone()));
    }
    words.extend(variable.map(|holder| holder.declaration.name.clone()));
    for edge in &edges[usize::from(variable.is_some())..] {
        if let Some(step) = step(e, edge)
            && words.last() != Some(&step)
        {
            words.push(step);
        }
    }
    if !leaked.is_empty() {
        words.push(leaked.to_owned());
    }
    words.join(" → ")
}

fn step(e: &Evidence, edge: &Edge) -> Option<String> {
    match (edge.edge_type, e.heap.edge_name(edge)) {
        (EdgeType::Property, EdgeName::Name(name)) => Some(as_written(e, edge, name)),
        (EdgeType::Context, EdgeName::Name(name)) => Some(name.into_owned()),
        (EdgeType::Element, _) => Some("[…]".to_owned()),
        // The entries of a Map's or Set's table have their slot as a name.
        (EdgeType::Internal, EdgeName::Name(name))
            if name.bytes().all(|byte| byte.is_ascii_digit()) && is_table(e, edge.from) =>
        {
            Some("[key]".to_owned())
        }
        (EdgeType::Internal, EdgeName::Name(name)) if name == "context" => {
            Some("its scope".to_owned())
        }
        // The entry of a weak map: as long as its key lives.
        (EdgeType::Internal, EdgeName::Name(_)) if is_pair(e.heap, edge) => {
            let key = key_name(e, edge).map(|key| format!("[key {key}]"));
            let field = || private_field(e, edge).map(|field| field.declaration.name);
            key.or_else(field).or_else(|| Some("[key]".to_owned()))
        }
        _ => None,
    }
}

/// What a person would call the key, if `edge` leads from the table of a weak map to a value.
pub(crate) fn key_name(e: &Evidence, edge: &Edge) -> Option<String> {
    let key = key(e.heap, edge)?;
    let blame = blame_for(e, key)?;
    Some(name_of(e, &blame.owner, blame.holder.as_ref()))
}

fn is_table(e: &Evidence, node: NodeOrdinal) -> bool {
    e.heap.node_type(node) == NodeType::Array
        && e.heap
            .retainers(node)
            .any(|edge| edge.edge_type == EdgeType::Internal && edge.is_named(e.heap, "table"))
}
