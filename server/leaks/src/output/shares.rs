//! How much of the heap hangs on what: on the functions of each place with their scopes, on modules, on things that
//! hold much. A walk through all nodes that asks the heap alone; whose code that is, is for [`super::by_code`].

use heapmark_heap::{Analysis, EdgeType, Location, NodeOrdinal, NodeType, ScriptId};
use rustc_hash::FxHashMap;

use crate::evidence::Evidence;

/// The shares of all things that code can be told of. Together they are the whole heap.
pub(super) struct Shares {
    /// In the order in which they stand in the file; those that may be of nobody by themselves come last.
    pub(super) all: Vec<Share>,
    /// How many functions each script has.
    pub(super) functions: FxHashMap<ScriptId, usize>,
}

/// What is held by one thing, or by all functions of one place, as far as nothing nearer holds it.
pub(super) struct Share {
    pub(super) thing: Thing,
    /// Bytes.
    pub(super) retained: u64,
    /// Bytes of what was born after the first snapshot.
    pub(super) gained: u64,
}

/// What a share is of.
#[derive(Clone, Copy)]
pub(super) enum Thing {
    Engine,
    Functions(Location),
    /// Node's object for a module of CommonJS, by its `filename`.
    Module(NodeOrdinal),
    /// A large thing. If nobody is known to hold it, it is of what holds the share with this number.
    Large(NodeOrdinal, ShareIndex),
}

/// A number in [`Shares::all`].
pub(super) type ShareIndex = u32;
const NONE: ShareIndex = u32::MAX;

impl Shares {
    /// Of certain large things somebody else may know who holds them.
    pub(super) fn of(e: &Evidence, large: impl Iterator<Item = NodeOrdinal>) -> Self {
        let mut shares = Self { all: Vec::new(), functions: FxHashMap::default() };
        let mut of = shares.of_all_things(e);
        let mut open = Vec::new();
        for node in large.filter(|node| of[node.index()] == NONE).collect::<Vec<_>>() {
            of[node.index()] = shares.add(Thing::Large(node, NONE));
        }
        for index in 0..shares.all.len() {
            if let Thing::Large(node, above) = &mut shares.all[index].thing {
                *above = nearest(e.heap, &mut of, e.heap.dominator(*node), &mut open);
            }
        }
        let new = e.new_nodes();
        for node in e.heap.nodes() {
            let share = nearest(e.heap, &mut of, node, &mut open);
            let Share { retained, gained, .. } = &mut shares.all[share as usize];
            let size = e.heap.self_size(node);
            *retained += size;
            if new.contains(node) {
                *gained += size;
            }
        }
        shares
    }

    /// The share of each node that has one of its own.
    fn of_all_things(&mut self, e: &Evidence) -> Vec<ShareIndex> {
        let heap = e.heap;
        let mut of = vec![NONE; heap.node_count()];
        let engine = self.add(Thing::Engine);
        of[NodeOrdinal::ROOT.index()] = engine;
        let module = heap.find_string("Module");
        let mut by_place: FxHashMap<Location, ShareIndex> = FxHashMap::default();
        for node in heap.nodes() {
            match heap.node_type(node) {
                NodeType::Synthetic => of[node.index()] = engine,
                NodeType::Closure => {
                    let Some(place) = heap.location(node) else { continue };
                    *self.functions.entry(place.script).or_default() += 1;
                    let share =
                        *by_place.entry(place).or_insert_with(|| self.add(Thing::Functions(place)));
                    of[node.index()] = share;
                    // The scope is of the function that was made in it first.
                    if let Some(scope) = heap.child(node, EdgeType::Internal, "context")
                        && of[scope.index()] == NONE
                    {
                        of[scope.index()] = share;
                    }
                }
                NodeType::Object if module == Some(heap.name_index(node)) => {
                    if let Some(file) = heap.child(node, EdgeType::Property, "filename") {
                        of[node.index()] = self.add(Thing::Module(file));
                    }
                }
                _ => {}
            }
        }
        // A call that waits is of the function's code.
        for &(node, place) in heap.locations() {
            if e.shapes.is_frame(node) {
                of[node.index()] =
                    *by_place.entry(place).or_insert_with(|| self.add(Thing::Functions(place)));
            }
        }
        of
    }

    fn add(&mut self, thing: Thing) -> ShareIndex {
        self.all.push(Share { thing, retained: 0, gained: 0 });
        (self.all.len() - 1) as ShareIndex // there are fewer than nodes
    }
}

/// The share of a node, or of the nearest node that dominates it and has one. It notes what it finds, and uses
/// `open`, which is empty.
fn nearest(
    heap: &Analysis,
    of: &mut [ShareIndex],
    node: NodeOrdinal,
    open: &mut Vec<NodeOrdinal>,
) -> ShareIndex {
    let mut at = node;
    while of[at.index()] == NONE {
        open.push(at);
        at = heap.dominator(at);
    }
    let share = of[at.index()];
    for below in open.drain(..) {
        of[below.index()] = share;
    }
    share
}
