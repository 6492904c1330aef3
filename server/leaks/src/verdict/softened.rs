//! What makes a warning mere information once its growth is known.
//!
//! A healthy program grows a little here and there. With two snapshots only, so does what was not there at
//! all in the first one and may simply have begun, and what waits: those may be other calls.

use crate::verdict::thresholds::softened::{
    LARGE_GROWTH, MANY_ENTRIES, MANY_KEYS, MAX_TABLE, MAX_TIMES, MIN_GROWTH, MIN_GROWTH_IN_TWO,
};

/// What is known of a leak whose growth is known.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Growth<'a> {
    /// In each snapshot, oldest first; at least one.
    pub(crate) counts: &'a [u64],
    /// Bytes.
    pub(crate) bytes: i64,
    pub(crate) of: Of,
}

/// What grew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Of {
    /// A map or an object that is used as one, told as a collection that grows.
    Table,
    /// Another collection that grows.
    Collection,
    /// A map or an object that is used as one, told by another rule.
    OtherTable,
    /// What waits for promises.
    Waiting,
    Other,
}

/// Whether it is too little for a warning, with so many snapshots.
pub(crate) fn is_trifle(growth: &Growth, snapshots: usize) -> bool {
    if snapshots != 2 {
        return growth.bytes < MIN_GROWTH;
    }
    let is_collection = matches!(growth.of, Of::Table | Of::Collection);
    // A table that is being filled looks the same, if it is not too large for one.
    let is_small = is_collection && growth.last() < MAX_TABLE && !growth.goes_on();
    let began = growth.counts[0] == 0 && !is_collection;
    began
        || is_small
        || growth.is_met_by_and_by()
        || growth.of == Of::Waiting
        || growth.bytes < MIN_GROWTH_IN_TWO
}

impl Growth<'_> {
    fn last(&self) -> u64 {
        self.counts[self.counts.len() - 1]
    }

    fn gained(&self) -> u64 {
        self.last().saturating_sub(self.counts[0])
    }

    /// Whether what was there already, and not only a little of it, gained so much that it is no table,
    /// however few its entries are.
    fn goes_on(&self) -> bool {
        let first = self.counts[0];
        let doubled = self.gained() >= MANY_ENTRIES && self.gained() >= first;
        first * MAX_TIMES >= self.last() && (self.bytes >= LARGE_GROWTH || doubled)
    }

    /// Whether a table of no great size gained less than half of what it had, as one does whose keys are
    /// met by and by.
    fn is_met_by_and_by(&self) -> bool {
        matches!(self.of, Of::Table | Of::OtherTable)
            && self.last() < MANY_KEYS
            && 2 * self.gained() < self.counts[0]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_trifle(counts: &[u64], bytes: i64, of: Of) -> bool {
        super::is_trifle(&Growth { counts, bytes, of }, counts.len())
    }

    #[test]
    fn little_growth_is_a_trifle() {
        assert!(is_trifle(&[100, 200, 300], 9_999, Of::Collection));
        assert!(!is_trifle(&[100, 200, 300], 10_000, Of::Collection));
        assert!(is_trifle(&[1_000, 9_000], 19_999, Of::Collection));
    }

    #[test]
    fn in_two_snapshots_a_small_table_may_be_filling() {
        assert!(is_trifle(&[0, 250], 50_000, Of::Table), "it may have begun");
        assert!(is_trifle(&[20, 250], 500_000, Of::Table), "twelve times as many");
        assert!(!is_trifle(&[100, 250], 500_000, Of::Table), "it goes on");
        assert!(is_trifle(&[700, 900], 50_000, Of::Table), "keys that are met by and by");
        assert!(!is_trifle(&[700, 900], 50_000, Of::Collection));
    }

    #[test]
    fn in_two_snapshots_what_has_begun_or_waits_is_a_trifle() {
        assert!(is_trifle(&[0, 900], 500_000, Of::Other));
        assert!(!is_trifle(&[1, 900], 500_000, Of::Other));
        assert!(is_trifle(&[10, 900], 500_000, Of::Waiting));
    }
}
