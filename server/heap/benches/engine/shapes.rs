//! The heaps to measure on, as the text of files, drawn once each.

use std::collections::HashMap;
use std::fmt;
use std::sync::OnceLock;

use heapmark_heap::{Analysis, NodeOrdinal, Snapshot, Unmonitored};

/// 18 nodes each.
const CUSTOMERS: u32 = 50_000;
const LIST_LENGTH: u32 = 1_000_000;
/// Every so many'th item of the list is also in an array.
const LIST_STRIDE: usize = 100;

pub(crate) const ALL: [Shape; 2] = [Shape::Program, Shape::List];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// Customers in a map, with addresses, purchases, a cache with a list, and closures: a program's
    /// memory as V8 writes it, stores, contexts, hidden classes and all.
    Program,
    /// A linked list, some of whose items are also in an array: deep, with many ways in.
    List,
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Shape::Program => "program",
            Shape::List => "list",
        })
    }
}

impl Shape {
    /// The file.
    pub(crate) fn text(self) -> &'static str {
        static PROGRAM: OnceLock<String> = OnceLock::new();
        static LIST: OnceLock<String> = OnceLock::new();
        match self {
            Shape::Program => PROGRAM.get_or_init(|| program(CUSTOMERS).text()),
            Shape::List => LIST.get_or_init(|| list(LIST_LENGTH).text()),
        }
    }

    pub(crate) fn snapshot(self) -> Snapshot {
        let text = self.text().as_bytes();
        Snapshot::read(text, Some(text.len() as u64), &Unmonitored).expect("a well-formed file")
    }

    pub(crate) fn analysis(self) -> Analysis {
        Analysis::new(self.snapshot(), &Unmonitored).expect("nobody cancels")
    }
}

/// About `count` nodes from all over the heap, not those of the array of [`Shape::List`].
pub(crate) fn some_nodes(heap: &Analysis, count: usize) -> Vec<NodeOrdinal> {
    heap.nodes().skip(LIST_STRIDE / 5).step_by((heap.node_count() / count).max(1)).collect()
}

/// V8's names, in V8's order; the places are used below.
const NODE_TYPES: [&str; 12] = [
    "hidden",
    "array",
    "string",
    "object",
    "code",
    "closure",
    "regexp",
    "number",
    "native",
    "synthetic",
    "concatenated string",
    "object shape",
];
const EDGE_TYPES: [&str; 7] =
    ["context", "element", "property", "internal", "hidden", "shortcut", "weak"];
/// Numbers a node takes in the file.
const NODE_FIELDS: usize = 7;

fn program(customers: u32) -> Heap {
    let mut heap = Heap::default();
    let words: Vec<usize> =
        ["amber", "basil", "cedar", "dune"].map(|word| heap.node("string", word, 24)).to_vec();
    let shop = heap.node("object", "Object", 64);
    let shape = heap.node("object shape", "system / Map", 40);
    let code = heap.node("code", "onPrice", 56);
    let all = heap.node("object", "Map", 32);
    let table = heap.node("array", "", 16 * customers);
    heap.link(0, "shortcut", "global", shop);
    heap.link(shop, "property", "customers", all);
    heap.link(all, "internal", "table", table);
    let mut newest = shop;
    for number in 0..customers {
        let word = |place: u32| words[(number.wrapping_mul(2_654_435_761) >> place) as usize % 4];
        let object = |heap: &mut Heap, class, size| {
            let node = heap.node("object", class, size);
            heap.link(node, "internal", "map", shape);
            node
        };
        let customer = object(&mut heap, "Customer", 56);
        let mail = heap.node("string", &format!("customer {number}@shop.example"), 48);
        let name = heap.node("concatenated string", &format!("customer {number}"), 32);
        heap.link(name, "internal", "first", word(3));
        heap.link(name, "internal", "second", mail);
        heap.link(customer, "property", "name", name);
        heap.link(customer, "property", "mail", mail);
        let home = object(&mut heap, "Object", 40);
        heap.link(home, "property", "street", word(5));
        heap.link(home, "property", "town", word(7));
        heap.link(customer, "property", "home", home);
        heap.link(table, "internal", &(2 * number).to_string(), mail);
        heap.link(table, "internal", &(2 * number + 1).to_string(), customer);

        let purchase = object(&mut heap, "Purchase", 48);
        heap.link(purchase, "property", "customer", customer);
        let items = object(&mut heap, "Array", 32);
        let elements = heap.node("array", "", 16 + 8 * 4);
        heap.link(items, "internal", "elements", elements);
        heap.link(purchase, "property", "items", items);
        for place in 0..4 {
            let item = object(&mut heap, "Item", 48);
            let price = heap.node("number", "heap number", 16);
            heap.link(item, "property", "price", price);
            heap.link(item, "property", "article", word(9 + place));
            heap.link(items, "element", &place.to_string(), item);
            heap.link(elements, "internal", &place.to_string(), item);
        }

        // What a cache with a limit is made of, with the newest entry first.
        let entry = object(&mut heap, "Object", 56);
        heap.link(entry, "property", "value", purchase);
        heap.link(entry, "property", "older", newest);
        if newest != shop {
            heap.link(newest, "property", "newer", entry);
        }
        newest = entry;

        let context = heap.node("object", "system / Context", 40);
        heap.link(context, "context", "customer", customer);
        heap.link(context, "context", "entry", entry);
        let closure = heap.node("closure", "onPrice", 64);
        heap.link(closure, "internal", "context", context);
        heap.link(closure, "internal", "shared", code);
        heap.link(customer, "property", "onPrice", closure);
        heap.link(table, "weak", &number.to_string(), closure);
    }
    heap.link(shop, "property", "newest", newest);
    heap
}

