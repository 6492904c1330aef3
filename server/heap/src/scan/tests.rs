//! The scanner against `serde_json`, against every way to cut a file in two, and against bad files.

use std::fmt::Write;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{ReadAhead, Scanner};
use crate::error::LoadError;
use crate::sketch::Sketch;
use crate::snapshot::Snapshot;

const DRAWING: &str = "
    root --shortcut global--> app
    app -> caf\u{e9}
    app --element 3--> list
    app --weak 4--> list
    list: array \"(object elements) \\ \\n \u{2028}\" 4294967296 @4294967295
    caf\u{e9}: closure 64 ~2 at 5:10:2
";

/// Reads a file in pieces that end at these places, with their numbers read ahead and without, which
/// must make no difference.
fn scan(file: &[u8], cuts: &[usize]) -> Result<Snapshot, LoadError> {
    let outcome = scan_with(file, cuts, Scanner::feed);
    let mut ahead = ReadAhead::default();
    let read_ahead = scan_with(file, cuts, |scanner, piece| {
        ahead.read(piece);
        scanner.feed_read_ahead(piece, &ahead)
    });
    let told = |outcome: &Result<Snapshot, LoadError>| match outcome {
        Ok(snapshot) => tell(snapshot),
        Err(error) => error.to_string(),
    };
    assert_eq!(told(&outcome), told(&read_ahead));
    outcome
}

fn scan_with(
    file: &[u8],
    cuts: &[usize],
    mut feed: impl FnMut(&mut Scanner, &[u8]) -> Result<(), LoadError>,
) -> Result<Snapshot, LoadError> {
    let mut scanner = Scanner::new(Some(file.len() as u64));
    let mut start = 0;
    for &end in cuts.iter().chain([&file.len()]) {
        feed(&mut scanner, &file[start..end])?;
        start = end;
    }
    scanner.finish()
}

/// All that a snapshot tells, in text.
fn tell(snapshot: &Snapshot) -> String {
    let mut text = String::new();
    for node in snapshot.nodes() {
        let (kind, name, id) =
            (snapshot.node_type(node), snapshot.name(node), snapshot.node_id(node).0);
        let size = snapshot.raw_self_size(node);
        write!(text, "{kind} {name:?} @{id} {size}").expect("a string takes everything");
        if let Some(place) = snapshot.location(node) {
            write!(text, " at {}:{}:{}", place.script.0, place.line, place.column)
                .expect("a string takes everything");
        }
        text.push('\n');
        for edge in snapshot.edges(node) {
            let (kind, name) = (edge.edge_type, snapshot.edge_name(&edge));
            assert_eq!(snapshot.edge(edge.ordinal), edge, "found by search");
            writeln!(text, "  {kind} {name} -> {}", edge.to.index())
                .expect("a string takes everything");
        }
    }
    text
}

