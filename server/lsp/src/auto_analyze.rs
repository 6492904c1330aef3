//! Analyses the newest snapshots of the workspace without being asked: when a folder is opened,
//! and when a snapshot appears, changes or goes. What is shown is analysed again when its sources are
//! looked for in other places.
//!
//! Also finds the newest for those who ask without naming files.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use heapmark_files::SilentMount;
use heapmark_leaks::Report;

use crate::analysis::{self, Failure, Request};
use crate::attempts::{self, Attempts};
use crate::jobs::{CancelFlag, Wish};
use crate::publish::sentence;
use crate::session::Session;
use crate::snapshots::{self, Look, Settling, States};
use crate::status::Parts;
use crate::types::MessageType;
use crate::{refresh, summary, threads};

/// Events come in bursts.
const BURST: Duration = Duration::from_millis(50);
/// How often to look whether a file that is being written is complete.
const AGAIN: Duration = Duration::from_millis(250);

/// How long a look around may take before it is given up, should another be wanted: the folders may be
/// on a network drive that is gone.
const LOOK_TIMEOUT: Duration = Duration::from_secs(60);

/// How long a look around may take before that is shown. It reads what stands beside the snapshots, which
/// may be large.
const SLOW: Duration = Duration::from_secs(1);
/// And how much longer before something seems to be wrong.
const VERY_SLOW: Duration = Duration::from_secs(10);
const SILENT: &str =
    "Looking for snapshots takes long: a file or folder of the workspace does not answer yet.";

/// How long a file that is about to settle is waited for: one may be touched again and again, and the
/// others are worth looking at.
const MAX_WAIT: Duration = Duration::from_secs(10);

/// What the analyses that were begun here share.
#[derive(Default)]
struct Unasked {
    /// What was said last of snapshots that were passed over, so that it is said once.
    told: Mutex<String>,
    /// How many are on their way, from the moment in which they are wanted: one of the same snapshots
    /// with other folders must not take the place of one of newer snapshots.
    coming: AtomicUsize,
    /// Stops the last one.
    last: Mutex<CancelFlag>,
}

impl Unasked {
    /// For what was found by a newer look. What an older one found is not wanted any more, wherever it is: it
    /// may just look for its files, or go from one that was refused to the next, and be no job that runs or waits.
    fn replace(&self) -> CancelFlag {
        let flag = CancelFlag::default();
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::replace(&mut *last, flag.clone()).cancel();
        flag
    }
}

/// Looks for snapshots whenever [`Session::look`] is rung, as long as the server lives.
pub(crate) async fn watch(session: Arc<Session>) {
    let mut settling = Settling::default();
    let (mut said, mut silent) = (BTreeSet::new(), Vec::new());
    let unasked = Arc::new(Unasked::default());
    loop {
        session.look.notified().await;
        tokio::time::sleep(BURST).await;
        let began = Instant::now();
        while !session.was_shut_down() {
            let waits = began.elapsed() < MAX_WAIT;
            let Some((seen, kept)) = look_around(&session, settling, waits).await else {
                settling = Settling::default();
                break;
            };
            settling = kept;
            for problem in seen.problems.iter().filter(|it| !said.contains(*it)) {
                session.log_message(MessageType::WARNING, problem).await;
            }
            said.clone_from(&seen.problems);
            tell_silent(&session, &seen, &mut silent).await;
            if !seen.look.more_soon
                && !analyze_if_new(&session, &seen, &unasked).await
                && unasked.coming.load(Ordering::Acquire) == 0
            {
                repeat_if_outdated(&session).await;
            }
            if seen.look.unsettled == 0 {
                break;
            }
            tokio::select! {
                () = session.look.notified() => {}
                () = tokio::time::sleep(AGAIN) => {}
            }
        }
    }
}

/// What one look around the workspace found.
#[derive(Default)]
struct Seen {
    /// What was asked for after this is newer.
    began: CancelFlag,
    /// Whether anybody looked.
    looked: bool,
    look: Look,
    /// The newest snapshots that belong together.
    newest: Vec<PathBuf>,
    problems: BTreeSet<String>,
    /// What does not answer.
    silent: Vec<SilentMount>,
}

