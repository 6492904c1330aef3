//! Graphs on which algorithms fail that do well on programs, as snapshot files.
//!
//! Each comes at half and at full size: an engine whose time grows with the edges, and not with their
//! square, takes twice as long for the second.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use super::subject::Subject;

/// Numbers a node takes in the file.
const NODE_FIELDS: u32 = 7;
const OBJECT: u32 = 3;
const SYNTHETIC: u32 = 9;

/// The file's strings, by the numbers that follow.
const STRINGS: [&str; 7] = ["<dummy>", "", "global", "App", "Item", "next", "other"];
const ROOT: u32 = 1;
const GLOBAL: u32 = 2;
const APP: u32 = 3;
const ITEM: u32 = 4;
const NEXT: u32 = 5;
const OTHER: u32 = 6;

#[derive(Debug, Clone, Copy)]
enum Graph {
    /// A linked list whose items are also in an array: each has two owners, far apart.
    ListAndArray,
    /// Two linked lists, and each item refers to the one beside it: no item dominates another.
    Ladder,
    /// A linked list and nothing else: as deep as it is long.
    Chain,
    /// One object that refers to all others.
    Star,
}

/// Their size is the number of items.
const GRAPHS: [(Graph, &str, u32); 4] = [
    (Graph::ListAndArray, "list-and-array", 500_000),
    (Graph::Ladder, "ladder", 200_000),
    (Graph::Chain, "chain", 1_000_000),
    (Graph::Star, "star", 2_000_000),
];

/// All of them, each at half and at full size.
pub(super) fn make(folder: &Path) -> anyhow::Result<Vec<Subject>> {
    let mut subjects = Vec::new();
    for (graph, name, size) in GRAPHS {
        for size in [size / 2, size] {
            let file = folder.join(format!("{name}-{size}.heapsnapshot"));
            let mut output = BufWriter::new(File::create(&file)?);
            write(graph, size, &mut output)?;
            output.flush()?;
            subjects.push(Subject::of(&file, name)?);
        }
    }
    Ok(subjects)
}

/// An edge: its type, its name or index, and where it leads.
type Link = (LinkType, u32, u32);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum LinkType {
    Element = 1,
    Property = 2,
    Shortcut = 5,
}

impl Graph {
    /// Node 0 is the root, 1 the program, 2 the array if there is one.
    fn first_item(self) -> u32 {
        if matches!(self, Graph::ListAndArray) { 3 } else { 2 }
    }

    fn node_count(self, size: u32) -> u32 {
        let items = if matches!(self, Graph::Ladder) { 2 * size } else { size };
        self.first_item() + items
    }

    /// What a node refers to. One after the other: all of them at once would be this program's peak
    /// memory, which the system also writes on the account of every program it starts.
    fn links(self, size: u32, node: u32) -> impl Iterator<Item = Link> {
        let first = self.first_item();
        let (mut next, mut other, mut elements) = (None, None, 0);
        match (self, node) {
            (_, 0) | (Graph::Star, 2..) => {}
            (Graph::ListAndArray, 1) => (next, other) = (Some(first), Some(2)),
            (Graph::ListAndArray, 2) | (Graph::Star, 1) => elements = size,
            (Graph::Chain, 1) => next = Some(first),
            (Graph::Ladder, 1) => (next, other) = (Some(first), Some(first + 1)),
            // The items of the two lists take turns, so the one beside differs in the last bit.
            (Graph::Ladder, _) => (next, other) = (Some(node + 2), Some(node ^ 1)),
            (Graph::Chain | Graph::ListAndArray, _) => next = Some(node + 1),
        }
        let program = (node == 0).then_some((LinkType::Shortcut, GLOBAL, 1));
        let next = next.filter(|&to| to < self.node_count(size));
        let next = next.map(|to| (LinkType::Property, NEXT, to));
        let other = other.map(|to| (LinkType::Property, OTHER, to));
        let elements = (0..elements).map(move |item| (LinkType::Element, item, first + item));
        [program, next, other].into_iter().flatten().chain(elements)
    }
}

