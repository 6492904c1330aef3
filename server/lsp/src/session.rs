//! What the server knows about its one client: settings, open texts, and the report that is shown.
//!
//! [`State`] is behind one plain lock that is never held across an `.await`: a notification takes
//! effect before the next message is looked at. Everything here is bookkeeping; the work is done in
//! the feature files.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use heapmark_capture::SessionKeeper;
use heapmark_leaks::Report;
use heapmark_leaks::suppress::Accepted;
use heapmark_source::{CommentForm, Edit, Workspace};
use tokio::sync::Notify;
use tower_lsp::Client;

use crate::attempts::Attempt;
use crate::documents::Documents;
use crate::features::Features;
use crate::followed::{Settled, Unsettled};
use crate::frozen::{Frozen, Inputs, Journal, Surroundings};
use crate::jobs::{CancelFlag, Jobs};
use crate::live_report::LiveReport;
use crate::on_disk::{OnDisk, Stamp};
use crate::progress::{Cancellable, Shown};
use crate::published::Published;
use crate::settings::Settings;
use crate::snapshots::States;
use crate::status::Board;
use crate::threads::Threads;
use crate::to_proto;
use crate::types::{MessageType, ProgressToken, Uri};

/// The client and all that is known about it.
pub(crate) struct Session {
    pub(crate) client: Client,
    pub(crate) jobs: Jobs,
    pub(crate) threads: Threads,
    pub(crate) progress: Arc<Cancellable>,
    pub(crate) status: Board,
    pub(crate) published: Published,
    /// Connections to programs that were captured.
    pub(crate) keeper: SessionKeeper,
    /// Rung when there may be new snapshots to find, or sources in other places.
    pub(crate) look: Notify,
    /// Rung when the editor's process is gone.
    pub(crate) parent_gone: Notify,
    /// What the running analysis has written down of itself.
    pub(crate) attempt: Mutex<Option<Arc<Attempt>>>,
    shut_down: AtomicBool,
    state: Mutex<State>,
}

/// Sources that are remembered to have been touched during an analysis. With more of them (another branch was
/// checked out) it is worth another analysis anyway.
const MAX_TOUCHED: usize = 10_000;

/// What changes with the client's messages.
#[derive(Default)]
pub(crate) struct State {
    pub(crate) features: Features,
    pub(crate) settings: Settings,
    pub(crate) folders: Vec<PathBuf>,
    pub(crate) documents: Documents,
    /// What is shown. Its positions follow the open texts.
    pub(crate) report: Arc<Report>,
    /// How they do.
    live: LiveReport,
    /// What the report was made of.
    pub(crate) shown: Inputs,
    /// Newer snapshots than those that are shown, which were not analysed: a sentence each.
    pub(crate) refused: Vec<String>,
    /// Where sources are looked for since what is shown was last analysed again for that reason.
    repeated_in: Surroundings,
    /// The files that were the newest when one looked last: as long as they are, nothing is
    /// analysed without being asked for.
    pub(crate) newest: States,
    /// What the last analysis had to say beside its findings.
    pub(crate) notices: Vec<String>,
    /// The edits since the running analysis took its copy of the texts; none without one.
    journal: Option<Journal>,
    /// The sources that something happened to since then.
    touched: BTreeSet<PathBuf>,
    /// Sources came or went since what is shown was analysed, or it began to be.
    has_other_sources: bool,
    /// Sources that came and did not help: not tried again as they are.
    tried: HashMap<PathBuf, Stamp>,
}

impl Session {
    pub(crate) fn new(client: Client) -> Arc<Self> {
        Arc::new(Self {
            client,
            jobs: Jobs::default(),
            threads: Threads::default(),
            progress: Arc::default(),
            status: Board::default(),
            published: Published::default(),
            keeper: SessionKeeper::default(),
            look: Notify::new(),
            parent_gone: Notify::new(),
            attempt: Mutex::default(),
            shut_down: AtomicBool::new(false),
            state: Mutex::default(),
        })
    }

    /// The state. A panic elsewhere leaves it usable: every change of it is complete in itself.
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// `shutdown` was asked for.
    pub(crate) fn shut_down(&self) {
        self.shut_down.store(true, Ordering::Relaxed);
        self.cancel_everything();
    }