/// The same, by way of `serde_json` and the textbook.
fn tell_naively(file: &Value) -> String {
    let list = |path: &str| -> Vec<Value> {
        file.pointer(path).and_then(Value::as_array).cloned().unwrap_or_default()
    };
    let numbers = |path: &str| -> Vec<usize> {
        list(path).iter().map(|number| number.as_u64().expect("a number") as usize).collect()
    };
    let meta = "/snapshot/meta";
    let field = |fields: &str, name: &str| {
        list(&format!("{meta}/{fields}")).iter().position(|field| field == name).expect("a field")
    };
    let kinds =
        |types: &str, fields: &str| list(&format!("{meta}/{types}/{}", field(fields, "type")));
    let known_kind = |kinds: &[Value], number: usize| {
        kinds.get(number).and_then(Value::as_str).unwrap_or("unknown").to_owned()
    };
    let strings = list("/strings");
    let string = |index: usize| strings[index].as_str().expect("a string");
    let node_width = list(&format!("{meta}/node_fields")).len();
    let edge_width = list(&format!("{meta}/edge_fields")).len();
    let location_width = list(&format!("{meta}/location_fields")).len();
    let (nodes, edges) = (numbers("/nodes"), numbers("/edges"));
    let locations = numbers("/locations");
    let mut text = String::new();
    let mut edges = edges.chunks(edge_width);
    for (ordinal, node) in nodes.chunks(node_width).enumerate() {
        let get = |name| node[field("node_fields", name)];
        let kind = known_kind(&kinds("node_types", "node_fields"), get("type"));
        let (name, id, size) = (string(get("name")), get("id"), get("self_size"));
        write!(text, "{kind} {name:?} @{id} {size}").expect("a string takes everything");
        let place = locations
            .chunks(location_width.max(1))
            .rfind(|place| place[field("location_fields", "object_index")] == ordinal * node_width);
        if let Some(place) = place {
            let get = |name| place[field("location_fields", name)];
            write!(text, " at {}:{}:{}", get("script_id"), get("line"), get("column"))
                .expect("a string takes everything");
        }
        text.push('\n');
        for edge in edges.by_ref().take(get("edge_count")) {
            let get = |name| edge[field("edge_fields", name)];
            let kind = known_kind(&kinds("edge_types", "edge_fields"), get("type"));
            let name = match kind.as_str() {
                "element" | "hidden" => get("name_or_index").to_string(),
                _ => string(get("name_or_index")).to_owned(),
            };
            writeln!(text, "  {kind} {name} -> {}", get("to_node") / node_width)
                .expect("a string takes everything");
        }
    }
    text
}

