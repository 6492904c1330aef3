//! What Node itself holds and shows nobody: found through the native objects that wrap it.

use heapmark_heap::NodeOrdinal;

use crate::blame::holding::Blame;
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
    /// From there to the thing.
    pub(crate) edges: Vec<Edge>,
}

impl NodesOwn {
    /// What keeps `thing`, if a person holds it nowhere.
    pub(crate) fn of(e: &Evidence, blame: Option<&Blame>, thing: NodeOrdinal) -> Option<Self> {
        if blame.is_some() {
            return None;
        }
        let way = e.heap.shortest_path(thing);
        // The part of Node's own in C++, with a link to the part in JavaScript.
        let at = way.iter().rposition(|edge| e.heap.edge_name(edge).to_string() == WRAPPED)?;
        let name = e.heap.name(way[at].from).strip_prefix(NODES_OWN)?.to_owned();
        Some(Self { name, edges: way[at..].to_vec() })
    }

    /// What ends its life, where that is known.
    pub(crate) fn help(&self) -> &'static str {
        match self.name.as_str() {
            "MessagePort" => "close the port when it is done (`port.close()`)",
            "Worker" => "end the worker when it is done (`worker.terminate()`)",
            "FSEventWrap" | "StatWatcher" => {
                "close the watcher when it is done (`watcher.close()`)"
            }
            _ => "let go of them when they are done: close what Node keeps them for",
        }
    }
}
