//! Snapshots of several threads of one program: each thread has a heap of its own, and its snapshots are
//! a series of their own.
//!
//! Which snapshots share a heap is not decided here; this knows the heap of a worker thread from others, and
//! what to say of the threads that were not looked at. How many threads ran is in [`crate::output::workers`].

use heapmark_heap::{NodeType, Snapshot};

use crate::report::Notice;

/// The script with which Node.js 18 to 26 begin every worker thread, and nothing else.
const FIRST_SCRIPT: &str = "node:internal/main/worker_thread";

/// Whether this is the heap of a worker thread of Node.js.
pub(crate) fn is_worker(heap: &Snapshot) -> bool {
    let Some(name) = heap.find_string(FIRST_SCRIPT) else { return false };
    // Anybody can have the text; a script is V8's.
    let is_script = |node| heap.name_index(node) == name && heap.node_type(node) == NodeType::Code;
    heap.nodes().any(is_script)
}

/// What to say of the threads that were left out, each with its files, and of what tells it.
pub(crate) fn about_left_out(mut threads: Vec<Vec<String>>, said_by: &str) -> Option<Notice> {
    for files in &mut threads {
        files.sort();
    }
    threads.sort();
    let names = threads.iter().map(|files| files.join(", ")).collect::<Vec<_>>().join("; ");
    let message = match &threads[..] {
        [] => return None,
        [one] => {
            let (are, them) = if one.len() == 1 { ("is", "it") } else { ("are", "them") };
            format!(
                "{names} {are} of another thread, as {said_by}, which has a heap of its own: left out. To \
                 look for a leak there, analyse {them} without the others."
            )
        }
        _ => format!(
            "{names} are of other threads, as {said_by}, each with a heap of its own: left out. To look for \
             a leak in one of them, analyse its files without the others."
        ),
    };
    Some(Notice { message })
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

    #[test]
    fn each_thread_is_told_with_its_files() {
        let said = |threads: &[&[&str]]| {
            let owned = |files: &&[&str]| files.iter().map(|&it| it.to_owned()).collect();
            about_left_out(threads.iter().map(owned).collect(), "their ids say")
                .map(|it| it.message)
        };
        assert_eq!(said(&[]), None);
        insta::assert_snapshot!(said(&[&["a"]]).unwrap(), @"a is of another thread, as their ids say, which has a heap of its own: left out. To look for a leak there, analyse it without the others.");
        insta::assert_snapshot!(said(&[&["c"], &["b", "a"]]).unwrap(), @"a, b; c are of other threads, as their ids say, each with a heap of its own: left out. To look for a leak in one of them, analyse its files without the others.");
    }
}
