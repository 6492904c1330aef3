//! The script files of the workspace folders, found by their last path segment.
//!
//! What Git ignores, hidden folders and `node_modules` are left out; files there are still found
//! by their exact path. What Git ignores is listed on demand: builds write there.

use std::ffi::OsStr;
use std::path::{Component, Path, PathBuf};

use ignore::{Walk, WalkBuilder};
use rustc_hash::FxHashMap;

use crate::ignored::Ignored;

/// Most files that are listed; a folder with more is not one project.
const MOST_FILES: usize = 200_000;

/// Most files and folders of any kind that are looked at for it. What Git ignores may be anything.
const MOST_ENTRIES: usize = 1_000_000;
const MOST_IGNORED: usize = 200_000;

/// A listing of the folders' files.
#[derive(Debug, Default)]
pub(crate) struct Listing {
    files: Vec<PathBuf>,
    by_name: FxHashMap<String, Vec<u32>>,
}

/// Which files a listing has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Listed {
    /// Those that people edit: not what Git ignores.
    Sources,
    /// Also what Git ignores.
    AlsoIgnored,
}

impl Listing {
    pub(crate) fn of(folders: &[PathBuf], wanted: Listed) -> Listing {
        let mut listing = Listing::default();
        let most = if wanted == Listed::Sources { MOST_ENTRIES } else { MOST_IGNORED };
        let entries = folders.iter().flat_map(|folder| walk(folder, wanted));
        let entries = entries.take(most).filter_map(Result::ok);
        let files = entries.filter(|entry| entry.file_type().is_some_and(|kind| kind.is_file()));
        for entry in files.filter(|entry| is_script(entry.path())).take(MOST_FILES) {
            let Some(name) = entry.file_name().to_str() else { continue };
            // Nested workspace folders list a file twice.
            let known = listing.by_name.entry(name.to_owned()).or_default();
            if known.iter().all(|&index| listing.files[index as usize] != entry.path()) {
                known.push(listing.files.len() as u32);
                listing.files.push(entry.into_path());
            }
        }
        listing
    }

    pub(crate) fn files(&self) -> &[PathBuf] {
        &self.files
    }

    /// The files that share the longest run of last segments with `segments`, and how long it is;
    /// at least the file name is shared.
    pub(crate) fn longest_suffix(&self, segments: &[String]) -> (usize, Vec<PathBuf>) {
        let mut longest = 0;
        let mut found = Vec::new();
        let named = segments.last().and_then(|name| self.by_name.get(name));
        for path in named.into_iter().flatten().map(|&index| &self.files[index as usize]) {
            let shared = shared_suffix(path, segments);
            if shared > longest {
                longest = shared;
                found.clear();
            }
            if shared == longest {
                found.push(path.clone());
            }
        }
        (longest, found)
    }
}

/// The entries of a folder, and of those in it, in the order of their names.
fn walk(folder: &Path, wanted: Listed) -> Walk {
    let ignored = (wanted == Listed::Sources).then(|| Ignored::below(folder));
    WalkBuilder::new(folder)
        // Whatever the crate would open itself, it would wait for.
        .standard_filters(false)
        .hidden(true)
        .follow_links(false)
        .sort_by_file_name(Ord::cmp)
        .filter_entry(move |entry| {
            let is_folder = entry.file_type().is_some_and(|kind| kind.is_dir());
            entry.file_name() != OsStr::new("node_modules")
                && !ignored.as_ref().is_some_and(|it| it.is_ignored(entry.path(), is_folder))
        })
        .build()
}

fn shared_suffix(path: &Path, segments: &[String]) -> usize {
    path.components()
        .rev()
        .zip(segments.iter().rev())
        .take_while(|(component, segment)| {
            matches!(component, Component::Normal(name) if name.to_str() == Some(segment))
        })
        .count()
}

/// Whether Node could run the file: a known extension, or none (`bin/www`).
fn is_script(path: &Path) -> bool {
    match path.extension().and_then(OsStr::to_str) {
        None => true,
        Some(extension) => {
            matches!(extension, "js" | "cjs" | "mjs" | "jsx" | "ts" | "cts" | "mts" | "tsx")
        }
    }
}
