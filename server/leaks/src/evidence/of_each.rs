//! The same work for many things, on two threads. It asks the heap only: what a file's text was is decided by
//! who asks for its places first (`AsItRan`), so whoever looks into sources does that in order.

use std::sync::atomic::{AtomicUsize, Ordering};

/// What `of` says of each item, in the items' order. Whichever thread is free takes the next, since some items
/// take a hundred times as long as others.
pub(crate) fn of_each<T: Sync, R: Send>(items: &[T], of: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let work = || {
        let mut found = Vec::new();
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(item) = items.get(index) else { return found };
            found.push((index, of(item)));
        }
    };
    let mut found = std::thread::scope(|scope| {
        let others = (items.len() > 1).then(|| scope.spawn(work));
        let mut found = work();
        if let Some(others) = others {
            found.extend(others.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        }
        found
    });
    found.sort_unstable_by_key(|&(index, _)| index);
    found.into_iter().map(|(_, found)| found).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_answer_stands_where_its_question_stood() {
        for count in [0, 1, 2, 1_000] {
            let items: Vec<usize> = (0..count).collect();
            let doubled: Vec<usize> = items.iter().map(|item| 2 * item).collect();
            assert_eq!(of_each(&items, |item| 2 * item), doubled);
        }
    }
}
