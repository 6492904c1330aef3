//! One analysis at a time.
//!
//! An analysis takes gigabytes and a core: two are never in memory together. A newer one tells the
//! older to stop and waits until it did; only what the user asked for is not stopped by what nobody
//! asked for. One that waits and was told to stop waits no longer, and one that comes to its turn after a
//! newer one has come to its end is not wanted any more. What a job does is not known here,
//! nor what becomes of one that does not stop, see [`crate::threads`].

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{Mutex as AsyncMutex, Notify, OwnedMutexGuard};

/// Tells a job to stop. Clones are the same flag; it is never taken back.
#[derive(Debug, Clone, Default)]
pub(crate) struct CancelFlag(Arc<Flag>);

#[derive(Debug)]
struct Flag {
    /// Flags that were made later have larger numbers.
    number: u64,
    set: AtomicBool,
    bell: Notify,
    /// Stops this one with it.
    whole: Option<CancelFlag>,
}

impl Default for Flag {
    fn default() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        Self { number, set: AtomicBool::default(), bell: Notify::default(), whole: None }
    }
}

impl CancelFlag {
    /// A flag for one attempt at the job: it is set with this one, and can be set alone.
    pub(crate) fn of_attempt(&self) -> Self {
        Self(Arc::new(Flag { whole: Some(self.clone()), ..Flag::default() }))
    }

    /// Asks the job to stop.
    pub(crate) fn cancel(&self) {
        self.0.set.store(true, Ordering::Release);
        self.0.bell.notify_waiters();
    }

    /// Whether the job was asked to stop.
    pub(crate) fn is_cancelled(&self) -> bool {
        self.0.set.load(Ordering::Acquire) || self.0.whole.as_ref().is_some_and(Self::is_cancelled)
    }

    /// Returns when the job was asked to stop, which may be never.
    pub(crate) async fn cancelled(&self) {
        let rung = self.0.bell.notified();
        tokio::pin!(rung);
        // In line for the bell before looking: a flag set in between is not missed.
        rung.as_mut().enable();
        if !self.is_cancelled() {
            rung.await;
        }
    }

    /// Whether this one was made after the other.
    fn is_newer_than(&self, other: &Self) -> bool {
        self.0.number > other.0.number
    }

    /// Whether both are one flag.
    pub(crate) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

/// Cancels when it is dropped: a request whose client no longer wants the answer is dropped by
/// the library, its job is elsewhere.
#[derive(Debug)]
pub(crate) struct CancelOnDrop(pub(crate) CancelFlag);

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        self.0.cancel();
    }
}

/// Who wants a job done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wish {
    /// The user.
    Asked,
    /// The server, because a snapshot appeared.
    Unasked,
}

/// The place where one job runs and others wait for it to stop.
#[derive(Debug, Default)]
pub(crate) struct Jobs {
    alive: Arc<Mutex<Vec<(CancelFlag, Wish)>>>,
    slot: Arc<AsyncMutex<()>>,
    /// The number of the newest that has come to its end, and of the newest of those that were asked for.
    newest: AtomicU64,
    newest_asked: AtomicU64,
}

/// The right to run. The next job starts when it is dropped.
#[derive(Debug)]
pub(crate) struct Turn {
    _slot: OwnedMutexGuard<()>,
    _alive: Alive,
}

/// A job that runs or waits.
#[derive(Debug)]
struct Alive {
    cancel: CancelFlag,
    all: Arc<Mutex<Vec<(CancelFlag, Wish)>>>,
}

impl Drop for Alive {
    fn drop(&mut self) {
        lock(&self.all).retain(|(other, _)| !other.is(&self.cancel));
    }
}

