//! What the server knows about its one client: settings, open texts, and the report that is shown.
//!
//! [`State`] is behind one plain lock that is never held across an `.await`: a notification takes
//! effect before the next message is looked at. Everything here is bookkeeping; the work is done in
//! the feature files.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use heapmark_capture::SessionKeeper;
use heapmark_leaks::Report;
use heapmark_leaks::silence::Accepted;
use heapmark_source::{Edit, PathMapping, Workspace};
use tokio::sync::Notify;
use tower_lsp::Client;

use crate::capabilities::Features;
use crate::documents::{Copy, Documents};
use crate::edits::Trails;
use crate::jobs::{CancelFlag, Jobs};
use crate::progress::{Cancellable, Shown};
use crate::publish::Published;
use crate::settings::Settings;
use crate::snapshots::States;
use crate::status::Board;
use crate::types::{ProgressToken, Uri};

/// The client and all that is known about it.
pub(crate) struct Session {
    pub(crate) client: Client,
    pub(crate) jobs: Jobs,
    pub(crate) progress: Arc<Cancellable>,
    pub(crate) status: Board,
    pub(crate) published: Published,
    /// Connections to programs that were captured.
    pub(crate) keeper: SessionKeeper,
    /// Rung when there may be new snapshots to find.
    pub(crate) look: Notify,
    /// Rung when the editor's process is gone.
    pub(crate) parent_gone: Notify,
    shut_down: AtomicBool,
    state: Mutex<State>,
}

/// Edits of several files, in the order in which they were made.
pub(crate) type Journal = Vec<(PathBuf, Edit)>;

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
    trails: Trails,
    /// The files that the report is of.
    pub(crate) shown: States,
    /// The files that were the newest when one looked last: as long as they are, nothing is
    /// analysed without being asked for.
    pub(crate) newest: States,
    /// What the last analysis had to say beside its findings.
    pub(crate) notices: Vec<String>,
    /// The edits since the running analysis took its copy of the texts.
    journal: Journal,
}

impl Session {
    pub(crate) fn new(client: Client) -> Arc<Self> {
        Arc::new(Self {
            client,
            jobs: Jobs::default(),
            progress: Arc::default(),
            status: Board::default(),
            published: Published::default(),
            keeper: SessionKeeper::default(),
            look: Notify::new(),
            parent_gone: Notify::new(),
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

    /// Asks all that runs to stop.
    pub(crate) fn cancel_everything(&self) {
        self.jobs.cancel();
        self.progress.cancel_all();
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
        state.journal.clear();
        Frozen {
            folders: state.folders.clone(),
            path_mappings: state.settings.path_mappings.clone(),
            texts: state.documents.copies(),
        }
    }

    /// The workspace as the disk has it.
    pub(crate) fn workspace(&self) -> Workspace {
        let state = self.state();
        Workspace::new(state.folders.clone())
            .with_path_mappings(state.settings.path_mappings.clone())
    }

    /// Shows what was found, from the workspace of the last [`Session::freeze`] which `unsaved`
    /// edits had led away from, unless its job was cancelled meanwhile: whoever clears what is
    /// shown cancels first.
    pub(crate) fn show(
        &self,
        mut trails: Trails,
        unsaved: Journal,
        files: States,
        cancel: &CancelFlag,
    ) -> Option<Arc<Report>> {
        let mut state = self.state();
        if cancel.is_cancelled() {
            return None;
        }
        let meanwhile = std::mem::take(&mut state.journal);
        let mut edits: BTreeMap<PathBuf, Vec<Edit>> = BTreeMap::new();
        for (file, edit) in unsaved.into_iter().chain(meanwhile) {
            edits.entry(file).or_default().push(edit);
        }
        for (file, edits) in edits {
            trails.edit(&file, &edits);
        }
        state.shown = files;
        state.report = trails.report();
        state.trails = trails;
        Some(Arc::clone(&state.report))
    }
}

impl State {
    /// A text was opened. Returns whether anything that is shown moved.
    pub(crate) fn opened(&mut self, uri: Uri, text: String) -> bool {
        let Some(file) = self.documents.open(uri, text) else { return false };
        let Some(document) = self.documents.get(&file) else { return false };
        self.trails.opened(&file, &document.text) && self.moved()
    }

    /// A text changed: what is shown follows. Returns whether anything that is shown moved.
    pub(crate) fn edited(&mut self, file: &Path, edits: &[Edit]) -> bool {
        self.journal.extend(edits.iter().map(|edit| (file.to_owned(), edit.clone())));
        self.trails.edit(file, edits) && self.moved()
    }

    /// Other leaks are accepted now.
    pub(crate) fn accept(&mut self, accepted: Accepted) {
        self.trails.accept(accepted);
        self.moved();
    }

    /// The leaks that are accepted.
    pub(crate) fn accepted(&self) -> &Accepted {
        self.trails.accepted()
    }

    /// A text was saved. Returns whether anything that is shown moved.
    pub(crate) fn saved(&mut self, uri: &Uri) -> bool {
        let Some(file) = self.documents.save(uri) else { return false };
        self.trails.settle(&file) && self.moved()
    }

    fn moved(&mut self) -> bool {
        self.report = self.trails.report();
        true
    }

    /// Takes away what is shown.
    pub(crate) fn clear(&mut self) {
        self.trails = Trails::default();
        self.report = Arc::default();
        self.shown.clear();
    }
}

/// A workspace as an analysis sees it, from beginning to end.
pub(crate) struct Frozen {
    folders: Vec<PathBuf>,
    path_mappings: Vec<PathMapping>,
    texts: Vec<Copy>,
}

impl Frozen {
    /// The workspace for an analysis. What ran was on disk: where the way from there to the open text
    /// is known, the analysis looks at the file. Reads files: not for the runtime's threads.
    pub(crate) fn into_workspace(self) -> Thawed {
        let workspace = Workspace::new(self.folders).with_path_mappings(self.path_mappings);
        let mut unsaved = Journal::new();
        let mut texts = Vec::new();
        for copy in self.texts {
            let on_disk = std::fs::read_to_string(&copy.path).ok();
            let on_disk = on_disk.and_then(|on_disk| Some((copy.edits_since(&on_disk)?, on_disk)));
            texts.push(if let Some((edits, on_disk)) = on_disk {
                unsaved.extend(edits.iter().map(|edit| (copy.path.clone(), edit.clone())));
                (copy.path, on_disk)
            } else {
                workspace.set_document(&copy.path, copy.text.clone());
                (copy.path, copy.text)
            });
        }
        Thawed { workspace, texts, unsaved }
    }
}

/// What an analysis works with.
pub(crate) struct Thawed {
    pub(crate) workspace: Workspace,
    /// The open texts as the analysis sees them.
    pub(crate) texts: Vec<(PathBuf, String)>,
    /// The edits that lead from them to the texts as they were frozen.
    pub(crate) unsaved: Journal,
}
