//! From rows of numbers to columns, each field in an array of its own.
//!
//! Rows are checked as far as one row can tell; what depends on other sections (does the edge's
//! target exist?) is checked in [`Columns::finish`].

use std::sync::OnceLock;

use super::header::{EdgeLayout, Layout, LocationLayout, NodeLayout};
use super::rows::{Refused, Row, narrow, node};
use super::section::Section;
use super::tables::Tables;
use crate::budget::Budget;
use crate::error::{LoadError, thousands};
use crate::kinds::{EdgeType, NodeType};
use crate::ordinals::{NodeOrdinal, ScriptId};
use crate::sizes::Sizes;
use crate::snapshot::{Edges, Location, Nodes, Snapshot, sources};
use crate::strings::Strings;

/// After so many nodes it counts how few edges they have. From Node 14 to 26 and in Chrome they have
/// 2.5 each or more from the first thousand on, and no 5,000 in a row have less than one: every object
/// has a map. Drawn heaps, which are small, may have none.
const MIN_NODES_TO_DOUBT: usize = 1 << 20;

/// What has been read so far.
#[derive(Debug, Default)]
pub(super) struct Columns {
    pub(super) nodes: NodeColumns,
    pub(super) edges: EdgeColumns,
    pub(super) locations: LocationColumns,
    pub(super) tables: Tables,
}

impl Columns {
    /// How many nodes and edges the header promises, as far as the file can hold them: a number
    /// takes two bytes at least.
    pub(super) fn promised(layout: &Layout, most_bytes: u64) -> (u64, u64) {
        let rows = |promised: Option<u64>, width: usize| {
            promised.unwrap_or(0).min(most_bytes / (2 * width as u64))
        };
        (rows(layout.node_count, layout.nodes.width), rows(layout.edge_count, layout.edges.width))
    }

    /// Reserves memory for what the header promises.
    pub(super) fn reserve(
        &mut self,
        layout: &Layout,
        total_bytes: u64,
        budget: &mut Budget,
    ) -> Result<(), LoadError> {
        let (nodes, edges) = Self::promised(layout, total_bytes);
        self.nodes.make_room(nodes as usize, budget)?;
        self.edges.make_room(edges as usize, budget)
    }

    /// Bytes that are taken beside what a node, an edge and a string take, now or by
    /// [`Self::finish`].
    pub(super) fn beside(&self) -> u64 {
        self.tables.bytes() + self.beside_tables()
    }

    fn beside_tables(&self) -> u64 {
        let NodeColumns { detachedness, trace_nodes, .. } = &self.nodes;
        let LocationColumns { all, script_nodes, .. } = &self.locations;
        // Sorting takes half as much again.
        let locations = size_of_val(all.as_slice()) + size_of_val(all.as_slice()) / 2;
        // A table, of which see `Sizes::beside`, and a column.
        let scripts = script_nodes.len() * (6 * (size_of::<ScriptId>() + 1) + 8);
        let marks = 8 * (detachedness.len() + trace_nodes.len());
        (locations + scripts + marks) as u64
    }

    /// Bytes that are taken, now or by [`Self::finish`], beside what the budget knows.
    pub(super) fn beside_buffers(&self) -> u64 {
        let sources = self.edges.kinds.len() as u64 / 16;
        self.beside_tables() + self.nodes.self_sizes.beside() + sources
    }

    /// How many nodes and edges were read.
    pub(super) fn rows(&self) -> (u64, u64) {
        (self.nodes.kinds.len() as u64, self.edges.kinds.len() as u64)
    }

    /// How many edges the nodes say they have, of which none may have been read yet.
    pub(super) fn claimed_edges(&self) -> u64 {
        u64::from(self.nodes.edge_count)
    }

    /// Why what was read can be no heap's, so that there is no point in reading on.
    pub(super) fn doubt(&self) -> Option<(Section, String)> {
        let (nodes, edges) = (self.nodes.kinds.len(), self.nodes.edge_count as usize);
        (nodes >= MIN_NODES_TO_DOUBT && edges < nodes / 2).then(|| {
            let (nodes, edges) = (thousands(nodes as u64), thousands(edges as u64));
            let problem = format!(
                "the first {nodes} nodes have {edges} edges, and in a heap nearly every node has one"
            );
            (Section::Nodes, problem)
        })
    }

