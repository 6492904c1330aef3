//! What an analysis is made from: the places where it looks for sources, and the open texts of one moment.
//!
//! Not here: what became of either since, see [`crate::session`].

use std::path::PathBuf;

use heapmark_source::{Edit, LARGEST_FILE, PathMapping, Workspace};

use crate::documents::Copy;
use crate::snapshots::States;

/// Edits of several files, in the order in which they were made.
pub(crate) type Journal = Vec<(PathBuf, Edit)>;

/// What an analysis depends on beside the files themselves: where it looks for sources.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Surroundings {
    pub(crate) folders: Vec<PathBuf>,
    pub(crate) path_mappings: Vec<PathMapping>,
}

impl Surroundings {
    /// Looks at folders: not for the runtime's threads.
    pub(crate) fn workspace(self) -> Workspace {
        Workspace::new(self.folders).with_path_mappings(self.path_mappings)
    }
}

/// All that a report was made of.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Inputs {
    pub(crate) snapshots: States,
    pub(crate) surroundings: Surroundings,
}

/// A workspace as an analysis sees it, from beginning to end.
pub(crate) struct Frozen {
    pub(crate) surroundings: Surroundings,
    pub(crate) texts: Vec<Copy>,
}

impl Frozen {
    /// The workspace for an analysis. What ran was on disk: where the way from there to the open text
    /// is known, the analysis looks at the file. Reads files: not for the runtime's threads.
    pub(crate) fn into_workspace(self) -> Thawed {
        let workspace = self.surroundings.workspace();
        let mut unsaved = Journal::new();
        let mut texts = Vec::new();
        for copy in self.texts {
            let on_disk = heapmark_files::read_to_string(&copy.path, LARGEST_FILE).ok();
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
