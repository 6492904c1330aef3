//! The script files of the workspace folders, found by their last path segment.
//!
//! What Git ignores, hidden folders and `node_modules` are left out; files there are still found
//! by their exact path. What Git ignores is listed on demand: builds write there.

use std::ffi::OsStr;
use std::path::{Component, Path, PathBuf};

use ignore::WalkBuilder;
use rustc_hash::FxHashMap;

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
        let Some((first, others)) = folders.split_first() else { return listing };
        let mut walk = WalkBuilder::new(first);
        for folder in others {
            walk.add(folder);
        }
        if wanted == Listed::AlsoIgnored {
            walk.standard_filters(false).hidden(true);
        }
        walk.require_git(false)
            .follow_links(false)
            .sort_by_file_name(Ord::cmp)
            .filter_entry(|entry| entry.file_name() != OsStr::new("node_modules"));
        let most = if wanted == Listed::Sources { MOST_ENTRIES } else { MOST_IGNORED };
        let entries = walk.build().take(most).filter_map(Result::ok);
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
