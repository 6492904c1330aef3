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

use crate::blame::{Held, held, name_of, property_steps};
use crate::evidence::Evidence;
use crate::locate::Holder;
use crate::report::{Place, Role};
use crate::suspect::{Statements, place_of};

/// What the names of both links have after their numbers.
const PAIR: &str = " / part of key (";
/// At most this many places that put a value into the map are shown.
const MOST_PUTS: usize = 3;

/// The name of the entry that `edge` is a part of.
fn pair(heap: &Analysis, edge: &Edge) -> Option<String> {
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

fn is_table(heap: &Analysis, node: NodeOrdinal) -> bool {
    heap.node_type(node) == NodeType::Array
}

/// Whether `edge` leads from a key to its value.
pub(crate) fn is_from_key(heap: &Analysis, edge: &Edge) -> bool {
    !is_table(heap, edge.from) && is_pair(heap, edge)
}

/// The key, if `edge` leads from the table of a weak map to a value.
fn key(heap: &Analysis, edge: &Edge) -> Option<NodeOrdinal> {
    let name = pair(heap, edge).filter(|_| is_table(heap, edge.from))?;
    let mut twins = heap.retainers(edge.to).filter(|twin| !is_table(heap, twin.from));
    twins.find(|twin| pair(heap, twin).as_ref() == Some(&name)).map(|twin| twin.from)
}

/// What a person would call the key, if `edge` leads from the table of a weak map to a value.
pub(crate) fn key_name(e: &Evidence, edge: &Edge) -> Option<String> {
    let key = key(e.heap, edge)?;
    let held = held(e, key)?;
    Some(name_of(e, &held.owner, held.holder.as_ref()))
}

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

/// Something that is, or hangs on, a value of a weak map.
pub(crate) struct WeakValue {
    /// What a person would call the key, if it has a name.
    key: Option<String>,
    /// Those that put values into the map.
    puts: Statements,
}

impl WeakValue {
    /// `None` if no weak map is between the holder and what it holds.
    pub(crate) fn of(e: &Evidence, held: &Held) -> Option<Self> {
        let edges = &held.owner.edges;
        let at = edges.iter().position(|edge| key(e.heap, edge).is_some())?;
        // The step before leads from the map to its table.
        let to_map = edges.get(1..at.checked_sub(1)?)?;
        let puts = match (held.holder.as_ref(), property_steps(e, to_map).as_deref()) {
            (Some(holder), Some([])) => Statements::about(e, holder, None),
            (Some(holder), Some(path)) => Statements::about_property(e, holder, path),
            _ => Statements::default(),
        };
        Some(Self { key: key_name(e, &edges[at]), puts })
    }

    /// What it is, as a sentence after others; of `count` things.
    pub(crate) fn sentence(&self, count: usize) -> String {
        match &self.key {
            Some(key) if count == 1 => format!(
                " It hangs on the key `{key}`: a WeakMap keeps a value as long as its key lives."
            ),
            _ => " A WeakMap keeps a value as long as its key lives.".to_owned(),
        }
    }

    /// What follows what `count` things hold: ` for the key …`.
    pub(crate) fn label(&self, count: usize) -> String {
        let key = self.key.as_ref().filter(|_| count == 1);
        key.map_or_else(String::new, |key| format!(" for the key `{key}`"))
    }

    /// Where values are put into the map.
    pub(crate) fn places(&self, holder: &Place, held: &Held, message: &str) -> Vec<Place> {
        let Some(spot) = held.holder.as_ref().map(|holder| &holder.spot) else { return Vec::new() };
        let puts = self.puts.adds.iter().take(MOST_PUTS);
        puts.map(|put| place_of(spot, put, "adds here".to_owned(), message.to_owned()))
            .filter(|place| (&place.file, place.range) != (&holder.file, holder.range))
            .map(|place| Place { role: Role::Grows, ..place })
            .collect()
    }
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