/// Looks around; nowhere if the user does not want that. `None` if the folders do not answer. Unless it
/// `waits`, nothing is said to settle soon.
async fn look_around(
    session: &Session,
    mut settling: Settling,
    waits: bool,
) -> Option<(Seen, Settling)> {
    let (enabled, folders, excluded) = {
        let state = session.state();
        let excluded = state.settings.exclude.clone();
        (state.settings.analyze_on_open, state.folders.clone(), excluded)
    };
    if !enabled {
        return Some((Seen::default(), settling));
    }
    let watched = folders.clone();
    let hangs = async {
        let rung = async {
            tokio::time::sleep(LOOK_TIMEOUT).await;
            session.look.notified().await;
        };
        tokio::select! {
            () = rung => {}
            _ = threads::fall_silent(watched) => {}
        }
        // For the look that takes its place.
        session.look.notify_one();
    };
    let began = CancelFlag::default();
    let looked = session.threads.run(hangs, move || {
        let silent = heapmark_files::ask_mounts(&folders);
        let (files, problems) = snapshots::find(&folders, &excluded);
        let mut look = settling.look(&files);
        look.more_soon &= waits;
        // Worth reading what stands beside the snapshots only if none of them is about to settle.
        let candidates = look.settled.keys().filter(|_| !look.more_soon);
        let newest = heapmark_leaks::newest_group(&candidates.cloned().collect::<Vec<_>>());
        let problems = problems.into_iter().collect();
        (Seen { began, looked: true, look, newest, problems, silent }, settling)
    });
    let looked = shown_if_slow(session, looked).await;
    match looked {
        Ok(looked) => Some(looked),
        Err(why) => {
            let message = format!("Cannot look for snapshots: {why}.");
            session.log_message(MessageType::ERROR, message).await;
            None
        }
    }
}

/// Says what does not answer, once. Where there are snapshots their analysis says it.
async fn tell_silent(session: &Session, seen: &Seen, told: &mut Vec<SilentMount>) {
    if !seen.looked || *told == seen.silent {
        return;
    }
    told.clone_from(&seen.silent);
    let sentences: Vec<String> = told.iter().map(ToString::to_string).collect();
    let message = sentences.join(" ");
    if !message.is_empty() {
        session.log_message(MessageType::WARNING, &message).await;
    }
    if seen.newest.is_empty() {
        tell_in_status(session, &message).await;
        if !message.is_empty() {
            session.show_message(MessageType::WARNING, message).await;
        }
    }
}

/// Waits for a look around, and shows that it is on its way if that takes long.
async fn shown_if_slow<T>(session: &Session, looks: impl Future<Output = T>) -> T {
    let show = async |looking: Option<&'static str>| {
        session.status.update(&session.client, |parts| parts.looking = looking).await;
    };
    let slow = async {
        tokio::time::sleep(SLOW).await;
        show(Some("Looking for snapshots, and reading what stands beside them.")).await;
        tokio::time::sleep(VERY_SLOW).await;
        show(Some(SILENT)).await;
        session.log_message(MessageType::WARNING, SILENT).await;
        std::future::pending().await
    };
    let looked = tokio::select! {
        biased;
        looked = looks => looked,
        never = slow => never,
    };
    show(None).await;
    looked
}

/// Says why nothing is shown, if nothing is.
async fn tell_in_status(session: &Session, message: &str) {
    if !session.state().shown.snapshots.is_empty() {
        return;
    }
    let update = |parts: &mut Parts| message.clone_into(&mut parts.message);
    session.status.update(&session.client, update).await;
}

/// Starts an analysis if the newest snapshots are not those of the last one. Returns whether they are
/// not.
async fn analyze_if_new(session: &Arc<Session>, seen: &Seen, unasked: &Arc<Unasked>) -> bool {
    let settled = &seen.look.settled;
    let newest = seen.newest.iter().filter_map(|file| Some((file.clone(), *settled.get(file)?)));
    let newest: States = newest.collect();
    let before = {
        let mut state = session.state();
        if !seen.looked || state.newest == newest {
            return false;
        }
        std::mem::replace(&mut state.newest, newest.clone())
    };
    let cancel = unasked.replace();
    if !newest.is_empty() {
        // On its own, so that the next snapshot can take its place.
        let candidates = settled.keys().cloned().collect();
        unasked.coming.fetch_add(1, Ordering::AcqRel);
        let (session, unasked) = (Arc::clone(session), Arc::clone(unasked));
        tokio::spawn(async move {
            analyze_unasked(&session, candidates, cancel, &unasked).await;
            unasked.coming.fetch_sub(1, Ordering::AcqRel);
            if session.state().is_outdated() {
                session.look.notify_one();
            }
        });
    } else if !before.is_empty() {
        // The snapshots are gone, and with them what they proved.
        if session.jobs.give_up_unasked(&seen.began) {
            refresh::forget(session).await;
        } else {
            // Others were found meanwhile by somebody who asked: look again.
            session.state().newest = before;
            session.look.notify_one();
        }
    }
    true
}

