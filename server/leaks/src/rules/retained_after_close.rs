//! retained-after-close, dead-weakrefs and detached-dom: a collection keeps what is of no use any more.
//! Sockets, requests, responses and workers that are closed, weak references whose target is gone, and
//! elements that were taken out of their page can be told by their shape.
//!
//! Found as growing collections ([`crate::rules::growing_collection`]), of which they are the clearest kind: what
//! is closed will not be needed again.

use heapmark_heap::{NodeOrdinal, NodeType};

use crate::evidence::Evidence;
use crate::report::Rule;
use crate::v8::dom::detached_of;
use crate::verdict::thresholds::retained_after_close::{MIN_COUNT, MIN_SHARE};

pub(crate) const DEAD_WEAK_REFS: Rule =
    Rule::new("dead-weakrefs", "Weak references that outlive their targets");
pub(crate) const CLOSED: Rule = Rule::new(
    "retained-after-close",
    "Sockets, requests, responses and workers that are kept after they were closed",
);

/// A budget: so many members are looked at; more would only repeat.
const SAMPLE: usize = 500;
/// What a collection is full of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Defunct {
    /// Closed sockets, finished requests, ended workers: as people call them.
    Closed(&'static str),
    /// Weak references to nothing.
    Empty,
    /// Elements that were taken out of their page, or objects that have one.
    Detached,
}

impl Defunct {
    /// Of what the members are, if most of the objects among them are done with.
    pub(super) fn of(e: &Evidence, members: &[NodeOrdinal]) -> Option<Self> {
        let stride = members.len().div_ceil(SAMPLE).max(1);
        let sample = members.iter().step_by(stride);
        let objects = || sample.clone().filter(|&&it| e.heap.node_type(it) == NodeType::Object);
        let enough =
            |done: usize| done >= MIN_COUNT && done as f64 >= MIN_SHARE * objects().count() as f64;
        if enough(objects().filter(|&&it| e.shapes.is_empty_weak_ref(it)).count()) {
            return Some(Defunct::Empty);
        }
        if enough(sample.clone().filter(|&&it| !detached_of(e.heap, it).is_empty()).count()) {
            return Some(Defunct::Detached);
        }
        let closed: Vec<&str> = objects().filter_map(|&it| e.shapes.closed(it)).collect();
        let first = closed.first()?;
        let same = closed.iter().all(|noun| noun == first);
        enough(closed.len()).then_some(Defunct::Closed(if same { first } else { "connections" }))
    }

    /// Whether it is of no use for certain. An element may be put into the page again.
    pub(super) fn is_certain(self) -> bool {
        self != Defunct::Detached
    }

    pub(super) fn rule(self) -> Rule {
        match self {
            Defunct::Closed(_) => CLOSED,
            Defunct::Empty => DEAD_WEAK_REFS,
            Defunct::Detached => crate::rules::detached_dom::RULE,
        }
    }
}

#[cfg(test)]
mod drawn_tests;
