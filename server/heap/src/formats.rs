//! Files as different versions of V8 write them, each a rewrite of one drawing that has to tell the
//! same; and files that contradict themselves.

use std::fmt::Write;

use serde_json::{Value, json};

use crate::sketch::{Sketch, in_order};
use crate::{Analysis, LoadError, NodeOrdinal, Snapshot, Unmonitored};

const DRAWING: &str = "
    root --shortcut global--> app
    app --property list--> list
    app --element 3--> f
    f --context seen--> list
    list: array \"(object elements)\" 40
    f: closure 64 at 5:10:2
    script: code /app/main.js
    f --internal shared--> script
    last: object Last 5000000000 @4294967295
    app --weak w--> last
";

/// How V8 7.8 to 15.3 fill a row of `nodes`, and how no V8 does so far.
const NODE_FIELDS: [(&str, &[&str]); 6] = [
    ("V8 7.8 to 8.4", &["type", "name", "id", "self_size", "edge_count", "trace_node_id"]),
    (
        "V8 9.4 to 12.9",
        &["type", "name", "id", "self_size", "edge_count", "trace_node_id", "detachedness"],
    ),
    ("from V8 13.6 on", &["type", "name", "id", "self_size", "edge_count", "detachedness"]),
    ("without all that can be left out", &["type", "name", "id", "self_size", "edge_count"]),
    ("in another order", &["edge_count", "id", "self_size", "detachedness", "name", "type"]),
    (
        "with fields yet unknown",
        &["age", "type", "name", "id", "x", "self_size", "edge_count", "y"],
    ),
];

fn read(file: &Value) -> Result<Snapshot, LoadError> {
    let text = in_order(file);
    Snapshot::read(text.as_bytes(), Some(text.len() as u64), &Unmonitored)
}

/// Everything about the nodes, and what follows from it.
fn tell(file: &Value) -> String {
    let snapshot = read(file).expect("a snapshot");
    let heap = Analysis::new(snapshot, &Unmonitored).expect("nobody cancels");
    let mut text = String::new();
    for node in heap.nodes() {
        let (kind, name, id) = (heap.node_type(node), heap.name(node), heap.node_id(node).0);
        let (size, retained) = (heap.self_size(node), heap.retained_size(node));
        let location = heap.location(node);
        writeln!(text, "{kind} {name:?} @{id} {size} {retained} {location:?}").expect("text");
        for edge in heap.edges(node) {
            let (kind, name) = (edge.edge_type, heap.edge_name(&edge));
            writeln!(text, "  {kind} {name} > {}", edge.to.index()).expect("text");
        }
    }
    let scripts = heap.scripts();
    writeln!(text, "{:?}", scripts.iter().map(|script| &script.name).collect::<Vec<_>>())
        .expect("text");
    text
}

fn numbers(file: &Value, section: &str) -> Vec<u64> {
    let list = file[section].as_array().expect("a list");
    list.iter().map(|number| number.as_u64().expect("a number")).collect()
}

/// The same heap with these fields in a row of `nodes`, and so with other references to nodes.
fn with_node_fields(fields: &[&str]) -> Value {
    let mut file = Sketch::parse(DRAWING).json();
    let meta = &mut file["snapshot"]["meta"];
    let before: Vec<String> =
        serde_json::from_value(meta["node_fields"].take()).expect("a list of names");
    let types = meta["node_types"][0].take();
    meta["node_fields"] = json!(fields);
    let place_of_type = fields.iter().position(|field| *field == "type").expect("a type");
    let mut all_types = vec![json!("number"); fields.len()];
    all_types[place_of_type] = types;
    meta["node_types"] = json!(all_types);
    let nodes = numbers(&file, "nodes");
    let rows = nodes.chunks_exact(before.len()).flat_map(|row| {
        let place = |field: &str| before.iter().position(|name| name == field);
        fields.iter().map(move |field| place(field).map_or(77, |place| row[place]))
    });
    file["nodes"] = json!(rows.collect::<Vec<u64>>());
    let reference = |index: u64| index / before.len() as u64 * fields.len() as u64;
    for (section, field, width) in [("edges", 2, 3), ("locations", 0, 4)] {
        let mut all = numbers(&file, section);
        for row in all.chunks_exact_mut(width) {
            row[field] = reference(row[field]);
        }
        file[section] = json!(all);
    }
    file
}

