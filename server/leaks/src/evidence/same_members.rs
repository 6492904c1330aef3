//! Whether two leaks hold the same things: as they are, or each in something of its own around it (a
//! record with a date, a set for each key).

use heapmark_heap::{NodeOrdinal, NodeType};
use rustc_hash::FxHashSet;

use crate::evidence::run::Evidence;
use crate::v8::members::all_members;
use crate::verdict::thresholds::same_members::{MAX_AROUND, MAX_INSIDE, MIN_SHARED};

/// A budget: so many are asked what is in them.
const ASKED: usize = 200;

/// What something that grows holds directly.
pub(crate) struct MemberOverlap {
    members: FxHashSet<NodeOrdinal>,
    /// How many of them are objects, and not texts.
    objects: usize,
    /// What is in some of these.
    inside: Vec<Vec<NodeOrdinal>>,
}

impl MemberOverlap {
    pub(crate) fn of(e: &Evidence, members: &[NodeOrdinal]) -> Self {
        let is_object = |&member: &NodeOrdinal| e.heap.node_type(member) == NodeType::Object;
        let objects: Vec<NodeOrdinal> = members.iter().copied().filter(is_object).collect();
        let stride = objects.len().div_ceil(ASKED).max(1);
        let inside = objects.iter().step_by(stride).map(|&member| inside(e, member)).collect();
        Self { members: members.iter().copied().collect(), objects: objects.len(), inside }
    }

    /// Whether both hold the same things.
    pub(crate) fn are(&self, others: &Self) -> bool {
        let smaller = self.members.len().min(others.members.len());
        let shared = self.members.intersection(&others.members).count();
        smaller > 0 && shared as f64 >= MIN_SHARED * smaller as f64
            || self.are_inside(others)
            || others.are_inside(self)
    }

    /// Whether what the others hold is around these.
    fn are_inside(&self, others: &Self) -> bool {
        if self.objects == 0 || others.objects == 0 || others.objects > MAX_AROUND * self.objects {
            return false;
        }
        let mut met: FxHashSet<NodeOrdinal> = FxHashSet::default();
        let mut around = 0;
        for inside in &others.inside {
            let things = inside.iter().copied().filter(|thing| self.members.contains(thing));
            let things: Vec<NodeOrdinal> = things.collect();
            around += usize::from(!things.is_empty());
            met.extend(things);
        }
        let asked = others.inside.len();
        around as f64 >= MIN_SHARED * asked as f64
            && met.len() as f64 * MAX_AROUND as f64 >= MIN_SHARED * self.objects.min(asked) as f64
    }
}

/// The objects in something. A text is shared by all who speak of one thing: that two are about the same users
/// does not make them one leak.
fn inside(e: &Evidence, member: NodeOrdinal) -> Vec<NodeOrdinal> {
    let mut inside = all_members(e.heap, member);
    if inside.len() > MAX_INSIDE {
        return Vec::new();
    }
    inside.retain(|&it| e.heap.node_type(it) != NodeType::String);
    inside
}
