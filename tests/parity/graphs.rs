//! Small random heap snapshots: valid files, most of which V8 would never write.
//!
//! A seed always gives the same file. The graphs have every type of node and edge, nodes that only
//! weak edges hold, cycles that nothing reaches, values of `WeakMap`s with one or both of their edges,
//! with and without user roots, and names with everything that DevTools treats in a special way.

use crate::graph_file;
use heapmark_tests::Random;

/// The types, in V8's order; older versions of V8 have only the first ones.
pub(crate) const NODE_TYPES: [&str; 16] = [
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
    "sliced string",
    "symbol",
    "bigint",
    "object shape",
    "wasm object",
];
const HIDDEN: usize = 0;
const ARRAY: usize = 1;
const STRING: usize = 2;
const OBJECT: usize = 3;
const NUMBER: usize = 7;
const NATIVE: usize = 8;
const SYNTHETIC: usize = 9;
const CONCATENATED: usize = 10;

pub(crate) const EDGE_TYPES: [&str; 7] =
    ["context", "element", "property", "internal", "hidden", "shortcut", "weak"];
const ELEMENT: usize = 1;
const PROPERTY: usize = 2;
const INTERNAL: usize = 3;
const HIDDEN_EDGE: usize = 4;
const SHORTCUT: usize = 5;

/// Names of nodes that are treated in a special way, or are hard to carry through.
const OBJECT_NAMES: [&str; 17] = [
    "system / Context",
    "system / Context / scope @7",
    "system / Context /",
    "Object",
    "Object",
    "Object",
    "Foo",
    "Array",
    "Function",
    "RegExp",
    "(string)",
    "(system)",
    "<div id=\"a\" class=\"b c\">",
    "Detached <div id=\"a\">",
    "Window / file://",
    "Tab\there \\ and\r\nthere",
    "",
];
const NATIVE_NAMES: [&str; 10] = [
    "V8EventListener",
    "V8EventListener",
    "<span>",
    "<div id=\"a\">",
    "Detached <div class=x>",
    "Detached Foo",
    "Foo",
    "system / ExternalStringData",
    "system / JSArrayBufferData",
    "system / NativeContext",
];
const SYNTHETIC_NAMES: [&str; 5] =
    ["(GC roots)", "(Document DOM trees)", "(Handle scope)", "(Global handles)", "Foo"];
const HIDDEN_NAMES: [&str; 4] =
    ["system / NativeContext", "system / Map", "system / Context", "system / PropertyCell"];
const OTHER_NAMES: [&str; 6] =
    ["(map descriptors)", "text", "Object", "日本語", "\u{1b}[31m", "\u{1f600} smile"];
/// Few and small, so that objects come to share them, which gives DevTools interfaces to infer. The
/// empty name is one that V8 itself gives to internal edges only.
const PROPERTY_NAMES: [&str; 14] = [
    "",
    "a",
    "a",
    "b",
    "b",
    "c",
    "d",
    "__proto__",
    "x, y",
    "it's \"quoted\"",
    "{brace}",
    "line\nbreak",
    "a_property_name_that_is_long_enough_to_fill_a_good_part_of_the_name_of_an_interface",
    "another_long_name_so_that_two_of_them_are_more_than_an_interface_may_have_in_its_name",
];
const INTERNAL_NAMES: [&str; 14] = [
    "",
    "code",
    "4 / DevTools console",
    "truncated",
    "map",
    "native_context",
    "sloppy_function_map",
    "elements",
    "1",
    "4",
    "12",
    "12 / part of something else",
    "table",
    "get a",
];

/// A shortcut whose name begins with a number is called by the number.
const SHORTCUT_NAMES: [&str; 6] =
    ["a", "code", "1", " 01st", "4 / DevTools console", "four / DevTools console"];
/// Texts that can be put together to equal ones.
const TEXTS: [&str; 5] = ["text", "te", "xt", "", "texttext"];

pub(crate) struct Node {
    pub(crate) kind: usize,
    pub(crate) name: String,
    pub(crate) id: u32,
    pub(crate) self_size: u32,
    pub(crate) detachedness: u32,
    pub(crate) edges: Vec<Edge>,
}

pub(crate) struct Edge {
    pub(crate) kind: usize,
    pub(crate) name: Name,
    pub(crate) to: usize,
}

pub(crate) enum Name {
    Text(String),
    Index(u32),
}

/// The text of a snapshot file, the same for the same seed.
pub(crate) fn random(seed: u64) -> String {
    let mut random = Random::new(seed);
    let nodes = graph(&mut random);
    graph_file::write(&mut random, &nodes)
}

