//! The workspace as one program saw it: its files with the texts that ran.
//!
//! A snapshot is of a moment, and files go on. Whoever asks what stands where V8 points, who mentions
//! a variable or who adds to a collection asks here, and is answered in the text of that moment;
//! what is to be shown is carried over to the text of now in the end ([`AsItRan::now`]).
//!
//! The texts come from those who know them: what was written down when the snapshot was taken, V8's
//! own source of a script, the source map that ran. Of a file that nobody knows anything of, the text
//! of now has to do; of one that is known to be another text by now, only the names.

pub(crate) mod fit;
pub(crate) mod importers;
pub(crate) mod ran_script;
pub(crate) mod thing;

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;
use std::time::SystemTime;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::error::SourceError;
use crate::file::SourceFile;
use crate::revision::Revision;
use crate::text::limits::{LARGEST_FILE, check_size};
use crate::text::position::Range;
use crate::workspace::module_path::find;
use crate::workspace::{Resolution, Workspace};

/// A view of a workspace for one snapshot. The workspace itself is shared and stays as it is.
#[derive(Debug)]
pub struct AsItRan<'w> {
    workspace: &'w Workspace,
    /// What was written to later is not known to be what ran.
    ran_before: Cell<Option<SystemTime>>,
    /// The texts that ran, where they are known.
    texts: RefCell<FxHashMap<PathBuf, Rc<str>>>,
    /// Files whose text is another by now, and nobody knows which it was.
    unknown: RefCell<FxHashSet<PathBuf>>,
    /// What was handed out.
    files: RefCell<FxHashMap<PathBuf, Arc<SourceFile>>>,
    /// What cannot be read as source, and why: it is not tried again.
    refused: RefCell<BTreeMap<PathBuf, Refusal>>,
    /// Of the files that were asked for and have another text now.
    revisions: RefCell<FxHashMap<PathBuf, Option<Rc<Revision>>>>,
}

/// Why a text is not read as source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// It is larger than [`LARGEST_FILE`], or than [`MAX_BUILT_FILE`](crate::maps::MAX_BUILT_FILE) if it was
    /// built; its size in bytes.
    TooLarge(u64),
    /// It is nested too deeply, or takes too long.
    TooComplex,
}

impl Refusal {
    fn of(error: &SourceError) -> Option<Self> {
        match error {
            SourceError::TooLarge { bytes, .. } => Some(Refusal::TooLarge(*bytes)),
            SourceError::TooComplex { .. } => Some(Refusal::TooComplex),
            _ => None,
        }
    }

    fn error(self, path: &Path) -> SourceError {
        let path = path.to_owned();
        match self {
            Refusal::TooLarge(bytes) => SourceError::TooLarge { path, bytes, limit: LARGEST_FILE },
            Refusal::TooComplex => SourceError::TooComplex { path },
        }
    }
}

/// What became of a range of a text that ran.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Now {
    /// The text is the same, and so is the range.
    Same,
    /// It stands here in the text of now.
    At(Range),
    /// It is gone, or nothing tells where it is.
    Gone,
}

impl<'w> AsItRan<'w> {
    /// The workspace as it is: nothing is known of other texts yet.
    pub fn new(workspace: &'w Workspace) -> Self {
        Self {
            workspace,
            ran_before: Cell::new(None),
            texts: RefCell::default(),
            unknown: RefCell::default(),
            files: RefCell::default(),
            refused: RefCell::default(),
            revisions: RefCell::default(),
        }
    }

