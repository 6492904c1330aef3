//! Small heaps for tests, drawn in text, written as real `.heapsnapshot` files.
//!
//! ```text
//! root --shortcut global--> app       an edge: type and name
//! app -> cache                        a property called like its target
//! app --element 3--> cache
//! cache: object Map 32                a node: type, name (in quotes if it has blanks), self size
//! cache: @71 ~2 at 5:10:2             more of it: id, detachedness, location (script:line:column)
//! ```
//!
//! Nodes come into being where they are first mentioned; unless told otherwise they are objects of
//! 10 bytes called like in the drawing. The root is there from the start. `#` begins a comment.

use std::collections::HashMap;
use std::fmt::Write;

use serde_json::{Value, json};

use crate::{Analysis, EdgeType, NodeOrdinal, NodeType, Snapshot, Unmonitored};

const NODE_TYPES: [NodeType; 16] = [
    NodeType::Hidden,
    NodeType::Array,
    NodeType::String,
    NodeType::Object,
    NodeType::Code,
    NodeType::Closure,
    NodeType::RegExp,
    NodeType::Number,
    NodeType::Native,
    NodeType::Synthetic,
    NodeType::ConcatenatedString,
    NodeType::SlicedString,
    NodeType::Symbol,
    NodeType::BigInt,
    NodeType::ObjectShape,
    NodeType::WasmObject,
];

const EDGE_TYPES: [EdgeType; 7] = [
    EdgeType::Context,
    EdgeType::Element,
    EdgeType::Property,
    EdgeType::Internal,
    EdgeType::Hidden,
    EdgeType::Shortcut,
    EdgeType::Weak,
];

/// A heap to be.
#[derive(Debug, Clone)]
pub struct Sketch {
    nodes: Vec<Node>,
    by_label: HashMap<String, usize>,
    /// Strings of the file so far, beside `<dummy>`.
    strings: Vec<String>,
}

#[derive(Debug, Clone)]
struct Node {
    kind: NodeType,
    name: String,
    id: u32,
    self_size: u64,
    detachedness: u8,
    location: Option<[u32; 3]>,
    edges: Vec<(EdgeType, String, usize)>,
}

impl Default for Sketch {
    fn default() -> Self {
        let mut sketch = Sketch {
            nodes: Vec::new(),
            by_label: HashMap::new(),
            strings: vec!["<dummy>".to_owned()],
        };
        let root = sketch.node("root");
        sketch.nodes[root].kind = NodeType::Synthetic;
        sketch.nodes[root].name.clear();
        sketch.nodes[root].self_size = 0;
        sketch
    }
}

impl Sketch {
    /// Reads a drawing. Panics where it cannot be read: it is part of a test.
    pub fn parse(drawing: &str) -> Self {
        let mut sketch = Sketch::default();
        for line in drawing.lines() {
            let line = line.split('#').next().unwrap_or_default().trim();
            if line.is_empty() {
                continue;
            }
            if let Some((from, rest)) = line.split_once(" --") {
                let (label, to) = rest.split_once("--> ").expect("an edge ends in `--> target`");
                let (kind, name) = label.split_once(' ').unwrap_or((label, ""));
                sketch.edge(from, EdgeType::from_name(kind), name, to);
            } else if let Some((from, to)) = line.split_once(" -> ") {
                sketch.edge(from, EdgeType::Property, to.trim(), to);
            } else {
                let (label, facts) = line.split_once(':').expect("a node is `label: facts`");
                let node = sketch.node(label);
                sketch.nodes[node].read_facts(facts);
            }
        }
        sketch
    }

    /// The node of this label, made if there is none.
    pub fn node(&mut self, label: &str) -> usize {
        let label = label.trim();
        if let Some(&node) = self.by_label.get(label) {
            return node;
        }
        let node = self.nodes.len();
        self.by_label.insert(label.to_owned(), node);
        self.nodes.push(Node {
            kind: NodeType::Object,
            name: label.to_owned(),
            id: 2 * node as u32 + 1,
            self_size: 10,
            detachedness: 0,
            location: None,
            edges: Vec::new(),
        });
        node
    }

    /// Adds an edge between the nodes of these labels.
    pub fn edge(&mut self, from: &str, kind: EdgeType, name: &str, to: &str) {
        let (from, to) = (self.node(from), self.node(to));
        self.nodes[from].edges.push((kind, name.to_owned(), to));
    }

    /// Gives the label's node another name, which the drawing could not hold.
    pub fn rename(&mut self, label: &str, name: &str) {
        let node = self.node(label);
        name.clone_into(&mut self.nodes[node].name);
    }

    /// Gives the label's node another type, where writing a line for each would take long.
    pub fn set_type(&mut self, label: &str, node_type: NodeType) {
        let node = self.node(label);
        self.nodes[node].kind = node_type;
    }

    /// Gives every node the id of its label, asked in the order of the drawing.
    pub fn number(&mut self, mut id_of: impl FnMut(&str) -> u32) {
        let mut labels: Vec<(&String, &usize)> = self.by_label.iter().collect();
        labels.sort_unstable_by_key(|&(_, node)| node);
        for (label, &node) in labels {
            self.nodes[node].id = id_of(label);
        }
    }

    /// The place of a label's node in the snapshot.
    pub fn ordinal(&self, label: &str) -> NodeOrdinal {
        let node = self.by_label.get(label).unwrap_or_else(|| panic!("no node {label:?}"));
        NodeOrdinal::new(*node)
    }

