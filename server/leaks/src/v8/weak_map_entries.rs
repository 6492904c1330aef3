//! The entries of weak maps, as V8 writes them into a snapshot: two links to the value, one from the
//! table and one from the key, with a name that says so.
//!
//! ```text
//! WeakMap → table ─"3 / part of key (K @5) -> value (V @9) pair in WeakMap (table @7)"→ value
//!             key ─"1 / part of key (K @5) -> value (V @9) pair in WeakMap (table @7)"→ value
//! ```
//!
//! Both together keep the value. For the dominators only the key counts, which is the one that comes
//! and goes; a person blames the map, if the key stays.

use heapmark_heap::{Analysis, Edge, EdgeName, EdgeType, NodeOrdinal, NodeType};

/// What the names of both links have after their numbers.
const PAIR: &str = " / part of key (";
/// The name of the entry that `edge` is a part of.
pub(crate) fn pair(heap: &Analysis, edge: &Edge) -> Option<String> {
    if edge.edge_type != EdgeType::Internal {
        return None;
    }
    match heap.edge_name(edge) {
        EdgeName::Name(name) => name.find(PAIR).map(|at| name[at..].to_owned()),
        EdgeName::Index(_) => None,
    }
}

/// Whether `edge` leads to a value of a weak map, from its key or from the table.
pub(crate) fn is_pair(heap: &Analysis, edge: &Edge) -> bool {
    pair(heap, edge).is_some()
}

pub(crate) fn is_table(heap: &Analysis, node: NodeOrdinal) -> bool {
    heap.node_type(node) == NodeType::Array
}

/// Whether `edge` leads from a key to its value.
pub(crate) fn is_from_key(heap: &Analysis, edge: &Edge) -> bool {
    !is_table(heap, edge.from) && is_pair(heap, edge)
}

/// The key, if `edge` leads from the table of a weak map to a value.
pub(crate) fn key(heap: &Analysis, edge: &Edge) -> Option<NodeOrdinal> {
    let name = pair(heap, edge).filter(|_| is_table(heap, edge.from))?;
    let mut twins = heap.retainers(edge.to).filter(|twin| !is_table(heap, twin.from));
    twins.find(|twin| pair(heap, twin).as_ref() == Some(&name)).map(|twin| twin.from)
}

#[cfg(test)]
mod tests {
    use heapmark_heap::sketch::Sketch;

    use super::*;

    #[test]
    fn the_key_of_an_entry_has_the_other_link_of_the_same_name() {
        let sketch = Sketch::parse(
            "root --element 1--> key
             root --element 2--> other
             root --element 3--> map
             key: object K 16
             other: object K 16
             map: object WeakMap 24
             map --internal table--> table
             table: array \"\" 64
             value: object V 16
             table --internal 3 / part of key (K @1) -> value (V @9) pair in WeakMap (table @7)--> value
             key --internal 1 / part of key (K @1) -> value (V @9) pair in WeakMap (table @7)--> value
             other --internal 1 / part of key (K @3) -> value (V @9) pair in WeakMap (table @8)--> value
             other --property own--> value",
        );
        let heap = sketch.analysis();
        let node = |label: &str| {
            heap.nodes().find(|&node| sketch.label(node) == label).expect("it is drawn")
        };
        let told = |from: &str| {
            let edges = heap.edges(node(from)).filter(|edge| edge.to == node("value"));
            let tell = |edge: Edge| {
                let key = key(&heap, &edge).map_or("-", |key| sketch.label(key));
                (is_pair(&heap, &edge), is_from_key(&heap, &edge), key.to_owned())
            };
            edges.map(tell).collect::<Vec<_>>()
        };
        assert_eq!(told("table"), [(true, false, "key".to_owned())]);
        assert_eq!(told("key"), [(true, true, "-".to_owned())]);
        assert_eq!(told("other"), [(true, true, "-".to_owned()), (false, false, "-".to_owned())]);
    }
}
