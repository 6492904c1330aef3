//! Several ways from a node to the roots at once, as a tree (`DevTools`: `getRetainingPaths`).

use std::cmp::Reverse;

use rustc_hash::{FxHashMap, FxHashSet};

use super::computed::Analysis;
use super::ignored_retainers::IgnoredRetainers;
use crate::kinds::EdgeType;
use crate::monitor::{Cancelled, Monitor, Phase, Progress};
use crate::ordinals::NodeOrdinal;
use crate::snapshot::Edge;

/// At this distance a way ends: the nodes there hang on the root, or on a group of roots.
const END: i32 = 2;

/// How far to look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PathLimits {
    /// Links in one way.
    pub depth: u8,
    /// Nodes looked at, all in all.
    pub nodes: usize,
    /// Retainers of one node, the nearest to a root first.
    pub siblings: usize,
}

impl Default for PathLimits {
    /// `DevTools`' limits.
    fn default() -> Self {
        Self { depth: 30, nodes: 5000, siblings: 100 }
    }
}

/// What holds a node: a tree that grows from the node towards the roots.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RetainingPaths {
    /// The links to the node that are the last of some way.
    pub paths: Vec<RetainingEdge>,
    /// Some ways were too long.
    pub is_cut_by_depth: bool,
    /// There were too many nodes.
    pub is_cut_by_nodes: bool,
    /// A node had too many retainers.
    pub is_cut_by_siblings: bool,
}

/// A link, with the links that lead to its source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RetainingEdge {
    /// The link.
    pub edge: Edge,
    /// How far its source is from a root.
    pub distance: i32,
    /// Links to its source, the nearest to a root first. None at the end of a way.
    pub retainers: Vec<RetainingEdge>,
}

impl Analysis {
    /// The ways from the node to the roots, each of which ends at distance 2, within the limits.
    /// Ways that meet are told once, where they are shortest. What only V8 holds has none.
    pub fn retaining_paths(
        &self,
        node: NodeOrdinal,
        limits: PathLimits,
        ignored: Option<&IgnoredRetainers>,
        monitor: &dyn Monitor,
    ) -> Result<RetainingPaths, Cancelled> {
        let progress = Progress::start(monitor, Phase::Searching, limits.nodes)?;
        let mut search = Search {
            heap: self,
            progress,
            steps: 0,
            limits,
            ignored,
            met: 0,
            on_the_way: FxHashSet::default(),
            left_at: FxHashMap::default(),
            found: RetainingPaths::default(),
        };
        let paths = search.grow(node, 0)?;
        Ok(RetainingPaths { paths, ..search.found })
    }
}

struct Search<'h> {
    heap: &'h Analysis,
    progress: Progress<'h>,
    /// Retainers looked at.
    steps: usize,
    limits: PathLimits,
    ignored: Option<&'h IgnoredRetainers>,
    met: usize,
    on_the_way: FxHashSet<NodeOrdinal>,
    /// The depth at which a node was done with.
    left_at: FxHashMap<NodeOrdinal, u8>,
    found: RetainingPaths,
}

