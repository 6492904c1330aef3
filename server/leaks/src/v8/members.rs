//! What is in a collection, and the edges that lead there.

use heapmark_heap::{Edge, EdgeType, Member, MemberKey, NodeOrdinal};

use crate::evidence::Evidence;

/// The values of a collection, and the keys that are objects; the new ones, if births are known.
pub(crate) fn members(e: &Evidence, node: NodeOrdinal) -> Vec<NodeOrdinal> {
    let all = all_members(e, node);
    let new: Vec<NodeOrdinal> = all.iter().copied().filter(|&node| e.is_new(node)).collect();
    if new.is_empty() { all } else { new }
}

/// The same, whenever they were born; of an object that is no collection, what its properties hold.
pub(crate) fn all_members(e: &Evidence, node: NodeOrdinal) -> Vec<NodeOrdinal> {
    if e.heap.collection_kind(node).is_some() {
        return e.heap.members(node).iter().flat_map(objects_of).collect();
    }
    let prototype = e.heap.child(node, EdgeType::Property, "__proto__");
    let properties = e.heap.edges(node).filter(|edge| edge.edge_type == EdgeType::Property);
    properties.map(|edge| edge.to).filter(|&to| Some(to) != prototype).collect()
}

/// The key and the value of an entry, as far as they are on the heap.
pub(crate) fn objects_of(member: &Member) -> impl Iterator<Item = NodeOrdinal> + use<> {
    let key = match member.key {
        Some(MemberKey::Node(node)) => Some(node),
        _ => None,
    };
    [member.value, key].into_iter().flatten()
}

/// The edges from a collection to one of its members, through its table or store.
pub(crate) fn way_to_member(
    e: &Evidence,
    collection: NodeOrdinal,
    member: NodeOrdinal,
) -> Vec<Edge> {
    let direct = e.heap.edges(collection).find(|edge| edge.to == member);
    if let Some(edge) = direct {
        return vec![edge];
    }
    for store in e.heap.edges(collection).filter(|edge| edge.edge_type == EdgeType::Internal) {
        if let Some(edge) = e.heap.edges(store.to).find(|edge| edge.to == member) {
            return vec![store, edge];
        }
    }
    Vec::new()
}