#[test]
fn reads_what_serde_json_reads() {
    let file = Sketch::parse(DRAWING).json();
    let snapshot = scan(file.to_string().as_bytes(), &[]).expect("a snapshot");
    assert_eq!(tell(&snapshot), tell_naively(&file));
    insta::assert_snapshot!(tell(&snapshot), @r#"
    synthetic "" @1 0
      shortcut global -> 1
    object "app" @3 10
      property café -> 2
      element 3 -> 3
      weak 4 -> 3
    closure "café" @5 64 at 5:10:2
    array "(object elements) \\ \\n \u{2028}" @4294967295 4294967296
    "#);
}

#[test]
fn may_be_cut_into_chunks_anywhere() {
    let file = Sketch::parse(DRAWING).file();
    let whole = tell(&scan(file.as_bytes(), &[]).expect("a snapshot"));
    for cut in 0..=file.len() {
        let snapshot =
            scan(file.as_bytes(), &[cut]).unwrap_or_else(|error| panic!("{cut}: {error}"));
        assert_eq!(tell(&snapshot), whole, "cut at {cut}");
    }
    let everywhere: Vec<usize> = (0..file.len()).collect();
    assert_eq!(tell(&scan(file.as_bytes(), &everywhere).expect("a snapshot")), whole);
}

#[test]
fn a_file_cut_off_anywhere_is_an_error_that_says_how_far_it_got() {
    let file = Sketch::parse(DRAWING).file();
    for end in 1..file.len() {
        let error = scan(&file.as_bytes()[..end], &[]).expect_err("is cut off");
        match error {
            LoadError::Truncated { byte, .. } => assert_eq!(byte, end as u64),
            // Nothing of a snapshot can be seen before its header begins.
            LoadError::NotASnapshot { .. } => assert!(!file[..end].contains("\"meta\"")),
            other => panic!("cut at {end}: {other}"),
        }
    }
}

/// Random heaps with everything in them that the format has.
fn sketches() -> impl Strategy<Value = Sketch> {
    let node = (
        0..17_usize,
        0..6_usize,
        prop_oneof![0..100_u64, Just(u64::from(u32::MAX)), Just(1 << 40)],
    );
    let edge = (0..12_usize, 0..8_usize, 0..6_u32, 0..12_usize);
    (prop::collection::vec(node, 1..12), prop::collection::vec(edge, 0..40)).prop_map(
        |(nodes, edges)| {
            let kinds = ["hidden", "array", "object", "closure", "native", "code", "string"];
            let edge_kinds =
                ["context", "element", "property", "internal", "hidden", "shortcut", "weak", "new"];
            let names = ["", "a\\b", "\"", "\u{e9}\u{1F600}", "line\nbreak\u{1}", "plain"];
            let mut drawing = String::new();
            for (index, (kind, name, size)) in nodes.iter().enumerate() {
                let kind = kinds.get(*kind).unwrap_or(&"of_no_known_type");
                writeln!(drawing, "n{index}: {kind} {size} at {name}:{index}:7").expect("text");
            }
            let mut sketch = Sketch::parse(&drawing);
            for (index, (_, name, _)) in nodes.iter().enumerate() {
                sketch.rename(&format!("n{index}"), names[*name]);
            }
            for (from, kind, name, to) in edges {
                let (from, to) = (from % nodes.len(), to % nodes.len());
                let name = match kind {
                    1 | 4 => name.to_string(),
                    _ => names[name as usize].to_owned(),
                };
                let kind = crate::EdgeType::from_name(edge_kinds[kind]);
                sketch.edge(&format!("n{from}"), kind, &name, &format!("n{to}"));
            }
            sketch
        },
    )
}

/// Writes a file's sections in another order, with unknown ones between them and blanks anywhere.
fn rewrite(file: &Value, order: &[usize], blanks: &str) -> String {
    let mut keys: Vec<&String> = file.as_object().expect("an object").keys().collect();
    keys.sort_by_key(|key| order[key.len() % order.len()]);
    let blank = blanks;
    let mut text = format!("{blank}{{");
    for (index, key) in keys.iter().enumerate() {
        if index > 0 {
            text.push(',');
        }
        let decoy = r#""x":{"nodes":[1,"]}\"",{}]},"snapshots":"\\\"{","t":true,"n":null,"d":-1.5e3,"e":[]"#;
        write!(text, "{decoy}, \"{key}\"{blank}:{blank}").expect("text");
        match file[*key].as_array() {
            Some(list) => {
                text.push('[');
                for (place, item) in list.iter().enumerate() {
                    let comma = if place == 0 { "" } else { "," };
                    write!(text, "{blank}{comma}{blank}{item}").expect("text");
                }
                write!(text, "{blank}]").expect("text");
            }
            None => text.push_str(&file[*key].to_string()),
        }
        text.push_str(blank);
    }
    text + "}" + blank
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn agrees_with_serde_json(
        sketch in sketches(),
        order in prop::collection::vec(0..9_usize, 1..12),
        blanks in prop_oneof![Just(""), Just(" "), Just("\n"), Just("\r\n\t ")],
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..5),
    ) {
        let file = sketch.json();
        let text = rewrite(&file, &order, blanks);
        let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(text.len())).collect();
        cuts.sort_unstable();
        let snapshot = scan(text.as_bytes(), &cuts);
        prop_assert!(snapshot.is_ok(), "{:?}\n{}", snapshot.err(), text);
        prop_assert_eq!(tell(&snapshot.expect("checked")), tell_naively(&file));
    }

    #[test]
    fn damage_is_an_error_or_harmless_but_never_a_panic(
        sketch in sketches(),
        damages in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        let mut file = sketch.json().to_string().into_bytes();
        for (place, byte) in damages {
            let place = place.index(file.len());
            file[place] = byte;
        }
        if let Ok(snapshot) = scan(&file, &[]) {
            tell(&snapshot);
            crate::Analysis::new(snapshot, &crate::Unmonitored).expect("nobody cancels");
        }
    }
}

#[test]
fn reads_locations_of_five_fields() {
    let mut file =
        Sketch::parse("root -> f\nf: closure at 5:10:2\nf --internal s--> script").json();
    file["snapshot"]["meta"]["location_fields"] =
        json!(["object_index", "script_id", "script_object_index", "line", "column"]);
    file["locations"] = json!([7, 5, 14, 10, 2]);
    let snapshot = scan(file.to_string().as_bytes(), &[]).expect("a snapshot");
    assert_eq!(tell(&snapshot), tell_naively(&file));
    assert_eq!(snapshot.scripts()[0].node.index(), 2);
}

