//! Snapshots of several threads of one program: each thread has a heap of its own, and its snapshots are
//! a series of their own.
//!
//! This module only tells whether a snapshot is of a worker thread. Which snapshots share a heap is decided in
//! [`crate::snapshots`]; how many threads ran is counted in [`crate::v8::workers`].

use heapmark_heap::{NodeType, Snapshot};

/// The script with which Node.js 18 to 26 begin every worker thread, and nothing else.
const FIRST_SCRIPT: &str = "node:internal/main/worker_thread";

/// Whether this is the heap of a worker thread of Node.js.
pub(crate) fn is_worker(heap: &Snapshot) -> bool {
    let Some(name) = heap.find_string(FIRST_SCRIPT) else { return false };
    // Anybody can have the text; a script is V8's.
    let is_script = |node| heap.name_index(node) == name && heap.node_type(node) == NodeType::Code;
    heap.nodes().any(is_script)
}

#[cfg(test)]
mod tests {
    use heapmark_heap::sketch::Sketch;

    use super::*;

    #[test]
    fn a_worker_is_told_by_its_first_script() {
        let of = |drawing: &str| is_worker(&Sketch::parse(drawing).snapshot());
        assert!(of("root -> a\na: code node:internal/main/worker_thread"));
        assert!(!of("root -> a\na: string node:internal/main/worker_thread"));
        assert!(!of("root -> a\na: code node:internal/main/run_main_module"));
    }
}
