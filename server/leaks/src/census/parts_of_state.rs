//! What may be a part of one state, `state.chat.messages`: plain objects, by properties of their own. Which
//! collections stand there is for [`crate::census::slots`].

use heapmark_heap::{Edge, NodeSet, NodeType, Snapshot, StringIndex};

/// The links to prototypes. What an object inherits is not inside of it: nearly every object has such a link,
/// and most prototypes have a class with many properties, so that two of three slots would be these.
pub(crate) struct Inherited {
    name: Option<StringIndex>,
}

impl Inherited {
    pub(crate) fn of(snapshot: &Snapshot) -> Self {
        Self { name: snapshot.find_string("__proto__") }
    }

    pub(crate) fn is(&self, snapshot: &Snapshot, edge: &Edge) -> bool {
        self.name.is_some() && snapshot.edge_name_index(edge) == self.name
    }
}

/// The plain objects of a snapshot: `{}`, not an instance of a class.
pub(super) struct Plain {
    pub(super) nodes: NodeSet,
}

impl Plain {
    pub(super) fn of(snapshot: &Snapshot) -> Self {
        let name = snapshot.find_string("Object");
        let is_plain = |node| {
            snapshot.node_type(node) == NodeType::Object && name == Some(snapshot.name_index(node))
        };
        Self { nodes: NodeSet::of(snapshot, snapshot.nodes().filter(|&node| is_plain(node))) }
    }
}
