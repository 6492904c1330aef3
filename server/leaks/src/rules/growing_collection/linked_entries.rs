//! Linked lists in which the entries of a collection hang together: those of a cache that lead to the next
//! newer one. Neither the collection nor the list alone keeps them.

use heapmark_heap::NodeOrdinal;
use rustc_hash::FxHashMap;

use crate::v8::linked_lists::Chain;
use crate::verdict::thresholds::growing_chain::MIN_EXPLAINED_SHARE;
use crate::verdict::thresholds::trend::MIN_GROWTH;

/// The lists of a heap that are long enough to matter, by what is in them.
pub(super) struct Lists<'a> {
    lists: &'a [Chain],
    /// Which list each element is in.
    list_of: FxHashMap<NodeOrdinal, usize>,
}

impl<'a> Lists<'a> {
    pub(super) fn of(lists: &'a [Chain]) -> Self {
        let long = lists.iter().enumerate();
        let long = long.filter(|(_, list)| list.members.len() as u64 >= MIN_GROWTH);
        let list_of =
            long.flat_map(|(index, list)| list.members.iter().map(move |&it| (it, index)));
        Self { lists, list_of: list_of.collect() }
    }

    /// Both ends of each list of which most elements are among these.
    pub(super) fn ends(&self, members: &[NodeOrdinal]) -> Vec<NodeOrdinal> {
        let mut inside: FxHashMap<usize, usize> = FxHashMap::default();
        for index in members.iter().filter_map(|member| self.list_of.get(member)) {
            *inside.entry(*index).or_default() += 1;
        }
        let is_theirs = |&(index, count): &(usize, usize)| {
            count as f64 >= MIN_EXPLAINED_SHARE * self.lists[index].members.len() as f64
        };
        let theirs = inside.into_iter().filter(is_theirs);
        let ends = theirs.flat_map(|(index, _)| {
            let members = &self.lists[index].members;
            [members[0], members[members.len() - 1]] // a list has members
        });
        let mut ends: Vec<NodeOrdinal> = ends.collect();
        ends.sort_unstable();
        ends
    }
}
