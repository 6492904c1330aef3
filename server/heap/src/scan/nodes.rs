//! The section `nodes`: rows into columns.

use super::header::NodeLayout;
use super::rows::{Refused, Row, narrow};
use super::section::Section;
use crate::budget::Budget;
use crate::error::{LoadError, thousands};
use crate::kinds::NodeType;
use crate::ordinals::NodeOrdinal;
use crate::sizes::Sizes;

/// More bytes than any machine has, and the last number that JavaScript counts to one by one. Files
/// in which a node is larger come from a size below zero, or are forged: it counts for nothing,
/// so that one node does not drown all sums. (`DevTools` takes any size modulo 4 GiB.)
const MAX_SIZE: u64 = (1 << 53) - 1;

/// So many nodes may have such a size, and one of so many more: of the small numbers below zero that V8 has
/// written there were a handful. With more of them no sum is worth being shown.
const MAX_UNBELIEVABLE: usize = 16;
const NODES_TO_ONE_UNBELIEVABLE: usize = 1000;

/// The columns of `nodes`.
#[derive(Debug, Default)]
pub(super) struct NodeColumns {
    pub(super) row: Row,
    pub(super) width: usize,
    pub(super) kinds: Vec<NodeType>,
    pub(super) names: Vec<u32>,
    pub(super) ids: Vec<u32>,
    pub(super) self_sizes: Sizes,
    pub(super) first_edge: Vec<u32>,
    /// Few nodes have one that is not 0.
    pub(super) detachedness: Vec<(NodeOrdinal, u8)>,
    /// Ids of calls other than 0.
    pub(super) trace_nodes: Vec<(NodeOrdinal, u32)>,
    pub(super) edge_count: u32,
    pub(super) last_name: u32,
    /// How many sizes are larger than [`MAX_SIZE`], and the first: of which node, and what it is.
    unbelievable: usize,
    first_unbelievable: (usize, u64),
}

impl NodeColumns {
    /// Makes room for so many more nodes.
    pub(super) fn make_room(&mut self, more: usize, budget: &mut Budget) -> Result<(), LoadError> {
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
        let size = self.believable(ordinal, row[layout.self_size]);
        self.self_sizes.push(size);
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

    #[inline]
    fn believable(&mut self, ordinal: usize, size: u64) -> u64 {
        if size <= MAX_SIZE {
            return size;
        }
        if self.unbelievable == 0 {
            self.first_unbelievable = (ordinal, size);
        }
        self.unbelievable += 1;
        0
    }

    /// Whether the sizes are worth being added up.
    pub(super) fn finish(&self) -> Result<(), (&'static str, String)> {
        self.row.finish(Section::Nodes)?;
        let nodes = self.kinds.len();
        if self.unbelievable <= MAX_UNBELIEVABLE.max(nodes / NODES_TO_ONE_UNBELIEVABLE) {
            return Ok(());
        }
        let (first, size) = self.first_unbelievable;
        let [all, count, size, first] =
            [nodes as u64, self.unbelievable as u64, size, first as u64].map(thousands);
        let problem = format!(
            "{count} of {all} nodes have a self size that no machine has room for, the first of them \
             {size} bytes (node {first})"
        );
        Err((Section::Nodes.as_str(), problem))
    }
}