    /// How many numbers of the section were read.
    pub(super) fn numbers(&self, section: Section) -> u64 {
        let (count, row, width) = match section {
            Section::Nodes => (self.nodes.kinds.len(), &self.nodes.row, self.nodes.width),
            Section::Edges => (self.edges.kinds.len(), &self.edges.row, self.edges.width),
            Section::Locations => {
                (self.locations.all.len(), &self.locations.row, self.locations.width)
            }
            small => return self.tables.numbers(small),
        };
        (count * width + row.begun()) as u64
    }

    /// Puts everything together, or says which section contradicts which.
    pub(super) fn finish(
        mut self,
        layout: &Layout,
        strings: Strings,
    ) -> Result<Snapshot, (&'static str, String)> {
        self.nodes.row.finish(Section::Nodes)?;
        self.edges.row.finish(Section::Edges)?;
        self.locations.row.finish(Section::Locations)?;
        let node_count = self.nodes.kinds.len();
        if node_count == 0 {
            return Err(("nodes", "there is no node".to_owned()));
        }
        self.nodes.first_edge.push(self.nodes.edge_count);
        if self.nodes.edge_count as usize != self.edges.kinds.len() {
            let problem = format!(
                "the nodes count {} edges, and there are {}",
                self.nodes.edge_count,
                self.edges.kinds.len()
            );
            return Err(("edges", problem));
        }
        if !self.edges.kinds.is_empty() && self.edges.last_target as usize >= node_count {
            let problem = format!("an edge leads to node {}", self.edges.last_target)
                + &format!(", and there are {node_count}");
            return Err(("edges", problem));
        }
        let last_name = self.nodes.last_name.max(self.edges.last_name);
        if last_name as usize >= strings.len() {
            let problem = format!("string {last_name} is used, and there are {}", strings.len());
            return Err(("strings", problem));
        }
        if self.locations.last_node as usize >= node_count {
            let problem = format!("node {} does not exist", self.locations.last_node);
            return Err(("locations", problem));
        }
        let (allocations, scopes) = self.tables.finish(layout, self.nodes.trace_nodes)?;
        if scopes.all.iter().any(|scope| scope.script.index() >= node_count) {
            return Err(("scopes", "a script's node does not exist".to_owned()));
        }
        // Where the header had promised less than there is, the vectors grew by doubling.
        let NodeColumns { mut kinds, mut names, mut ids, mut self_sizes, mut first_edge, .. } =
            self.nodes;
        kinds.shrink_to_fit();
        names.shrink_to_fit();
        ids.shrink_to_fit();
        self_sizes.shrink_to_fit();
        first_edge.shrink_to_fit();
        let EdgeColumns { kinds: mut edge_kinds, names: mut edge_names, mut targets, .. } =
            self.edges;
        edge_kinds.shrink_to_fit();
        edge_names.shrink_to_fit();
        targets.shrink_to_fit();
        Ok(Snapshot {
            sources: sources(&first_edge),
            nodes: Nodes {
                kinds,
                names,
                ids,
                self_sizes,
                first_edge,
                detachedness: layout.nodes.detachedness.map(|_| self.nodes.detachedness),
            },
            edges: Edges { kinds: edge_kinds, names: edge_names, targets },
            strings,
            locations: self.locations.sorted(),
            script_nodes: self.locations.script_nodes,
            allocations,
            scopes,
            extra_native_bytes: layout.extra_native_bytes,
            collection_names: OnceLock::new(),
        })
    }
}

/// The columns of `nodes`.
#[derive(Debug, Default)]
pub(super) struct NodeColumns {
    row: Row,
    width: usize,
    kinds: Vec<NodeType>,
    names: Vec<u32>,
    ids: Vec<u32>,
    self_sizes: Sizes,
    first_edge: Vec<u32>,
    /// Few nodes have one that is not 0.
    detachedness: Vec<(NodeOrdinal, u8)>,
    /// Ids of calls other than 0.
    trace_nodes: Vec<(NodeOrdinal, u32)>,
    edge_count: u32,
    last_name: u32,
}