fn graph(random: &mut Random) -> Vec<Node> {
    let node_types = random.pick(&[14, 15, 16]);
    let many_records = random.percent(30);
    let many_texts = random.percent(30);
    let count = 2 + random.below(40);
    let mut nodes = vec![Node {
        kind: SYNTHETIC,
        name: String::new(),
        id: 1,
        self_size: 0,
        detachedness: 0,
        edges: Vec::new(),
    }];
    let mut id = 1;
    for _ in 1..count {
        // V8 numbers objects in odd steps and embedders' nodes in even ones; some are very large.
        id += 1 + random.below(4) as u32 + if random.percent(3) { 90_000_000 } else { 0 };
        let mut node = random_node(random, node_types, id);
        if many_records && random.percent(50) {
            (node.kind, node.name) = (OBJECT, "Object".to_owned());
        }
        if many_texts && random.percent(50) {
            node.kind = random.pick(&[STRING, CONCATENATED]);
        }
        nodes.push(node);
    }
    random.shuffle(&mut nodes[1..]);

    if random.percent(80) {
        span(random, &mut nodes);
    }
    add_root_edges(random, &mut nodes);
    for _ in 0..random.below(3 * count) {
        let from = 1 + random.below(count - 1);
        let to = if random.percent(2) { 0 } else { 1 + random.below(count - 1) };
        let edge = random_edge(random, to);
        nodes[from].edges.push(edge);
    }
    for _ in 0..random.below(6) {
        add_weak_map_pair(random, &mut nodes);
    }
    add_records(random, &mut nodes);
    add_texts(random, &mut nodes);
    if random.percent(30) {
        add_page(random, &mut nodes);
    }
    if many_texts {
        mark_truncated_texts(random, &mut nodes, id);
    }
    for node in &mut nodes[1..] {
        if random.percent(50) {
            random.shuffle(&mut node.edges);
        }
    }
    nodes
}

fn random_node(random: &mut Random, node_types: usize, id: u32) -> Node {
    let kind = match random.below(10) {
        0..=3 => OBJECT,
        4 => NATIVE,
        5 => SYNTHETIC,
        6 => [HIDDEN, ARRAY][random.below(2)],
        _ => random.below(node_types),
    };
    let name = match kind {
        OBJECT if random.percent(2) => "long name \u{1f600} ".repeat(20),
        OBJECT => random.pick(&OBJECT_NAMES).to_owned(),
        NATIVE => random.pick(&NATIVE_NAMES).to_owned(),
        SYNTHETIC => random.pick(&SYNTHETIC_NAMES).to_owned(),
        HIDDEN => random.pick(&HIDDEN_NAMES).to_owned(),
        _ => random.pick(&OTHER_NAMES).to_owned(),
    };
    let self_size = match random.below(10) {
        0..=1 => 0,
        2..=7 => 8 * random.below(20) as u32,
        8 => random.below(100_000) as u32,
        _ => random.below(2_000_000_000) as u32,
    };
    let detachedness = if random.percent(30) { 1 + random.below(2) as u32 } else { 0 };
    Node { kind, name, id, self_size, detachedness, edges: Vec::new() }
}

fn random_edge(random: &mut Random, to: usize) -> Edge {
    let kind = match random.below(10) {
        0..=3 => PROPERTY,
        4..=5 => INTERNAL,
        _ => random.below(EDGE_TYPES.len()),
    };
    let name = match kind {
        ELEMENT | HIDDEN_EDGE => Name::Index(random.below(8) as u32),
        INTERNAL => Name::Text(random.pick(&INTERNAL_NAMES).to_owned()),
        SHORTCUT => Name::Text(random.pick(&SHORTCUT_NAMES).to_owned()),
        _ => Name::Text(random.pick(&PROPERTY_NAMES).to_owned()),
    };
    Edge { kind, name, to }
}

/// Edges that reach most of the nodes from the first one after the root.
fn span(random: &mut Random, nodes: &mut [Node]) {
    for to in 2..nodes.len() {
        if random.percent(85) {
            let from = 1 + random.below(to - 1);
            let edge = random_edge(random, to);
            nodes[from].edges.push(edge);
        }
    }
}

/// Plain objects that share their properties' names, as records of a few kinds do.
fn add_records(random: &mut Random, nodes: &mut [Node]) {
    let mut kind = || -> Vec<&str> {
        let count = random.below(5);
        (0..count).map(|_| random.pick(&PROPERTY_NAMES)).collect()
    };
    let kinds = [kind(), kind(), kind()];
    for from in 1..nodes.len() {
        if nodes[from].kind != OBJECT || nodes[from].name != "Object" || random.percent(30) {
            continue;
        }
        for name in &kinds[random.below(kinds.len())] {
            let to = 1 + random.below(nodes.len() - 1);
            let name = Name::Text((*name).to_owned());
            nodes[from].edges.push(Edge { kind: PROPERTY, name, to });
        }
    }
}

