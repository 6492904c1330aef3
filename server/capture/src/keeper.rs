//! Sessions that stay open between captures, so that snapshots taken minutes apart can be compared.
//!
//! For whoever captures on demand, such as an editor. An idle session costs the program nothing
//! measurable and is given up when the program ends or after an hour.

use crate::{
    error::CaptureError,
    inspector::{Session, Target},
    monitor::CaptureMonitor,
    snapshot::{CaptureOptions, Captured},
};
use futures_util::future::join_all;
use std::{
    collections::HashMap,
    future::Future,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::{
    sync::{Mutex as AsyncMutex, oneshot},
    task::JoinHandle,
    time::sleep,
};

const MAX_IDLE_TIME: Duration = Duration::from_secs(3_600);

/// Whether a session is of no more use after this: its target has gone, or does not behave.
fn is_the_targets_fault(error: &CaptureError) -> bool {
    matches!(
        error,
        CaptureError::TargetGone { .. }
            | CaptureError::Protocol { .. }
            | CaptureError::TooLarge { .. }
    )
}

/// Takes snapshots of any number of targets, each over one session that it keeps open. Captures
/// of one target wait for each other. Needs a Tokio runtime; cheap to clone.
#[derive(Debug, Default, Clone)]
pub struct SessionKeeper {
    slots: Arc<Mutex<HashMap<String, Slot>>>,
}

/// The idle session of one target.
type Slot = Arc<AsyncMutex<Option<Idle>>>;

/// A task that reads what the target says meanwhile, and gives the session back when asked to:
/// `None` if the target has gone.
#[derive(Debug)]
struct Idle {
    give_back: oneshot::Sender<()>,
    task: JoinHandle<Option<Session>>,
}

impl Idle {
    fn keep(mut session: Session) -> Self {
        let (give_back, asked) = oneshot::channel();
        let task = tokio::spawn(async move {
            tokio::select! {
                // Also when the keeper is dropped: then nobody waits for the session, and it ends.
                _ = asked => Some(session),
                _ = session.until_gone() => None,
                () = sleep(MAX_IDLE_TIME) => None,
            }
        });
        Self { give_back, task }
    }

    async fn take_back(self) -> Option<Session> {
        // If the task has ended, its answer is there already.
        let _ = self.give_back.send(());
        self.task.await.ok().flatten()
    }
}

impl SessionKeeper {
    /// As [`Session::take_snapshot`], over the session that was kept for `target`, or a new one.
    ///
    /// When `cancel` completes, this returns at once; a snapshot that V8 is taking then is waited for by
    /// the idle session. Complete `cancel` rather than dropping the future: a dropped future takes its
    /// session with it, and V8 forgets the ids.
    pub async fn take_snapshot(
        &self,
        target: &Target,
        options: &CaptureOptions,
        monitor: &dyn CaptureMonitor,
        cancel: impl Future<Output = ()>,
    ) -> Result<Captured, CaptureError> {
        tokio::pin!(cancel);
        let slot = self.slot(&target.websocket_url);
        let prepared = async {
            let mut slot = slot.lock().await;
            let kept = match slot.take() {
                Some(idle) => idle.take_back().await,
                None => None,
            };
            let session = match kept {
                Some(session) => session,
                None => Session::connect_watched(target, monitor).await?,
            };
            Ok((slot, session))
        };
        let (mut slot, mut session) = tokio::select! {
            biased;
            () = &mut cancel => return Err(CaptureError::Cancelled),
            prepared = prepared => prepared?,
        };
        let captured = session.take_snapshot(options, monitor, cancel).await;
        if !captured.as_ref().is_err_and(is_the_targets_fault) {
            *slot = Some(Idle::keep(session));
        }
        captured
    }

    /// Ends all idle sessions, and those of targets that are taking a snapshot when that is finished.
    /// Who cannot wait so long drops this future: then the runtime goes on with it, as long as it runs.
    pub async fn release_all(&self) {
        let slots: Vec<Slot> = {
            let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
            slots.drain().map(|(_, slot)| slot).collect()
        };
        let released = slots.into_iter().map(|slot| async move {
            if let Some(idle) = slot.lock().await.take()
                && let Some(session) = idle.take_back().await
            {
                session.close().await;
            }
        });
        join_all(released).await;
    }

    fn slot(&self, url: &str) -> Slot {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        // Processes that have gone leave empty slots behind; nobody else holds those.
        slots.retain(|_, slot| {
            Arc::strong_count(slot) > 1
                || slot
                    .try_lock()
                    .is_ok_and(|slot| slot.as_ref().is_some_and(|idle| !idle.task.is_finished()))
        });
        Arc::clone(slots.entry(url.to_owned()).or_default())
    }
}
