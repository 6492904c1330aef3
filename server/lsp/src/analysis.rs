//! One analysis, from the request to the squiggles.
//!
//! The reading and detecting is done by `heapmark_leaks` on a thread for blocking work; here it is
//! given its turn, its copy of the workspace and its progress, and its report is shown. Which
//! snapshots to analyse without being asked is decided in [`crate::auto_analyze`].

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use heapmark_files::SilentMount;
use heapmark_leaks::report::Notice;
use heapmark_leaks::suppress::Silence;
use heapmark_leaks::{AnalyzeError, Report};
use heapmark_source::Workspace;

use crate::attempts::{Attempt, Attempts, Ends, Refusal};
use crate::followed::files_of;
use crate::frozen::{Inputs, Thawed};
use crate::jobs::{CancelFlag, Wish};
use crate::live_report::LiveReport;
use crate::monitor::JobMonitor;
use crate::progress::Progress;
use crate::session::Session;
use crate::snapshots::{self, States};
use crate::threads::{self, Unfinished};
use crate::types::{MessageType, ProgressToken};
use crate::{accepted, publish, settle, summary};

/// How long an analysis may take to notice that it was cancelled, before it counts as one that hangs in
/// a file that does not answer. Steps between two looks at the flag take less than a second.
const CANCEL_TIMEOUT: Duration = Duration::from_secs(3);

/// Bytes of texts that are kept of files that are not open. If one of the others changes, it is analysed again.
const MAX_CLOSED_BYTES: usize = 16 << 20;

/// Why there is no new report. Each message is a sentence for people.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// The files cannot be analysed.
    #[error("{}", with_help(.0))]
    Analysis(#[source] AnalyzeError),
    /// The user, or a newer analysis, stopped it.
    #[error("the analysis was cancelled")]
    Cancelled,
    /// There is nothing to analyse.
    #[error(
        "there is no heap snapshot in this workspace yet: capture one from a running program, or \
         name the files to analyse"
    )]
    NoSnapshots,
    /// The files do not answer.
    #[error("the analysis was given up: {0}")]
    Unfinished(#[source] Unfinished),
    /// A file system stopped answering in the middle of it.
    #[error("the analysis was given up: {} Analysing again leaves it out", sentences(.0))]
    Silent(Vec<SilentMount>),
    /// A bug of ours; the server goes on.
    #[error(
        "the analysis ran into a bug of Heapmark and gave up; please report it with the server's \
         log"
    )]
    Bug,
}

impl Failure {
    pub(crate) fn is_cancelled(&self) -> bool {
        matches!(self, Self::Cancelled)
    }
}

fn sentences(mounts: &[SilentMount]) -> String {
    mounts.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

fn with_help(error: &AnalyzeError) -> String {
    let sentence = match error {
        // Whoever works in the folder needs no absolute path.
        AnalyzeError::Load { file, error } => {
            format!("{} {error}", file.file_name().unwrap_or_default().to_string_lossy())
        }
        other => other.to_string(),
    };
    match error.help() {
        Some(help) => format!("{sentence}. {}", publish::sentence(&help)),
        None => sentence,
    }
}

/// What to analyse, and for whom.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    /// Snapshots of one process, as far as one knows.
    pub(crate) files: Vec<PathBuf>,
    /// Under which the client wants to see the progress.
    pub(crate) token: Option<ProgressToken>,
    /// Stops it.
    pub(crate) cancel: CancelFlag,
    /// Who wants it.
    pub(crate) wish: Wish,
    /// Newer snapshots that were not analysed: a sentence each, the newest first.
    pub(crate) refused: Vec<String>,
}

/// Analyses the files and shows what was found. A newer request takes the place of an older.
///
/// Goes on when the caller is gone: it is stopped only by its flag.
pub(crate) async fn analyze(
    session: &Arc<Session>,
    request: Request,
) -> Result<Arc<Report>, Failure> {
    let session = Arc::clone(session);
    let job = tokio::spawn(async move {
        loop {
            match start(Arc::clone(&session), request.clone()).await {
                // What does not answer is known now and left out. Each time it is another one.
                Err(Failure::Silent(_)) => {}
                outcome => return outcome,
            }
        }
    });
    job.await.unwrap_or(Err(Failure::Bug))
}