/// Analyses what is shown again if its sources are looked for in other places now: another folder is
/// open, or a path is mapped. What runs already is waited for: it rings when it is done.
async fn repeat_if_outdated(session: &Arc<Session>) {
    if session.jobs.is_busy() {
        return;
    }
    let (shown, refused) = {
        let mut state = session.state();
        let Some(shown) = state.take_outdated() else { return };
        (shown, state.refused.clone())
    };
    let files: Vec<PathBuf> = shown.keys().cloned().collect();
    let states = session.threads.run_briefly({
        let files = files.clone();
        move || snapshots::states(&files)
    });
    // Of others by now, the last word is what they were.
    if states.await.is_ok_and(|states| states == shown) {
        let cancel = CancelFlag::default();
        tokio::spawn(analyze_again(Arc::clone(session), request(files, cancel, refused)));
    }
}

async fn analyze_again(session: Arc<Session>, request: Request) {
    let outcome = analysis::analyze(&session, request).await;
    tell_if_failed(&session, outcome).await;
}

fn request(files: Vec<PathBuf>, cancel: CancelFlag, refused: Vec<String>) -> Request {
    Request { files, token: None, cancel, wish: Wish::Unasked, refused }
}

async fn tell_if_failed(session: &Session, outcome: Result<Arc<Report>, Failure>) {
    if let Err(failure) = outcome
        && !failure.is_cancelled()
    {
        let message = sentence(&failure.to_string());
        session.log_message(MessageType::ERROR, &message).await;
        session.show_message(MessageType::ERROR, message).await;
    }
}

async fn analyze_unasked(
    session: &Arc<Session>,
    candidates: Vec<PathBuf>,
    cancel: CancelFlag,
    unasked: &Unasked,
) {
    let (candidates, refused) = without_hopeless(session, candidates, &unasked.told).await;
    if candidates.is_empty() {
        return;
    }
    let outcome = analyze_newest(session, request(candidates, cancel, refused)).await;
    tell_if_failed(session, outcome).await;
}

/// Passes over the snapshots that ended the server before, or were too large. Says so if there are no
/// others; else returns what to say when others are shown.
async fn without_hopeless(
    session: &Session,
    candidates: Vec<PathBuf>,
    told: &Mutex<String>,
) -> (Vec<PathBuf>, Vec<String>) {
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
    let Ok((rest, passed_over)) = session.threads.run_briefly(sift).await else {
        return (Vec::new(), Vec::new());
    };
    let message = attempts::sentence(&passed_over);
    if message.is_empty() || !rest.is_empty() {
        let refused = (!message.is_empty()).then_some(message);
        return (rest, refused.into_iter().collect());
    }
    let is_new = {
        let mut told = told.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::replace(&mut *told, message.clone()) != message
    };
    if is_new {
        session.log_message(MessageType::WARNING, &message).await;
        session.show_message(MessageType::WARNING, &message).await;
        let update = |parts: &mut Parts| {
            parts.failed = true;
            parts.message = message;
        };
        session.status.update(&session.client, update).await;
    }
    (rest, Vec::new())
}

/// Analyses the newest of the files that can be analysed. Those that cannot are told together.
pub(crate) async fn analyze_newest(
    session: &Arc<Session>,
    mut request: Request,
) -> Result<Arc<Report>, Failure> {
    let mut candidates = request.files.clone();
    loop {
        let among = candidates.clone();
        let newest = move || heapmark_leaks::newest_group(&among);
        let files = match analysis::on_thread(session, &candidates, &request.cancel, newest).await {
            // What does not answer is known now, and not touched again.
            Err(Failure::Silent(_)) => continue,
            newest => newest?,
        };
        candidates.retain(|file| !files.contains(file));
        let is_last = files.is_empty() || candidates.is_empty();
        let outcome = if files.is_empty() {
            Err(Failure::NoSnapshots)
        } else {
            analysis::analyze(session, Request { files, ..request.clone() }).await
        };
        match outcome {
            Err(failure) if !failure.is_cancelled() && is_last => {
                if !request.refused.is_empty() {
                    let message = summary::about_refused(&request.refused);
                    session.show_message(MessageType::ERROR, message).await;
                }
                return Err(failure);
            }
            Err(failure) if !failure.is_cancelled() => {
                let refused = sentence(&failure.to_string());
                session.log_message(MessageType::ERROR, &refused).await;
                request.refused.push(refused);
            }
            outcome => return outcome,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_older_look_found_is_stopped_wherever_it_is() {
        let unasked = Unasked::default();
        let [older, newer] = std::array::from_fn(|_| unasked.replace());
        assert!(older.is_cancelled() && !newer.is_cancelled());
    }
}
