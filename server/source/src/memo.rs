//! Answers that are asked for again and again: found once, then given again, to any thread.

use std::borrow::Borrow;
use std::hash::Hash;
use std::sync::{Mutex, MutexGuard, PoisonError};

use rustc_hash::FxHashMap;

/// Answers by what was asked.
///
/// Nothing is found while the lock is held: to find one answer may mean to ask for another. Two threads
/// that ask the same at once may both find the answer, and both are given the one that came first.
#[derive(Debug)]
pub struct Memo<K, V>(Mutex<FxHashMap<K, V>>);

impl<K, V> Default for Memo<K, V> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Eq + Hash, V: Clone> Memo<K, V> {
    /// The answer, if it was found before.
    pub fn get<Q: Eq + Hash + ?Sized>(&self, asked: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        lock(&self.0).get(asked).cloned()
    }

    /// Remembers an answer. Returns the one that is remembered, which may be another thread's.
    pub fn insert(&self, asked: K, answer: V) -> V {
        lock(&self.0).entry(asked).or_insert(answer).clone()
    }

    /// The answer; found now, if it was not before.
    pub fn get_or_find(&self, asked: K, find: impl FnOnce() -> V) -> V {
        match self.get(&asked) {
            Some(known) => known,
            None => self.insert(asked, find()),
        }
    }

    /// All that was asked, in no order.
    pub fn asked(&self) -> Vec<K>
    where
        K: Clone,
    {
        lock(&self.0).keys().cloned().collect()
    }
}

/// A panic elsewhere leaves what is behind a lock whole: each change is one insertion or removal, or
/// several of which none can panic.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_found_once_and_may_need_another() {
        let memo = Memo::default();
        let eight = memo.get_or_find(8, || 2 * memo.get_or_find(4, || 4));
        assert_eq!((eight, memo.get(&4)), (8, Some(4)));
        assert_eq!(memo.get_or_find(4, || unreachable!("it is known")), 4);
    }

    #[test]
    fn the_first_answer_counts() {
        let memo = Memo::default();
        assert_eq!(memo.insert("one", 1), 1);
        assert_eq!(memo.insert("one", 2), 1);
    }
}
