//! What a recording (`.heaptimeline`) tells of an object: when it was born, and under which calls.

use std::borrow::Cow;

use crate::allocations::Sample;
use crate::ordinals::{NodeOrdinal, ScriptId};
use crate::snapshot::{Location, Snapshot};

/// A call on the stack of an allocation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame<'a> {
    /// The function's name; V8's own are `(root)` and `(V8 API)`.
    pub function: Cow<'a, str>,
    /// The script's URL or path, as V8 names it.
    pub script_name: Cow<'a, str>,
    /// The script, if it is one's.
    pub script: Option<ScriptId>,
    /// Where the function starts, if V8 knows.
    pub location: Option<Location>,
}

impl Snapshot {
    /// The moments that the recording noted, in order; empty for an ordinary snapshot.
    pub fn samples(&self) -> &[Sample] {
        &self.allocations.samples
    }

    /// The place in [`Self::samples`] of the first moment at which the object was there: it was born
    /// between the one before and this. None for native objects, and for what came after the last.
    pub fn birth(&self, node: NodeOrdinal) -> Option<usize> {
        let (id, samples) = (self.node_id(node), self.samples());
        let place = samples.partition_point(|sample| sample.last_id < id);
        (id.is_js_object() && place < samples.len()).then_some(place)
    }

    /// The calls under which the object was allocated, innermost first, down to V8's `(root)`. Empty
    /// if the recording did not see it, as what optimised code allocates.
    pub fn allocation_stack(&self, node: NodeOrdinal) -> Vec<Frame<'_>> {
        let allocations = &self.allocations;
        let Ok(place) = allocations.by_node.binary_search_by_key(&node, |&(node, _)| node) else {
            return Vec::new();
        };
        let (_, id) = allocations.by_node[place];
        let tree = &allocations.tree;
        let mut call = tree.ids.iter().rposition(|&known| known == id);
        let mut stack = Vec::new();
        while let Some(row) = call {
            stack.extend(self.frame(tree.functions[row]));
            // Callers come first, so this ends.
            call = Some(tree.parents[row] as usize).filter(|&parent| parent < row);
        }
        stack
    }

    pub(crate) fn frame(&self, function: u32) -> Option<Frame<'_>> {
        let function = self.allocations.functions.get(function as usize)?;
        let location = match (function.line, function.column) {
            (0, _) | (_, 0) => None,
            (line, column) => Some(Location {
                script: ScriptId(function.script),
                line: line - 1,
                column: column - 1,
            }),
        };
        Some(Frame {
            function: self.string(function.name),
            script_name: self.string(function.script_name),
            script: Some(function.script).filter(|&script| script != 0).map(ScriptId),
            location,
        })
    }
}