/// Listeners of a page's events with their handlers, bare or wrapped, and what its console holds.
fn add_page(random: &mut Random, nodes: &mut [Node]) {
    for _ in 0..=random.below(3) {
        let [holder, listener, callback, function] =
            [(); 4].map(|()| 1 + random.below(nodes.len() - 1));
        let mut add = |from: usize, kind, name: &str, to| {
            let name = match kind {
                ELEMENT => Name::Index(1),
                _ => Name::Text(name.to_owned()),
            };
            nodes[from].edges.push(Edge { kind, name, to });
        };
        add(listener, random.pick(&[INTERNAL, ELEMENT, SHORTCUT]), "1", callback);
        match random.below(3) {
            0 => add(callback, INTERNAL, "code", 0),
            1 => {
                add(callback, PROPERTY, "handler", function);
                add(function, random.pick(&[INTERNAL, PROPERTY]), "code", 0);
            }
            _ => {}
        }
        add(holder, random.pick(&[INTERNAL, SHORTCUT]), "4 / DevTools console", function);
        add(holder, PROPERTY, "listener", listener);
        if random.percent(70) {
            (nodes[listener].kind, nodes[listener].name) = (NATIVE, "V8EventListener".to_owned());
            nodes[holder].kind = SYNTHETIC;
        }
    }
}

/// Texts of strings, and the halves of those that are put together. DevTools would not come to an end
/// with a string that is a part of itself: halves come later in the file than the whole.
fn add_texts(random: &mut Random, nodes: &mut [Node]) {
    for node in 1..nodes.len() {
        if nodes[node].kind == STRING && random.percent(80) {
            random.pick(&TEXTS).clone_into(&mut nodes[node].name);
            if random.percent(15) {
                nodes[node].name = "a long text ".repeat(90);
            }
        }
        if nodes[node].kind != CONCATENATED || node + 1 == nodes.len() {
            continue;
        }
        for name in ["first", "second"] {
            for _ in 0..[0, 1, 1, 1, 1, 1, 1, 2][random.below(8)] {
                let to = node + 1 + random.below(nodes.len() - node - 1);
                let name = Name::Text(name.to_owned());
                nodes[node].edges.push(Edge { kind: INTERNAL, name, to });
            }
        }
    }
}

/// As V8 from 15 on marks strings whose text is longer than a name may be: with the real length and
/// hash, as numbers that have their digits as strings.
fn mark_truncated_texts(random: &mut Random, nodes: &mut Vec<Node>, mut id: u32) {
    let mut add = |kind, name: &str, value: Option<usize>| {
        id += 2;
        let edge = |to| Edge { kind: INTERNAL, name: Name::Text("value".to_owned()), to };
        let edges = value.map(edge).into_iter().collect();
        let name = name.to_owned();
        nodes.push(Node { kind, name, id, self_size: 0, detachedness: 0, edges });
        nodes.len() - 1
    };
    let mut number = |name: &str, digits: &str| {
        let digits = add(STRING, digits, None);
        add(NUMBER, name, Some(digits))
    };
    let yes = number("bool", "true");
    let truncated = [yes, yes, yes, number("bool", "false"), number("int", "true")];
    let numbers = [number("int", "2000"), number("int", "2000px"), number("int", "?")];
    for node in &mut nodes[1..] {
        if ![STRING, CONCATENATED].contains(&node.kind) || random.percent(40) {
            continue;
        }
        for (name, targets) in
            [("truncated", &truncated[..]), ("length", &numbers), ("hash", &numbers)]
        {
            if random.percent(85) {
                let (name, to) = (Name::Text(name.to_owned()), random.pick(targets));
                node.edges.push(Edge { kind: INTERNAL, name, to });
            }
        }
    }
}

/// What the root holds. DevTools cannot load a small file in which the root has several edges to one
/// user root, so every target comes once.
fn add_root_edges(random: &mut Random, nodes: &mut [Node]) {
    let user_roots = random.percent(70);
    let mut targets: Vec<usize> = (1..nodes.len())
        .filter(|&node| {
            let Node { kind, name, .. } = &nodes[node];
            user_roots || (*kind == SYNTHETIC && name != "(Document DOM trees)")
        })
        .collect();
    random.shuffle(&mut targets);
    targets.truncate(1 + random.below(4));
    for to in targets {
        let mut edge = random_edge(random, to);
        // As V8 writes them: shortcuts to user roots and elements to the groups of roots.
        match random.below(5) {
            0..=1 => (edge.kind, edge.name) = (SHORTCUT, Name::Text("global".to_owned())),
            2..=3 => (edge.kind, edge.name) = (ELEMENT, Name::Index(1)),
            _ => {}
        }
        nodes[0].edges.push(edge);
    }
}

/// A value of a `WeakMap`: an edge from the key and one from the table, whose names differ only in the
/// number at the front. Sometimes one of the two is missing.
fn add_weak_map_pair(random: &mut Random, nodes: &mut [Node]) {
    let mut any = || random.below(nodes.len() - 1) + 1;
    let (key, value, table) = (any(), any(), any());
    let key_name = random.pick(&["Object", "Foo (bar) @1", "line\nbreak"]);
    let pair = format!(
        " / part of key ({key_name} @{}) -> value (Foo @{}) pair in WeakMap (table @{})",
        nodes[key].id, nodes[value].id, nodes[table].id
    );
    let number = random.below(20);
    let edge = |number: usize| Edge {
        kind: INTERNAL,
        name: Name::Text(format!("{number}{pair}")),
        to: value,
    };
    let which = random.below(10);
    if which != 0 {
        nodes[key].edges.push(edge(number));
    }
    if which != 1 {
        nodes[table].edges.push(edge(number + 1));
    }
}