#[test]
fn ignores_signs_as_devtools_does() {
    let file = Sketch::default().json().to_string().replace(r#""nodes":[9,"#, r#""nodes":[-9,"#);
    assert!(file.contains("[-9,"));
    let snapshot = scan(file.as_bytes(), &[]).expect("a snapshot");
    assert_eq!(snapshot.node_type(crate::NodeOrdinal::ROOT), crate::NodeType::Synthetic);
}

#[test]
fn what_the_header_promises_reserves_no_more_than_the_file_can_hold() {
    let mut file = Sketch::default().json();
    file["snapshot"]["node_count"] = json!(1_u64 << 60);
    file["snapshot"]["edge_count"] = json!(1_u64 << 60);
    let text = file.to_string();
    assert_eq!(scan(text.as_bytes(), &[]).expect("a snapshot").node_count(), 1);
    let unknown_length = Snapshot::read(text.as_bytes(), None, &crate::Unmonitored);
    assert_eq!(unknown_length.expect("a snapshot").node_count(), 1);
}

/// However small such a file is when it is packed, it would take as much memory as a large heap.
#[test]
fn nodes_without_edges_are_not_read_to_their_end() {
    let file = Sketch::parse("root -> a").file();
    let (header, _) = file.split_once("\"nodes\":[").expect("a section");
    let nodes = |edges: usize| {
        let node = |node| format!("3,0,{},16,{},0,0,", 2 * node + 1, usize::from(node < edges));
        format!("{header}\"nodes\":[{}", (0..1_200_000).map(node).collect::<String>())
    };
    let error = scan(nodes(0).as_bytes(), &[]).expect_err("no heap").to_string();
    assert!(error.starts_with("is damaged: in its \"nodes\" section, the first "), "{error}");
    let error = scan(nodes(600_000).as_bytes(), &[]).expect_err("is cut off").to_string();
    assert!(error.starts_with("is cut off: "), "{error}");
}

/// What people read about a bad file.
fn complaint(file: &str) -> String {
    scan(file.as_bytes(), &[]).expect_err("a bad file").to_string()
}

fn changed(pointer: &str, value: Value) -> String {
    let mut file = Sketch::parse("root -> a").json();
    *file.pointer_mut(pointer).expect("a part of the file") = value;
    crate::sketch::in_order(&file)
}

#[test]
fn says_at_which_byte_a_string_is_damaged_however_the_file_is_cut() {
    let file = Sketch::parse("root -> a").file();
    let start = file.find("<dummy>").expect("a string");
    for (damage, place) in [(&b"\n"[..], 0), (b"ab\xE2\x82c", 2), (br"\u00e9\u12", 6), (br"\x", 0)]
    {
        let mut file = file.clone().into_bytes();
        file.splice(start..start, damage.iter().copied());
        for cuts in [vec![], vec![start + 1], (0..file.len()).collect()] {
            let error = scan(&file, &cuts).expect_err("is damaged");
            let LoadError::Malformed { section: "strings", byte, .. } = error else {
                panic!("{error}")
            };
            assert_eq!(byte, (start + place) as u64, "{damage:?}");
        }
    }
}

#[test]
fn says_what_is_wrong_with_a_file() {
    let file = Sketch::parse("root -> a").file();
    let cut_after = |text: &str| &file[..file.find(text).expect("a part") + text.len()];
    let mut complaints = String::new();
    for file in [
        "",
        "  \n",
        "<!DOCTYPE html>",
        "[1]",
        "\u{1}\u{2}",
        "log: out of memory",
        r#"{"version":3,"mappings":"AAAA"}"#,
        r#"{"nodes":[{"id":1}],"startTime":0}"#,
        r#"{"head":{"selfSize":0}}"#,
        r#"{"snapshot":{"title":"x"}}"#,
        cut_after(r#""meta":{"#),
        cut_after(r#""nodes":[9,1,1"#),
        cut_after(r#""edges":["#),
        cut_after(r#""strings":["<dummy>","#),
        cut_after("\"edges\":[2,2,7],\n"),
        &changed("/nodes/0", json!("x")),
        &changed("/nodes/4", json!(3)),
        &changed("/edges/2", json!(8)),
        &changed("/edges/2", json!(70)),
        &changed("/edges/1", json!(4)),
        &changed("/edges/1", json!(1.5)),
        &changed("/nodes", json!([9, 1, 1])),
        &changed("/nodes", json!([])),
        &changed("/strings", json!([])),
        &changed("/locations", json!([70, 1, 1, 1])),
        &changed("/snapshot/meta/node_fields", json!(["type", "name", "id", "self_size"])),
        &changed("/snapshot/meta/node_fields", json!(3)),
        &changed("/snapshot/meta/edge_fields", json!([1])),
        &changed("/snapshot/meta", json!("x")),
        &file.replace("],", "];"),
        &file.replace("<dummy>", "<du\u{0}mmy>"),
        &file.replace("<dummy>", r"<dummy\x>"),
    ] {
        writeln!(complaints, "{}", complaint(file)).expect("text");
    }
    insta::assert_snapshot!(complaints, @r#"
    is empty: not a byte of it was written
    is not a heap snapshot: there is nothing in it but blanks
    is not a heap snapshot: it looks like a web page or XML, and a snapshot is JSON that starts with {
    is not a heap snapshot: it is a JSON array
    is not a heap snapshot: it looks like binary data, and a snapshot is JSON that starts with {
    is not a heap snapshot: it looks like text, and a snapshot is JSON that starts with {
    is not a heap snapshot: it looks like a source map
    is not a heap snapshot: it is JSON, but without a snapshot's header ("snapshot")
    is not a heap snapshot: it looks like a sampling heap profile (.heapprofile), which lists allocations, not what is alive
    is not a heap snapshot: its header has no "meta", which tells the format
    is cut off: it ends inside its header (byte 36)
    is cut off: the "nodes" section ends after 2 of 14 numbers (byte 619)
    is cut off: the "edges" section ends after 0 of 3 numbers (byte 654)
    is cut off: the "strings" section ends after 1 strings (byte 757)
    is cut off: it ends before its last section (byte 662)
    is damaged: in its "nodes" section, '"' stands where a whole number should be (byte 614)
    is damaged: in its "edges" section, the nodes count 3 edges, and there are 1 (byte 765)
    is damaged: in its "edges" section, a reference leads into the middle of a node (byte 659)
    is damaged: in its "edges" section, an edge leads to node 10, and there are 2 (byte 766)
    is damaged: in its "strings" section, string 4 is used, and there are 3 (byte 765)
    is damaged: in its "edges" section, '.' stands where a whole number should be (byte 657)
    is damaged: in its "nodes" section, the last row has only 3 numbers (byte 742)
    is damaged: in its "nodes" section, there is no node (byte 737)
    is damaged: in its "strings" section, string 2 is used, and there are 0 (byte 749)
    is damaged: in its "locations" section, node 10 does not exist (byte 773)
    is damaged: in its "snapshot" section, meta.node_fields does not name "edge_count" (byte 13)
    is damaged: in its "snapshot" section, meta.node_fields is not a list of names (byte 13)
    is damaged: in its "snapshot" section, meta.edge_fields is not a list of names (byte 13)
    is damaged: in its "snapshot" section, the header's "meta", which tells the format, is not an object (byte 13)
    is damaged: in its "snapshot" section, the header is not JSON (byte 85)
    is damaged: in its "strings" section, a string has the control character U+0000, which is always written as an escape (byte 751)
    is damaged: in its "strings" section, a string has an escape that JSON does not know (byte 754)
    "#);
}