impl Jobs {
    /// Takes the place of what runs or waits and may be replaced, and returns when nothing else
    /// runs; `None` if this job was itself cancelled or replaced, before or while it waited. Which is
    /// the newer one their flags tell: to find its files may have taken the older one longer.
    pub(crate) async fn take_turn(&self, cancel: &CancelFlag, wish: Wish) -> Option<Turn> {
        let alive = {
            let mut all = lock(&self.alive);
            let is_replaced = |(other, others_wish): &(CancelFlag, Wish)| {
                *others_wish == wish && other.is_newer_than(cancel)
            };
            if cancel.is_cancelled() || self.is_late(cancel, wish) || all.iter().any(is_replaced) {
                return None;
            }
            for (other, others_wish) in &*all {
                if wish == Wish::Asked || *others_wish == Wish::Unasked {
                    other.cancel();
                }
            }
            all.push((cancel.clone(), wish));
            Alive { cancel: cancel.clone(), all: Arc::clone(&self.alive) }
        };
        let slot = tokio::select! {
            slot = Arc::clone(&self.slot).lock_owned() => slot,
            () = cancel.cancelled() => return None,
        };
        let is_wanted = !cancel.is_cancelled() && !self.is_late(cancel, wish);
        is_wanted.then_some(Turn { _slot: slot, _alive: alive })
    }

    /// Takes note that a job has come to its end, so that no older one takes its place.
    pub(crate) fn note_done(&self, cancel: &CancelFlag, wish: Wish) {
        self.newest.fetch_max(cancel.0.number, Ordering::Relaxed);
        if wish == Wish::Asked {
            self.newest_asked.fetch_max(cancel.0.number, Ordering::Relaxed);
        }
    }

    /// Whether a newer job that could have replaced this one is done already.
    fn is_late(&self, cancel: &CancelFlag, wish: Wish) -> bool {
        let newest = match wish {
            Wish::Asked => &self.newest_asked,
            Wish::Unasked => &self.newest,
        };
        cancel.0.number < newest.load(Ordering::Relaxed)
    }

    /// Stops what nobody asked for, because there is nothing to analyse any more. Returns whether what is shown
    /// may go, too: not if somebody asked for an analysis that runs, or that came to its end after `looked`.
    pub(crate) fn give_up_unasked(&self, looked: &CancelFlag) -> bool {
        let alive = lock(&self.alive);
        for (job, _) in alive.iter().filter(|(_, wish)| *wish == Wish::Unasked) {
            job.cancel();
        }
        !alive.iter().any(|(_, wish)| *wish == Wish::Asked) && !self.is_late(looked, Wish::Asked)
    }

    /// Whether anything runs or waits.
    pub(crate) fn is_busy(&self) -> bool {
        !lock(&self.alive).is_empty()
    }

