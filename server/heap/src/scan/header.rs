//! The header: which number of a row means what.
//!
//! Positions differ between V8 versions, so everything is looked up by name in `snapshot.meta`.

use serde::Deserialize;
use serde_json::Value;

use super::Section;
use super::columns::WIDEST_ROW;
use crate::kinds::{EdgeType, NodeType};

/// Why a header is of no use.
pub(super) enum Problem {
    /// It is no snapshot's: what it looks like.
    NoSnapshot(&'static str),
    /// It contradicts the format.
    Malformed(String),
}

#[derive(Deserialize)]
struct Header {
    meta: Option<Meta>,
    #[serde(default)]
    node_count: Value,
    #[serde(default)]
    edge_count: Value,
    #[serde(default)]
    extra_native_bytes: Value,
    #[serde(default)]
    root_index: Value,
}

#[derive(Deserialize)]
struct Meta {
    #[serde(default)]
    node_fields: Vec<String>,
    #[serde(default)]
    node_types: Vec<Value>,
    #[serde(default)]
    edge_fields: Vec<String>,
    #[serde(default)]
    edge_types: Vec<Value>,
    #[serde(default)]
    location_fields: Vec<String>,
    #[serde(flatten)]
    tables: TableFields,
}

/// The fields of the small sections, empty where there is no such section.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct TableFields {
    #[serde(rename = "trace_function_info_fields")]
    pub(super) trace_functions: Vec<String>,
    #[serde(rename = "trace_node_fields")]
    pub(super) trace_nodes: Vec<String>,
    #[serde(rename = "sample_fields")]
    pub(super) samples: Vec<String>,
    #[serde(rename = "scope_fields")]
    pub(super) scopes: Vec<String>,
    #[serde(rename = "scope_context_var_fields")]
    pub(super) scope_variables: Vec<String>,
    #[serde(rename = "scope_use_fields")]
    pub(super) scope_uses: Vec<String>,
}

/// The header's knowledge, ready for the columns.
#[derive(Debug)]
pub(super) struct Layout {
    pub(super) nodes: NodeLayout,
    pub(super) edges: EdgeLayout,
    pub(super) locations: LocationLayout,
    pub(super) tables: TableFields,
    pub(super) node_count: Option<u64>,
    pub(super) edge_count: Option<u64>,
    pub(super) extra_native_bytes: u64,
}

/// Places in a row of `nodes`.
#[derive(Debug)]
pub(super) struct NodeLayout {
    pub(super) width: usize,
    pub(super) kind: usize,
    pub(super) name: usize,
    pub(super) id: usize,
    pub(super) self_size: usize,
    pub(super) edge_count: usize,
    pub(super) trace_node: Option<usize>,
    pub(super) detachedness: Option<usize>,
    /// V8's type numbers, by name.
    pub(super) kinds: Vec<NodeType>,
}

/// Places in a row of `edges`.
#[derive(Debug)]
pub(super) struct EdgeLayout {
    pub(super) width: usize,
    pub(super) kind: usize,
    pub(super) name: usize,
    pub(super) to: usize,
    pub(super) kinds: Vec<EdgeType>,
    /// Edges name their target by its first number in `nodes`: its ordinal times this.
    pub(super) node_width: u32,
}

/// Places in a row of `locations`. A snapshot without locations has no fields for them.
#[derive(Debug)]
pub(super) struct LocationLayout {
    pub(super) width: usize,
    pub(super) object: usize,
    pub(super) script: usize,
    pub(super) line: usize,
    pub(super) column: usize,
    /// V8 from 15 on: the script's own node.
    pub(super) script_object: Option<usize>,
    pub(super) node_width: u32,
}

