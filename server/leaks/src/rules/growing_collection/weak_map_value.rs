//! What hangs on a value of a weak map: said of a collection that grows there.

use crate::blame::access_path::property_steps;
use crate::blame::holding::Blame;
use crate::blame::retaining_path::key_name;
use crate::evidence::Evidence;
use crate::locate::places::place_of;
use crate::locate::statements::Statements;
use crate::report::{Place, Role};
use crate::v8::weak_map_entries::key;

/// At most this many places that put a value into the map are shown.
const MAX_PUTS: usize = 3;

/// Something that is, or hangs on, a value of a weak map.
pub(crate) struct WeakValue {
    /// What a person would call the key, if it has a name.
    key: Option<String>,
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

    /// What it is, as a sentence after others; of `count` things.
    pub(crate) fn sentence(&self, count: usize) -> String {
        match &self.key {
            Some(key) if count == 1 => format!(
                " It hangs on the key `{key}`: a WeakMap keeps a value as long as its key lives."
            ),
            _ => " A WeakMap keeps a value as long as its key lives.".to_owned(),
        }
    }

    /// What follows what `count` things hold: ` for the key …`.
    pub(crate) fn label(&self, count: usize) -> String {
        let key = self.key.as_ref().filter(|_| count == 1);
        key.map_or_else(String::new, |key| format!(" for the key `{key}`"))
    }

    /// Where values are put into the map.
    pub(crate) fn places(&self, holder: &Place, blame: &Blame, message: &str) -> Vec<Place> {
        let Some(spot) = blame.holder.as_ref().map(|holder| &holder.spot) else {
            return Vec::new();
        };
        let puts = self.puts.adds.iter().take(MAX_PUTS);
        puts.map(|put| place_of(spot, put, "adds here".to_owned(), message.to_owned()))
            .filter(|place| (&place.file, place.range) != (&holder.file, holder.range))
            .map(|place| Place { role: Role::Grows, ..place })
            .collect()
    }
}
