//! What is in a collection, and the edges that lead there.

use heapmark_heap::{Analysis, Edge, EdgeType, Member, MemberKey, NodeOrdinal};

/// The same, whenever they were born; of an object that is no collection, what its properties hold.
pub(crate) fn all_members(heap: &Analysis, node: NodeOrdinal) -> Vec<NodeOrdinal> {
    if heap.collection_kind(node).is_some() {
        let members = objects_of_all(&heap.members(node));
        // What has none may be used as a plain object: `map[key] = value`.
        if !members.is_empty() || heap.property_table(node).is_none() {
            return members;
        }
    }
    // Those of a function are the prototype of its instances, too.
    let of_language = ["__proto__", "prototype"]
        .map(|name| heap.child(node, EdgeType::Property, name).unwrap_or(node));
    let properties = heap.edges(node).filter(|edge| edge.edge_type == EdgeType::Property);
    properties.map(|edge| edge.to).filter(|to| !of_language.contains(to)).collect()
}

/// Those of all entries. There may be a million: room for them at once.
pub(crate) fn objects_of_all(members: &[Member]) -> Vec<NodeOrdinal> {
    let mut objects = Vec::with_capacity(2 * members.len());
    objects.extend(members.iter().flat_map(objects_of));
    objects
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
    heap: &Analysis,
    collection: NodeOrdinal,
    member: NodeOrdinal,
) -> Vec<Edge> {
    let direct = heap.edges(collection).find(|edge| edge.to == member);
    if let Some(edge) = direct {
        return vec![edge];
    }
    for store in heap.edges(collection).filter(|edge| edge.edge_type == EdgeType::Internal) {
        if let Some(edge) = heap.edges(store.to).find(|edge| edge.to == member) {
            return vec![store, edge];
        }
    }
    Vec::new()
}
