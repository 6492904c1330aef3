//! One analysis at a time.
//!
//! An analysis takes gigabytes and a core. When a newer one is asked for, the older is told to
//! stop, and the newer waits until it did: two are never in memory together. What a job does is
//! not known here.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{Mutex as AsyncMutex, Notify, OwnedMutexGuard};

/// Tells a job to stop. Clones are the same flag; it is never taken back.
#[derive(Debug, Clone, Default)]
pub(crate) struct CancelFlag(Arc<Flag>);

#[derive(Debug, Default)]
struct Flag {
    set: AtomicBool,
    bell: Notify,
}

impl CancelFlag {
    /// Asks the job to stop.
    pub(crate) fn cancel(&self) {
        self.0.set.store(true, Ordering::Release);
        self.0.bell.notify_waiters();
    }

    /// Whether the job was asked to stop.
    pub(crate) fn is_cancelled(&self) -> bool {
        self.0.set.load(Ordering::Acquire)
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

/// The place where one job runs and at most a few wait to replace it.
#[derive(Debug, Default)]
pub(crate) struct Jobs {
    newest: Mutex<CancelFlag>,
    slot: Arc<AsyncMutex<()>>,
}

/// The right to run. The next job starts when it is dropped.
#[derive(Debug)]
pub(crate) struct Turn {
    _slot: OwnedMutexGuard<()>,
}

impl Jobs {
    /// Takes the place of whatever runs or waits, and returns when it is free; `None` if this job
    /// was itself cancelled or replaced while it waited.
    pub(crate) async fn take_turn(&self, cancel: &CancelFlag) -> Option<Turn> {
        {
            let mut newest = self.newest.lock().unwrap_or_else(PoisonError::into_inner);
            if !newest.is(cancel) {
                newest.cancel();
                *newest = cancel.clone();
            }
        }
        let slot = Arc::clone(&self.slot).lock_owned().await;
        (!cancel.is_cancelled()).then_some(Turn { _slot: slot })
    }

    /// Asks whatever runs or waits to stop.
    pub(crate) fn cancel(&self) {
        self.newest.lock().unwrap_or_else(PoisonError::into_inner).cancel();
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test]
    async fn a_newer_job_stops_the_older_and_waits_until_it_is_gone() {
        let jobs = Arc::new(Jobs::default());
        let (first, second) = (CancelFlag::default(), CancelFlag::default());
        let turn = jobs.take_turn(&first).await.expect("nothing else runs");
        let waiting = tokio::spawn({
            let (jobs, second) = (Arc::clone(&jobs), second.clone());
            async move { jobs.take_turn(&second).await.is_some() }
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
        let turn = jobs.take_turn(&CancelFlag::default()).await;
        let (second, third) = (CancelFlag::default(), CancelFlag::default());
        let waits = |flag: &CancelFlag| {
            let (jobs, flag) = (Arc::clone(&jobs), flag.clone());
            tokio::spawn(async move { jobs.take_turn(&flag).await.is_some() })
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
        assert!(Jobs::default().take_turn(&flag).await.is_none());
    }
}
