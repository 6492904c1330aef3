//! What the heap's bytes are, in the large (`DevTools`: `calculateStatistics`).

use rustc_hash::FxHashSet;

use super::computed::Analysis;
use crate::bits::Bits;
use crate::kinds::{EdgeType, NodeType};
use crate::ordinals::NodeOrdinal;

/// The Statistics view: bytes by kind. Sizes are `DevTools`' [moved ones](Analysis::self_size).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Statistics {
    /// Everything, with what V8 knows of outside of its heap.
    pub total: u64,
    /// What does not belong to V8's heap: buffers, the embedder's objects.
    pub native: u64,
    /// Of [`native`](Self::native), the bytes of array buffers.
    pub typed_arrays: u64,
    /// V8's heap.
    pub v8_heap: u64,
    /// Of V8's heap, machine code, bytecode, and what belongs to them.
    pub code: u64,
    /// Of V8's heap, strings of all forms.
    pub strings: u64,
    /// Of V8's heap, arrays with their elements.
    pub js_arrays: u64,
    /// Of V8's heap, its own bookkeeping. (From V8 15 on, files call that native.)
    pub system: u64,
}

impl Analysis {
    /// The Statistics view.
    pub fn statistics(&self) -> Statistics {
        let buffer = self.find_string("system / JSArrayBufferData");
        let array = self.find_string("Array");
        let elements = self.find_string("elements");
        let mut sums = Statistics::default();
        let mut stores = Vec::new();
        // Sizes in a file may be anything.
        let add = |sum: &mut u64, size: u64| *sum = sum.saturating_add(size);
        add(&mut sums.native, self.extra_native_bytes());
        for node in self.nodes() {
            let size = self.self_size(node);
            let name = Some(self.name_index(node));
            match self.node_type(node) {
                NodeType::Hidden => add(&mut sums.system, size),
                NodeType::Native => {
                    add(&mut sums.native, size);
                    if name == buffer && !self.is_renamed(node) {
                        add(&mut sums.typed_arrays, size);
                    }
                }
                NodeType::Code => add(&mut sums.code, size),
                NodeType::String | NodeType::ConcatenatedString | NodeType::SlicedString => {
                    add(&mut sums.strings, size);
                }
                _ if name == array => {
                    let store = self.edges(node).find(|edge| {
                        edge.edge_type == EdgeType::Internal
                            && self.edge_name_index(edge) == elements
                    });
                    add(&mut sums.js_arrays, size);
                    stores.extend(store.map(|edge| edge.to));
                }
                _ => {}
            }
        }
        // Most have given their bytes to the array already.
        stores.retain(|&store| self.self_size(store) > 0);
        for store in self.held_once(&stores) {
            add(&mut sums.js_arrays, self.self_size(store));
        }
        sums.total = self.total_size().saturating_add(self.extra_native_bytes());
        sums.v8_heap = sums.total.saturating_sub(sums.native);
        sums
    }

    /// Those of the nodes that a single edge leads to. Looks at all edges once, which takes less than
    /// to sort them by target.
    fn held_once(&self, nodes: &[NodeOrdinal]) -> impl Iterator<Item = NodeOrdinal> {
        let mut asked = Bits::new(self.node_count());
        for node in nodes {
            asked.insert(node.index());
        }
        let (mut held, mut held_twice) = (FxHashSet::default(), FxHashSet::default());
        let targets = if nodes.is_empty() { &[][..] } else { &self.snapshot().edges.targets };
        for &target in targets {
            if asked.get(target as usize) && !held.insert(target) {
                held_twice.insert(target);
            }
        }
        nodes.iter().copied().filter(move |node| !held_twice.contains(&(node.index() as u32)))
    }
}

#[cfg(test)]
mod tests {
    use crate::sketch::Sketch;

    #[test]
    fn bytes_are_sorted_by_what_they_are() {
        let drawing = "
            root -> gc              # no roots of the program's own, so sizes stay where they are
            gc: synthetic 0
            gc -> a
            a: object Array 16
            a --internal elements--> store
            store: array 100
            gc -> b
            b: object Array 16
            b --internal elements--> shared
            c: object Array 16
            gc -> c
            c --internal elements--> shared
            shared: array 1000
            h: hidden 3
            n: native 5
            d: native \"system / JSArrayBufferData\" 7
            gone: native \"system / JSArrayBufferData\" 11 ~2
            code: code 13
            s: string 17
            t: concatenated_string 19
            u: sliced_string 23
            o: object 29
            o2: string Array 31
        ";
        insta::assert_debug_snapshot!(Sketch::parse(drawing).analysis().statistics(), @r"
        Statistics {
            total: 1306,
            native: 23,
            typed_arrays: 7,
            v8_heap: 1283,
            code: 13,
            strings: 90,
            js_arrays: 148,
            system: 3,
        }
        ");
    }
}
