//! Work-done progress: what a long job is at, and the button that cancels it.
//!
//! A job only writes down where it is; a task of its own tells the client, at most ten times a
//! second. The job never waits for the client, and a client that cannot show progress, or does not
//! answer, costs nothing.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use dashmap::DashMap;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tower_lsp::Client;

use crate::jobs::CancelFlag;
use crate::types::notification::Progress as ProgressNotification;
use crate::types::{
    NumberOrString, ProgressParams, ProgressParamsValue, ProgressToken, WorkDoneProgress,
    WorkDoneProgressBegin, WorkDoneProgressEnd, WorkDoneProgressReport,
};

/// The least time between two reports.
const INTERVAL: Duration = Duration::from_millis(100);

/// The jobs whose progress the client may cancel, by their token.
#[derive(Debug, Default)]
pub(crate) struct Cancellable {
    jobs: DashMap<ProgressToken, CancelFlag>,
    next: AtomicU64,
}

impl Cancellable {
    /// The client pressed the button. A token that is not known belongs to a job that is done.
    pub(crate) fn cancel(&self, token: &ProgressToken) {
        if let Some(job) = self.jobs.get(token) {
            job.cancel();
        }
    }

    /// From now on the client may cancel a job under this token, until what is returned is dropped.
    pub(crate) fn register(self: &Arc<Self>, token: ProgressToken, job: CancelFlag) -> Registered {
        self.jobs.insert(token.clone(), job);
        Registered { token, among: Arc::clone(self) }
    }

    /// Asks every job to stop.
    pub(crate) fn cancel_all(&self) {
        for job in &self.jobs {
            job.cancel();
        }
    }

    fn new_token(&self) -> ProgressToken {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        NumberOrString::String(format!("heapmark/{number}"))
    }
}

/// A job that the client may cancel under a token.
#[derive(Debug)]
pub(crate) struct Registered {
    token: ProgressToken,
    among: Arc<Cancellable>,
}

impl Drop for Registered {
    fn drop(&mut self) {
        self.among.jobs.remove(&self.token);
    }
}

/// Where the client shows a job.
#[derive(Debug, Clone)]
pub(crate) enum Shown {
    /// Under the token that came with the request, under which it can be cancelled from the first
    /// moment on: whoever took the request has registered it.
    AsAsked(ProgressToken),
    /// Under a token that the server makes, for a client that can show those.
    ByItself,
    /// Nowhere.
    Nowhere,
}

/// Where a job is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Step {
    message: String,
    /// Of the whole, if it can be told.
    percent: Option<u32>,
}

/// The progress of one job, from its begin to its end. Dropping it ends it as well.
#[derive(Debug)]
pub(crate) struct Progress {
    /// None after the end.
    steps: watch::Sender<Option<Step>>,
    reporter: Mutex<Option<JoinHandle<()>>>,
}

impl Progress {
    /// Shows that a job began. `cancel` is what its button does.
    pub(crate) fn begin(
        client: &Client,
        cancellable: &Arc<Cancellable>,
        shown: Shown,
        title: String,
        cancel: CancelFlag,
    ) -> Self {
        let (steps, watched) = watch::channel(Some(Step::default()));
        let (token, registered) = match shown {
            Shown::AsAsked(token) => (token, None),
            Shown::ByItself => {
                let token = cancellable.new_token();
                (token.clone(), Some(cancellable.register(token, cancel)))
            }
            Shown::Nowhere => return Self { steps, reporter: Mutex::default() },
        };
        let client = client.clone();
        let reporter = tokio::spawn(async move {
            report(&client, &token, registered.is_some(), title, watched).await;
            drop(registered);
        });
        Self { steps, reporter: Mutex::new(Some(reporter)) }
    }

    /// Writes down where the job is. May be called as often as one likes, from any thread.
    pub(crate) fn step(&self, message: String, percent: Option<u32>) {
        let step = Step { message, percent };
        self.steps.send_if_modified(|current| {
            let changed = current.as_ref().is_some_and(|current| *current != step);
            if changed {
                *current = Some(step);
            }
            changed
        });
    }

    /// Ends it and returns when the client was told: before the answer to its request goes out. Steps
    /// of a job that goes on nevertheless are not shown.
    pub(crate) async fn end(&self) {
        self.steps.send_replace(None);
        let reporter = self.reporter.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(reporter) = reporter {
            // A reporter that panicked must not take the job's result with it.
            let _ = reporter.await;
        }
    }
}

/// What of 100 is done; 0 if nobody knows the total.
pub(crate) fn share(done: u64, total: u64) -> u32 {
    let percent = u128::from(done.min(total)) * 100 / u128::from(total.max(1));
    percent as u32
}

/// Tells the client about the steps until the job drops its end of the channel.
async fn report(
    client: &Client,
    token: &ProgressToken,
    ask_first: bool,
    title: String,
    mut steps: watch::Receiver<Option<Step>>,
) {
    if ask_first {
        let ended = async { while next_step(&mut steps).await.is_some() {} };
        tokio::select! {
            agreed = client.create_work_done_progress(token.clone()) => {
                if agreed.is_err() {
                    return;
                }
            }
            // Over before the client agreed to show it.
            () = ended => return,
        }
    }
    let Some(first) = steps.borrow_and_update().clone() else { return };
    send(
        client,
        token,
        WorkDoneProgress::Begin(WorkDoneProgressBegin {
            title,
            cancellable: Some(true),
            message: (!first.message.is_empty()).then_some(first.message),
            percentage: first.percent.or(Some(0)),
        }),
    )
    .await;
    while let Some(step) = next_step(&mut steps).await {
        send(
            client,
            token,
            WorkDoneProgress::Report(WorkDoneProgressReport {
                cancellable: Some(true),
                message: Some(step.message),
                percentage: step.percent,
            }),
        )
        .await;
        tokio::time::sleep(INTERVAL).await;
    }
    send(client, token, WorkDoneProgress::End(WorkDoneProgressEnd { message: None })).await;
}

/// Where the job is after the next change; `None` after its end.
async fn next_step(steps: &mut watch::Receiver<Option<Step>>) -> Option<Step> {
    steps.changed().await.ok()?;
    steps.borrow_and_update().clone()
}

async fn send(client: &Client, token: &ProgressToken, progress: WorkDoneProgress) {
    client
        .send_notification::<ProgressNotification>(ProgressParams {
            token: token.clone(),
            value: ProgressParamsValue::WorkDone(progress),
        })
        .await;
}
