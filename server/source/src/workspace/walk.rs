//! Going through a workspace folder: its entries and those of the folders in it.
//!
//! A workspace may have tens of thousands of folders. Each is read once, which also tells what its
//! entries are and whether it says what Git ignores. Links are not followed. Not here: which files
//! are wanted.

use std::ffi::{OsStr, OsString};
use std::fs::{self, DirEntry, FileType};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::vec;

use crate::workspace::ignored::{Ignored, Rules};

/// What is left out of a walk besides hidden entries and `node_modules`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Without {
    /// What Git ignores.
    Ignored,
    /// Nothing.
    Nothing,
}

/// A file, a folder or something else below the folder that is gone through.
pub(crate) struct Entry {
    pub(crate) path: PathBuf,
    pub(crate) kind: FileType,
}

/// Goes through a folder in the order of names, each folder before what is in it.
pub(crate) struct Walk {
    ignored: Option<Ignored>,
    /// The folders on the way to where it is.
    open: Vec<Folder>,
}

struct Folder {
    path: PathBuf,
    rules: Option<Arc<Rules>>,
    left: vec::IntoIter<(OsString, FileType)>,
}

impl Walk {
    /// Goes through `root`, an absolute path without links. What cannot be read has no entries.
    pub(crate) fn through(root: &Path, without: Without) -> Self {
        let ignored = (without == Without::Ignored).then(|| Ignored::below(root));
        let around = ignored.as_ref().and_then(|_| Rules::around(root));
        let mut walk = Self { ignored, open: Vec::new() };
        walk.enter(root.to_path_buf(), around);
        walk
    }

    fn enter(&mut self, path: PathBuf, around: Option<Arc<Rules>>) {
        if heapmark_files::is_silent(&path) {
            return;
        }
        let Ok(entries) = fs::read_dir(&path) else { return };
        let entries: Vec<DirEntry> = entries.filter_map(Result::ok).collect();
        let has = |name: &str| entries.iter().any(|entry| entry.file_name() == name);
        let rules = self.ignored.as_ref().and_then(|_| Rules::inside(around, &path, has));
        let shown = entries
            .iter()
            .filter(|entry| !is_hidden(entry) && entry.file_name() != OsStr::new("node_modules"));
        let mut left: Vec<(OsString, FileType)> =
            shown.filter_map(|entry| Some((entry.file_name(), entry.file_type().ok()?))).collect();
        left.sort_unstable_by(|(left, _), (right, _)| left.cmp(right));
        self.open.push(Folder { path, rules, left: left.into_iter() });
    }
}

impl Iterator for Walk {
    type Item = Entry;

    fn next(&mut self) -> Option<Entry> {
        loop {
            let folder = self.open.last_mut()?;
            let Some((name, kind)) = folder.left.next() else {
                self.open.pop();
                continue;
            };
            let path = folder.path.join(name);
            let rules = folder.rules.clone();
            let is_ignored = |it: &Ignored| it.is_ignored(rules.as_deref(), &path, kind.is_dir());
            if self.ignored.as_ref().is_some_and(is_ignored) {
                continue;
            }
            if kind.is_dir() {
                self.enter(path.clone(), rules);
            }
            return Some(Entry { path, kind });
        }
    }
}

/// Whether people are not shown an entry.
fn is_hidden(entry: &DirEntry) -> bool {
    #[cfg(windows)]
    {
        use std::os::windows::fs::MetadataExt;
        /// `FILE_ATTRIBUTE_HIDDEN`
        const HIDDEN: u32 = 2;
        if entry.metadata().is_ok_and(|it| it.file_attributes() & HIDDEN != 0) {
            return true;
        }
    }
    entry.file_name().as_encoded_bytes().starts_with(b".")
}
