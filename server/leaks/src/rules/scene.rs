//! What rules are given, and what they leave for each other. The order in which they look is that of the
//! [registry](crate::rules::REGISTRY).

use std::sync::Arc;

use heapmark_heap::{NodeOrdinal, NodeSet, ScriptId};
use rustc_hash::FxHashSet;

use crate::evidence::{Evidence, GrowingCollection};
use crate::rules::leak::Leak;
use crate::v8::linked_lists::Chain;

/// The evidence, and what was found so far.
pub(crate) struct Scene<'e> {
    pub(crate) e: &'e Evidence<'e>,
    /// Every linked list.
    pub(crate) lists: &'e [Chain],
    /// Every string of a text that many have.
    pub(crate) equal_strings: Vec<NodeOrdinal>,
    /// The collections that grow, or are suspiciously large in a single snapshot: a rule that knows more of
    /// one takes it out.
    pub(crate) collections: Vec<GrowingCollection>,
    /// Scripts that are copies of others, and a leak themselves.
    pub(crate) reloaded: FxHashSet<ScriptId>,
    /// What was found so far.
    pub(crate) leaks: Vec<Leak>,
    /// What the leaks of the first stage leave; `None` before, and of a single snapshot.
    pub(crate) residue: Option<Residue>,
    grown: Option<Arc<NodeSet>>,
}

/// What is left when the leaks of the first stage are taken away.
pub(crate) struct Residue {
    /// Whatever holds those leaks.
    pub(crate) accumulators: Vec<NodeOrdinal>,
    /// What stays reachable without them: something else keeps it.
    pub(crate) unexplained: NodeSet,
}

impl<'e> Scene<'e> {
    /// Before any rule looked.
    pub(crate) fn new(
        e: &'e Evidence<'e>,
        equal_strings: Vec<NodeOrdinal>,
        collections: Vec<GrowingCollection>,
    ) -> Self {
        Self {
            e,
            lists: &e.newest_census().lists,
            equal_strings,
            collections,
            reloaded: FxHashSet::default(),
            leaks: Vec::new(),
            residue: None,
            grown: None,
        }
    }

    /// The members of what was found. What stands in a collection that grows is told there, also if
    /// something else keeps it too.
    pub(crate) fn members(&self) -> NodeSet {
        NodeSet::of(self.e.heap, self.leaks.iter().flat_map(|leak| leak.members.iter().copied()))
    }

    /// Objects dominated by what was seen to grow when this was first asked, and its members: they belong
    /// to that leak, whatever else could be said of them.
    pub(crate) fn grown(&mut self) -> Arc<NodeSet> {
        let Self { e, leaks, grown, .. } = self;
        Arc::clone(grown.get_or_insert_with(|| Arc::new(below_growth(e, leaks))))
    }
}

fn below_growth(e: &Evidence, leaks: &[Leak]) -> NodeSet {
    let grows = leaks.iter().filter(|leak| leak.features.is_seen_to_grow());
    let members = grows.clone().flat_map(|leak| leak.members.iter().copied());
    let accumulators = grows.flat_map(|leak| leak.accumulators.iter().copied());
    let mut below = NodeSet::new(e.heap);
    // A member that something else keeps, too, is below no accumulator, but has its own below it.
    e.add_below(&mut below, accumulators.chain(members.clone()));
    below.extend(members);
    below
}
