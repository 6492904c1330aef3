//! The elements of a page in Chrome's snapshots, and which of them stand in no page any more.
//!
//! Chrome has one native node for an element and its JavaScript object, named as it is written:
//! `<li class="row">`. Whether it is attached to the page's tree says a field of the file. Node marks
//! native objects of its own in the same way, which are none.

use heapmark_heap::{Analysis, EdgeType, NodeOrdinal, NodeType, Snapshot};

/// The state of what is attached to no page, as [`heapmark_heap::Analysis::detachedness`] has it.
const DETACHED: u8 = 2;

/// Whether the node is an element of a page.
pub(crate) fn is_element(snapshot: &Snapshot, node: NodeOrdinal) -> bool {
    let name = snapshot.name(node);
    let name = name.strip_prefix("Detached ").unwrap_or(&name);
    snapshot.node_type(node) == NodeType::Native
        && name.strip_prefix('<').is_some_and(|tag| tag.starts_with(|c: char| c.is_alphabetic()))
}

/// How many elements of a page stand in none, by what the file itself says.
pub(crate) fn detached_elements(snapshot: &Snapshot) -> u64 {
    let said = snapshot.said_to_be_detached();
    said.filter(|&node| is_element(snapshot, node)).count() as u64
}

/// Whether the node is an element that stands in no page.
pub(crate) fn is_detached(heap: &Analysis, node: NodeOrdinal) -> bool {
    heap.detachedness(node) == DETACHED && is_element(heap, node)
}

/// The node itself if it is one, and those that it has as properties if it is an object.
pub(crate) fn detached_of(heap: &Analysis, node: NodeOrdinal) -> Vec<NodeOrdinal> {
    let is_object = heap.node_type(node) == NodeType::Object;
    let properties = heap.edges(node).filter(|edge| edge.edge_type == EdgeType::Property);
    let values = properties.map(|edge| edge.to).filter(|_| is_object);
    std::iter::once(node).chain(values).filter(|&it| is_detached(heap, it)).collect()
}
