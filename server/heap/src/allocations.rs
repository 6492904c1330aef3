//! Where and when objects were allocated, in files that were recorded with that
//! (`.heaptimeline`): the sections `samples`, `trace_function_infos` and `trace_tree`, and the nodes'
//! `trace_node_id`.
//!
//! ```text
//! node ──trace id──► call in the tree ──function──► name, script, line, column
//!                      └─parent─► its caller ─► … ─► (root)
//! ```

use std::borrow::Cow;

use rustc_hash::FxHashMap;

use crate::analysis::Analysis;
use crate::index::stored;
use crate::ordinals::{NodeId, NodeOrdinal, ScriptId, StringIndex};
use crate::snapshot::{Location, Snapshot};

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

/// What one function allocated, over the whole recording: a row of `DevTools`' Allocation view.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AllocationSite<'a> {
    /// The function.
    pub frame: Frame<'a>,
    /// Objects allocated in its own calls, not in those of its callees.
    pub count: u64,
    /// Their bytes.
    pub size: u64,
    /// Those of them that are alive.
    pub live_count: u64,
    /// Bytes of the living ones, as [`Analysis::self_size`] counts them.
    pub live_size: u64,
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
        (id.0 % 2 == 1 && place < samples.len()).then_some(place)
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

    fn frame(&self, function: u32) -> Option<Frame<'_>> {
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

impl Analysis {
    /// What each function allocated, the largest first (`DevTools`: `serializeTraceTops`). Empty
    /// unless the file was recorded with allocation stacks.
    pub fn allocation_sites(&self) -> Vec<AllocationSite<'_>> {
        let Allocations { functions, tree, by_node, .. } = &self.allocations;
        let mut living: FxHashMap<u32, (u64, u64)> = FxHashMap::default();
        for &(node, id) in by_node {
            let (count, size) = living.entry(id).or_default();
            *count += 1;
            *size = size.saturating_add(self.self_size(node));
        }
        let mut sums = vec![[0_u64; 4]; functions.len()];
        for row in 0..tree.ids.len() {
            let Some(sum) = sums.get_mut(tree.functions[row] as usize) else { continue };
            if tree.counts[row] == 0 {
                continue;
            }
            let (live_count, live_size) = living.get(&tree.ids[row]).copied().unwrap_or_default();
            let own = [tree.counts[row], tree.sizes[row], live_count, live_size];
            for (sum, own) in sum.iter_mut().zip(own) {
                *sum = sum.saturating_add(own);
            }
        }
        let mut sites: Vec<_> = (0_u32..)
            .zip(sums)
            .filter(|(_, [count, ..])| *count > 0)
            .filter_map(|(function, [count, size, live_count, live_size])| {
                let frame = self.frame(function)?;
                Some(AllocationSite { frame, count, size, live_count, live_size })
            })
            .collect();
        sites.sort_by_key(|site| std::cmp::Reverse(site.size));
        sites
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use serde_json::json;

    use super::*;
    use crate::sketch::Sketch;
    use crate::{Scanner, Unmonitored};

    fn recording() -> (Sketch, serde_json::Value) {
        let sketch = Sketch::parse("root --shortcut global--> a\na -> b\nb -> c\nc: array 30 @8");
        let mut file = sketch.json();
        let strings = file["strings"].as_array_mut().expect("strings");
        let first = strings.len();
        strings.extend(["(root)", "main", "push", "/app/x.js"].map(|name| json!(name)));
        let [root, main, push, script] = [first, first + 1, first + 2, first + 3];
        // `b` comes from main, its store `c` from push, called by main; nobody saw `a`.
        file["nodes"][2 * 7 + 5] = json!(2);
        file["nodes"][3 * 7 + 5] = json!(7);
        // As V8 does when it records itself: fewer than there are.
        file["snapshot"]["trace_function_count"] = json!(1);
        file["trace_function_infos"] =
            json!([0, root, 0, 0, 0, 0, 9, main, script, 5, 1, 1, 11, push, script, 5, 10, 3]);
        file["trace_tree"] =
            json!([1, 0, 0, 0, [2, 1, 4, 400, [7, 2, 5, 900, []], 3, 2, 0, 77, []]]);
        file["samples"] = json!([0, 1, 5_000_000_000_u64, 3, 6_000_000_000_u64, 5]);
        let meta = &mut file["snapshot"]["meta"];
        meta["trace_function_info_fields"] =
            json!(["function_id", "name", "script_name", "script_id", "line", "column"]);
        meta["trace_node_fields"] =
            json!(["id", "function_info_index", "count", "size", "children"]);
        meta["sample_fields"] = json!(["timestamp_us", "last_assigned_id"]);
        (sketch, file)
    }

