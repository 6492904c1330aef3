//! What each function allocated, and how much of it is alive, in a recording (`.heaptimeline`).

use rustc_hash::FxHashMap;

use super::computed::Analysis;
use crate::allocations::Allocations;
use crate::recording::Frame;

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
    use crate::snapshot::Location;
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
