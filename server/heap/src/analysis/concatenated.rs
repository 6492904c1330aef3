//! The text of strings that V8 holds as two halves (`DevTools`: `consStringName`).
//!
//! Such a string has no text of its own in the file. It is put together from its leaves, from left
//! to right, until there are [`UNITS`] UTF-16 units. A text that was built by a million `+=` is a
//! million halves deep, and each of the million steps may be a node of its own: to tell the texts of
//! all of them, [`Ropes::prepare`] notes for each how long it is, and which of its parts says it all.

use std::borrow::Cow;

use rustc_hash::FxHashMap;

use super::computed::Analysis;
use crate::kinds::{EdgeType, NodeType};
use crate::monitor::Cancelled;
use crate::ordinals::{NodeOrdinal, StringIndex};

/// Texts are told up to the leaf with which they have so many UTF-16 units: so many V8 writes.
const UNITS: usize = 1024;
/// Parts looked at for one text that was not prepared. Only files that V8 did not write need more:
/// those with strings that are empty, or parts of themselves.
const MAX_STEPS: usize = 1 << 22;

/// Puts texts together.
pub(super) struct Ropes<'h> {
    heap: &'h Analysis,
    first: Option<StringIndex>,
    second: Option<StringIndex>,
    /// Of prepared nodes.
    prepared: FxHashMap<NodeOrdinal, Prepared>,
}

#[derive(Clone, Copy)]
struct Prepared {
    /// The node, or the part of it that has the same text: the other parts are empty, or beyond what
    /// can be told.
    same_as: NodeOrdinal,
    /// At most [`UNITS`].
    units: usize,
}

impl<'h> Ropes<'h> {
    pub(super) fn new(heap: &'h Analysis) -> Self {
        Self {
            heap,
            first: heap.find_string("first"),
            second: heap.find_string("second"),
            prepared: FxHashMap::default(),
        }
    }

    /// Makes the texts of this node and its parts quick to tell, at the price of some memory. `step`
    /// is called for every part and may stop it.
    pub(super) fn prepare(
        &mut self,
        node: NodeOrdinal,
        step: &mut impl FnMut() -> Result<(), Cancelled>,
    ) -> Result<(), Cancelled> {
        enum Step {
            Enter(NodeOrdinal),
            Leave(NodeOrdinal),
        }
        let mut steps = vec![Step::Enter(node)];
        while let Some(next) = steps.pop() {
            step()?;
            match next {
                Step::Enter(node) => {
                    if !self.is_rope(node) || self.prepared.contains_key(&node) {
                        continue;
                    }
                    // Until it is left. A string that is a part of itself finds this.
                    self.prepared.insert(node, Prepared { same_as: node, units: 0 });
                    steps.push(Step::Leave(node));
                    steps.extend(self.halves(node).map(Step::Enter));
                }
                Step::Leave(node) => {
                    let [first, second] = self.halves(node).map(|half| self.part(half));
                    let done = if first.units == UNITS || second.units == 0 {
                        first
                    } else if first.units == 0 {
                        second
                    } else {
                        let units = UNITS.min(first.units + second.units);
                        Prepared { same_as: node, units }
                    };
                    self.prepared.insert(node, done);
                }
            }
        }
        Ok(())
    }

    fn part(&self, node: NodeOrdinal) -> Prepared {
        let units = || UNITS.min(self.heap.raw_name(node).encode_utf16().count());
        let leaf = || Prepared { same_as: node, units: units() };
        self.prepared.get(&node).copied().unwrap_or_else(leaf)
    }

