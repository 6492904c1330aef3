//! The entries of weak maps: two edges each, one from the key and one from the table, which V8 marks
//! as such only by their names:
//!
//! ```text
//! 3 / part of key (K @71) -> value (V @73) pair in WeakMap (table @69)
//! ```
//!
//! The number before the slash differs between the two edges; what follows is the pair.

use rustc_hash::FxHashMap;

use crate::kinds::EdgeType;
use crate::ordinals::{NodeId, StringIndex};
use crate::snapshot::{Edge, Snapshot};

/// What such a name tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ephemeron {
    /// The table's node.
    pub(super) table: Option<NodeId>,
    /// Equal for the two edges of one entry.
    pub(super) pair: u32,
}

/// All names of this form in a snapshot.
#[derive(Debug)]
pub(super) struct Ephemerons {
    by_name: FxHashMap<StringIndex, Ephemeron>,
}

impl Ephemerons {
    pub(super) fn find(snapshot: &Snapshot) -> Self {
        let mut by_name = FxHashMap::default();
        let mut pairs = FxHashMap::default();
        for index in (0..snapshot.strings.len()).map(StringIndex::new) {
            let name = snapshot.strings.get(index);
            if !(name.starts_with(|first: char| first.is_ascii_digit()) && name.ends_with(')')) {
                continue;
            }
            if let Some((pair, table)) = parse(name) {
                let next = pairs.len() as u32;
                let pair = *pairs.entry(pair.to_owned()).or_insert(next);
                by_name.insert(index, Ephemeron { table, pair });
            }
        }
        Self { by_name }
    }

    #[inline]
    pub(super) fn get(&self, snapshot: &Snapshot, edge: &Edge) -> Option<Ephemeron> {
        if edge.edge_type != EdgeType::Internal || self.by_name.is_empty() {
            return None;
        }
        self.by_name.get(&snapshot.edge_name_index(edge)?).copied()
    }
}

/// The pair's name and the table's id, if `name` is of the form
/// `^\d+( / part of key \(.*? @\d+\) -> value \(.*? @\d+\) pair in WeakMap \(table @(\d+)\))$`.
fn parse(name: &str) -> Option<(&str, Option<NodeId>)> {
    let pair = name.trim_start_matches(|digit: char| digit.is_ascii_digit());
    if pair.len() == name.len() {
        return None;
    }
    let entry = pair.strip_prefix(" / part of key (")?;
    let (entry, table) = entry.rsplit_once(") pair in WeakMap (table @")?;
    let table = table.strip_suffix(')').filter(|table| is_number(table))?;
    // JavaScript's `.` does not match line breaks.
    if entry.contains(['\n', '\r', '\u{2028}', '\u{2029}']) {
        return None;
    }
    // The names of key and value may contain anything, so any of the arrows may be the right one.
    let arrow = ") -> value (";
    let is_entry = entry
        .match_indices(arrow)
        .any(|(at, _)| ends_in_id(&entry[..at]) && ends_in_id(&entry[at + arrow.len()..]));
    is_entry.then(|| (pair, table.parse().ok().map(NodeId)))
}

fn ends_in_id(text: &str) -> bool {
    let before = text.trim_end_matches(|digit: char| digit.is_ascii_digit());
    before.len() < text.len() && before.ends_with(" @")
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recognises_what_v8_writes() {
        let name = "12 / part of key (K @71) -> value (V @73) pair in WeakMap (table @69)";
        assert_eq!(parse(name), Some((&name[2..], Some(NodeId(69)))));
    }

    #[test]
    fn copes_with_arrows_in_class_names() {
        let name = "1 / part of key (a) -> value (b @71) -> value (c @7) -> value ( @73) pair in \
                    WeakMap (table @69)";
        assert!(parse(name).is_some());
    }

    #[test]
    fn rejects_what_only_resembles_it() {
        for name in [
            "/ part of key (K @71) -> value (V @73) pair in WeakMap (table @69)",
            "1 / part of key (K @71) -> value (V @73) pair in WeakMap (table @)",
            "1 / part of key (K) -> value (V @73) pair in WeakMap (table @69)",
            "1 / part of key (K @71) -> value (V @73) pair in WeakMap (table @69) ",
            "1 / part of key (K\n @71) -> value (V @73) pair in WeakMap (table @69)",
        ] {
            assert_eq!(parse(name), None, "{name}");
        }
    }
}
