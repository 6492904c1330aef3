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
    /// The elements in order, each with the list that it is in. A heap may be one list, of which a table
    /// would take three times as much.
    list_of: Vec<(NodeOrdinal, u32)>,
}

impl<'a> Lists<'a> {
    pub(super) fn of(lists: &'a [Chain]) -> Self {
        let long = lists.iter().enumerate();
        let long = long.filter(|(_, list)| list.members.len() as u64 >= MIN_GROWTH);
        let list_of =
            long.flat_map(|(index, list)| list.members.iter().map(move |&it| (it, index as u32)));
        let mut list_of: Vec<(NodeOrdinal, u32)> = list_of.collect();
        list_of.sort_unstable();
        Self { lists, list_of }
    }

    /// The last of the lists that the node is in.
    fn of_node(&self, node: NodeOrdinal) -> Option<usize> {
        let behind = self.list_of.partition_point(|&(other, _)| other <= node);
        let (found, list) = self.list_of[..behind].last()?;
        (*found == node).then_some(*list as usize)
    }

    /// Both ends of each list of which most elements are among these.
    pub(super) fn ends(&self, members: &[NodeOrdinal]) -> Vec<NodeOrdinal> {
        let mut inside: FxHashMap<usize, usize> = FxHashMap::default();
        for index in members.iter().filter_map(|&member| self.of_node(member)) {
            *inside.entry(index).or_default() += 1;
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
