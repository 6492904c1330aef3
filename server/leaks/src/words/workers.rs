//! What is said of worker threads and child processes, whose heaps no snapshot of the program's own shows.

use crate::report::Notice;
use crate::report::units::{number, plural};

/// What to say of so many workers.
pub(crate) fn about_workers(count: u64) -> Option<Notice> {
    (count > 0).then(|| Notice {
        message: format!(
            "{} worker {} running; {} a heap of its own, which this snapshot does not show. To look for a \
             leak there, call `require('node:v8').writeHeapSnapshot()` in the worker, three times while it \
             works, and analyse these files together.",
            number(count),
            plural(count, "thread was", "threads were"),
            plural(count, "it has", "each has"),
        ),
    })
}

/// What to say of so many child processes, of which the snapshot itself shows nothing.
pub(crate) fn about_children(count: u64) -> Option<Notice> {
    (count > 0).then(|| Notice {
        message: format!(
            "{} child {} running; {} a program of its own, which this snapshot does not show. One that is \
             Node.js and runs with --inspect can be captured by its own address.",
            number(count),
            plural(count, "process was", "processes were"),
            plural(count, "it is", "each is"),
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn children_are_said_if_they_were_written_down() {
        assert_eq!(about_children(0), None);
        let said = |count| about_children(count).unwrap().message;
        assert!(said(1).starts_with("1 child process was running; it is a program of its own"));
        assert!(
            said(2).starts_with("2 child processes were running; each is a program of its own")
        );
    }

    #[test]
    fn it_is_said_only_if_there_are_any() {
        assert_eq!(about_workers(0), None);
        let said = |count| about_workers(count).unwrap().message;
        assert!(said(1).starts_with("1 worker thread was running; it has a heap of its own"));
        assert!(said(2).starts_with("2 worker threads were running; each has a heap of its own"));
    }
}
