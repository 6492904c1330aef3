//! A snapshot with everything computed: the phases, and the questions that their columns answer.

use std::borrow::Cow;
use std::ops::Deref;
use std::sync::OnceLock;

use super::beside::beside;
use super::classes::{self, Classes};
use super::detachedness::{self, Detachedness};
use super::distances;
use super::dominated::Dominated;
use super::dominators::{Dominators, Tree};
use super::ephemerons::Ephemerons;
use super::essential;
use super::flags;
use super::instance_index::InstanceIndex;
use super::retainers::{self, Retainers};
use super::shallow;
use crate::bits::Bits;
use crate::monitor::{Cancelled, Monitor, Quiet};
use crate::ordinals::{ClassIndex, NodeOrdinal};
use crate::sizes::Sizes;
use crate::snapshot::{Edge, Snapshot};

/// A snapshot with everything computed. Immutable; share it in an `Arc`.
#[derive(Debug)]
pub struct Analysis {
    pub(super) snapshot: Snapshot,
    pub(super) computed: Computed,
    /// What few ask for is made when the first one does.
    pub(super) queriable: OnceLock<Bits>,
    pub(super) retainers: OnceLock<Retainers>,
    /// The dominator tree's children.
    pub(super) dominated: OnceLock<Dominated>,
    /// Nodes by class and location.
    pub(super) instances: OnceLock<InstanceIndex>,
}

/// All that an analysis adds to its snapshot at once.
#[derive(Debug)]
pub(crate) struct Computed {
    pub(super) detachedness: Detachedness,
    pub(super) page_objects: Bits,
    pub(super) essential: Bits,
    /// None where nothing was moved.
    pub(super) self_sizes: Option<Sizes>,
    pub(super) dominators: Dominators,
    pub(super) distances: Vec<i32>,
    pub(super) classes: Classes,
    pub(super) total_size: u64,
}

impl Analysis {
    /// Computes everything, on two threads. Takes about a fifth of a second for each 100 MB of file.
    pub fn new(snapshot: Snapshot, monitor: &dyn Monitor) -> Result<Analysis, Cancelled> {
        let computed = Computed::of(&snapshot, monitor)?;
        Ok(Analysis::from_computed(snapshot, computed))
    }

    pub(super) fn from_computed(snapshot: Snapshot, computed: Computed) -> Self {
        Self {
            snapshot,
            computed,
            queriable: OnceLock::new(),
            retainers: OnceLock::new(),
            dominated: OnceLock::new(),
            instances: OnceLock::new(),
        }
    }

    /// The snapshot itself; all its methods are also here.
    pub fn snapshot(&self) -> &Snapshot {
        &self.snapshot
    }

    /// Bytes that the node takes itself, as `DevTools` shows it: V8's bookkeeping and stores (an
    /// array's elements, a map's table) count for the only object that owns them.
    #[inline]
    pub fn self_size(&self, node: NodeOrdinal) -> u64 {
        self.sizes().get(node.index())
    }

    /// Bytes that would be freed if the node went.
    #[inline]
    pub fn retained_size(&self, node: NodeOrdinal) -> u64 {
        self.computed.dominators.retained.get(node.index())
    }

    /// Steps from a root of the program: 1 for the global object itself. From [`SYSTEM_DISTANCE`]
    /// on, only V8's own roots reach the node; [`NO_DISTANCE`] if nothing does.
    ///
    /// [`SYSTEM_DISTANCE`]: Analysis::SYSTEM_DISTANCE
    /// [`NO_DISTANCE`]: Analysis::NO_DISTANCE
    #[inline]
    pub fn distance(&self, node: NodeOrdinal) -> i32 {
        self.computed.distances[node.index()]
    }

    /// The last node that every path from the root to this one goes through. The root's is itself.
    #[inline]
    pub fn dominator(&self, node: NodeOrdinal) -> NodeOrdinal {
        NodeOrdinal::new(self.computed.dominators.dominator[node.index()] as usize)
    }

