//! The properties of the global object that a program may have given it. V8 keeps each in a cell of its own,
//! and Node adds its own lazily, behind accessors.

use heapmark_heap::{Edge, EdgeName, EdgeType, NodeOrdinal, NodeType, Snapshot};

/// Node's name for the global object.
pub(crate) const GLOBAL: &str = "global";

/// The properties of the global object that have objects or functions as values: accessors and what is
/// behind them are left out.
pub(crate) fn properties_of_global(
    snapshot: &Snapshot,
    global: NodeOrdinal,
) -> impl Iterator<Item = Edge> + '_ {
    let is_value = |edge: &Edge| {
        edge.edge_type == EdgeType::Property
            && !matches!(snapshot.node_type(edge.to), NodeType::Hidden | NodeType::Code)
            && match snapshot.edge_name(edge) {
                EdgeName::Name(name) => {
                    !name.starts_with("get ") && !name.starts_with("set ") && name != "__proto__"
                }
                EdgeName::Index(_) => true,
            }
    };
    snapshot.edges(global).filter(is_value)
}
