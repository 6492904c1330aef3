//! The file that a script is, by what it says. The name of a bundle that runs in a container, or in another folder
//! than it was built in, leads nowhere or to several files, and the workspace has the very text.
//!
//! Not here: what a name alone means ([`Workspace::resolve`]).

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use crate::anchor::Ran;
use crate::file::SourceFile;
use crate::ran::ran_script::{Agreement, RanScript};
use crate::text::language::Language;
use crate::workspace::{Resolution, Workspace};

/// Largest file that is compared, in bytes.
const LARGEST_SCRIPT: u64 = 64 << 20;

/// A budget, in bytes: so much is read of files that may be a script's, for all scripts of a program together.
/// Hashing that takes a second or two.
const MAX_READ: u64 = 256 << 20;

/// What is still to be read of [`MAX_READ`].
#[derive(Debug)]
pub(super) struct Budget(AtomicU64);

impl Default for Budget {
    fn default() -> Self {
        Self(AtomicU64::new(MAX_READ))
    }
}

impl Budget {
    fn take(&self, bytes: u64) -> bool {
        let left = |left: u64| left.checked_sub(bytes);
        self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, left).is_ok()
    }
}

/// How a file of the workspace compares with what ran.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Likeness {
    /// It begins alike, and all functions that live stand where they stood.
    Fits,
    /// It is that text.
    Same,
}

/// Which file a script is, where its name, which means `by_name`, does not make that sure.
pub(super) fn resolve(
    workspace: &Workspace,
    budget: &Budget,
    ran: &RanScript,
    sites: &Ran,
    by_name: Resolution,
) -> Resolution {
    let is_known = ran.source.is_some() || ran.hash.is_some() || ran.source_prefix.is_some();
    let search = Search { workspace, budget, ran, sites };
    match &by_name {
        _ if !is_known => by_name,
        Resolution::Builtin => by_name,
        // A file of the workspace that is gone: nothing else is meant.
        _ if workspace.is_inside(&ran.name) => by_name,
        Resolution::File(path) if workspace.is_surely(&ran.name, path) => by_name,
        Resolution::File(path) if search.may_be(path) => by_name,
        Resolution::Ambiguous(several) => search.among(several.clone()).unwrap_or(by_name),
        Resolution::File(_) | Resolution::NotInWorkspace => {
            let found = search.among(workspace.namesakes(&ran.name));
            let renamed = || {
                let bytes = ran.source.as_ref()?.len() as u64;
                search.among(workspace.files_of_size(&ran.name, bytes))
            };
            found.or_else(renamed).unwrap_or(by_name)
        }
    }
}

struct Search<'a> {
    workspace: &'a Workspace,
    budget: &'a Budget,
    ran: &'a RanScript,
    sites: &'a Ran,
}

impl Search<'_> {
    /// The one of these files that the script is, or those of them between which nothing decides.
    fn among(&self, files: Vec<PathBuf>) -> Option<Resolution> {
        let alike = files.into_iter().filter_map(|file| Some((self.likeness(&file)?, file)));
        let alike: Vec<(Likeness, PathBuf)> = alike.collect();
        let best = alike.iter().map(|(likeness, _)| *likeness).max()?;
        let mut found: Vec<PathBuf> =
            alike.into_iter().filter(|(likeness, _)| *likeness == best).map(|it| it.1).collect();
        found.sort_unstable();
        found.dedup();
        match <[PathBuf; 1]>::try_from(found) {
            Ok([file]) => Some(Resolution::File(file)),
            Err(several) => Some(Resolution::Ambiguous(several)),
        }
    }

    /// Whether nothing says that it is another text.
    fn may_be(&self, file: &Path) -> bool {
        self.read(file).is_none_or(|text| self.agreement(file, &text) != Agreement::Other)
    }

    fn likeness(&self, file: &Path) -> Option<Likeness> {
        let text = self.read(file)?;
        match self.agreement(file, &text) {
            Agreement::Same => Some(Likeness::Same),
            // Many files begin alike: without a function that stands there, nothing tells which one it is.
            Agreement::Like if self.sites.sites().next().is_none() => None,
            Agreement::Like => {
                let file = SourceFile::parse(file, text).ok()?;
                file.find_again(self.sites).is_whole().then_some(Likeness::Fits)
            }
            Agreement::Other => None,
        }
    }

    fn agreement(&self, file: &Path, text: &str) -> Agreement {
        self.ran.agreement(text, Language::of(file))
    }

    fn read(&self, file: &Path) -> Option<String> {
        let bytes = self.workspace.size(file)?;
        let bytes = (bytes <= LARGEST_SCRIPT && self.budget.take(bytes)).then_some(bytes)?;
        let read = self.workspace.read(file, bytes).ok()?;
        Some(String::from_utf8_lossy(&read).into_owned())
    }
}