async fn start(session: Arc<Session>, request: Request) -> Result<Arc<Report>, Failure> {
    let client = &session.client;
    session.status.update(client, |parts| parts.analyses += 1).await;
    let outcome = take_turn_and_read(&session, request).await;
    if session.state().is_outdated() {
        // The user opened another folder meanwhile, say.
        session.look.notify_one();
    }
    if let Ok(report) = &outcome {
        publish::update(&session).await;
        tell_notices(&session, report).await;
    }
    let shown = summary::of(&session.state());
    session
        .status
        .update(client, |parts| {
            parts.analyses -= 1;
            match &outcome {
                Ok(report) => {
                    parts.failed = false;
                    parts.shows(report, shown);
                }
                // What was shown before still is.
                Err(Failure::Cancelled) => {}
                Err(failure) => {
                    parts.failed = true;
                    parts.message = failure.to_string();
                }
            }
        })
        .await;
    outcome
}

async fn take_turn_and_read(
    session: &Arc<Session>,
    request: Request,
) -> Result<Arc<Report>, Failure> {
    let Request { files, token, cancel, wish, refused } = request;
    let turn = session.jobs.take_turn(&cancel, wish).await.ok_or(Failure::Cancelled)?;
    let states = on_thread(session, &files, &cancel, {
        let files = files.clone();
        move || snapshots::states(&files)
    });
    let states = states.await?;
    if wish == Wish::Unasked {
        let mut state = session.state();
        if state.shown.snapshots == states && !state.is_outdated() {
            // While this one waited, the user asked for the very same files; or they are back.
            state.refused = refused;
            session.jobs.note_done(&cancel, wish);
            return Ok(Arc::clone(&state.report));
        }
    }
    let title = match files.len() {
        1 => "Analysing 1 heap snapshot".to_owned(),
        count => format!("Analysing {count} heap snapshots"),
    };
    let shown = session.shown(token);
    let progress =
        Progress::begin(&session.client, &session.progress, shown, title, cancel.clone());
    let progress = Arc::new(progress);
    let outcome = read(session, files, states, &progress, &cancel).await;
    if outcome.is_ok() {
        session.state().refused = refused;
        session.jobs.note_done(&cancel, wish);
    }
    progress.end().await;
    drop(turn);
    outcome
}

async fn read(
    session: &Arc<Session>,
    files: Vec<PathBuf>,
    snapshots: States,
    progress: &Arc<Progress>,
    cancel: &CancelFlag,
) -> Result<Arc<Report>, Failure> {
    let frozen = session.freeze();
    let inputs = Inputs { snapshots, surroundings: frozen.surroundings.clone() };
    let (index, place) = {
        let state = session.state();
        (state.settings.index.clone(), accepted::Place::of(&state))
    };
    let (indexes, no_index) = match index.folder() {
        Ok(indexes) => (indexes, None),
        Err(error) => (None, Some(format!("{error}: nothing is kept for the next time."))),
    };
    let attempts = Attempts::beside(indexes.as_ref());
    let attempt = Arc::new(attempts.attempt());
    session.attempt.lock().unwrap_or_else(PoisonError::into_inner).replace(Arc::clone(&attempt));
    // What is given up because something does not answer may not hang there itself: it ends before the
    // next attempt takes as much memory.
    let given_up = cancel.of_attempt();
    let monitor =
        JobMonitor::new(Arc::clone(progress), given_up.clone(), files.len(), Arc::clone(&attempt));
    let analysed = files.clone();
    let reading = on_thread(session, &files, cancel, move || {
        let Thawed { workspace, texts, unsaved } = frozen.into_workspace();
        let indexes = indexes.as_ref();
        let open = texts.iter().map(|(path, _)| path.clone()).collect();
        let result =
            heapmark_leaks::analyze_for_editor(&analysed, &workspace, indexes, &open, &monitor);
        let result = result.map(|mut report| {
            report.notices.extend(no_index.map(|message| Notice { message }));
            let accepted = place.read(&mut report.notices);
            let silence = Silence::about(&report, &workspace, accepted);
            report.notices.extend(silence.about_fixed(&report));
            let closed = closed_texts(&report, &texts, &workspace);
            LiveReport::begin(report, silence, texts).beside(closed)
        });
        (result, unsaved)
    });
    let read = survived(session, Arc::clone(&attempt), cancel, reading).await;
    let (result, unsaved) = read.inspect_err(|_| given_up.cancel())?;
    remember(session, attempts, files, attempt.refused(), result.is_ok()).await;
    match result {
        Ok(live) => {
            let shown = session.show(live, unsaved, inputs, cancel);
            let unsettled = session.state().all_unsettled();
            for file in unsettled {
                settle::begin(session, file, false);
            }
            shown.ok_or(Failure::Cancelled)
        }
        Err(error) if error.is_cancelled() => Err(Failure::Cancelled),
        Err(error) => Err(Failure::Analysis(error)),
    }
}

