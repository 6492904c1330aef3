//! Where and when objects were allocated, in files that were recorded with that
//! (`.heaptimeline`): the sections `samples`, `trace_function_infos` and `trace_tree`, and the nodes'
//! `trace_node_id`.
//!
//! ```text
//! node ──trace id──► call in the tree ──function──► name, script, line, column
//!                      └─parent─► its caller ─► … ─► (root)
//! ```

use crate::ordinals::{NodeId, NodeOrdinal, StringIndex};
use crate::storage::{items, stored};

/// What the file tells of allocations.
#[derive(Debug, Default)]
pub(crate) struct Allocations {
    pub(crate) functions: Vec<TraceFunction>,
    pub(crate) tree: TraceCalls,
    /// Trace ids other than 0, sorted by node.
    pub(crate) by_node: Vec<(NodeOrdinal, u32)>,
    pub(crate) samples: Vec<Sample>,
}

stored!(Allocations { functions, tree, by_node, samples });

impl Allocations {
    /// Whether nodes and calls are there, and all columns of calls are as long.
    pub(crate) fn are_whole(&self, nodes: usize) -> bool {
        let TraceCalls { ids, functions, parents, counts, sizes } = &self.tree;
        [functions.len(), parents.len(), counts.len(), sizes.len()] == [ids.len(); 4]
            && self.by_node.iter().all(|(node, _)| node.index() < nodes)
    }
}

/// A row of `trace_function_infos`. Line and column count from 1; 0 is unknown.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TraceFunction {
    pub(crate) name: StringIndex,
    pub(crate) script_name: StringIndex,
    pub(crate) script: u32,
    pub(crate) line: u32,
    pub(crate) column: u32,
}

/// The calls of `trace_tree`, callers before callees.
#[derive(Debug, Default)]
pub(crate) struct TraceCalls {
    pub(crate) ids: Vec<u32>,
    pub(crate) functions: Vec<u32>,
    /// The caller's row, or one that does not exist.
    pub(crate) parents: Vec<u32>,
    /// Allocations of the call itself, also of what is garbage by now.
    pub(crate) counts: Vec<u64>,
    pub(crate) sizes: Vec<u64>,
}

stored!(TraceCalls { ids, functions, parents, counts, sizes });

/// A moment of the recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sample {
    /// Since the recording began.
    pub microseconds: u64,
    /// The newest object's id at that moment.
    pub last_id: NodeId,
}

items! {
    TraceFunction: (((StringIndex, StringIndex), (u32, u32)), u32),
        |f| (((f.name, f.script_name), (f.script, f.line)), f.column),
        |(((name, script_name), (script, line)), column)| {
            TraceFunction { name, script_name, script, line, column }
        };
    Sample: (u64, NodeId),
        |sample| (sample.microseconds, sample.last_id),
        |(microseconds, last_id)| Sample { microseconds, last_id };
}
