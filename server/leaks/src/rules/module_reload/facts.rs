//! What is known of modules that pile up. The words for it are in [`crate::words`].

use heapmark_heap::{NodeOrdinal, NodeType};

use crate::blame::retaining_path::NodeKeeps;
use crate::evidence::Evidence;
use crate::report::Rule;
use crate::rules::leak::At;
use crate::verdict::trend::Trend;

pub(crate) const RULE: Rule = Rule::new("module-reload", "A module that is loaded again and again");

/// Modules that pile up.
pub(crate) struct ReloadedModules {
    pub(crate) trend: Trend,
    pub(crate) loaded: Loaded,
    /// Another file each time, and not copies of one.
    pub(crate) are_other_files: bool,
    /// These files were all written before anybody looked.
    pub(crate) are_written: bool,
    /// Bytes of all that they keep.
    pub(crate) retained: u64,
    /// The files that are loaded again, those with the most copies first, and how many there are of each.
    pub(crate) modules: Vec<(String, u64)>,
    pub(crate) places: Vec<At<ModulePlace>>,
}

/// What stands at a place.
#[derive(Clone, Copy)]
pub(crate) enum ModulePlace {
    /// The statement that loads them.
    Loads,
    /// The first line of a module, under the file's name, and how many copies of it there are.
    Module(u64),
}

/// How the copies were loaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Loaded {
    /// Each is one of Node's `Module` objects.
    Required,
    /// Each is a script with a URL of its own.
    Imported,
}

impl Loaded {
    pub(super) fn of(e: &Evidence, copies: &[NodeOrdinal]) -> Self {
        let is_object = |&copy: &NodeOrdinal| e.heap.node_type(copy) == NodeType::Object;
        if copies.iter().any(is_object) { Loaded::Required } else { Loaded::Imported }
    }

    pub(super) fn keeper(self) -> NodeKeeps {
        match self {
            Loaded::Required => NodeKeeps::ModuleChildren,
            Loaded::Imported => NodeKeeps::ImportedModules,
        }
    }
}
