//! Two snapshots of one process: what was born in between, and what went (`DevTools`: the Comparison
//! view, `calculateSnapshotDiff`).
//!
//! The earlier snapshot's plain objects are first called by the interfaces of the later one, so that
//! like is compared with like. Then the objects of each class are matched by id. One that is in
//! both counts for nothing, however its size has changed; one that is called otherwise now has gone
//! under its old name and come under its new one.

use std::borrow::Cow;

use rustc_hash::FxHashMap;

use super::aggregates::Rows;
use super::computed::Analysis;
use super::reclassified::Reclassified;
use crate::monitor::{Cancelled, Monitor, Phase, Progress};
use crate::ordinals::{ClassIndex, NodeOrdinal};

/// One row of the Comparison view.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClassChange {
    /// `DevTools`' key of the class, as in [`Aggregate::key`](crate::Aggregate::key).
    pub key: String,
    /// The class name in the later snapshot. If nothing of the class is left there: what the earlier
    /// one itself called the object with the highest id, as `DevTools` has it.
    pub name: String,
    /// Nodes of the later snapshot that the earlier one does not have, by ascending id.
    pub added: Vec<NodeOrdinal>,
    /// Nodes of the *earlier* snapshot that the later one does not have, by ascending id.
    pub removed: Vec<NodeOrdinal>,
    /// Bytes of what was added.
    pub added_size: u64,
    /// Bytes of what was removed.
    pub removed_size: u64,
}

impl ClassChange {
    /// By how many bytes there are more now. `DevTools` calls it size delta.
    pub fn growth(&self) -> i64 {
        let growth = i128::from(self.added_size) - i128::from(self.removed_size);
        i64::try_from(growth).unwrap_or(if growth < 0 { i64::MIN } else { i64::MAX })
    }
}

impl Analysis {
    /// The Comparison view of this snapshot against an earlier one of the same process: classes of
    /// which something came or went, those that grew most first.
    ///
    /// Ids mean nothing across processes. Native objects get new ones with each snapshot, so of them
    /// about as many have come as have gone, and that says nothing.
    pub fn changes_since(
        &self,
        baseline: &Analysis,
        monitor: &dyn Monitor,
    ) -> Result<Vec<ClassChange>, Cancelled> {
        let (new_nodes, old_nodes) = (self.node_count(), baseline.node_count());
        let work = 3 * (new_nodes + old_nodes);
        let progress = Progress::start(monitor, Phase::Comparing, work)?;
        let reclassified = Reclassified::by_interfaces_of(self, baseline, &progress)?;
        let done = new_nodes + old_nodes;
        let tick = |node| progress.tick(done + node);
        let rows = baseline.rows(|node| reclassified.class(node), |_| true, tick)?;
        let done = done + old_nodes;
        let name = |class| reclassified.name(class);
        let old = Members::new(baseline, &rows, name, &progress, done)?;
        let done = done + old_nodes;
        let tick = |node| progress.tick(done + node);
        let rows = self.rows(|node| self.class_index(node), |_| true, tick)?;
        let done = done + new_nodes;
        let name = |class| self.class_index_name(class);
        let new = Members::new(self, &rows, name, &progress, done)?;
        let mut changes: Vec<ClassChange> =
            old.classes.keys().filter_map(|key| change(key, &old, &new)).collect();
        let only_new = new.classes.keys().filter(|key| !old.classes.contains_key(*key));
        changes.extend(only_new.filter_map(|key| change(key, &old, &new)));
        changes.sort_by(|a, b| b.growth().cmp(&a.growth()).then_with(|| a.key.cmp(&b.key)));
        Ok(changes)
    }
}