    /// Whether `shutdown` was asked for.
    pub(crate) fn was_shut_down(&self) -> bool {
        self.shut_down.load(Ordering::Relaxed)
    }

    /// The process ends for a reason that is none of the running analysis': it is not to be blamed for
    /// it the next time.
    pub(crate) async fn end_attempt(&self) {
        let attempt = self.attempt.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(attempt) = attempt {
            let ended = self.threads.run_briefly(move || attempt.end());
            // Nobody who ends waits for a folder that does not answer.
            let _ = tokio::time::timeout(Duration::from_secs(1), ended).await;
        }
    }

    /// Asks all that runs to stop.
    pub(crate) fn cancel_everything(&self) {
        self.jobs.cancel();
        self.progress.cancel_all();
    }

    /// Shows a sentence in the editor, whatever names are in it.
    pub(crate) async fn show_message(&self, level: MessageType, message: impl AsRef<str>) {
        self.client.show_message(level, to_proto::message(message.as_ref())).await;
    }

    /// Writes a sentence to the client's log.
    pub(crate) async fn log_message(&self, level: MessageType, message: impl AsRef<str>) {
        self.client.log_message(level, to_proto::message(message.as_ref())).await;
    }

    /// Where the progress of a job goes: under the token of its request if it has one.
    pub(crate) fn shown(&self, token: Option<ProgressToken>) -> Shown {
        match token {
            Some(token) => Shown::AsAsked(token),
            None if self.state().features.progress => Shown::ByItself,
            None => Shown::Nowhere,
        }
    }

    /// The workspace as it is now, for one analysis: the open texts are copied, and the edits from
    /// here on are written down until [`Session::show`].
    pub(crate) fn freeze(&self) -> Frozen {
        let mut state = self.state();
        state.journal = Some(Journal::new());
        state.touched.clear();
        state.has_other_sources = false;
        Frozen { surroundings: state.surroundings(), texts: state.documents.copies() }
    }

    /// The workspace as the disk has it. Looks at folders: not for the runtime's threads.
    pub(crate) fn workspace(&self) -> Workspace {
        let surroundings = self.state().surroundings();
        surroundings.workspace()
    }

    /// Shows what was found, from the workspace of the last [`Session::freeze`] which `unsaved`
    /// edits had led away from, unless its job was cancelled meanwhile: whoever clears what is
    /// shown cancels first.
    pub(crate) fn show(
        &self,
        mut live: LiveReport,
        unsaved: Journal,
        inputs: Inputs,
        cancel: &CancelFlag,
    ) -> Option<Arc<Report>> {
        let mut state = self.state();
        if cancel.is_cancelled() {
            state.journal = None;
            return None;
        }
        let meanwhile = state.journal.take().unwrap_or_default();
        let mut edits: BTreeMap<PathBuf, Vec<Edit>> = BTreeMap::new();
        for (file, edit) in unsaved.into_iter().chain(meanwhile) {
            edits.entry(file).or_default().push(edit);
        }
        for (file, edits) in edits {
            live.edit(&file, &edits);
        }
        for (file, document) in state.documents.iter() {
            if !live.follows(file) {
                // Opened meanwhile.
                live.opened(file, &document.text);
            }
        }
        state.shown = inputs;
        state.report = live.report();
        drop_aside(std::mem::replace(&mut state.live, live));
        // It may have been read before or after.
        let touched = std::mem::take(&mut state.touched);
        state.has_other_sources |= touched.len() >= MAX_TOUCHED
            || touched.iter().any(|file| !state.is_open(file) && state.live.speaks_of(file));
        Some(Arc::clone(&state.report))
    }
}

impl State {
    /// Where an analysis would look for sources now.
    pub(crate) fn surroundings(&self) -> Surroundings {
        let folders = self.folders.clone();
        Surroundings { folders, path_mappings: self.settings.path_mappings.clone() }
    }

    /// Whether sources are looked for in other places than when the report that is shown was made, or others
    /// are there.
    pub(crate) fn is_outdated(&self) -> bool {
        let is_elsewhere = || self.shown.surroundings != self.surroundings();
        !self.shown.snapshots.is_empty() && (self.has_other_sources || is_elsewhere())
    }