    /// Asks whatever runs or waits to stop.
    pub(crate) fn cancel(&self) {
        for (job, _) in &*lock(&self.alive) {
            job.cancel();
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test]
    async fn a_newer_job_stops_the_older_and_waits_until_it_is_gone() {
        let jobs = Arc::new(Jobs::default());
        let (first, second) = (CancelFlag::default(), CancelFlag::default());
        let turn = jobs.take_turn(&first, Wish::Asked).await.expect("nothing else runs");
        let waiting = tokio::spawn({
            let (jobs, second) = (Arc::clone(&jobs), second.clone());
            async move { jobs.take_turn(&second, Wish::Asked).await.is_some() }
        });
        while !first.is_cancelled() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        assert!(!waiting.is_finished(), "the first still holds its memory");
        drop(turn);
        assert!(waiting.await.unwrap());
    }

    #[tokio::test]
    async fn of_several_that_wait_only_the_newest_runs() {
        let jobs = Arc::new(Jobs::default());
        let turn = jobs.take_turn(&CancelFlag::default(), Wish::Unasked).await;
        let (second, third) = (CancelFlag::default(), CancelFlag::default());
        let waits = |flag: &CancelFlag| {
            let (jobs, flag) = (Arc::clone(&jobs), flag.clone());
            tokio::spawn(async move { jobs.take_turn(&flag, Wish::Unasked).await.is_some() })
        };
        let older = waits(&second);
        tokio::task::yield_now().await;
        let newer = waits(&third);
        while !second.is_cancelled() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        drop(turn);
        assert!(!older.await.unwrap());
        assert!(newer.await.unwrap());
    }

    #[tokio::test]
    async fn a_request_that_is_dropped_cancels_its_job() {
        let flag = CancelFlag::default();
        drop(CancelOnDrop(flag.clone()));
        assert!(flag.is_cancelled());
        assert!(Jobs::default().take_turn(&flag, Wish::Asked).await.is_none());
    }

    #[tokio::test]
    async fn one_that_was_cancelled_takes_nobodys_place() {
        let jobs = Jobs::default();
        let (cancelled, newer) = (CancelFlag::default(), CancelFlag::default());
        cancelled.cancel();
        let _turn = jobs.take_turn(&newer, Wish::Asked).await.expect("nothing else runs");
        assert!(jobs.take_turn(&cancelled, Wish::Asked).await.is_none());
        assert!(!newer.is_cancelled());
    }

    #[tokio::test]
    async fn one_that_took_longer_to_find_its_files_is_still_the_older() {
        let jobs = Jobs::default();
        let (older, newer) = (CancelFlag::default(), CancelFlag::default());
        let _turn = jobs.take_turn(&newer, Wish::Asked).await.expect("nothing else runs");
        assert!(jobs.take_turn(&older, Wish::Asked).await.is_none());
        assert!(!newer.is_cancelled());
    }

    #[tokio::test]
    async fn what_was_asked_for_is_only_stopped_by_what_is_asked_for() {
        let jobs = Arc::new(Jobs::default());
        let asked = CancelFlag::default();
        let turn = jobs.take_turn(&asked, Wish::Asked).await;
        let waiting = tokio::spawn({
            let jobs = Arc::clone(&jobs);
            async move { jobs.take_turn(&CancelFlag::default(), Wish::Unasked).await.is_some() }
        });
        tokio::time::sleep(Duration::from_millis(20)).await;
        assert!(!asked.is_cancelled() && !waiting.is_finished());
        drop(turn);
        assert!(waiting.await.unwrap(), "its turn comes afterwards");
        assert!(lock(&jobs.alive).is_empty());
    }

    /// It may have looked for its files all the time, in folders that are not open any more.
    #[tokio::test]
    async fn one_that_comes_when_a_newer_one_is_done_does_not_take_its_place() {
        let jobs = Jobs::default();
        let [first, second, third] = std::array::from_fn(|_| CancelFlag::default());
        jobs.note_done(&second, Wish::Unasked);
        assert!(jobs.take_turn(&first, Wish::Unasked).await.is_none());
        assert!(jobs.take_turn(&first, Wish::Asked).await.is_some(), "somebody waits for it");
        jobs.note_done(&third, Wish::Asked);
        assert!(jobs.take_turn(&second, Wish::Asked).await.is_none());
        assert!(jobs.take_turn(&third, Wish::Asked).await.is_some(), "it may try again");
        assert!(jobs.take_turn(&CancelFlag::default(), Wish::Unasked).await.is_some());
    }

    /// The snapshots were gone when somebody looked, and are there again when that is told.
    #[tokio::test]
    async fn where_nothing_was_found_only_what_nobody_asked_for_stops() {
        let jobs = Jobs::default();
        let [looked, asked, later] = std::array::from_fn(|_| CancelFlag::default());
        assert!(jobs.give_up_unasked(&looked));
        let turn = jobs.take_turn(&asked, Wish::Asked).await;
        assert!(!jobs.give_up_unasked(&looked));
        assert!(!asked.is_cancelled());
        jobs.note_done(&asked, Wish::Asked);
        drop(turn);
        assert!(!jobs.give_up_unasked(&looked), "it is newer than what was seen");
        assert!(jobs.give_up_unasked(&later));
        let unasked = CancelFlag::default();
        let _turn = jobs.take_turn(&unasked, Wish::Unasked).await.expect("nothing else runs");
        assert!(jobs.give_up_unasked(&later));
        assert!(unasked.is_cancelled());
    }

    #[test]
    fn an_attempt_stops_with_its_job_and_also_alone() {
        let job = CancelFlag::default();
        let (first, second) = (job.of_attempt(), job.of_attempt());
        first.cancel();
        assert!(first.is_cancelled() && !job.is_cancelled() && !second.is_cancelled());
        job.cancel();
        assert!(second.is_cancelled());
    }
}
