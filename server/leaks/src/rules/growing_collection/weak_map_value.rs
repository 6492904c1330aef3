//! What hangs on a value of a weak map: of a collection that grows there.

use crate::blame::access_path::property_steps;
use crate::blame::holding::Blame;
use crate::blame::retaining_path::key_name;
use crate::evidence::Evidence;
use crate::locate::statements::{Statement, Statements};
use crate::v8::weak_map_entries::key;

/// A budget of words: so many places that put a value into the map are shown.
const MAX_PUTS: usize = 3;

/// Something that is, or hangs on, a value of a weak map.
pub(crate) struct WeakValue {
    /// What a person would call the key, if it has a name.
    pub(crate) key: Option<String>,
    /// Those that put values into the map.
    puts: Statements,
}

impl WeakValue {
    /// `None` if no weak map is between the holder and what it holds.
    pub(crate) fn of(e: &Evidence, blame: &Blame) -> Option<Self> {
        let edges = &blame.owner.edges;
        let at = edges.iter().position(|edge| key(e.heap, edge).is_some())?;
        // The step before leads from the map to its table.
        let to_map = edges.get(1..at.checked_sub(1)?)?;
        let puts = match (blame.holder.as_ref(), property_steps(e, to_map).as_deref()) {
            (Some(holder), Some([])) => Statements::about(e.locator, holder, None),
            (Some(holder), Some(path)) => Statements::about_property(e.locator, holder, path),
            _ => Statements::default(),
        };
        Some(Self { key: key_name(e, &edges[at]), puts })
    }

    /// Statements that put values into the map.
    pub(super) fn puts(&self) -> &[Statement] {
        &self.puts.adds[..self.puts.adds.len().min(MAX_PUTS)]
    }
}