    /// The workspace itself, for what does not change with a text.
    pub fn workspace(&self) -> &'w Workspace {
        self.workspace
    }

    /// The program had read its files by then: when its snapshot was written.
    pub fn ran_before(&self, time: SystemTime) {
        self.ran_before.set(Some(time));
    }

    /// Whether somebody wrote to a file since.
    pub(crate) fn is_later(&self, path: &Path) -> bool {
        let modified = || fs::metadata(path).and_then(|metadata| metadata.modified()).ok();
        self.ran_before.get().is_some_and(|ran| modified().is_some_and(|modified| modified > ran))
    }

    /// A file had this text, by its path on the machine where the program ran. Paths that lead out of
    /// the workspace, or that fit several files, say nothing.
    pub fn recorded(&self, path: &str, text: &str) {
        if let Resolution::File(path) = self.workspace.resolve(path) {
            self.learn(&path, text);
        }
    }

    /// A file of the workspace had this text. Returns whether that is the one that it is read with:
    /// who comes first decides.
    pub(crate) fn learn(&self, path: &Path, text: &str) -> bool {
        let mut texts = self.texts.borrow_mut();
        if let Some(known) = texts.get(path) {
            return is_same_text(known, text);
        }
        texts.insert(path.to_owned(), text.into());
        self.files.borrow_mut().remove(path);
        self.refused.borrow_mut().remove(path);
        true
    }

    /// The text of a file is another by now, and nobody knows which it was.
    pub(crate) fn distrust(&self, path: &Path) {
        if !self.is_known(path) && self.unknown.borrow_mut().insert(path.to_owned()) {
            self.files.borrow_mut().remove(path);
        }
    }

    /// Whether the text that ran is known.
    pub(crate) fn is_known(&self, path: &Path) -> bool {
        self.texts.borrow().contains_key(path)
    }

    /// Whether the file that `importer` asks for as `name` is there as it ran, as far as anybody
    /// knows.
    pub fn knows_import(&self, importer: &Path, name: &str) -> bool {
        let is_lost = |path: &Path| self.unknown.borrow().contains(path) || !path.is_file();
        let is_there = |path: &Path| self.is_known(path) || !is_lost(path);
        importer.parent().is_some_and(|folder| find(folder, name, is_there).is_some())
    }

    /// The file that `importer` asks for as `name`, with the text that ran.
    pub fn imported(&self, importer: &Path, name: &str) -> Option<Arc<SourceFile>> {
        let is_lost = |path: &Path| self.unknown.borrow().contains(path) || !path.is_file();
        let is_there = |path: &Path| self.is_known(path) || !is_lost(path);
        self.file(&find(importer.parent()?, name, is_there)?).ok()
    }

    /// The files whose texts are known.
    pub(crate) fn known(&self) -> Vec<PathBuf> {
        self.texts.borrow().keys().cloned().collect()
    }

    /// A file of the workspace with the text that ran, parsed.
    pub fn file(&self, path: &Path) -> Result<Arc<SourceFile>, SourceError> {
        if let Some(file) = self.files.borrow().get(path) {
            return Ok(Arc::clone(file));
        }
        if let Some(refusal) = self.refused.borrow().get(path) {
            return Err(refusal.error(path));
        }
        let file = self.noted(path, self.read_file(path))?;
        self.files.borrow_mut().insert(path.to_owned(), Arc::clone(&file));
        Ok(file)
    }

    fn read_file(&self, path: &Path) -> Result<Arc<SourceFile>, SourceError> {
        let now = self.workspace.file(path);
        let known = self.texts.borrow().get(path).cloned();
        Ok(match known {
            Some(text) if !now.as_ref().is_ok_and(|now| is_same_text(&text, now.text())) => {
                Arc::new(parse(path, &text)?)
            }
            None if self.unknown.borrow().contains(path) => {
                Arc::new(parse(path, now?.text())?.with_names_only())
            }
            _ => now?,
        })
    }

    /// A text that a file of the workspace has or had, parsed. Unlike [`AsItRan::file`], it is not
    /// kept.
    pub(crate) fn parse(&self, path: &Path, text: &str) -> Result<SourceFile, SourceError> {
        self.noted(path, parse(path, text))
    }

    /// Remembers what cannot be read as source.
    fn noted<T>(&self, path: &Path, result: Result<T, SourceError>) -> Result<T, SourceError> {
        if let Some(refusal) = result.as_ref().err().and_then(Refusal::of) {
            self.refused.borrow_mut().insert(path.to_owned(), refusal);
        }
        result
    }

    /// The files that were asked for and cannot be read as source; sorted.
    pub fn refused(&self) -> Vec<(PathBuf, Refusal)> {
        self.refused.borrow().iter().map(|(path, &refusal)| (path.clone(), refusal)).collect()
    }

    /// The bytes of any file of the workspace as they were, if they are at most `most`.
    pub(crate) fn read(&self, path: &Path, most: u64) -> Result<Vec<u8>, SourceError> {
        let known = self.texts.borrow().get(path).cloned();
        let Some(text) = known else { return self.workspace.read(path, most) };
        check_size(path, text.len() as u64, most)?;
        Ok(text.as_bytes().to_vec())
    }

    /// Where what stood at a range of a file that was handed out stands now.
    pub fn now(&self, path: &Path, range: Range) -> Now {
        let Some(then) = self.files.borrow().get(path).cloned() else { return Now::Same };
        if self.refused.borrow().contains_key(path) {
            return Now::Gone;
        }
        let Ok(now) = self.noted(path, self.workspace.file(path)) else { return Now::Gone };
        if is_same_text(then.text(), now.text()) {
            return Now::Same;
        }
        let mut revisions = self.revisions.borrow_mut();
        let revision = revisions
            .entry(path.to_owned())
            .or_insert_with(|| Revision::between(path, then.text(), now.text()).ok().map(Rc::new));
        let found = revision.as_ref().and_then(|revision| {
            let found = revision.carry(range)?;
            revision.means_the_same((&then, range), (&now, found)).then_some(found)
        });
        found.map_or(Now::Gone, Now::At)
    }

    /// The files that [`AsItRan::now`] was asked for and whose text is not the one that ran; sorted.
    pub fn changed_files(&self) -> Vec<PathBuf> {
        let mut changed: Vec<PathBuf> = self.revisions.borrow().keys().cloned().collect();
        changed.sort_unstable();
        changed
    }
}

/// A text of a file, parsed if it is not too large.
pub(crate) fn parse(path: &Path, text: &str) -> Result<SourceFile, SourceError> {
    check_size(path, text.len() as u64, LARGEST_FILE)?;
    SourceFile::parse(path, text.to_owned())
}

/// The same but for the ends of lines and a byte order mark.
pub(crate) fn is_same_text(one: &str, two: &str) -> bool {
    let unmarked = |text| str::strip_prefix(text, '\u{feff}').unwrap_or(text);
    let (one, two) = (unmarked(one), unmarked(two));
    let plain = |text: &str| text.len() - text.matches("\r\n").count();
    one == two || plain(one) == plain(two) && one.lines().eq(two.lines())
}
