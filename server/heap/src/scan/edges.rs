//! The section `edges`: rows into columns.

use super::header::EdgeLayout;
use super::rows::{Refused, Row, narrow, node};
use crate::budget::Budget;
use crate::error::LoadError;
use crate::kinds::EdgeType;

/// The columns of `edges`.
#[derive(Debug, Default)]
pub(super) struct EdgeColumns {
    pub(super) row: Row,
    pub(super) width: usize,
    pub(super) kinds: Vec<EdgeType>,
    pub(super) names: Vec<u32>,
    pub(super) targets: Vec<u32>,
    pub(super) last_target: u32,
    pub(super) last_name: u32,
}

impl EdgeColumns {
    /// Makes room for so many more edges.
    pub(super) fn make_room(&mut self, more: usize, budget: &mut Budget) -> Result<(), LoadError> {
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
