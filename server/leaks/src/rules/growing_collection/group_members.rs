//! The members of a group of collections, the nodes that hold them, and the bytes that these retain. Reads the heap
//! and no source; the leak is made in [`super`].

use heapmark_heap::NodeOrdinal;
use rustc_hash::FxHashMap;

use crate::evidence::{Evidence, of_each};
use crate::rules::growing_collection::group::Group;
use crate::rules::growing_collection::linked_entries::Lists;
use crate::rules::retained_after_close::Defunct;
use crate::v8::dom::detached_of;
use crate::v8::members::all_members;

/// The members of a group, and the nodes that hold them.
pub(super) struct GroupMembers {
    pub(super) members: Vec<NodeOrdinal>,
    pub(super) defunct: Option<Defunct>,
    pub(super) accumulators: Vec<NodeOrdinal>,
}

impl GroupMembers {
    pub(super) fn of(e: &Evidence, group: &Group, lists: &Lists) -> Self {
        let (nodes, members) = (group.nodes(), group.members(e));
        let defunct = Defunct::of(e, &members);
        let mut accumulators = nodes.clone();
        accumulators.extend(&group.beside);
        if defunct == Some(Defunct::Detached) {
            // Elements of a tree refer to each other, so that no single element dominates the others.
            accumulators.extend(members.iter().flat_map(|&member| detached_of(e.heap, member)));
        }
        if group.is_list() {
            // One end alone keeps nothing if the holder has the other one, too.
            accumulators.extend(members.first().into_iter().chain(members.last()));
        } else {
            let all: Vec<NodeOrdinal> =
                nodes.iter().flat_map(|&node| all_members(e.heap, node)).collect();
            accumulators.extend(lists.ends(&all));
        }
        Self { members, defunct, accumulators }
    }

    /// The nodes that retain the members, including those of the groups that hold the same members.
    pub(super) fn keepers(&self, twins: &[&Group]) -> Vec<NodeOrdinal> {
        let mut keepers = self.accumulators.clone();
        keepers.extend(twins.iter().flat_map(|twin| twin.nodes()));
        keepers.sort_unstable();
        keepers
    }
}

/// What each of these sets retains. Equal ones are asked once: it is a walk through most of the heap.
pub(super) fn retained_by_each(e: &Evidence, sets: &[Vec<NodeOrdinal>]) -> Vec<u64> {
    let mut different: Vec<&Vec<NodeOrdinal>> = sets.iter().collect();
    different.sort_unstable();
    different.dedup();
    let retained = of_each(&different, |set| match set[..] {
        [node] => e.heap.retained_size(node),
        _ => e.retained_by(set),
    });
    let known: FxHashMap<&Vec<NodeOrdinal>, u64> = different.into_iter().zip(retained).collect();
    sets.iter().map(|set| known[set]).collect() // each is among them
}