#[test]
fn nodes_have_the_fields_that_the_header_names() {
    let expected = tell(&Sketch::parse(DRAWING).json());
    for (version, fields) in NODE_FIELDS {
        assert_eq!(tell(&with_node_fields(fields)), expected, "{version}");
    }
}

#[test]
fn edges_and_locations_have_the_fields_that_the_header_names() {
    let mut file = Sketch::parse(DRAWING).json();
    let expected = tell(&file);
    file["snapshot"]["meta"]["edge_fields"] = json!(["to_node", "new", "type", "name_or_index"]);
    let types = file["snapshot"]["meta"]["edge_types"][0].take();
    file["snapshot"]["meta"]["edge_types"] = json!(["node", "number", types, "string_or_number"]);
    let edges = numbers(&file, "edges");
    let edges = edges.chunks_exact(3).flat_map(|row| [row[2], 77, row[0], row[1]]);
    file["edges"] = json!(edges.collect::<Vec<u64>>());
    assert_eq!(tell(&file), expected);

    // V8 15 names the script's node; the drawing has no other link to it that counts.
    let script = Sketch::parse(DRAWING).ordinal("script").index() as u64 * 7;
    let locations = numbers(&file, "locations");
    let with_script =
        locations.chunks_exact(4).flat_map(|row| [row[0], row[1], script, row[2], row[3]]);
    file["locations"] = json!(with_script.collect::<Vec<u64>>());
    file["snapshot"]["meta"]["location_fields"] =
        json!(["object_index", "script_id", "script_object_index", "line", "column"]);
    let told = tell(&file);
    assert!(told.ends_with("[\"/app/main.js\"]\n"), "{told}");
    assert_eq!(told.lines().count(), expected.lines().count());

    // The oldest files know of no locations.
    let meta = file["snapshot"]["meta"].as_object_mut().expect("an object");
    meta.remove("location_fields");
    file["locations"] = json!([]);
    assert!(!tell(&file).contains("Some"));
}

#[test]
fn types_are_told_apart_by_name_and_new_ones_are_unknown() {
    let mut file = Sketch::parse(DRAWING).json();
    let expected = tell(&file);
    // The list turned round: V8 may number types as it likes.
    let types = file["snapshot"]["meta"]["node_types"][0].as_array_mut().expect("a list");
    types.reverse();
    let last = types.len() as u64 - 1;
    let mut nodes = numbers(&file, "nodes");
    nodes.chunks_exact_mut(7).for_each(|row| row[0] = last - row[0]);
    file["nodes"] = json!(nodes);
    assert_eq!(tell(&file), expected);
    // A type without a name, and one that nobody knows.
    let list = Sketch::parse(DRAWING).ordinal("list").index() * 7;
    for (number, name) in [(99, "object"), (last, "a new type")] {
        file["nodes"][list] = json!(number);
        file["snapshot"]["meta"]["node_types"][0][last as usize] = json!(name);
        assert!(tell(&file).contains("unknown \"(object elements)\" @"), "{}", tell(&file));
    }
}

#[test]
fn counts_in_the_header_are_not_believed() {
    let mut file = Sketch::parse(DRAWING).json();
    let expected = tell(&file);
    for count in [
        json!(0),
        json!(1),
        json!(5),
        json!(7),
        json!(1_000_000_000_000_000_000_u64),
        json!(-1),
        json!("six"),
        Value::Null,
    ] {
        for key in ["node_count", "edge_count", "trace_function_count"] {
            let right = file["snapshot"][key].take();
            file["snapshot"][key] = count.clone();
            assert_eq!(tell(&file), expected, "{key} {count}");
            file["snapshot"][key] = right;
        }
    }
    // A file that is cut off says how much there was, not how much more than promised.
    file["snapshot"]["node_count"] = json!(1);
    let text = in_order(&file);
    let end = text.find("\"edges\"").expect("a section") - 20;
    let error =
        Snapshot::read(&text.as_bytes()[..end], None, &Unmonitored).expect_err("is cut off");
    let error = error.to_string();
    assert!(error.starts_with("is cut off: the \"nodes\" section ends after "), "{error}");
    assert!(!error.contains(" of "), "{error}");
}