impl NodeColumns {
    /// Makes room for so many more nodes.
    fn make_room(&mut self, more: usize, budget: &mut Budget) -> Result<(), LoadError> {
        budget.make_room(&mut self.kinds, more)?;
        budget.make_room(&mut self.names, more)?;
        budget.make_room(&mut self.ids, more)?;
        // One more at the end.
        budget.make_room(&mut self.first_edge, more + 1)?;
        self.self_sizes.make_room(more, budget)
    }

    /// Makes room for what so many numbers may add.
    pub(super) fn make_room_for_numbers(
        &mut self,
        numbers: usize,
        layout: &NodeLayout,
        budget: &mut Budget,
    ) -> Result<(), LoadError> {
        let more = numbers / layout.width + 1;
        self.make_room(more, budget)?;
        if layout.trace_node.is_some() {
            budget.make_room(&mut self.trace_nodes, more)?;
        }
        if layout.detachedness.is_some() {
            budget.make_room(&mut self.detachedness, more)?;
        }
        Ok(())
    }

    /// Puts the rows of the next numbers into columns.
    pub(super) fn take(&mut self, numbers: &[u64], layout: &NodeLayout) -> Result<(), Refused> {
        self.width = layout.width;
        let mut row = std::mem::take(&mut self.row);
        let taken = row.go_on(numbers, layout.width, |row| self.complete(row, layout));
        self.row = row;
        taken
    }

    #[inline]
    fn complete(&mut self, row: &[u64], layout: &NodeLayout) -> Result<(), &'static str> {
        let ordinal = self.kinds.len();
        if ordinal == u32::MAX as usize {
            return Err("there are more than 4,294,967,295 nodes");
        }
        let name = narrow(row[layout.name], "a node's name is not a string's number")?;
        let edges = narrow(row[layout.edge_count], "a node has too many edges")?;
        let kind = row[layout.kind] as usize;
        self.kinds.push(layout.kinds.get(kind).copied().unwrap_or(NodeType::Unknown));
        self.names.push(name);
        self.last_name = self.last_name.max(name);
        self.ids.push(narrow(row[layout.id], "a node's id does not fit 32 bits")?);
        self.self_sizes.push(believable(row[layout.self_size]));
        self.first_edge.push(self.edge_count);
        self.edge_count =
            self.edge_count.checked_add(edges).ok_or("there are more than 4,294,967,295 edges")?;
        if let Some(field) = layout.trace_node
            && let call @ 1.. = row[field]
        {
            let call = narrow(call, "a node's trace_node_id does not fit 32 bits")?;
            self.trace_nodes.push((NodeOrdinal::new(ordinal), call));
        }
        if let Some(field) = layout.detachedness {
            // Two bits, as DevTools keeps it.
            let state = (row[field] & 3) as u8;
            if state != 0 {
                self.detachedness.push((NodeOrdinal::new(ordinal), state));
            }
        }
        Ok(())
    }
}

/// The columns of `edges`.
#[derive(Debug, Default)]
pub(super) struct EdgeColumns {
    row: Row,
    width: usize,
    kinds: Vec<EdgeType>,
    names: Vec<u32>,
    targets: Vec<u32>,
    last_target: u32,
    last_name: u32,
}

impl EdgeColumns {
    /// Makes room for so many more edges.
    fn make_room(&mut self, more: usize, budget: &mut Budget) -> Result<(), LoadError> {
        budget.make_room(&mut self.kinds, more)?;
        budget.make_room(&mut self.names, more)?;
        budget.make_room(&mut self.targets, more)
    }

    /// Makes room for what so many numbers may add.
    pub(super) fn make_room_for_numbers(
        &mut self,
        numbers: usize,
        layout: &EdgeLayout,
        budget: &mut Budget,
    ) -> Result<(), LoadError> {
        self.make_room(numbers / layout.width + 1, budget)
    }

