//! A file that a script was made from: which one it is, and its text when the script ran.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use super::MapSource;
use super::witness::Witness;
use crate::anchor::Anchors;
use crate::file::SourceFile;
use crate::ran::fit::{Fit, Origin};
use crate::ran::{AsItRan, is_same_text};
use crate::text::position::Position;
use crate::workspace::{Resolution, Workspace};

/// One of the files that a script was made from.
pub(super) struct Original {
    pub(super) origin: Origin,
    /// The files that it may be, if these are several.
    pub(super) candidates: Vec<PathBuf>,
    pub(super) path: Option<PathBuf>,
    /// Whether its text is the one that the map was made from; `None` if that is lost.
    is_certain: OnceLock<Option<bool>>,
    /// The words there are not those that the map leads to.
    is_edited: AtomicBool,
    /// What the map says of its text, if that is not certain.
    pub(super) witness: OnceLock<Witness>,
    /// Where the functions that ran are in it, by name alone.
    pub(super) by_name: OnceLock<Anchors>,
}

/// The text of a source.
pub(super) struct Text {
    pub(super) file: Arc<SourceFile>,
    /// It is the one that the map was made from.
    pub(super) is_certain: bool,
}

impl Original {
    /// Looks for a map's source; `folder` is what its name is relative to. The texts that the map of
    /// the very run has are those that ran.
    pub(super) fn of(
        source: &MapSource,
        folder: &str,
        past: &AsItRan<'_>,
        is_of_run: bool,
    ) -> Self {
        let resolution = past.workspace().resolve_source(folder, &source.name);
        let candidates = match &resolution {
            Resolution::Ambiguous(several) => several.clone(),
            _ => Vec::new(),
        };
        let is_library = source.is_ignored || source.name.contains("node_modules/");
        let (origin, path) = match resolution {
            Resolution::File(path) if is_library || Workspace::is_dependency(&path) => {
                (Origin::Dependency, Some(path))
            }
            Resolution::File(path) => (Origin::Own, Some(path)),
            // A bundler's own.
            Resolution::Builtin => (Origin::Dependency, None),
            _ if is_library => (Origin::Dependency, None),
            Resolution::Ambiguous(_) | Resolution::NotInWorkspace => (Origin::Elsewhere, None),
        };
        if let (Some(path), Some(content), true) = (&path, &source.content, is_of_run) {
            past.learn(path, content);
        }
        let (is_certain, witness, by_name) = (OnceLock::new(), OnceLock::new(), OnceLock::new());
        let is_edited = AtomicBool::new(false);
        Self { origin, candidates, path, is_certain, is_edited, witness, by_name }
    }

    /// Its text; `content` is what the map says that it was. `None` if that is no text of the file
    /// that anybody knows.
    pub(super) fn text(&self, past: &AsItRan<'_>, content: Option<&str>) -> Option<Text> {
        let path = self.path.as_ref()?;
        // A file that cannot be read has no places; the names from the heap still stand.
        let file = past.file(path).ok()?;
        let is_certain = self.is_certain.get_or_init(|| match content {
            Some(content) => is_same_text(content, file.text()).then_some(true),
            None => Some(past.is_known(path)),
        });
        Some(Text { file, is_certain: (*is_certain)? })
    }

    /// Whether the words were seen not to be those that the map leads to.
    pub(super) fn is_edited(&self) -> bool {
        self.is_edited.load(Ordering::Relaxed)
    }

    /// Whether what stands at a position is what was built, as far as the words tell.
    pub(super) fn confirms(&self, position: Position) -> bool {
        self.witness.get().is_some_and(|witness| witness.confirms(position))
    }

    /// How well what stands there fits, if the text is certain or as far as the words tell.
    pub(super) fn fit(&self, is_certain: bool) -> Fit {
        let is_whole = is_certain || self.witness.get().is_none_or(Witness::is_whole);
        if is_whole && !self.is_edited() { Fit::Exact } else { Fit::Moved }
    }

    /// All words are those that the map leads to: it is the text that was built.
    pub(super) fn trust(&self, past: &AsItRan<'_>, text: &str, is_of_run: bool) {
        if let (Some(path), true) = (&self.path, is_of_run)
            && !past.is_known(path)
        {
            past.learn(path, text);
        }
    }

    /// Not all words are those that the map leads to: nobody knows the text that ran. `is_edited`: so
    /// it is where a place was asked for.
    pub(super) fn distrust(&self, past: &AsItRan<'_>, is_edited: bool) {
        self.is_edited.fetch_or(is_edited, Ordering::Relaxed);
        if let Some(path) = &self.path {
            past.distrust(path, &[]);
        }
    }
}