fn list(length: u32) -> Heap {
    let mut heap = Heap::default();
    let array = heap.node("object", "Array", 32);
    let items: Vec<usize> = (0..length).map(|_| heap.node("object", "Item", 40)).collect();
    heap.link(0, "shortcut", "global", items[0]);
    heap.link(0, "shortcut", "all", array);
    for (place, &item) in items.iter().step_by(LIST_STRIDE).enumerate() {
        heap.link(array, "element", &place.to_string(), item);
    }
    for pair in items.windows(2) {
        heap.link(pair[0], "property", "next", pair[1]);
    }
    heap
}

/// A heap to be. Node 0 is the root.
struct Heap {
    nodes: Vec<Node>,
    strings: Vec<String>,
    string_numbers: HashMap<String, usize>,
}

struct Node {
    /// Type, name, id, self size: as in the file.
    facts: [usize; 4],
    /// Type, name or index, target.
    links: Vec<[usize; 3]>,
}

impl Default for Heap {
    fn default() -> Self {
        let (nodes, string_numbers) = (Vec::new(), HashMap::new());
        let mut heap = Self { nodes, strings: Vec::new(), string_numbers };
        heap.node("synthetic", "", 0);
        heap
    }
}

impl Heap {
    fn node(&mut self, kind: &str, name: &str, self_size: u32) -> usize {
        let (node, name) = (self.nodes.len(), self.string(name));
        let facts = [place(&NODE_TYPES, kind), name, 2 * node + 1, self_size as usize];
        self.nodes.push(Node { facts, links: Vec::new() });
        node
    }

    fn link(&mut self, from: usize, kind: &str, name: &str, to: usize) {
        let name = match kind {
            "element" | "hidden" => name.parse().expect("an index"),
            _ => self.string(name),
        };
        self.nodes[from].links.push([place(&EDGE_TYPES, kind), name, to]);
    }

    fn string(&mut self, text: &str) -> usize {
        if let Some(&number) = self.string_numbers.get(text) {
            return number;
        }
        let number = self.strings.len();
        self.strings.push(text.to_owned());
        self.string_numbers.insert(text.to_owned(), number);
        number
    }

    fn text(&self) -> String {
        let links = || self.nodes.iter().flat_map(|node| &node.links);
        let header = serde_json::json!({
            "meta": {
                "node_fields": ["type", "name", "id", "self_size", "edge_count", "trace_node_id",
                                "detachedness"],
                "node_types": [NODE_TYPES],
                "edge_fields": ["type", "name_or_index", "to_node"],
                "edge_types": [EDGE_TYPES],
                "location_fields": ["object_index", "script_id", "line", "column"],
            },
            "node_count": self.nodes.len(),
            "edge_count": links().count(),
            "trace_function_count": 0,
        });
        let node = |Node { facts: [kind, name, id, size], links }: &Node| {
            format!("{kind},{name},{id},{size},{},0,0", links.len())
        };
        let link = |[kind, name, to]: &[usize; 3]| format!("{kind},{name},{}", to * NODE_FIELDS);
        let nodes = self.nodes.iter().map(node).collect::<Vec<_>>().join(",\n");
        let edges = links().map(link).collect::<Vec<_>>().join(",\n");
        let strings = serde_json::json!(self.strings);
        format!(
            "{{\"snapshot\":{header},\n\"nodes\":[{nodes}],\n\"edges\":[{edges}],\n\
             \"locations\":[],\n\"strings\":{strings}}}"
        )
    }
}

fn place(names: &[&str], name: &str) -> usize {
    names.iter().position(|&known| known == name).expect("one of the types")
}
