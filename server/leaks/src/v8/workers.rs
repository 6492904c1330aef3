//! Worker threads that ran when a snapshot was taken: each has a heap of its own, in another snapshot or in
//! none.
//!
//! Node.js hangs an object of its own at every worker that runs, and takes it away when the thread has
//! ended; that is counted, whatever the user's classes are called.

use heapmark_heap::{EdgeType, NodeType, Snapshot};

/// The name of Node's own side of a worker, the same in Node.js 12 to 26.
const NODES_OWN: &str = "Node / Worker";

/// Node's class of the thread in which it runs loaders of modules (`module.register`, and so tsx).
const OF_LOADERS: &str = "InternalWorker";

/// How many worker threads of the program's own ran beside the thread that this snapshot is of.
pub(crate) fn running(heap: &Snapshot) -> u64 {
    let Some(name) = heap.find_string(NODES_OWN) else { return 0 };
    let is_one = |node: &_| {
        heap.name_index(*node) == name
            && matches!(heap.node_type(*node), NodeType::Native | NodeType::Synthetic)
    };
    let all = heap.nodes().filter(is_one).count();
    all.saturating_sub(of_loaders(heap)) as u64
}

/// How many threads run that Node.js started for itself: nobody's program leaks there.
fn of_loaders(heap: &Snapshot) -> usize {
    let Some(name) = heap.find_string(OF_LOADERS) else { return 0 };
    let runs = |node: &_| {
        heap.name_index(*node) == name
            && heap.node_type(*node) == NodeType::Object
            && heap
                .child(*node, EdgeType::Property, "<symbol kHandle>")
                .is_some_and(|handle| heap.node_type(handle) == NodeType::Object)
    };
    heap.nodes().filter(runs).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Ran;

    #[test]
    fn what_is_counted_are_threads_that_run() {
        let ran = Ran::modules(&[(
            "main.mjs",
            r"
            import { once } from 'node:events';
            import { register } from 'node:module';
            import { Worker } from 'node:worker_threads';
            // Runs in a thread of Node's own.
            register('data:text/javascript,export const resolve = (name, context, next) => next(name, context);');
            class Renderer extends Worker {}
            const idle = 'setInterval(() => {}, 1000)';
            const workers = [new Worker(idle, { eval: true }), new Renderer(idle, { eval: true })];
            const ended = new Worker('', { eval: true });
            await Promise.all([...workers.map(it => once(it, 'online')), once(ended, 'exit')]);
            for (const worker of workers) worker.unref();
            const theirs = new (class Worker { name = 'Node / Worker'; })();
            globalThis.kept = [workers, ended, theirs];
            ",
        )]);
        ran.ask(|e| assert_eq!(running(e.heap), 2));
    }
}