    /// The text of the node: a string's or anything else's name as it is.
    pub(super) fn text(&self, node: NodeOrdinal) -> Cow<'h, str> {
        if !self.is_rope(node) {
            return self.heap.raw_name(node);
        }
        let mut text = String::new();
        self.leaves(node, |leaf| text.push_str(leaf));
        Cow::Owned(text)
    }

    /// Whether V8 has put the string together in one piece since: one of its halves is empty.
    pub(super) fn is_flat(&self, node: NodeOrdinal) -> bool {
        self.is_rope(node)
            && self.heap.edges(node).any(|edge| {
                let name = self.heap.edge_name_index(&edge);
                edge.edge_type == EdgeType::Internal
                    && name.is_some()
                    && (name == self.first || name == self.second)
                    && self.is_empty(edge.to)
            })
    }

    fn is_rope(&self, node: NodeOrdinal) -> bool {
        self.heap.node_type(node) == NodeType::ConcatenatedString
    }

    fn is_empty(&self, node: NodeOrdinal) -> bool {
        if self.is_rope(node) {
            let mut is_empty = true;
            self.leaves(node, |leaf| is_empty &= leaf.is_empty());
            return is_empty;
        }
        // A plain object is shown as its properties, in braces: never as nothing.
        self.heap.raw_name(node).is_empty()
    }

    fn leaves(&self, node: NodeOrdinal, mut tell: impl FnMut(&str)) {
        let mut units = 0;
        let mut pending = vec![node];
        for _ in 0..MAX_STEPS {
            let Some(node) = pending.pop().filter(|_| units < UNITS) else { return };
            let node = self.prepared.get(&node).map_or(node, |prepared| prepared.same_as);
            if self.is_rope(node) {
                let [first, second] = self.halves(node);
                pending.extend([second, first]);
            } else {
                let name = self.heap.raw_name(node);
                units += name.encode_utf16().count();
                tell(&name);
            }
        }
    }

    /// The two halves; the root, which has no name, where one is missing.
    fn halves(&self, node: NodeOrdinal) -> [NodeOrdinal; 2] {
        let mut halves = [NodeOrdinal::ROOT; 2];
        for edge in self.heap.edges(node) {
            if !halves.contains(&NodeOrdinal::ROOT) {
                break;
            }
            if edge.edge_type == EdgeType::Internal {
                let name = self.heap.edge_name_index(&edge);
                if name.is_some() && name == self.first {
                    halves[0] = edge.to;
                } else if name.is_some() && name == self.second {
                    halves[1] = edge.to;
                }
            }
        }
        halves
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;
    use std::time::{Duration, Instant};

    use super::*;
    use crate::sketch::Sketch;

    fn told(drawing: &str, label: &str) -> String {
        let sketch = Sketch::parse(drawing);
        let heap = sketch.analysis();
        let node = sketch.ordinal(label);
        let mut ropes = Ropes::new(&heap);
        let flat = |ropes: &Ropes<'_>| if ropes.is_flat(node) { " (flat)" } else { "" };
        let told = format!("{}{}", ropes.text(node), flat(&ropes));
        ropes.prepare(node, &mut || Ok(())).expect("nobody cancels");
        assert_eq!(format!("{}{}", ropes.text(node), flat(&ropes)), told, "prepared or not");
        told
    }

    #[test]
    fn a_text_is_its_leaves_from_left_to_right() {
        let drawing = "
            s: concatenated_string
            s --internal first--> left
            s --internal second--> right
            left: concatenated_string
            left --internal second--> b
            left --internal first--> a
            right: string cd
            a: string a
            b: string b
            half: concatenated_string
            half --internal first--> a
            flat: concatenated_string
            flat --internal first--> s
            flat --internal second--> empty
            empty: string \"\"
        ";
        let labels = ["s", "left", "half", "flat", "right"];
        assert_eq!(
            labels.map(|label| told(drawing, label)),
            ["abcd", "ab", "a", "abcd (flat)", "cd"]
        );
    }

    #[test]
    fn a_text_ends_with_the_leaf_that_fills_it() {
        let mut drawing = String::from("n0: string x\n");
        for n in 1..3000 {
            writeln!(drawing, "n{n}: concatenated_string\nn{n} --internal first--> n{}", n - 1)
                .expect("a string takes everything");
            writeln!(drawing, "n{n} --internal second--> n0").expect("a string takes everything");
        }
        assert_eq!(told(&drawing, "n2999"), "x".repeat(1024));
        assert_eq!(told(&drawing, "n1000"), "x".repeat(1001));
    }

    #[test]
    fn a_string_that_is_a_part_of_itself_ends() {
        let drawing = "
            a: concatenated_string
            a --internal first--> b
            a --internal second--> x
            b: concatenated_string
            b --internal first--> x
            b --internal second--> a
            x: string x
            e: concatenated_string
            e --internal first--> e
            e --internal second--> e
        ";
        let sketch = Sketch::parse(drawing);
        let heap = sketch.analysis();
        let [a, e] = ["a", "e"].map(|label| sketch.ordinal(label));
        let mut ropes = Ropes::new(&heap);
        assert_eq!([ropes.text(a), ropes.text(e)], ["x".repeat(1024), String::new()]);
        ropes.prepare(a, &mut || Ok(())).expect("nobody cancels");
        ropes.prepare(e, &mut || Ok(())).expect("nobody cancels");
        assert_eq!([ropes.text(a), ropes.text(e)], ["xx", ""]);
    }

    #[test]
    fn a_million_steps_cost_a_million_steps() {
        let mut sketch = Sketch::parse("piece: string 10");
        let mut left = "piece".to_owned();
        for n in 0..50_000 {
            let whole = format!("n{n}");
            sketch.set_type(&whole, NodeType::ConcatenatedString);
            sketch.edge(&whole, EdgeType::Internal, "first", &left);
            sketch.edge(&whole, EdgeType::Internal, "second", "piece");
            left = whole;
        }
        let heap = sketch.analysis();
        let start = Instant::now();
        let mut ropes = Ropes::new(&heap);
        let mut length = 0;
        for node in heap.nodes() {
            ropes.prepare(node, &mut || Ok(())).expect("nobody cancels");
            length += ropes.text(node).len();
        }
        assert!(length > 50_000 * 1000);
        assert!(start.elapsed() < Duration::from_secs(20), "took {:?}", start.elapsed());
    }
}
