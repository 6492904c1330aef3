//! What the server knows about its one client: settings, open texts, and the report that is shown.
//!
//! [`State`] is behind one plain lock that is never held across an `.await`: a notification takes
//! effect before the next message is looked at. Everything here is bookkeeping; the work is done in
//! the feature files.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use heapmark_capture::SessionKeeper;
use heapmark_leaks::Report;
use heapmark_source::{PathMapping, Workspace};
use tokio::sync::Notify;
use tower_lsp::Client;

use crate::capabilities::Features;
use crate::documents::{Copy, Documents};
use crate::edits::Edit;
use crate::jobs::{CancelFlag, Jobs};
use crate::progress::{Cancellable, Shown};
use crate::publish::Published;
use crate::settings::Settings;
use crate::snapshots::States;
use crate::status::Board;
use crate::types::ProgressToken;

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

    /// Shows a report, made from the workspace of the last [`Session::freeze`] which `unsaved`
    /// edits had led away from, unless its job was cancelled meanwhile: whoever clears what is
    /// shown cancels first.
    pub(crate) fn show(
        &self,
        mut report: Report,
        unsaved: Journal,
        files: States,
        cancel: &CancelFlag,
    ) -> Option<Arc<Report>> {
        let mut state = self.state();
        if cancel.is_cancelled() {
            return None;
        }
        let meanwhile = std::mem::take(&mut state.journal);
        for (file, edit) in unsaved.into_iter().chain(meanwhile) {
            follow(&mut report, &file, edit);
        }
        state.shown = files;
        state.report = Arc::new(report);
        Some(Arc::clone(&state.report))
    }
}

impl State {
    /// A text changed: what is shown follows. Returns whether anything that is shown moved.
    pub(crate) fn edited(&mut self, file: &Path, edits: &[Edit]) -> bool {
        let mut moved = false;
        for &edit in edits {
            self.journal.push((file.to_owned(), edit));
            if concerns(&self.report, file, edit) {
                moved |= follow(Arc::make_mut(&mut self.report), file, edit);
            }
        }
        moved
    }
}

/// A workspace as an analysis sees it, from beginning to end.
pub(crate) struct Frozen {
    folders: Vec<PathBuf>,
    path_mappings: Vec<PathMapping>,
    texts: Vec<Copy>,
}

impl Frozen {
    /// The workspace for an analysis, and the edits that its report has to follow before it is
    /// shown. Reads files: not for the runtime's threads.
    pub(crate) fn into_workspace(self) -> (Workspace, Journal) {
        let workspace = Workspace::new(self.folders).with_path_mappings(self.path_mappings);
        let mut unsaved = Journal::new();
        for copy in self.texts {
            let on_disk = std::fs::read_to_string(&copy.path).ok();
            match on_disk.as_deref().and_then(|on_disk| copy.edits_since(on_disk)) {
                Some(edits) => unsaved.extend(edits.iter().map(|edit| (copy.path.clone(), *edit))),
                None => workspace.set_document(&copy.path, copy.text),
            }
        }
        (workspace, unsaved)
    }
}

/// Whether an edit can move anything in the report, to spare it a copy at each key.
fn concerns(report: &Report, file: &Path, edit: Edit) -> bool {
    let moves = |path: &Path, range| path == file && edit.follow(range) != Some(range);
    report.sites.iter().any(|site| {
        moves(&site.file, site.name_range)
            || site.holder.as_ref().is_some_and(|holder| moves(&holder.file, holder.range))
    }) || report.findings.iter().any(|finding| {
        finding.places.iter().any(|place| moves(&place.file, place.range))
            || finding
                .path
                .iter()
                .filter_map(|hop| hop.place.as_ref())
                .any(|p| moves(&p.file, p.range))
    })
}

/// Moves every position of the report that stands in `file`, and takes out what was deleted; a
/// finding goes with its primary place. Returns whether any position changed.
fn follow(report: &mut Report, file: &Path, edit: Edit) -> bool {
    let mut moved = false;
    // Returns whether the place is still there.
    let mut keep = |path: &Path, range: &mut heapmark_source::Range| {
        if path != file {
            return true;
        }
        let followed = edit.follow(*range);
        moved |= followed != Some(*range);
        *range = followed.unwrap_or(*range);
        followed.is_some()
    };
    report.sites.retain_mut(|site| {
        if let Some(holder) = &mut site.holder
            && !keep(&holder.file, &mut holder.range)
        {
            site.holder = None;
        }
        keep(&site.file, &mut site.name_range)
    });
    report.findings.retain_mut(|finding| {
        for hop in &mut finding.path {
            if let Some(place) = &mut hop.place
                && !keep(&place.file, &mut place.range)
            {
                hop.place = None;
            }
        }
        let mut index = 0;
        let mut primary_kept = true;
        finding.places.retain_mut(|place| {
            let kept = keep(&place.file, &mut place.range);
            primary_kept &= kept || index > 0;
            index += 1;
            kept
        });
        primary_kept
    });
    moved
}

#[cfg(test)]
mod tests {
    use heapmark_source::{Position, Range};

    use super::*;
    use crate::publish::samples;

    #[test]
    fn what_is_shown_follows_the_text() {
        let mut report = samples::report();
        let file = report.findings[0].places[0].file.clone();
        let before = report.clone();
        let line_above = Edit::replace(Range::default(), "\n");
        assert!(concerns(&report, &file, line_above));
        assert!(follow(&mut report, &file, line_above));
        let (moved, old) =
            (&report.findings[0].places[0].range, &before.findings[0].places[0].range);
        assert_eq!(moved.start, Position::new(old.start.line + 1, old.start.column));
        assert_eq!(
            report.sites[0].name_range.start.line,
            before.sites[0].name_range.start.line + 1
        );
        assert!(!concerns(&report, Path::new("/elsewhere.js"), line_above));
    }

    #[test]
    fn a_finding_goes_with_the_line_it_stands_on() {
        let mut report = samples::report();
        let place = report.findings[0].places[0].clone();
        let line = place.range.start.line;
        let gone = Range::new(Position::new(line, 0), Position::new(line + 1, 0));
        assert!(follow(&mut report, &place.file, Edit::replace(gone, "")));
        assert!(
            report
                .findings
                .iter()
                .all(|finding| finding.title != samples::report().findings[0].title)
        );
    }
}