impl Search<'_> {
    fn distance(&self, node: NodeOrdinal) -> i32 {
        self.ignored.map_or_else(|| self.heap.distance(node), |ignored| ignored.distance(node))
    }

    /// Counts a node; false if there are too many.
    fn meet(&mut self) -> bool {
        self.met += 1;
        let may_go_on = self.met <= self.limits.nodes;
        self.found.is_cut_by_nodes |= !may_go_on;
        may_go_on
    }

    /// Calls itself for each step of a way: no deeper than the limit, which fits a byte.
    fn grow(&mut self, node: NodeOrdinal, depth: u8) -> Result<Vec<RetainingEdge>, Cancelled> {
        if !self.meet() {
            return Ok(Vec::new());
        }
        if depth >= self.limits.depth {
            self.found.is_cut_by_depth = true;
            return Ok(Vec::new());
        }
        // A node that was done with is of interest again on a shorter way: more fits above it.
        let is_done = self.left_at.get(&node).is_some_and(|&left_at| depth >= left_at);
        if self.distance(node) <= END || is_done || !self.on_the_way.insert(node) {
            return Ok(Vec::new());
        }
        let mut retaining = Vec::new();
        for (distance, edge) in self.retainers(node, depth)? {
            let retainers = if distance == END {
                if !self.meet() {
                    break;
                }
                Vec::new()
            } else {
                let retainers = self.grow(edge.from, depth + 1)?;
                if retainers.is_empty() {
                    continue;
                }
                retainers
            };
            retaining.push(RetainingEdge { edge, distance, retainers });
        }
        self.on_the_way.remove(&node);
        self.left_at.insert(node, depth);
        Ok(retaining)
    }

    /// The links to the node from which a root is near enough, with the distances of their sources.
    fn retainers(&mut self, node: NodeOrdinal, depth: u8) -> Result<Vec<(i32, Edge)>, Cancelled> {
        let left = i32::from(self.limits.depth - depth);
        let mut retainers: Vec<(i32, Edge)> = Vec::new();
        for edge in self.heap.retainers(node) {
            self.progress.step(&mut self.steps, self.met)?;
            let is_ignored = self.ignored.is_some_and(|ignored| ignored.is_edge_ignored(&edge));
            let distance = self.distance(edge.from);
            if is_ignored || edge.edge_type == EdgeType::Weak || distance < 0 {
                continue;
            }
            if distance - END < left {
                retainers.push((distance, edge));
            } else {
                self.found.is_cut_by_depth = true;
            }
        }
        let siblings = self.limits.siblings;
        if retainers.len() > siblings {
            self.found.is_cut_by_siblings = true;
            // `DevTools`' order, the retainers' own, is the file's turned round.
            let order = |&(distance, edge): &(i32, Edge)| (distance, Reverse(edge.ordinal));
            retainers.select_nth_unstable_by_key(siblings, order);
            retainers.truncate(siblings);
            retainers.sort_unstable_by_key(order);
        } else {
            retainers.sort_by_key(|&(distance, _)| distance);
        }
        Ok(retainers)
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use super::*;
    use crate::Unmonitored;
    use crate::sketch::Sketch;

    fn told(sketch: &Sketch, limits: PathLimits, ignored: &[&str]) -> String {
        fn tell(sketch: &Sketch, edges: &[RetainingEdge], depth: usize, text: &mut String) {
            for RetainingEdge { edge, distance, retainers } in edges {
                let indent = "  ".repeat(depth);
                writeln!(text, "{indent}{} at {distance}", sketch.label(edge.from))
                    .expect("a string takes everything");
                tell(sketch, retainers, depth + 1, text);
            }
        }
        let heap = sketch.analysis();
        let nodes: Vec<_> = ignored.iter().map(|label| sketch.ordinal(label)).collect();
        let ignored = heap.ignore_retainers(&nodes, &Unmonitored).expect("nobody cancels");
        let ignored = (!nodes.is_empty()).then_some(&ignored);
        let found = heap.retaining_paths(sketch.ordinal("x"), limits, ignored, &Unmonitored);
        let found = found.expect("nobody cancels");
        let mut text = String::new();
        tell(sketch, &found.paths, 0, &mut text);
        for (is_cut, why) in [
            (found.is_cut_by_depth, "depth"),
            (found.is_cut_by_nodes, "nodes"),
            (found.is_cut_by_siblings, "siblings"),
        ] {
            if is_cut {
                writeln!(text, "cut by {why}").expect("a string takes everything");
            }
        }
        text
    }

    const DRAWING: &str = "
        root --shortcut global--> app
        app -> cache
        cache -> entry
        entry -> x
        app -> list
        list -> item
        item -> entry
        item -> x
        x -> item               # round in circles
        cache --weak w--> x
        garbage -> x
    ";

    #[test]
    fn every_way_is_told() {
        let sketch = Sketch::parse(DRAWING);
        insta::assert_snapshot!(told(&sketch, PathLimits::default(), &[]), @"
        item at 3
          list at 2
        entry at 3
          cache at 2
        ");
    }

    #[test]
    fn ways_through_ignored_nodes_are_not() {
        let sketch = Sketch::parse(DRAWING);
        insta::assert_snapshot!(told(&sketch, PathLimits::default(), &["cache"]), @"
        item at 3
          list at 2
        ");
    }

    #[test]
    fn limits_are_kept_and_told() {
        let sketch = Sketch::parse(DRAWING);
        let limits = PathLimits::default();
        insta::assert_snapshot!(told(&sketch, PathLimits { depth: 2, ..limits }, &[]), @"
        item at 3
          list at 2
        entry at 3
          cache at 2
        cut by depth
        ");
        insta::assert_snapshot!(told(&sketch, PathLimits { nodes: 3, ..limits }, &[]), @"
        item at 3
          list at 2
        cut by nodes
        ");
        insta::assert_snapshot!(told(&sketch, PathLimits { siblings: 1, ..limits }, &[]), @"
        item at 3
          list at 2
        cut by siblings
        ");
    }
}