/// Matches the nodes of one class; nothing if all are in both snapshots.
fn change(key: &str, old: &Members<'_>, new: &Members<'_>) -> Option<ClassChange> {
    let (old_nodes, new_nodes) = (old.of(key), new.of(key));
    let (mut added, mut removed) = (Vec::new(), Vec::new());
    let (mut i, mut j) = (0, 0);
    loop {
        let old_id = old_nodes.get(i).map(|&node| old.heap.node_id(node));
        let new_id = new_nodes.get(j).map(|&node| new.heap.node_id(node));
        match (old_id, new_id) {
            (None, None) => break,
            (Some(old_id), Some(new_id)) if old_id == new_id => (i, j) = (i + 1, j + 1),
            (Some(old_id), new_id) if new_id.is_none_or(|new_id| old_id < new_id) => {
                removed.push(old_nodes[i]);
                i += 1;
            }
            _ => {
                added.push(new_nodes[j]);
                j += 1;
            }
        }
    }
    if added.is_empty() && removed.is_empty() {
        return None;
    }
    let size = |heap: &Analysis, nodes: &[NodeOrdinal]| {
        nodes.iter().map(|&node| heap.self_size(node)).fold(0, u64::saturating_add)
    };
    let name = match (new_nodes.first(), old_nodes.last()) {
        (Some(&node), _) => new.heap.class_name(node).into_owned(),
        (None, Some(&node)) => old.heap.class_name(node).into_owned(),
        (None, None) => String::new(),
    };
    Some(ClassChange {
        key: key.to_owned(),
        name,
        added_size: size(new.heap, &added),
        removed_size: size(old.heap, &removed),
        added,
        removed,
    })
}

/// The nodes of each class, by ascending id.
struct Members<'h> {
    heap: &'h Analysis,
    /// Class by class.
    nodes: Vec<NodeOrdinal>,
    /// By key, where the class's nodes stand.
    classes: FxHashMap<String, std::ops::Range<usize>>,
}

impl<'h> Members<'h> {
    fn new<'n>(
        heap: &'h Analysis,
        rows: &Rows,
        name: impl Fn(ClassIndex) -> Cow<'n, str>,
        progress: &Progress<'_>,
        done: usize,
    ) -> Result<Self, Cancelled> {
        let mut ends = vec![0; rows.keys.len() + 1];
        for row in heap.nodes().filter_map(|node| rows.by_node(node)) {
            ends[row + 1] += 1;
        }
        for row in 1..ends.len() {
            ends[row] += ends[row - 1];
        }
        // Each is its row's start now and moves to its end while the row is filled.
        let mut nodes = vec![NodeOrdinal::ROOT; ends[rows.keys.len()]];
        for (place, node) in by_id(heap, progress, done)?.into_iter().enumerate() {
            progress.tick(done + place)?;
            if let Some(row) = rows.by_node(node) {
                nodes[ends[row]] = node;
                ends[row] += 1;
            }
        }
        let mut classes = FxHashMap::default();
        let mut start = 0;
        for (key, &end) in rows.keys.iter().zip(&ends) {
            // As in the Summary view, of two classes with one key the later one counts.
            classes.insert(key.text(&name(key.class)), start..end);
            start = end;
        }
        Ok(Self { heap, nodes, classes })
    }

    fn of(&self, key: &str) -> &[NodeOrdinal] {
        self.classes.get(key).map_or(&[], |range| &self.nodes[range.clone()])
    }
}