#[test]
fn sections_that_contradict_each_other_are_damage() {
    let right = Sketch::parse(DRAWING).json();
    let cut = |section: &str, numbers: usize| {
        let mut file = right.clone();
        let list = file[section].as_array_mut().expect("a list");
        list.truncate(list.len() - numbers);
        read(&file).expect_err("nodes and edges do not fit").to_string()
    };
    insta::assert_snapshot!(
        [cut("nodes", 7), cut("edges", 3), cut("nodes", 1), cut("edges", 2)].join("\n"),
        @r#"
    is damaged: in its "edges" section, an edge leads to node 5, and there are 5 (byte 939)
    is damaged: in its "edges" section, the nodes count 6 edges, and there are 5 (byte 965)
    is damaged: in its "nodes" section, the last row has only 6 numbers (byte 970)
    is damaged: in its "edges" section, the last row has only 1 numbers (byte 967)
    "#
    );
}

#[test]
fn sizes_past_four_gigabytes_are_kept_and_impossible_ones_count_for_nothing() {
    let sizes = |size: u64| {
        let sketch = Sketch::parse(&format!("root -> a\na -> b\nb: native {size}\nc: object 7"));
        let heap = sketch.analysis();
        let [a, b] = ["a", "b"].map(|label| sketch.ordinal(label));
        let sizes = [heap.raw_self_size(b), heap.self_size(b), heap.retained_size(a)];
        (sizes, heap.total_size(), heap.statistics().native)
    };
    let large = 62_000_000_000;
    assert_eq!(sizes(large), ([large, large, large + 10], large + 17, large));
    let largest = (1 << 53) - 1;
    assert_eq!(sizes(largest).0, [largest, largest, largest + 10]);
    for impossible in [1 << 53, u64::MAX - 1, u64::MAX] {
        assert_eq!(sizes(impossible), ([0, 0, 10], 17, 0), "{impossible}");
    }
    // Longer than 64 bits.
    let text = Sketch::parse("root -> a\na: object 123456789").file();
    let text = text.replace("123456789", &"9".repeat(40));
    let snapshot = Snapshot::read(text.as_bytes(), None, &Unmonitored).expect("a snapshot");
    assert_eq!(snapshot.raw_self_size(NodeOrdinal::new(1)), 0);
}

#[test]
fn sizes_of_which_many_are_impossible_are_damage_and_named() {
    let with = |count: usize| {
        let impossible =
            (0..count).map(|node| format!("root -> n{node}\nn{node}: object 123456789"));
        let drawing = impossible.collect::<Vec<_>>().join("\n");
        let text = Sketch::parse(&drawing).file().replace("123456789", "9007199254740993");
        Snapshot::read(text.as_bytes(), None, &Unmonitored)
    };
    assert!(with(3).is_ok(), "a few come from a size below zero");
    let error = with(40).expect_err("no sum is worth anything").to_string();
    let expected = "is damaged: in its \"nodes\" section, 40 of 41 nodes have a self size that no \
                    machine has room for, the first of them 9,007,199,254,740,993 bytes (node 1)";
    assert!(error.starts_with(expected), "{error}");
}

#[test]
fn strings_are_read_as_v8_damaged_them() {
    for (written, told) in [
        (r"\uF600", "\u{F600}"),       // what is left of U+1F600
        ("a b", "a b"),                // a NUL was between
        (r"lone ???", "lone ???"),     // a half of a pair
        (r"\uD83D", "\u{FFFD}"),       // the same, by other writers
        (r"\u001B[31m", "\u{1b}[31m"), // what steers a terminal
        (r#"caf\u00E9 \/ \" \\"#, "caf\u{e9} / \" \\"),
        ("raw \u{e9} \u{1F600}", "raw \u{e9} \u{1F600}"), // not from V8, but it is JSON
    ] {
        let text = Sketch::parse("root -> a\na: string marker").file();
        let text = text.replace("marker", written);
        let snapshot = Snapshot::read(text.as_bytes(), None, &Unmonitored).expect("a snapshot");
        assert_eq!(snapshot.name(NodeOrdinal::new(1)), told, "{written}");
    }
}
