//! The tables behind maps and sets, as V8 lays them out.
//!
//! ```text
//! Map ─table→ [ entries | deleted | buckets │ bucket heads… │ key value next │ key value next │ … ]
//! Set ─table→ [ entries | deleted | buckets │ bucket heads… │ key next │ key next │ … ]
//! ```
//!
//! A table's links are named by their place in it. Where an entry was deleted stands a hole until the table
//! is made anew. It is a value like `undefined` to most versions of V8, whose files have no link to it; to
//! V8 12 and 13 (Node.js 22 to 24) it is an object of its own, and they have.

use super::member::{Member, MemberKey};
use crate::kinds::{EdgeType, NodeType};
use crate::ordinals::NodeOrdinal;
use crate::snapshot::Snapshot;

/// How the rows of an ordered hash table are made.
#[derive(Clone, Copy)]
pub(super) struct TableLayout {
    /// Fields of a row; the last one leads to the next of its bucket.
    width: u32,
    has_values: bool,
}

impl TableLayout {
    pub(super) const MAP: Self = Self { width: 3, has_values: true };
    pub(super) const SET: Self = Self { width: 2, has_values: false };
}

/// One field of an entry. Short: a table may have millions.
struct Cell {
    row: u32,
    field: u8,
    target: NodeOrdinal,
}

/// Of how many rows these are the fields.
fn rows(cells: &[Cell]) -> usize {
    cells.chunk_by(|one, other| one.row == other.row).count()
}

impl Snapshot {
    /// Entries of an ordered hash table.
    pub(super) fn table_entries(&self, table: NodeOrdinal, layout: TableLayout) -> Vec<Member> {
        let cells = self.cells(table, layout);
        // Room for all at once: what grows by doubling takes its memory twice.
        let mut members = Vec::with_capacity(rows(&cells));
        let mut last = None;
        for Cell { row, field, target } in cells {
            if last != Some(row) {
                members.push(Member { key: None, value: None });
                last = Some(row);
            }
            let Some(member) = members.last_mut() else { continue };
            match field {
                0 => member.key = Some(MemberKey::Node(target)),
                1 if layout.has_values => member.value = Some(target),
                _ => {}
            }
        }
        members
    }

    /// How many [entries](Self::table_entries) there are.
    pub(super) fn table_entry_count(&self, table: NodeOrdinal, layout: TableLayout) -> usize {
        rows(&self.cells(table, layout))
    }

    /// What a table's links say of its entries, in their order; nothing of what is no such table.
    fn cells(&self, table: NodeOrdinal, layout: TableLayout) -> Vec<Cell> {
        let links = self.edges(table);
        let mut cells = Vec::with_capacity(links.len());
        let mut last = 0;
        for edge in links.filter(|edge| edge.edge_type == EdgeType::Internal) {
            if self.is_hole(edge.to) {
                continue;
            }
            let Some(name) = self.edge_name_index(&edge) else { continue };
            let Ok(place) = self.string(name).parse::<u32>() else { continue };
            last = last.max(place);
            cells.push(Cell { row: place, field: 0, target: edge.to });
        }
        let first = self.first_entry(table, layout, last);
        cells.retain_mut(|cell| {
            // Before the first entry stand counts and, in a table that was replaced, its successor.
            let Some(place) = first.and_then(|first| cell.row.checked_sub(first)) else {
                return false;
            };
            (cell.row, cell.field) = (place / layout.width, (place % layout.width) as u8);
            true
        });
        cells
    }

    /// The place of the table's first entry: after three counts and the buckets. With two entries to a
    /// bucket a table has 3 + capacity / 2 · (2 · width + 1) fields.
    fn first_entry(&self, table: NodeOrdinal, layout: TableLayout, last: u32) -> Option<u32> {
        // A header of two words, then the fields. Words are of 8 bytes in Node.js, of 4 in Chrome.
        let bytes = self.raw_self_size(table);
        let (width, last) = (u64::from(layout.width), u64::from(last));
        [8, 4].into_iter().find_map(|word| {
            let fields = (bytes / word).checked_sub(2)?;
            let doubled = 2 * fields.checked_sub(3)?;
            let of_bucket = 2 * width + 1;
            let capacity = doubled / of_bucket;
            let fits = doubled % of_bucket == 0 && capacity.is_power_of_two();
            let first = 3 + capacity / 2;
            (fits && last < first + capacity * width).then(|| u32::try_from(first).ok())?
        })
    }

    /// Entries of a weak map's table: at odd places its keys, and after each its value. Those links are
    /// weak; the one that keeps the value is of the entry as a whole.
    pub(super) fn weak_entries(&self, table: NodeOrdinal, has_values: bool) -> Vec<Member> {
        let mut members: Vec<Member> = Vec::new();
        let mut last_key = 0;
        for edge in self.edges(table).filter(|edge| edge.edge_type == EdgeType::Weak) {
            let Some(name) = self.edge_name_index(&edge) else { continue };
            let Ok(place) = self.string(name).parse::<u32>() else { continue };
            if place % 2 == 1 {
                members.push(Member { key: Some(MemberKey::Node(edge.to)), value: None });
                last_key = place;
            } else if has_values
                && place == last_key + 1
                && let Some(member) = members.last_mut()
            {
                member.value = Some(edge.to);
            }
        }
        members
    }

    /// Whether the node is what V8 writes where nothing is.
    fn is_hole(&self, node: NodeOrdinal) -> bool {
        let hole = self.collection_names().hole;
        hole.is_some_and(|hole| self.name_index(node) == hole)
            && self.node_type(node) == NodeType::Hidden
    }
}