    /// Puts the rows of the next numbers into columns.
    pub(super) fn take(&mut self, numbers: &[u64], layout: &EdgeLayout) -> Result<(), Refused> {
        self.width = layout.width;
        let mut row = std::mem::take(&mut self.row);
        let taken = row.go_on(numbers, layout.width, |row| self.complete(row, layout));
        self.row = row;
        taken
    }

    #[inline]
    fn complete(&mut self, row: &[u64], layout: &EdgeLayout) -> Result<(), &'static str> {
        if self.kinds.len() == u32::MAX as usize {
            return Err("there are more than 4,294,967,295 edges");
        }
        let kind = layout.kinds.get(row[layout.kind] as usize).copied();
        let kind = kind.unwrap_or(EdgeType::Unknown);
        let name = narrow(row[layout.name], "an edge's name does not fit 32 bits")?;
        if !kind.has_index() && kind != EdgeType::Unknown {
            self.last_name = self.last_name.max(name);
        }
        let target = node(row[layout.to], layout.node_width)?;
        self.last_target = self.last_target.max(target);
        self.kinds.push(kind);
        self.names.push(name);
        self.targets.push(target);
        Ok(())
    }
}

/// The rows of `locations`.
#[derive(Debug, Default)]
pub(super) struct LocationColumns {
    row: Row,
    width: usize,
    all: Vec<(NodeOrdinal, Location)>,
    /// One a script, in the order of their first appearance.
    script_nodes: Vec<(ScriptId, NodeOrdinal)>,
    seen_scripts: rustc_hash::FxHashSet<ScriptId>,
    last_node: u32,
}

impl LocationColumns {
    /// Makes room for what so many numbers may add.
    pub(super) fn make_room_for_numbers(
        &mut self,
        numbers: usize,
        layout: &LocationLayout,
        budget: &mut Budget,
    ) -> Result<(), LoadError> {
        let more = numbers / layout.width + 1;
        budget.make_room(&mut self.all, more)?;
        budget.make_room(&mut self.script_nodes, more)
    }

    /// Puts the rows of the next numbers into columns.
    pub(super) fn take(&mut self, numbers: &[u64], layout: &LocationLayout) -> Result<(), Refused> {
        self.width = layout.width;
        let mut row = std::mem::take(&mut self.row);
        let taken = row.go_on(numbers, layout.width, |row| self.complete(row, layout));
        self.row = row;
        taken
    }

    fn complete(&mut self, row: &[u64], layout: &LocationLayout) -> Result<(), &'static str> {
        let object = node(row[layout.object], layout.node_width)?;
        self.last_node = self.last_node.max(object);
        let script = ScriptId(narrow(row[layout.script], "a script's id does not fit 32 bits")?);
        let line = narrow(row[layout.line], "a line number does not fit 32 bits")?;
        let column = narrow(row[layout.column], "a column does not fit 32 bits")?;
        self.all.push((NodeOrdinal::new(object as usize), Location { script, line, column }));
        if let Some(field) = layout.script_object
            && self.seen_scripts.insert(script)
        {
            let script_object = node(row[field], layout.node_width)?;
            self.last_node = self.last_node.max(script_object);
            self.script_nodes.push((script, NodeOrdinal::new(script_object as usize)));
        }
        Ok(())
    }

    /// By node. Of several for one node the last counts, as in `DevTools`.
    fn sorted(&mut self) -> Vec<(NodeOrdinal, Location)> {
        let mut rows = std::mem::take(&mut self.all);
        rows.reverse();
        rows.sort_by_key(|&(node, _)| node);
        rows.dedup_by_key(|&mut (node, _)| node);
        rows.shrink_to_fit();
        rows
    }
}

/// More bytes than any machine has, and the last number that JavaScript counts to one by one. Files
/// in which a node is larger come from a size below zero, or are forged: it counts for nothing,
/// so that one node does not drown all sums. (`DevTools` takes any size modulo 4 GiB.)
const LARGEST_SIZE: u64 = (1 << 53) - 1;

#[inline]
fn believable(size: u64) -> u64 {
    if size <= LARGEST_SIZE { size } else { 0 }
}
