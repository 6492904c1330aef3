//! What Node itself holds and shows nobody: found through the native objects that wrap it.

use heapmark_heap::NodeOrdinal;

use crate::blame::holding::Blame;
use crate::blame::retaining_path::{NodeKeeps, Step};
use crate::evidence::Evidence;
use heapmark_heap::Edge;

/// How Node calls its own objects in a snapshot,
const NODES_OWN: &str = "Node / ";

/// and the link from one in C++ to its part in JavaScript.
const WRAPPED: &str = "native_to_javascript";

/// Something of Node's that keeps what nothing else is known to keep: an open port, a watcher.
pub(crate) struct NodesOwn {
    /// Its class: `MessagePort`.
    pub(crate) name: String,
    /// What it is, if that is known.
    pub(crate) kind: Option<NodesOwnKind>,
    /// From there to the thing.
    pub(crate) edges: Vec<Edge>,
}

/// Those of which it is known how they end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NodesOwnKind {
    Port,
    Worker,
    /// Of files.
    Watcher,
}

impl NodesOwnKind {
    fn of(class: &str) -> Option<Self> {
        match class {
            "MessagePort" => Some(Self::Port),
            "Worker" => Some(Self::Worker),
            "FSEventWrap" | "StatWatcher" => Some(Self::Watcher),
            _ => None,
        }
    }
}

impl NodesOwn {
    /// What keeps `thing`, if a person holds it nowhere.
    pub(crate) fn of(e: &Evidence, blame: Option<&Blame>, thing: NodeOrdinal) -> Option<Self> {
        if blame.is_some() {
            return None;
        }
        let way = e.heap.shortest_path(thing);
        // The part of Node's own in C++, with a link to the part in JavaScript.
        let at = way.iter().rposition(|edge| edge.is_named(e.heap, WRAPPED))?;
        let name = e.heap.name(way[at].from).strip_prefix(NODES_OWN)?.to_owned();
        Some(Self { kind: NodesOwnKind::of(&name), name, edges: way[at..].to_vec() })
    }

    /// The whole path, whose steps from there on are `below`.
    pub(crate) fn steps(&self, below: Vec<Step>) -> Vec<Step> {
        let own = Step::Node(NodeKeeps::Object(self.name.clone()));
        std::iter::once(own).chain(below).collect()
    }
}
