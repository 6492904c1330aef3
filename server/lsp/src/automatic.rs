//! Analyses the newest snapshots of the workspace without being asked: when a folder is opened,
//! and when a snapshot appears, changes or goes.
//!
//! Also finds the newest for those who ask without naming files.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use heapmark_leaks::Report;

use crate::analysis::{self, Failure, Request};
use crate::attempts::{self, Attempts};
use crate::jobs::{CancelFlag, Wish};
use crate::session::Session;
use crate::snapshots::{self, Look, Settling, States};
use crate::status::Parts;
use crate::types::MessageType;

/// Events come in bursts.
const BURST: Duration = Duration::from_millis(50);
/// How often to look whether a file that is being written is complete.
const AGAIN: Duration = Duration::from_millis(250);

/// What was said last of snapshots that were passed over, so that it is said once.
type Told = Arc<Mutex<String>>;

/// Looks for snapshots whenever [`Session::look`] is rung, as long as the server lives.
pub(crate) async fn watch(session: Arc<Session>) {
    let mut settling = Settling::default();
    let told = Told::default();
    loop {
        session.look.notified().await;
        tokio::time::sleep(BURST).await;
        loop {
            let (enabled, folders, excluded) = {
                let state = session.state();
                let settings = &state.settings;
                let excluded = settings.exclude.clone();
                (settings.analyze_on_open, state.folders.clone(), excluded)
            };
            if !enabled || session.was_shut_down() {
                break;
            }
            let looked = tokio::task::spawn_blocking(move || {
                let (files, problems) = snapshots::find(&folders, &excluded);
                let look = settling.look(&files);
                (look, problems, settling)
            })
            .await;
            let Ok((look, problems, kept)) = looked else { return };
            settling = kept;
            for problem in problems {
                session.client.log_message(MessageType::WARNING, problem).await;
            }
            let unsettled = look.unsettled > 0;
            if !look.more_soon {
                consider(&session, look, &told).await;
            }
            if !unsettled {
                break;
            }
            tokio::select! {
                () = session.look.notified() => {}
                () = tokio::time::sleep(AGAIN) => {}
            }
        }
    }
}

/// Starts an analysis if the newest snapshots are not those of the last one.
async fn consider(session: &Arc<Session>, look: Look, told: &Told) {
    let candidates: Vec<PathBuf> = look.settled.keys().cloned().collect();
    let newest: States = heapmark_leaks::newest_group(&candidates)
        .into_iter()
        .filter_map(|file| look.settled.get(&file).map(|stamp| (file.clone(), *stamp)))
        .collect();
    let before = {
        let mut state = session.state();
        if state.newest == newest {
            return;
        }
        std::mem::replace(&mut state.newest, newest.clone())
    };
    if newest.is_empty() {
        if !before.is_empty() {
            // The snapshots are gone, and with them what they proved.
            crate::commands::clear(session).await;
        }
        return;
    }
    // On its own, so that the next snapshot can take its place.
    tokio::spawn(analyze_unasked(Arc::clone(session), candidates, Arc::clone(told)));
}

async fn analyze_unasked(session: Arc<Session>, candidates: Vec<PathBuf>, told: Told) {
    let candidates = without_hopeless(&session, candidates, &told).await;
    if candidates.is_empty() {
        return;
    }
    let request = Request {
        files: candidates,
        token: None,
        cancel: CancelFlag::default(),
        wish: Wish::Unasked,
    };
    if let Err(failure) = analyze_newest(&session, request).await
        && !failure.is_cancelled()
    {
        show_failure(&session, &failure).await;
    }
}

/// Passes over the snapshots that ended the server before, or were too large, and says so.
async fn without_hopeless(
    session: &Session,
    candidates: Vec<PathBuf>,
    told: &Told,
) -> Vec<PathBuf> {
    let index = session.state().settings.index.clone();
    let sift = move || {
        let attempts = Attempts::beside(index.folder().ok().flatten().as_ref());
        let mut passed_over = Vec::new();
        let mut rest = candidates;
        rest.retain(|file| match attempts.reason_against(file) {
            Some(reason) => {
                passed_over.push((file.clone(), reason));
                false
            }
            None => true,
        });
        (rest, passed_over)
    };
    let Ok((rest, passed_over)) = tokio::task::spawn_blocking(sift).await else {
        return Vec::new();
    };
    let message = attempts::sentence(&passed_over);
    let is_new = {
        let mut told = told.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::replace(&mut *told, message.clone()) != message
    };
    if is_new && !message.is_empty() {
        session.client.log_message(MessageType::WARNING, &message).await;
        session.client.show_message(MessageType::WARNING, &message).await;
        let is_all = rest.is_empty();
        let update = |parts: &mut Parts| {
            if is_all {
                parts.failed = true;
                parts.message = message;
            }
        };
        session.status.update(&session.client, update).await;
    }
    rest
}

/// Analyses the newest of the files that can be analysed. Those that cannot are said once each.
pub(crate) async fn analyze_newest(
    session: &Arc<Session>,
    request: Request,
) -> Result<Arc<Report>, Failure> {
    let mut candidates = request.files.clone();
    let mut failed: Option<Failure> = None;
    loop {
        let files = heapmark_leaks::newest_group(&candidates);
        if files.is_empty() {
            return Err(failed.unwrap_or(Failure::NoSnapshots));
        }
        candidates.retain(|file| !files.contains(file));
        match analysis::analyze(session, Request { files, ..request.clone() }).await {
            Err(failure) if !failure.is_cancelled() && !candidates.is_empty() => {
                show_failure(session, &failure).await;
                failed.get_or_insert(failure);
            }
            outcome => return outcome,
        }
    }
}

async fn show_failure(session: &Session, failure: &Failure) {
    let message = crate::publish::sentence(&failure.to_string());
    session.client.log_message(MessageType::ERROR, &message).await;
    session.client.show_message(MessageType::ERROR, message).await;
}
