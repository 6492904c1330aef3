//! A random graph as the text of a snapshot file, in one of the ways that versions of V8 write them.

use std::collections::HashMap;
use std::fmt::Write as _;

use crate::graphs::{EDGE_TYPES, NODE_TYPES, Name, Node};
use heapmark_tests::Random;

/// The text of the file. Which optional fields there are, and in what order, is drawn.
pub(crate) fn write(random: &mut Random, nodes: &[Node]) -> String {
    let mut strings = Strings::new();
    let mut node_fields = vec!["type", "name", "id", "self_size", "edge_count"];
    if random.percent(50) {
        node_fields.push("trace_node_id");
    }
    if random.percent(80) {
        node_fields.push("detachedness");
    }
    let mut edge_fields = vec!["type", "name_or_index", "to_node"];
    let mut location_fields = vec!["object_index", "script_id", "line", "column"];
    if random.percent(30) {
        location_fields.insert(2, "script_object_index");
    }
    // Readers find fields by their names, not by their places.
    if random.percent(20) {
        random.shuffle(&mut node_fields);
        random.shuffle(&mut edge_fields);
        random.shuffle(&mut location_fields);
    }

    let mut node_numbers = Vec::new();
    let mut edge_numbers = Vec::new();
    let mut locations = Vec::new();
    for (ordinal, node) in nodes.iter().enumerate() {
        let name = strings.index(&node.name);
        node_numbers.extend(node_fields.iter().map(|&field| match field {
            "type" => node.kind as u32,
            "name" => name,
            "id" => node.id,
            "self_size" => node.self_size,
            "edge_count" => node.edges.len() as u32,
            "detachedness" => node.detachedness,
            _ => 0,
        }));
        for edge in &node.edges {
            let name = match &edge.name {
                Name::Text(text) => strings.index(text),
                Name::Index(index) => *index,
            };
            edge_numbers.extend(edge_fields.iter().map(|&field| match field {
                "type" => edge.kind as u32,
                "name_or_index" => name,
                _ => (edge.to * node_fields.len()) as u32,
            }));
        }
        if random.percent(30) {
            let [script, line, column] = [3, 2, 2].map(|limit| random.below(limit) as u32);
            locations.extend(location_fields.iter().map(|&field| match field {
                "object_index" => (ordinal * node_fields.len()) as u32,
                "script_id" => script,
                "line" => line,
                "column" => column,
                _ => 0,
            }));
        }
    }

    let types = |fields: &[&str], names: &[&str]| -> Vec<serde_json::Value> {
        let of_field = |field: &&str| match *field {
            "type" => serde_json::json!(names),
            "name" => "string".into(),
            "name_or_index" => "string_or_number".into(),
            "to_node" => "node".into(),
            _ => "number".into(),
        };
        fields.iter().map(of_field).collect()
    };
    let mut header = serde_json::json!({
        "meta": {
            "node_fields": node_fields,
            "node_types": types(&node_fields, &NODE_TYPES),
            "edge_fields": edge_fields,
            "edge_types": types(&edge_fields, &EDGE_TYPES),
            "trace_function_info_fields":
                ["function_id", "name", "script_name", "script_id", "line", "column"],
            "trace_node_fields": ["id", "function_info_index", "count", "size", "children"],
            "sample_fields": ["timestamp_us", "last_assigned_id"],
            "location_fields": location_fields,
        },
        "node_count": nodes.len(),
        "edge_count": edge_numbers.len() / edge_fields.len(),
        "trace_function_count": 0,
    });
    if random.percent(30) {
        header["extra_native_bytes"] = 4096.into();
    }

    let row_end = random.pick(&["", "\n"]);
    let nodes = rows(&node_numbers, node_fields.len(), row_end);
    let edges = rows(&edge_numbers, edge_fields.len(), row_end);
    let locations = rows(&locations, location_fields.len(), row_end);
    let strings = strings.to_json(random.percent(50));
    format!(
        "{{\"snapshot\":{header},\n\"nodes\":[{nodes}],\n\"edges\":[{edges}],\n\
         \"trace_function_infos\":[],\n\"trace_tree\":[],\n\"samples\":[],\n\
         \"locations\":[{locations}],\n\"strings\":[{strings}]}}\n"
    )
}

fn rows(numbers: &[u32], width: usize, row_end: &str) -> String {
    let row = |numbers: &[u32]| {
        let numbers: Vec<String> = numbers.iter().map(u32::to_string).collect();
        numbers.join(",") + row_end
    };
    numbers.chunks(width).map(row).collect::<Vec<_>>().join(",")
}

/// The strings of a file: each text once, as V8 writes them.
struct Strings {
    texts: Vec<String>,
    indices: HashMap<String, u32>,
}

impl Strings {
    fn new() -> Self {
        Self { texts: vec!["<dummy>".to_owned()], indices: HashMap::new() }
    }

    fn index(&mut self, text: &str) -> u32 {
        *self.indices.entry(text.to_owned()).or_insert_with(|| {
            self.texts.push(text.to_owned());
            self.texts.len() as u32 - 1
        })
    }

    /// Inside of a JSON array. `ascii` as V8 does it, with escapes for everything beyond.
    fn to_json(&self, ascii: bool) -> String {
        let quoted = self.texts.iter().map(|text| {
            let json = serde_json::Value::from(text.as_str()).to_string();
            if !ascii {
                return json;
            }
            let mut escaped = String::new();
            for character in json.chars() {
                if character.is_ascii() {
                    escaped.push(character);
                    continue;
                }
                for unit in character.encode_utf16(&mut [0; 2]) {
                    let _ = write!(escaped, "\\u{unit:04X}");
                }
            }
            escaped
        });
        quoted.collect::<Vec<_>>().join(",\n")
    }
}