impl Layout {
    pub(super) fn parse(json: &[u8]) -> Result<Self, Problem> {
        let header: Header = serde_json::from_slice(json)
            .map_err(|error| Problem::Malformed(format!("the header cannot be read: {error}")))?;
        let Some(meta) = header.meta else {
            return Err(Problem::NoSnapshot("its header has no \"meta\", which tells the format"));
        };
        if header.root_index.as_u64().is_some_and(|index| index != 0) {
            let problem = "the root is not the first node, which no V8 writes";
            return Err(Problem::Malformed(problem.to_owned()));
        }
        let nodes = NodeLayout::parse(&meta)?;
        let node_width = nodes.width as u32;
        Ok(Layout {
            edges: EdgeLayout::parse(&meta, node_width)?,
            locations: LocationLayout::parse(&meta, node_width)?,
            nodes,
            tables: meta.tables,
            node_count: header.node_count.as_u64(),
            edge_count: header.edge_count.as_u64(),
            extra_native_bytes: header.extra_native_bytes.as_u64().unwrap_or(0),
        })
    }

    /// How many numbers the section should have.
    pub(super) fn numbers(&self, section: Section) -> Option<u64> {
        let (rows, width) = match section {
            Section::Nodes => (self.node_count, self.nodes.width),
            Section::Edges => (self.edge_count, self.edges.width),
            // V8 counts no locations, and the rest wrongly.
            _ => return None,
        };
        rows?.checked_mul(width as u64)
    }
}

impl NodeLayout {
    fn parse(meta: &Meta) -> Result<Self, Problem> {
        let fields = &meta.node_fields;
        let kind = required("node_fields", fields, "type")?;
        Ok(Self {
            width: width("node_fields", fields)?,
            kind,
            name: required("node_fields", fields, "name")?,
            id: required("node_fields", fields, "id")?,
            self_size: required("node_fields", fields, "self_size")?,
            edge_count: required("node_fields", fields, "edge_count")?,
            trace_node: position(fields, "trace_node_id"),
            detachedness: position(fields, "detachedness"),
            kinds: names(&meta.node_types, kind).map(NodeType::from_name).collect(),
        })
    }
}

impl EdgeLayout {
    fn parse(meta: &Meta, node_width: u32) -> Result<Self, Problem> {
        let fields = &meta.edge_fields;
        let kind = required("edge_fields", fields, "type")?;
        Ok(Self {
            width: width("edge_fields", fields)?,
            kind,
            name: required("edge_fields", fields, "name_or_index")?,
            to: required("edge_fields", fields, "to_node")?,
            kinds: names(&meta.edge_types, kind).map(EdgeType::from_name).collect(),
            node_width,
        })
    }
}

impl LocationLayout {
    fn parse(meta: &Meta, node_width: u32) -> Result<Self, Problem> {
        // Very old files have no such fields and no such section.
        let default: Vec<String> =
            ["object_index", "script_id", "line", "column"].map(String::from).into();
        let fields = if meta.location_fields.is_empty() { &default } else { &meta.location_fields };
        Ok(Self {
            width: width("location_fields", fields)?,
            object: required("location_fields", fields, "object_index")?,
            script: required("location_fields", fields, "script_id")?,
            line: required("location_fields", fields, "line")?,
            column: required("location_fields", fields, "column")?,
            script_object: position(fields, "script_object_index"),
            node_width,
        })
    }
}

fn position(fields: &[String], name: &str) -> Option<usize> {
    fields.iter().position(|field| field == name)
}

fn required(list: &str, fields: &[String], name: &str) -> Result<usize, Problem> {
    position(fields, name)
        .ok_or_else(|| Problem::Malformed(format!("meta.{list} does not name {name:?}")))
}

fn width(list: &str, fields: &[String]) -> Result<usize, Problem> {
    if fields.len() <= WIDEST_ROW {
        Ok(fields.len())
    } else {
        Err(Problem::Malformed(format!("meta.{list} has {} fields", fields.len())))
    }
}

/// The names of the types, at the place of the `type` field in the list of fields' types.
fn names(types: &[Value], field: usize) -> impl Iterator<Item = &str> {
    let list = types.get(field).and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    list.iter().map(|name| name.as_str().unwrap_or(""))
}