    /// The label of a node.
    pub fn label(&self, node: NodeOrdinal) -> &str {
        let found = self.by_label.iter().find(|&(_, &ordinal)| ordinal == node.index());
        found.expect("a node of this drawing").0
    }

    /// The file that V8 would write.
    pub fn json(&self) -> Value {
        let mut strings = self.strings.clone();
        let mut numbers: HashMap<String, usize> = HashMap::new();
        let mut string = |text: &str| {
            *numbers.entry(text.to_owned()).or_insert_with(|| {
                strings.push(text.to_owned());
                strings.len() - 1
            })
        };
        let width = 7;
        let (mut nodes, mut edges, mut locations) = (Vec::new(), Vec::new(), Vec::new());
        for (ordinal, node) in self.nodes.iter().enumerate() {
            let kind = NODE_TYPES.iter().position(|&kind| kind == node.kind);
            let kind = kind.unwrap_or(NODE_TYPES.len());
            nodes.extend([kind as u64, string(&node.name) as u64, u64::from(node.id)]);
            nodes.extend([node.self_size, node.edges.len() as u64, 0]);
            nodes.push(u64::from(node.detachedness));
            for (kind, name, to) in &node.edges {
                let number = EDGE_TYPES.iter().position(|known| known == kind);
                let name = match kind {
                    EdgeType::Element | EdgeType::Hidden => name.parse().expect("an index"),
                    _ => string(name),
                };
                edges.extend([number.unwrap_or(EDGE_TYPES.len()), name, to * width]);
            }
            if let Some([script, line, column]) = node.location {
                locations.extend([(ordinal * width) as u32, script, line, column]);
            }
        }
        json!({
            "snapshot": {
                "meta": {
                    "node_fields": ["type", "name", "id", "self_size", "edge_count",
                                    "trace_node_id", "detachedness"],
                    "node_types": [NODE_TYPES.map(NodeType::as_str), "string", "number"],
                    "edge_fields": ["type", "name_or_index", "to_node"],
                    "edge_types": [EDGE_TYPES.map(EdgeType::as_str), "string_or_number", "node"],
                    "location_fields": ["object_index", "script_id", "line", "column"],
                },
                "node_count": self.nodes.len(),
                "edge_count": edges.len() / 3,
                "trace_function_count": 0,
            },
            "nodes": nodes,
            "edges": edges,
            "trace_function_infos": [],
            "trace_tree": [],
            "samples": [],
            "locations": locations,
            "strings": strings,
        })
    }

    /// [`Self::json`] as text, with the sections in V8's order.
    pub fn file(&self) -> String {
        in_order(&self.json())
    }

    /// The loaded file.
    pub fn snapshot(&self) -> Snapshot {
        let file = self.file();
        Snapshot::read(file.as_bytes(), Some(file.len() as u64), &Unmonitored)
            .expect("what is drawn can be loaded")
    }

    /// The analysed file.
    pub fn analysis(&self) -> Analysis {
        Analysis::new(self.snapshot(), &Unmonitored).expect("nobody cancels")
    }

    /// One line a node: its label and what `tell` says of it.
    pub fn table(&self, mut tell: impl FnMut(NodeOrdinal) -> String) -> String {
        let mut table = String::new();
        for node in (0..self.nodes.len()).map(NodeOrdinal::new) {
            let line = format!("{} {}", self.label(node), tell(node));
            writeln!(table, "{}", line.trim_end()).expect("a string takes everything");
        }
        table
    }
}

/// Writes a snapshot with its sections in V8's order.
pub fn in_order(file: &Value) -> String {
    let sections = ["snapshot", "nodes", "edges", "trace_function_infos", "trace_tree", "samples"];
    let scopes = ["scopes", "scope_context_vars", "scope_uses"];
    let scopes = scopes.into_iter().filter(|name| !file[name].is_null());
    let sections = sections.into_iter().chain(["locations"]).chain(scopes).chain(["strings"]);
    let sections = sections.map(|name| format!("\"{name}\":{}", file[name]));
    format!("{{{}}}", sections.collect::<Vec<_>>().join(",\n"))
}

impl Node {
    fn read_facts(&mut self, facts: &str) {
        let (name, facts) = match facts.split_once('"') {
            Some((before, rest)) => {
                let (name, after) = rest.rsplit_once('"').expect("a name's second quote");
                (Some(name.to_owned()), format!("{before}{after}"))
            }
            None => (None, facts.to_owned()),
        };
        let mut words = facts.split_whitespace();
        let mut is_first = true;
        while let Some(word) = words.next() {
            if let Some(id) = word.strip_prefix('@') {
                self.id = id.parse().expect("an id");
            } else if let Some(state) = word.strip_prefix('~') {
                self.detachedness = state.parse().expect("a detachedness");
            } else if word == "at" {
                let place = words.next().expect("a place");
                let mut numbers = place.split(':').map(|number| number.parse().expect("a number"));
                self.location = Some([(); 3].map(|()| numbers.next().expect("script:line:column")));
            } else if let Ok(size) = word.parse() {
                self.self_size = size;
            } else if is_first {
                // `_` stands for the blank in a type's name.
                self.kind = NodeType::from_name(&word.replace('_', " "));
            } else {
                word.clone_into(&mut self.name);
            }
            is_first = false;
        }
        if let Some(name) = name {
            self.name = name;
        }
    }
}
