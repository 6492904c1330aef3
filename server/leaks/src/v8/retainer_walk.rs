//! Who holds a thing: the nearest variable, field or static with a name that a person wrote.
//!
//! Climbs the retainers of a node, breadth first, through whatever has no name of its own (tables,
//! stores, plain objects), and yields every binding it meets, the nearest first. Which of them
//! stands in the user's source is for [`crate::locate`] to say.

use std::collections::VecDeque;

use heapmark_heap::{Analysis, Edge, EdgeType, NodeOrdinal, NodeType};
use rustc_hash::{FxHashMap, FxHashSet};

use crate::v8::bindings::{Binding, Bindings, binding};
use crate::v8::layouts::Shapes;

/// Steps to climb: a binding that is farther away explains nothing to anybody.
const MAX_STEPS: usize = 12;
/// A budget: so many dominators are looked at in one climb, to recognise what only refers back to the thing.
const MAX_DOMINATORS: usize = 200_000;
/// A budget: so many nodes are looked at in one climb, so that a thing with a million retainers stays cheap.
const MAX_NODES: usize = 4_000;
/// A budget: so many bindings are collected, the nearest ones, among which whoever asks chooses.
pub(crate) const MAX_BINDINGS: usize = 24;

/// A binding, and the way from it down to the thing.
#[derive(Debug, Clone)]
pub(crate) struct BindingPath {
    pub(crate) binding: Binding,
    /// The edges from the context, class or instance down to the thing; the first is the binding itself.
    pub(crate) edges: Vec<Edge>,
}

/// Every binding that holds `thing`, the nearest first.
pub(crate) fn owners(bindings: Bindings<'_>, thing: NodeOrdinal) -> Vec<BindingPath> {
    let mut found = Vec::new();
    climb(bindings, thing, Scopes::End, |owner| {
        found.push(owner);
        if found.len() == MAX_BINDINGS { Climb::End } else { Climb::On }
    });
    found
}

/// Whether to climb on above a scope.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scopes {
    /// A scope is kept by its closures: above it, names say nothing about the thing.
    End,
    /// They say through what it can be reached.
    LeadOn,
}

/// What to do after a binding.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Climb {
    /// Climb on.
    On,
    /// Do not climb above this one.
    NotAbove,
    /// It is enough.
    End,
}

/// Hands every binding above `thing` to `visit`, the nearest first, until that has enough.
pub(crate) fn climb(
    bindings: Bindings<'_>,
    thing: NodeOrdinal,
    scopes: Scopes,
    mut visit: impl FnMut(BindingPath) -> Climb,
) {
    let Bindings { heap, shapes, .. } = bindings;
    let mut below = Below { heap, thing, known: FxHashMap::default() };
    let mut way_down: FxHashMap<NodeOrdinal, Edge> = FxHashMap::default();
    let mut seen: FxHashSet<NodeOrdinal> = FxHashSet::default();
    let mut open = VecDeque::from([(thing, 0usize)]);
    seen.insert(thing);
    while let Some((node, depth)) = open.pop_front() {
        for edge in heap.retainers(node) {
            if !may_climb(heap, shapes, &edge) || below.contains(edge.from) {
                continue;
            }
            if let Some(binding) = binding(bindings, &edge) {
                let edges = way(edge, &way_down, thing);
                match visit(BindingPath { binding, edges }) {
                    Climb::On => {}
                    Climb::NotAbove => continue,
                    Climb::End => return,
                }
            }
            // The scope of an `await` is different: it has no names, and leads to what is awaited.
            let ends =
                scopes == Scopes::End && shapes.is_context(edge.from) && !is_await(heap, &edge);
            if ends || depth + 1 == MAX_STEPS || seen.len() >= MAX_NODES {
                continue;
            }
            if seen.insert(edge.from) {
                way_down.insert(edge.from, edge);
                open.push_back((edge.from, depth + 1));
            }
        }
    }
}

/// The binding that `edge` is, if it is one.
pub(crate) fn binding_path_at(bindings: Bindings<'_>, edge: Edge) -> Option<BindingPath> {
    let binding = binding(bindings, &edge)?;
    Some(BindingPath { binding, edges: vec![edge] })
}

/// What lives only because of a thing: that does not hold it, it refers back to it.
struct Below<'a> {
    heap: &'a Analysis,
    thing: NodeOrdinal,
    known: FxHashMap<NodeOrdinal, bool>,
}

impl Below<'_> {
    fn contains(&mut self, node: NodeOrdinal) -> bool {
        let mut passed = Vec::new();
        let mut at = node;
        let is_below = loop {
            if let Some(&known) = self.known.get(&at) {
                break known;
            }
            passed.push(at);
            let above = self.heap.dominator(at);
            // A list is as deep as it is long; what is very deep inside is taken for a holder.
            if above == at || self.known.len() + passed.len() >= MAX_DOMINATORS {
                break false;
            }
            if above == self.thing {
                break true;
            }
            at = above;
        };
        self.known.extend(passed.into_iter().map(|node| (node, is_below)));
        is_below
    }
}

/// Whether `edge` leads from the scope that V8 makes for an `await` to the waiting function. The scope of
/// a module leads to the module so.
fn is_await(heap: &Analysis, edge: &Edge) -> bool {
    edge.edge_type == EdgeType::Internal
        && edge.is_named(heap, "extension")
        && !heap.name(edge.to).starts_with("system / SourceTextModule")
}

fn way(first: Edge, way_down: &FxHashMap<NodeOrdinal, Edge>, thing: NodeOrdinal) -> Vec<Edge> {
    let mut edges = vec![first];
    let mut at = first.to;
    while at != thing {
        let next = way_down[&at]; // every node but `thing` was reached over an edge
        edges.push(next);
        at = next.to;
    }
    edges
}

/// Whether the thing at the lower end of `edge` is held by the upper end in a sense that a person
/// would call holding.
pub(crate) fn may_climb(heap: &Analysis, shapes: &Shapes, edge: &Edge) -> bool {
    !matches!(edge.edge_type, EdgeType::Weak | EdgeType::Shortcut | EdgeType::Unknown)
        && edge.from != edge.to
        && !shapes.is_by_the_way(edge)
        && !matches!(
            heap.node_type(edge.from),
            NodeType::Code | NodeType::Synthetic | NodeType::ObjectShape | NodeType::Native
        )
        && !shapes.is_native_context(edge.from)
}

#[cfg(test)]
mod tests;
