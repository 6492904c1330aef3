//! The header: which number of a row means what.
//!
//! Positions differ between V8 versions, so everything is looked up by name in `snapshot.meta`.

use serde_json::{Map, Value};

use super::section::Section;
use super::tables::TraceTree;
use crate::error::byte_of;
use crate::kinds::{EdgeType, NodeType};

/// More fields than any V8 writes (7 today).
const MAX_ROW_FIELDS: usize = 32;

/// Why a header is of no use.
pub(super) enum Problem {
    /// It is no snapshot's: what it looks like.
    NoSnapshot(&'static str),
    /// It contradicts the format.
    Malformed {
        problem: String,
        /// Bytes from the header's start.
        at: u64,
    },
}

impl Problem {
    fn malformed(problem: impl Into<String>) -> Self {
        Problem::Malformed { problem: problem.into(), at: 0 }
    }
}

/// The header's knowledge, ready for the columns.
#[derive(Debug)]
pub(super) struct Layout {
    pub(super) nodes: NodeLayout,
    pub(super) edges: EdgeLayout,
    pub(super) locations: LocationLayout,
    pub(super) tables: TableLayouts,
    pub(super) node_count: Option<u64>,
    pub(super) edge_count: Option<u64>,
    pub(super) extra_native_bytes: u64,
}

/// Places in the rows of the small sections; none where the header does not say where the fields are.
#[derive(Debug)]
pub(super) struct TableLayouts {
    pub(super) trace_functions: Option<Places<5>>,
    pub(super) samples: Option<Places<2>>,
    pub(super) scopes: Option<Places<5>>,
    pub(super) scope_variables: Option<Places<1>>,
    pub(super) scope_uses: Option<Places<2>>,
    /// Whether calls stand as [`TraceTree`] reads them.
    pub(super) has_trace_tree: bool,
}

/// Where some fields stand in a row.
#[derive(Debug, Clone, Copy)]
pub(super) struct Places<const N: usize> {
    pub(super) width: usize,
    pub(super) fields: [usize; N],
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
        let header: Value = serde_json::from_slice(json).map_err(|error| Problem::Malformed {
            problem: "the header is not JSON".to_owned(),
            at: byte_of(&error, json),
        })?;
        let Some(meta) = header.get("meta") else {
            return Err(Problem::NoSnapshot("its header has no \"meta\", which tells the format"));
        };
        let Some(meta) = meta.as_object() else {
            return Err(Problem::malformed(
                "the header's \"meta\", which tells the format, is not an object",
            ));
        };
        let number = |key: &str| header.get(key).and_then(Value::as_u64);
        if number("root_index").is_some_and(|index| index != 0) {
            return Err(Problem::malformed("the root is not the first node, which no V8 writes"));
        }
        let nodes = NodeLayout::parse(meta)?;
        let node_width = nodes.width as u32;
        Ok(Layout {
            edges: EdgeLayout::parse(meta, node_width)?,
            locations: LocationLayout::parse(meta, node_width)?,
            nodes,
            tables: TableLayouts::parse(meta)?,
            node_count: number("node_count"),
            edge_count: number("edge_count"),
            extra_native_bytes: number("extra_native_bytes").unwrap_or(0),
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
    fn parse(meta: &Map<String, Value>) -> Result<Self, Problem> {
        let fields = &list(meta, "node_fields")?;
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
            kinds: names(meta, "node_types", kind).map(NodeType::from_name).collect(),
        })
    }
}

impl EdgeLayout {
    fn parse(meta: &Map<String, Value>, node_width: u32) -> Result<Self, Problem> {
        let fields = &list(meta, "edge_fields")?;
        let kind = required("edge_fields", fields, "type")?;
        Ok(Self {
            width: width("edge_fields", fields)?,
            kind,
            name: required("edge_fields", fields, "name_or_index")?,
            to: required("edge_fields", fields, "to_node")?,
            kinds: names(meta, "edge_types", kind).map(EdgeType::from_name).collect(),
            node_width,
        })
    }
}

impl LocationLayout {
    fn parse(meta: &Map<String, Value>, node_width: u32) -> Result<Self, Problem> {
        // Very old files have no such fields and no such section.
        let told = list(meta, "location_fields")?;
        let fields = match told.as_slice() {
            [] => &["object_index", "script_id", "line", "column"],
            told => told,
        };
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

impl TableLayouts {
    fn parse(meta: &Map<String, Value>) -> Result<Self, Problem> {
        let function = ["name", "script_name", "script_id", "line", "column"];
        let scope = [
            "script_node_index",
            "scope_id",
            "depth",
            "scope_context_vars_count",
            "scope_uses_count",
        ];
        Ok(Self {
            trace_functions: Places::of(&list(meta, "trace_function_info_fields")?, function),
            samples: Places::of(
                &list(meta, "sample_fields")?,
                ["timestamp_us", "last_assigned_id"],
            ),
            scopes: Places::of(&list(meta, "scope_fields")?, scope),
            scope_variables: Places::of(&list(meta, "scope_context_var_fields")?, ["name"]),
            scope_uses: Places::of(
                &list(meta, "scope_use_fields")?,
                ["declaring_scope_id", "slot_index"],
            ),
            has_trace_tree: list(meta, "trace_node_fields")? == TraceTree::FIELDS,
        })
    }
}

impl<const N: usize> Places<N> {
    fn of(fields: &[&str], names: [&str; N]) -> Option<Self> {
        let mut places = [0; N];
        for (place, name) in places.iter_mut().zip(names) {
            *place = position(fields, name)?;
        }
        Some(Self { width: fields.len(), fields: places })
    }
}

/// The names in this list, or none if there is no such list.
fn list<'m>(meta: &'m Map<String, Value>, name: &str) -> Result<Vec<&'m str>, Problem> {
    let no_names = || Problem::malformed(format!("meta.{name} is not a list of names"));
    let Some(list) = meta.get(name) else { return Ok(Vec::new()) };
    let list = list.as_array().ok_or_else(no_names)?;
    list.iter().map(|name| name.as_str().ok_or_else(no_names)).collect()
}

fn position(fields: &[&str], name: &str) -> Option<usize> {
    fields.iter().position(|&field| field == name)
}

fn required(list: &str, fields: &[&str], name: &str) -> Result<usize, Problem> {
    position(fields, name)
        .ok_or_else(|| Problem::malformed(format!("meta.{list} does not name {name:?}")))
}

fn width(list: &str, fields: &[&str]) -> Result<usize, Problem> {
    if fields.len() <= MAX_ROW_FIELDS {
        Ok(fields.len())
    } else {
        Err(Problem::malformed(format!("meta.{list} has {} fields", fields.len())))
    }
}

/// The names of the types, at the place of the `type` field in the list of fields' types.
fn names<'m>(
    meta: &'m Map<String, Value>,
    types: &str,
    field: usize,
) -> impl Iterator<Item = &'m str> {
    let types = meta.get(types).and_then(|types| types.get(field));
    let list = types.and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    list.iter().map(|name| name.as_str().unwrap_or(""))
}
