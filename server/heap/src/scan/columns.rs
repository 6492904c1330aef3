//! From rows of numbers to columns, each field in an array of its own.
//!
//! Rows are checked as far as one row can tell; what depends on other sections (does the edge's
//! target exist?) is checked in [`Columns::finish`].

use std::sync::OnceLock;

use super::edges::EdgeColumns;
use super::header::Layout;
use super::locations::LocationColumns;
use super::nodes::NodeColumns;
use super::section::Section;
use super::tables::Tables;
use crate::budget::Budget;
use crate::error::{LoadError, thousands};
use crate::ordinals::ScriptId;
use crate::snapshot::{Edges, Nodes, Snapshot, sources};
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
        self.nodes.finish()?;
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
            scripts: OnceLock::new(),
        })
    }
}