    /// What to analyse again because of that, if that was not done yet: once, whatever comes of it.
    pub(crate) fn take_outdated(&mut self) -> Option<States> {
        let now = self.surroundings();
        let is_news = self.has_other_sources || self.repeated_in != now;
        (self.is_outdated() && is_news).then(|| {
            self.repeated_in = now;
            self.shown.snapshots.clone()
        })
    }

    /// Something happened to sources, maybe while an analysis reads them.
    pub(crate) fn touched(&mut self, files: &[PathBuf]) {
        if self.journal.is_some() {
            let rest = MAX_TOUCHED.saturating_sub(self.touched.len());
            self.touched.extend(files.iter().take(rest).cloned());
        }
    }

    /// Whether it matters to what is shown what a file on disk is like.
    pub(crate) fn concerns(&self, file: &Path) -> bool {
        self.is_missing(file) || !self.is_open(file) && self.live.speaks_of(file)
    }

    /// This is what a file is like that may have changed. Returns whether anything that is shown moved.
    pub(crate) fn changed_on_disk(&mut self, file: &Path, on_disk: &OnDisk) -> bool {
        let stamp = on_disk.stamp.unwrap_or_default();
        if self.is_missing(file) {
            let tried = self.tried.insert(file.to_owned(), stamp);
            self.has_other_sources |= on_disk.text.is_ok() && tried != Some(stamp);
        }
        if self.is_open(file) {
            return false;
        }
        match &on_disk.text {
            Ok(text) if self.live.knows(file) => self.live.opened(file, text) && self.moved(),
            _ => {
                self.has_other_sources |= self.live.speaks_of(file);
                false
            }
        }
    }

    fn is_open(&self, file: &Path) -> bool {
        self.documents.get(file).is_some()
    }

    /// Whether a file is called like a source that is missing.
    fn is_missing(&self, file: &Path) -> bool {
        let name = file.file_name().and_then(|it| it.to_str());
        name.is_some_and(|name| self.report.missing.contains(name))
            && !Workspace::is_dependency(file)
    }

    /// A text was opened. Returns whether anything that is shown moved.
    pub(crate) fn opened(&mut self, uri: Uri, text: String) -> bool {
        let Some(file) = self.documents.open(uri, text) else { return false };
        let Some(document) = self.documents.get(&file) else { return false };
        self.live.opened(&file, &document.text) && self.moved()
    }

    /// A text changed: what is shown follows. Returns whether anything that is shown moved.
    pub(crate) fn edited(&mut self, file: &Path, edits: &[Edit]) -> bool {
        if let Some(journal) = &mut self.journal {
            journal.extend(edits.iter().map(|edit| (file.to_owned(), edit.clone())));
        }
        self.live.edit(file, edits) && self.moved()
    }

    /// Other leaks are accepted now.
    pub(crate) fn accept(&mut self, accepted: Accepted) {
        self.live.accept(accepted);
        self.moved();
    }

    /// The leaks that are accepted.
    pub(crate) fn accepted(&self) -> &Accepted {
        self.live.accepted()
    }

    /// A copy of what is known of a file whose text takes time to understand, see [`LiveReport::unsettled`].
    pub(crate) fn unsettled(&mut self, file: &Path, again: bool) -> Option<Unsettled> {
        self.live.unsettled(file, again)
    }

    /// The files of which there may be such copies.
    pub(crate) fn all_unsettled(&self) -> Vec<PathBuf> {
        self.live.all_unsettled()
    }

    /// What came of such a copy. Returns whether its file was given up just now. What is left in
    /// `settled` may take time to drop.
    pub(crate) fn settled(&mut self, settled: &mut Settled) -> bool {
        let is_given_up = self.live.settled(settled);
        self.moved();
        is_given_up
    }

    /// How a comment is written above a line of an open file, if that is known.
    pub(crate) fn comment_above(&self, file: &Path, line: u32) -> Option<CommentForm> {
        self.live.comment_above(file, line)
    }

    fn moved(&mut self) -> bool {
        self.report = self.live.report();
        true
    }

    /// Takes away what is shown.
    pub(crate) fn clear(&mut self) {
        drop_aside(std::mem::take(&mut self.live));
        self.report = Arc::default();
        self.shown = Inputs::default();
        self.refused.clear();
        self.tried.clear();
    }
}

/// Drops what may have the trees of large texts, without holding anybody up.
fn drop_aside(live: LiveReport) {
    tokio::task::spawn_blocking(move || drop(live));
}
