//! The section `locations`: rows, and the scripts' nodes that they name.

use super::header::LocationLayout;
use super::rows::{Refused, Row, narrow, node};
use crate::budget::Budget;
use crate::error::LoadError;
use crate::ordinals::{NodeOrdinal, ScriptId};
use crate::snapshot::Location;

/// The rows of `locations`.
#[derive(Debug, Default)]
pub(super) struct LocationColumns {
    pub(super) row: Row,
    pub(super) width: usize,
    pub(super) all: Vec<(NodeOrdinal, Location)>,
    /// One a script, in the order of their first appearance.
    pub(super) script_nodes: Vec<(ScriptId, NodeOrdinal)>,
    pub(super) seen_scripts: rustc_hash::FxHashSet<ScriptId>,
    pub(super) last_node: u32,
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
    pub(super) fn sorted(&mut self) -> Vec<(NodeOrdinal, Location)> {
        let mut rows = std::mem::take(&mut self.all);
        rows.reverse();
        rows.sort_by_key(|&(node, _)| node);
        rows.dedup_by_key(|&mut (node, _)| node);
        rows.shrink_to_fit();
        rows
    }
}
