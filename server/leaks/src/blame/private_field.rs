//! Private fields that a compiler made weak maps of.

use heapmark_heap::{Edge, EdgeType};

use crate::evidence::Evidence;
use crate::locate::Holder;
use crate::v8::weak_map_entries::{is_from_key, is_table, pair};

/// The private field that `edge` was in the source, if it leads from a key to its value: compilers that
/// write for older engines make a weak map of each, in a variable `_Store_items` (tsc) or `_items`
/// (esbuild, Babel) for `#items` of `Store`.
pub(crate) fn private_field(e: &Evidence, edge: &Edge) -> Option<Holder> {
    if !is_from_key(e.heap, edge) {
        return None;
    }
    let name = pair(e.heap, edge)?;
    let mut twins = e.heap.retainers(edge.to).filter(|twin| is_table(e.heap, twin.from));
    let table = twins.find(|twin| pair(e.heap, twin).as_ref() == Some(&name))?.from;
    let maps = e.heap.retainers(table).filter(|above| above.edge_type == EdgeType::Internal);
    let holders = maps.flat_map(|above| e.heap.retainers(above.from));
    let variables = holders.filter(|above| above.edge_type == EdgeType::Context);
    variables.map(|variable| e.heap.edge_name(&variable).to_string()).find_map(|variable| {
        let after = variable.match_indices('_').map(|(at, _)| &variable[at + 1..]);
        after
            .flat_map(|name| [name, name.trim_end_matches(|c: char| c.is_ascii_digit())])
            .filter(|name| !name.is_empty())
            .find_map(|name| e.locator.declared_field(edge.from, &format!("#{name}")))
    })
}