/// The texts of the files that a report speaks of and that are not open, as the analysis saw them.
fn closed_texts(
    report: &Report,
    open: &[(PathBuf, String)],
    workspace: &Workspace,
) -> HashMap<PathBuf, String> {
    let mut closed = HashMap::new();
    let mut rest = MAX_CLOSED_BYTES;
    for path in files_of(report) {
        if open.iter().any(|(file, _)| *file == path) {
            continue;
        }
        if let Ok(file) = workspace.file(&path)
            && let Some(less) = rest.checked_sub(file.text().len())
        {
            rest = less;
            closed.insert(path, file.text().to_owned());
        }
    }
    closed
}

/// Waits for the work, and takes away what was written down when it began as soon as it has ended or was
/// cancelled: whatever ends the server from then on, this was not it.
async fn survived<T>(
    session: &Session,
    attempt: Arc<Attempt>,
    cancel: &CancelFlag,
    work: impl Future<Output = T>,
) -> T {
    let ends = Ends(attempt);
    let mut work = std::pin::pin!(work);
    let done = tokio::select! {
        done = &mut work => Some(done),
        () = cancel.cancelled() => None,
    };
    // That it cannot be taken away is of no consequence while this process lives.
    let _ = session.threads.run_briefly(move || drop(ends)).await;
    match done {
        Some(done) => done,
        None => work.await,
    }
}

/// Writes down what came of it, as far as it decides whether the files are tried again unasked.
async fn remember(
    session: &Session,
    attempts: Attempts,
    mut files: Vec<PathBuf>,
    refused: Vec<(PathBuf, Refusal)>,
    is_done: bool,
) {
    files.retain(|file| is_done && refused.iter().all(|(other, _)| other != file));
    let write = move || {
        for (file, refusal) in refused {
            attempts.refuse(&file, refusal);
        }
        attempts.forgive(&files);
    };
    // What cannot be written down is tried once more.
    let _ = session.threads.run_briefly(write).await;
}

/// Does a part of an analysis of the files on a thread of its own, which is left behind if it does not end
/// when it is cancelled, or if what the files or the workspace's folders lie in stops answering.
pub(crate) async fn on_thread<T: Send + 'static>(
    session: &Session,
    files: &[PathBuf],
    cancel: &CancelFlag,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Failure> {
    let hangs = async {
        cancel.cancelled().await;
        tokio::time::sleep(CANCEL_TIMEOUT).await;
    };
    let paths: Vec<PathBuf> = session.state().folders.iter().chain(files).cloned().collect();
    let mut silent = Vec::new();
    let until = async {
        tokio::select! {
            () = hangs => {}
            mounts = threads::fall_silent(paths) => silent = mounts,
        }
    };
    match session.threads.run(until, work).await {
        Ok(done) => Ok(done),
        Err(Unfinished::Panicked) => Err(Failure::Bug),
        Err(why @ Unfinished::TooManyHang) => Err(Failure::Unfinished(why)),
        Err(Unfinished::LeftBehind) if !silent.is_empty() => Err(Failure::Silent(silent)),
        Err(why @ Unfinished::LeftBehind) => {
            let message =
                format!("The analysis was cancelled but does not stop: {why}. It was left behind.");
            session.show_message(MessageType::WARNING, message).await;
            Err(Failure::Cancelled)
        }
    }
}

/// Each notice goes to the log. The user sees those that the last analysis did not have: with old
/// snapshots in the folder the same ones would come again after each capture.
async fn tell_notices(session: &Session, report: &Report) {
    for notice in &report.notices {
        session.log_message(MessageType::WARNING, &notice.message).await;
    }
    let (new, is_all_well) = {
        let mut state = session.state();
        let mut messages: Vec<String> = Vec::new();
        if !state.refused.is_empty() {
            messages.push(summary::about_refused(&state.refused));
        }
        messages.extend(report.notices.iter().map(|it| it.message.clone()));
        let before = std::mem::replace(&mut state.notices, messages.clone());
        let mut new: Vec<String> = messages.into_iter().filter(|it| !before.contains(it)).collect();
        if !new.is_empty() {
            // First: the end of a long message is cut.
            new.splice(..0, summary::if_not_all(&state));
        }
        (new, state.refused.is_empty() && !report.findings.is_empty())
    };
    if !new.is_empty() {
        // What was left out matters most to a reader who would otherwise think that all is well.
        let level = if is_all_well { MessageType::INFO } else { MessageType::WARNING };
        session.show_message(level, new.join(" ")).await;
    }
}