/// The file, in the form that V8 gives it.
fn write(graph: Graph, size: u32, output: &mut impl Write) -> io::Result<()> {
    let nodes = 0..graph.node_count(size);
    let edges = || nodes.clone().flat_map(|node| graph.links(size, node));
    let header = serde_json::json!({
        "meta": {
            "node_fields": ["type", "name", "id", "self_size", "edge_count", "trace_node_id",
                            "detachedness"],
            "node_types": [
                ["hidden", "array", "string", "object", "code", "closure", "regexp", "number",
                 "native", "synthetic", "concatenated string", "sliced string", "symbol", "bigint",
                 "object shape"],
                "string", "number", "number", "number", "number", "number",
            ],
            "edge_fields": ["type", "name_or_index", "to_node"],
            "edge_types": [
                ["context", "element", "property", "internal", "hidden", "shortcut", "weak"],
                "string_or_number", "node",
            ],
            "trace_function_info_fields":
                ["function_id", "name", "script_name", "script_id", "line", "column"],
            "trace_node_fields": ["id", "function_info_index", "count", "size", "children"],
            "sample_fields": ["timestamp_us", "last_assigned_id"],
            "location_fields": ["object_index", "script_id", "line", "column"],
        },
        "node_count": nodes.end,
        "edge_count": edges().count(),
        "trace_function_count": 0,
    });
    write!(output, "{{\"snapshot\":{header},\n\"nodes\":[")?;
    for node in nodes.clone() {
        let [kind, name, self_size] = match node {
            0 => [SYNTHETIC, ROOT, 0],
            1 => [OBJECT, APP, 32],
            _ => [OBJECT, ITEM, 32],
        };
        let separator = if node == 0 { "" } else { ",\n" };
        let edge_count = graph.links(size, node).count();
        write!(output, "{separator}{kind},{name},{},{self_size},{edge_count},0,0", 2 * node + 1)?;
    }
    write!(output, "],\n\"edges\":[")?;
    for (edge, (kind, name, to)) in edges().enumerate() {
        let separator = if edge == 0 { "" } else { ",\n" };
        write!(output, "{separator}{},{name},{}", kind as u32, to * NODE_FIELDS)?;
    }
    let strings = serde_json::json!(STRINGS);
    write!(
        output,
        "],\n\"trace_function_infos\":[],\n\"trace_tree\":[],\n\"samples\":[],\n\"locations\":[],\n\
         \"strings\":{strings}}}\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(graph: Graph, size: u32) -> serde_json::Value {
        let mut text = Vec::new();
        write(graph, size, &mut text).expect("a vector takes everything");
        serde_json::from_slice(&text).expect("JSON")
    }

    /// One line a link: from, name, to.
    fn drawn(graph: Graph, size: u32) -> Vec<String> {
        let line = |from, (kind, name, to): Link| match kind {
            LinkType::Element => format!("{from} [{name}] {to}"),
            _ => format!("{from} {} {to}", STRINGS[name as usize]),
        };
        let of_node = |from| graph.links(size, from).map(move |link| line(from, link));
        (0..graph.node_count(size)).flat_map(of_node).collect()
    }

    #[test]
    fn the_graphs_are_what_they_are_called() {
        let list = drawn(Graph::ListAndArray, 2);
        assert_eq!(list, ["0 global 1", "1 next 3", "1 other 2", "2 [0] 3", "2 [1] 4", "3 next 4"]);
        let ladder = [
            "0 global 1",
            "1 next 2",
            "1 other 3",
            "2 next 4",
            "2 other 3",
            "3 next 5",
            "3 other 2",
            "4 other 5",
            "5 other 4",
        ];
        assert_eq!(drawn(Graph::Ladder, 2), ladder);
        assert_eq!(drawn(Graph::Chain, 2), ["0 global 1", "1 next 2", "2 next 3"]);
        assert_eq!(drawn(Graph::Star, 2), ["0 global 1", "1 [0] 2", "1 [1] 3"]);
    }

    #[test]
    fn the_files_hold_as_much_as_they_say() {
        for (graph, name, _) in GRAPHS {
            let file = file(graph, 100);
            let length = |section: &str| file[section].as_array().map_or(0, Vec::len) as u64;
            assert_eq!(file["snapshot"]["node_count"], length("nodes") / 7, "{name}");
            assert_eq!(file["snapshot"]["edge_count"], length("edges") / 3, "{name}");
            let nodes = file["nodes"].as_array().expect("nodes");
            let edge_counts = nodes.iter().skip(4).step_by(7).filter_map(serde_json::Value::as_u64);
            assert_eq!(edge_counts.sum::<u64>(), length("edges") / 3, "{name}");
        }
    }
}