    /// Stacks, births and sites of all nodes.
    fn tell(sketch: &Sketch, file: &str, cut: usize) -> Result<String, crate::LoadError> {
        let mut scanner = Scanner::new(None);
        scanner.feed(&file.as_bytes()[..cut])?;
        scanner.feed(&file.as_bytes()[cut..])?;
        let heap = Analysis::new(scanner.finish()?, &Unmonitored).expect("nobody cancels");
        let place = |frame: &Frame<'_>| match frame.location {
            Some(Location { line, column, .. }) => {
                format!("{} {}:{line}:{column}", frame.function, frame.script_name)
            }
            None => frame.function.to_string(),
        };
        let mut text = sketch.table(|node| {
            let stack: Vec<_> = heap.allocation_stack(node).iter().map(place).collect();
            format!("{:?} {}", heap.birth(node), stack.join(" < "))
        });
        for site in heap.allocation_sites() {
            let AllocationSite { frame, count, size, live_count, live_size } = &site;
            writeln!(text, "{}: {count} {size} {live_count} {live_size}", place(frame))
                .expect("a string takes everything");
        }
        Ok(text)
    }

    #[test]
    fn tells_where_and_when_objects_were_born() {
        let (sketch, file) = recording();
        let file = crate::sketch::in_order(&file);
        insta::assert_snapshot!(tell(&sketch, &file, 0).expect("a recording"), @"
        root Some(0)
        a Some(1)
        b Some(2) main /app/x.js:0:0 < (root)
        c None push /app/x.js:9:2 < main /app/x.js:0:0 < (root)
        push /app/x.js:9:2: 5 900 1 0
        main /app/x.js:0:0: 4 400 1 40
        ");
    }

    #[test]
    fn may_be_cut_into_chunks_anywhere_and_stand_in_any_order() {
        let (sketch, file) = recording();
        let whole = tell(&sketch, &crate::sketch::in_order(&file), 0).expect("a recording");
        // In the alphabet's order, edges and nodes come before the header and the tree after it.
        for text in [crate::sketch::in_order(&file), file.to_string()] {
            for cut in 0..=text.len() {
                let cut_in_two = tell(&sketch, &text, cut).expect("a recording");
                assert_eq!(cut_in_two, whole, "cut at {cut}");
            }
        }
    }

    #[test]
    fn damage_in_the_tree_is_an_error_and_depth_is_not() {
        let (sketch, mut file) = recording();
        for (tree, problem) in [
            (json!([1, 0, 0, []]), "a list of callees stands where a number should be"),
            (json!([1, 0, 0, 0, 5, []]), "a call has no list of callees"),
            (json!([1, 0, 0, 0, [2]]), "a call is not complete"),
            (json!([[]]), "a list of callees stands where a number should be"),
            (json!(["x"]), "stands where a whole number should be"),
        ] {
            file["trace_tree"] = tree;
            let text = crate::sketch::in_order(&file);
            let error = tell(&sketch, &text, 0).expect_err("is damaged").to_string();
            assert!(error.contains("\"trace_tree\" section") && error.contains(problem), "{error}");
        }
        file["trace_tree"] = json!("tree");
        let deep = format!("{}[]{}", "[1,0,1,1,".repeat(200_000), "]".repeat(200_000));
        let text = crate::sketch::in_order(&file).replace("\"tree\"", &deep);
        assert!(tell(&sketch, &text, 0).is_ok());
        let text = text.replace(&deep, &deep[..deep.len() - 1]);
        assert!(tell(&sketch, &text, 0).is_err());
    }

    #[test]
    fn calls_and_functions_that_do_not_exist_are_left_out() {
        let (sketch, mut file) = recording();
        file["trace_tree"] = json!([2, 70, 1, 1, [7, 71, 1, 1, []]]);
        let text = tell(&sketch, &crate::sketch::in_order(&file), 0).expect("a recording");
        assert!(!text.contains("main"), "{text}");
    }
}