    /// The nodes of which this one is the [dominator](Self::dominator): its children in the
    /// dominator tree. The first call builds the tree's other direction (8 bytes a node).
    pub fn dominated(&self, node: NodeOrdinal) -> impl ExactSizeIterator<Item = NodeOrdinal> + '_ {
        self.dominated_tree().of(node)
    }

    /// The name under which `DevTools`' Summary view lists the node: the constructor's name,
    /// `{x, y}` for plain objects that look alike, `(string)`, `Detached <div>`…
    pub fn class_name(&self, node: NodeOrdinal) -> Cow<'_, str> {
        self.class_index_name(self.class_index(node))
    }

    /// The class by number: comparing numbers is faster than comparing names. Nodes whose names are
    /// equal, but one is `DevTools`' own word (`Function`) and the other the program's, may differ.
    #[inline]
    pub fn class_index(&self, node: NodeOrdinal) -> ClassIndex {
        self.computed.classes.index(node)
    }

    /// The name of a class.
    pub fn class_index_name(&self, class: ClassIndex) -> Cow<'_, str> {
        self.computed.classes.name(&self.snapshot, class)
    }

    /// All links to the node, weak ones too, in `DevTools`' order (the file's, reversed). The first
    /// call sorts the links by target (4 bytes each, and as many a node).
    pub fn retainers(&self, node: NodeOrdinal) -> impl ExactSizeIterator<Item = Edge> + '_ {
        self.by_target().of(node).map(move |edge| self.snapshot.edge_to(node, edge))
    }

    /// Sorts the links by target ahead, so that the first to ask for [`Self::retainers`] does not wait.
    pub fn sort_retainers(&self) {
        self.by_target();
    }

    /// Builds the other direction of the dominator tree ahead, see [`Self::dominated`].
    pub fn sort_dominated(&self) {
        self.dominated_tree();
    }

    fn by_target(&self) -> &Retainers {
        self.retainers.get_or_init(|| retainers::build(&self.snapshot))
    }

    /// Whether the link counts for retained sizes: it is neither weak, nor a convenience of the
    /// snapshot, nor a debugger's.
    #[inline]
    pub fn is_essential(&self, edge: &Edge) -> bool {
        self.computed.essential.get(edge.ordinal.index())
    }

    /// All bytes of the heap.
    pub fn total_size(&self) -> u64 {
        self.computed.total_size
    }

    /// `DevTools`' flags: the sum of [`FLAG_QUERIABLE`](Self::FLAG_QUERIABLE),
    /// [`FLAG_DETACHED`](Self::FLAG_DETACHED) and [`FLAG_PAGE_OBJECT`](Self::FLAG_PAGE_OBJECT).
    pub fn node_flags(&self, node: NodeOrdinal) -> u8 {
        let queriable = self.queriable.get_or_init(|| flags::queriable(&self.snapshot));
        let flag = |is_set, flag| if is_set { flag } else { 0 };
        flag(queriable.get(node.index()), Self::FLAG_QUERIABLE)
            + flag(self.computed.page_objects.get(node.index()), Self::FLAG_PAGE_OBJECT)
            + flag(
                self.computed.detachedness.is_detached(&self.snapshot, node),
                Self::FLAG_DETACHED,
            )
    }

    /// 0 unknown, 1 attached to the page's tree, 2 detached from it.
    pub fn detachedness(&self, node: NodeOrdinal) -> u8 {
        self.computed.detachedness.state(node)
    }

    /// Whether `DevTools` puts `Detached ` before the node's name.
    pub(super) fn is_renamed(&self, node: NodeOrdinal) -> bool {
        self.computed.detachedness.is_renamed(&self.snapshot, node)
    }

    pub(super) fn sizes(&self) -> &Sizes {
        self.computed.self_sizes.as_ref().unwrap_or(&self.snapshot.nodes.self_sizes)
    }

    pub(super) fn dominated_tree(&self) -> &Dominated {
        self.dominated.get_or_init(|| Dominated::build(&self.computed.dominators.dominator))
    }
}

impl Computed {
    pub(crate) fn of(snapshot: &Snapshot, monitor: &dyn Monitor) -> Result<Computed, Cancelled> {
        let detachedness = detachedness::propagate(snapshot, monitor)?;
        let ephemerons = Ephemerons::find(snapshot);
        let quiet = Quiet(monitor);
        let (marked, moved) = beside(
            || {
                let page_objects = flags::page_objects(snapshot, monitor)?;
                let essential = essential::find(snapshot, &ephemerons, &page_objects, monitor)?;
                Ok((page_objects, essential))
            },
            || shallow::move_sizes(snapshot, &detachedness, &quiet),
        );
        let ((page_objects, essential), self_sizes) = (marked?, moved?);
        let sizes = self_sizes.as_ref().unwrap_or(&snapshot.nodes.self_sizes);
        let (tree, distances) = beside(
            || Tree::grow(snapshot, &essential, monitor),
            || distances::compute(snapshot, &ephemerons, |_| true, &quiet),
        );
        let (tree, distances) = (tree?, distances?);
        // Not before the tree has grown, which takes the most memory.
        let (dominators, classes) = beside(
            || tree.weigh(sizes, monitor),
            || classes::name(snapshot, &detachedness, &quiet),
        );
        let (dominators, classes) = (dominators?, classes?);
        let total_size = sizes.sum();
        Ok(Computed {
            detachedness,
            page_objects,
            essential,
            self_sizes,
            dominators,
            distances,
            classes,
            total_size,
        })
    }
}

impl Analysis {
    /// Reachable from the program's globals by ordinary properties.
    pub const FLAG_QUERIABLE: u8 = 1;
    /// A native object known to be detached.
    pub const FLAG_DETACHED: u8 = 2;
    /// Reachable from the program's globals at all.
    pub const FLAG_PAGE_OBJECT: u8 = 4;

    /// The distance of what cannot be reached.
    pub const NO_DISTANCE: i32 = distances::NO_DISTANCE;
    /// The distance of the root where the program has roots of its own, which then come first.
    pub const SYSTEM_DISTANCE: i32 = distances::SYSTEM_DISTANCE;
}

impl Deref for Analysis {
    type Target = Snapshot;

    fn deref(&self) -> &Snapshot {
        &self.snapshot
    }
}
