//! The retaining path of a finding: edge by edge for tools, and step by step for people.
//!
//! A step for people is a name or one of few things that have none; how they are said is for
//! [`crate::words::path`].

use heapmark_heap::{Edge, EdgeName, EdgeType, NodeOrdinal, NodeType};

use crate::blame::access_path::{as_written, name_of};
use crate::blame::holding::blame_for;
use crate::blame::private_field::private_field;
use crate::evidence::Evidence;
use crate::locate::{DeclaredIn, Holder, HolderOf};
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

/// A step of a path, as people count them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Step {
    /// What has a name: a variable, a property, a function, a class.
    Named(String),
    /// What the holder is declared in.
    In(DeclaredIn),
    /// A function without a name.
    Anonymous,
    /// The scope of the function before.
    ItsScope,
    /// A member of a list.
    Element,
    /// A member of a collection, with its key where that has a name.
    Key(Option<String>),
    /// What all of the program shares.
    GlobalObject,
    /// Where Node itself keeps things.
    Node(NodeKeeps),
}

/// What of Node's own keeps things.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum NodeKeeps {
    /// Timers that have not run out.
    Timers,
    /// Every `AsyncLocalStorage`.
    Storages,
    /// The modules that one loaded with `require`.
    ModuleChildren,
    /// The modules that were imported.
    ImportedModules,
    /// What is put there by a call: entries of `performance.mark`.
    Registry { noun: &'static str, adds: &'static str },
    /// Handles of its event loop that are open.
    OpenHandles,
    /// An object in C++, by its class: `MessagePort`.
    Object(String),
}

impl Step {
    pub(crate) fn named(name: impl Into<String>) -> Self {
        Self::Named(name.into())
    }
}

/// Where the way to what a holder holds begins: for the field of an instance, at the instance, which has the name of
/// its class.
fn first_step(holder: &Holder) -> Step {
    match (&holder.of, &holder.declared_in) {
        (HolderOf::Class { is_static: false, .. }, DeclaredIn::Class(class)) => {
            Step::named(class.as_str())
        }
        (_, declared_in) => Step::In(declared_in.clone()),
    }
}

/// The steps from a holder down `edges`. Those that only V8 knows of (tables, stores) are left out.
pub(crate) fn steps(
    e: &Evidence,
    holder: Option<&Holder>,
    edges: &[Edge],
    leaked: &str,
) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    steps.extend(holder.map(first_step));
    // A cell of a module has no name on its way; the export has. A variable has the name that it
    // was written with, whatever a build made of it.
    let first = edges.first().map(|edge| edge.edge_type);
    let is_cell = first == Some(EdgeType::Internal);
    let is_variable = matches!(first, Some(EdgeType::Context | EdgeType::Hidden));
    let variable = holder.filter(|holder| is_variable && !holder.is_whole_path());
    if is_cell {
        steps.extend(holder.map(|holder| Step::named(&*holder.spot.name)));
    }
    steps.extend(variable.map(|holder| Step::named(&*holder.declaration.name)));
    for edge in &edges[usize::from(variable.is_some())..] {
        if let Some(step) = step(e, edge)
            && steps.last() != Some(&step)
        {
            steps.push(step);
        }
    }
    if !leaked.is_empty() {
        steps.push(Step::named(leaked));
    }
    steps
}

fn step(e: &Evidence, edge: &Edge) -> Option<Step> {
    match (edge.edge_type, e.heap.edge_name(edge)) {
        (EdgeType::Property, EdgeName::Name(name)) => Some(Step::Named(as_written(e, edge, name))),
        (EdgeType::Context, EdgeName::Name(name)) => Some(Step::named(name)),
        (EdgeType::Element, _) => Some(Step::Element),
        // The entries of a Map's or Set's table have their slot as a name.
        (EdgeType::Internal, EdgeName::Name(name))
            if name.bytes().all(|byte| byte.is_ascii_digit()) && is_table(e, edge.from) =>
        {
            Some(Step::Key(None))
        }
        (EdgeType::Internal, EdgeName::Name(name)) if name == "context" => Some(Step::ItsScope),
        // The entry of a weak map: as long as its key lives.
        (EdgeType::Internal, EdgeName::Name(_)) if is_pair(e.heap, edge) => {
            let key = key_name(e, edge).map(|key| Step::Key(Some(key)));
            let field = || private_field(e, edge).map(|it| Step::Named(it.declaration.name));
            key.or_else(field).or(Some(Step::Key(None)))
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