/// All nodes by ascending id. In rounds, from the last digits to the first: sorting by comparison
/// could not be interrupted.
fn by_id(
    heap: &Analysis,
    progress: &Progress<'_>,
    done: usize,
) -> Result<Vec<NodeOrdinal>, Cancelled> {
    const BITS: u32 = 11;
    const DIGITS: usize = 1 << BITS;
    let mut nodes: Vec<NodeOrdinal> = heap.nodes().collect();
    let mut sorted = nodes.clone();
    let mut steps = 0;
    for shift in (0..u32::BITS).step_by(BITS as usize) {
        let digit = |node| (heap.node_id(node).0 >> shift) as usize % DIGITS;
        let mut places = vec![0; DIGITS + 1];
        for &node in &nodes {
            progress.step(&mut steps, done)?;
            places[digit(node) + 1] += 1;
        }
        for digit in 0..DIGITS {
            places[digit + 1] += places[digit];
        }
        for &node in &nodes {
            progress.step(&mut steps, done)?;
            let place = &mut places[digit(node)];
            sorted[*place] = node;
            *place += 1;
        }
        std::mem::swap(&mut nodes, &mut sorted);
    }
    Ok(nodes)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;
    use crate::Unmonitored;
    use crate::sketch::Sketch;

    fn compared(old: &Sketch, new: &Sketch) -> String {
        let changes = new.analysis().changes_since(&old.analysis(), &Unmonitored);
        let lines = changes.expect("nobody cancels").into_iter().map(|change| {
            let labels = |sketch: &Sketch, nodes: &[NodeOrdinal]| {
                let labels: Vec<_> = nodes.iter().map(|&node| sketch.label(node)).collect();
                labels.join(" ")
            };
            format!(
                "{} {} +{} ({}) -{} ({})",
                change.key,
                change.name,
                change.added_size,
                labels(new, &change.added),
                change.removed_size,
                labels(old, &change.removed),
            )
        });
        lines.collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn what_came_and_what_went() {
        let old = Sketch::parse(
            "
            stays: object Foo 100 @11
            goes: object Foo 7 @13
            s: string text 5 @15
            empty: object Foo 0 @17
            ",
        );
        let new = Sketch::parse(
            "
            comes: object Foo 9 @21
            stays: object Foo 300 @11      # grown, but the same
            placed: object Foo 2 @23 at 1:2:3
            s: string text 5 @15
            b: object Bar 1 @25
            ",
        );
        insta::assert_snapshot!(compared(&old, &new), @"
        ,Foo Foo +9 (comes) -7 (goes)
        1,2,3,Foo Foo +2 (placed) -0 ()
        ,Bar Bar +1 (b) -0 ()
        ");
    }

    #[test]
    fn plain_objects_are_called_as_in_the_later_snapshot() {
        let old = Sketch::parse(
            "
            a: object Object 10 @11
            a --property x--> v
            a --property y--> v
            b: object Object 10 @13
            b --property x--> v
            b --property y--> v
            gone: object Object 10 @15
            gone --property z--> v
            gone2: object Object 10 @17
            gone2 --property z--> v
            v: @99
            ",
        );
        let new = Sketch::parse(
            "
            a: object Object 10 @11
            a --property x--> v
            b: object Object 10 @13
            b --property x--> v
            c: object Object 10 @21
            c --property x--> v
            c --property other--> v
            v: @99
            ",
        );
        // Of {x, y} they have {x}, and so has the new one. Nobody is called {z} any more; that is how
        // the earlier snapshot called those that went.
        insta::assert_snapshot!(compared(&old, &new), @"
        ,{x} {x} +10 (c) -0 ()
        ,Object {z} +0 () -20 (gone gone2)
        ");
    }

    proptest! {
        /// The naive twin: two maps from id to class and size.
        #[test]
        fn changes_are_the_difference_of_two_maps(
            old in prop::collection::btree_map(1..40_u32, (0..3_usize, 0..3_u64), 0..20),
            new in prop::collection::btree_map(1..40_u32, (0..3_usize, 0..3_u64), 0..20),
        ) {
            let classes = ["Foo", "Bar", "Baz"];
            let sketch = |heap: &BTreeMap<u32, (usize, u64)>| {
                let lines = heap.iter().rev().map(|(id, (class, size))| {
                    format!("n{id}: object {} {size} @{}\n", classes[*class], 2 * id + 100)
                });
                Sketch::parse(&lines.collect::<String>())
            };
            let (old_sketch, new_sketch) = (sketch(&old), sketch(&new));
            let changes = new_sketch
                .analysis()
                .changes_since(&old_sketch.analysis(), &Unmonitored)
                .expect("nobody cancels");
            let told: BTreeMap<String, (usize, u64, usize, u64)> = changes
                .into_iter()
                .map(|c| (c.name, (c.added.len(), c.added_size, c.removed.len(), c.removed_size)))
                .collect();
            let mut expected: BTreeMap<String, (usize, u64, usize, u64)> = BTreeMap::new();
            for (class, name) in classes.iter().enumerate() {
                let only = |of: &BTreeMap<u32, (usize, u64)>, not: &BTreeMap<u32, (usize, u64)>| {
                    let has = |heap: &BTreeMap<u32, (usize, u64)>, id| {
                        heap.get(id).is_some_and(|&(of, size)| of == class && size > 0)
                    };
                    let ids = of.keys().filter(|id| has(of, id) && !has(not, id));
                    ids.fold((0, 0), |(count, size), id| (count + 1, size + of[id].1))
                };
                let ((added, added_size), (removed, removed_size)) =
                    (only(&new, &old), only(&old, &new));
                if added + removed > 0 {
                    expected.insert((*name).to_owned(), (added, added_size, removed, removed_size));
                }
            }
            prop_assert_eq!(told, expected);
        }
    }
}
