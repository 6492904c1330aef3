//! The tables behind maps and sets, as V8 lays them out.
//!
//! ```text
//! Map ─table→ [ entries | deleted | buckets │ bucket heads… │ key value next │ key value next │ … ]
//! Set ─table→ [ entries | deleted | buckets │ bucket heads… │ key next │ key next │ … ]
//! ```
//!
//! A table's links are named by their place in it.

use super::{Member, MemberKey};
use crate::kinds::EdgeType;
use crate::ordinals::{NodeOrdinal, StringIndex};
use crate::snapshot::Snapshot;

impl Snapshot {
    /// Entries of an ordered hash table with rows of `width` fields. With two entries to a bucket it
    /// has 3 + `seven_or_five` / 2 · capacity fields.
    pub(super) fn table_entries(
        &self,
        table: NodeOrdinal,
        width: usize,
        seven_or_five: usize,
        has_values: bool,
    ) -> Vec<Member> {
        let links: Vec<(usize, NodeOrdinal)> = self
            .edges(table)
            .filter(|edge| edge.edge_type == EdgeType::Internal)
            .filter_map(|edge| {
                let place = self.string(self.edge_name_index(&edge)?).parse().ok()?;
                Some((place, edge.to))
            })
            .collect();
        let Some(first) = self.first_entry(table, seven_or_five, width, &links) else {
            return Vec::new();
        };
        let mut members: Vec<(usize, Member)> = Vec::new();
        for (place, target) in links {
            // Before the first entry stand counts and, in a table that was replaced, its successor.
            let Some(place) = place.checked_sub(first) else { continue };
            let (row, field) = (place / width, place % width);
            if members.last().is_none_or(|(last, _)| *last != row) {
                members.push((row, Member { key: None, value: None }));
            }
            let Some((_, member)) = members.last_mut() else { continue };
            match field {
                0 => member.key = Some(MemberKey::Node(target)),
                1 if has_values => member.value = Some(target),
                _ => {}
            }
        }
        members.into_iter().map(|(_, member)| member).collect()
    }

    /// The place of the table's first entry: after three counts and the buckets.
    fn first_entry(
        &self,
        table: NodeOrdinal,
        seven_or_five: usize,
        width: usize,
        links: &[(usize, NodeOrdinal)],
    ) -> Option<usize> {
        // A header of two words, then the fields. Words are of 8 bytes in Node.js, of 4 in Chrome.
        let bytes = self.raw_self_size(table) as usize;
        let last = links.iter().map(|&(place, _)| place).max().unwrap_or(0);
        [8, 4].into_iter().find_map(|word| {
            let fields = (bytes / word).checked_sub(2)?;
            let doubled = 2 * fields.checked_sub(3)?;
            let capacity = doubled / seven_or_five;
            let fits = doubled % seven_or_five == 0 && capacity.is_power_of_two();
            let first = 3 + capacity / 2;
            (fits && last < first + capacity * width).then_some(first)
        })
    }

    /// Entries of a weak map's table: at odd places its keys, weakly; after each, a link for the
    /// entry as a whole leads to the value.
    pub(super) fn weak_entries(&self, table: NodeOrdinal, has_values: bool) -> Vec<Member> {
        let mut members: Vec<Member> = Vec::new();
        for edge in self.edges(table) {
            let Some(name) = self.edge_name_index(&edge) else { continue };
            match edge.edge_type {
                EdgeType::Weak => {
                    let place: Option<u32> = self.string(name).parse().ok();
                    if place.is_some_and(|place| place % 2 == 1) {
                        members.push(Member { key: Some(MemberKey::Node(edge.to)), value: None });
                    }
                }
                EdgeType::Internal if has_values && self.is_entry_name(name) => {
                    if let Some(member) = members.last_mut() {
                        member.value = Some(edge.to);
                    }
                }
                _ => {}
            }
        }
        members
    }

    fn is_entry_name(&self, name: StringIndex) -> bool {
        self.strings.get(name).contains(" / part of key (")
    }
}
