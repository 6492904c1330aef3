//! The folder of indexes: names, private files, and a bound on all of them together.

use std::ffi::OsStr;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, SystemTime};

use super::file;
use super::identity::Identity;
use crate::analysis::Computed;
use crate::limits::Limits;
use crate::monitor::{Cancelled, Monitor};
use crate::snapshot::Snapshot;
use crate::storage::Failure;

/// Indexes are of about half the size of their snapshots: room for a day's work on a large heap.
const DEFAULT_SIZE: u64 = 4_096 * 1_000_000;

/// A heap of fewer nodes and edges is read and analysed in a tenth of a second: 20 MB of file.
const MIN_ROWS: u64 = 1 << 20;

/// Where the user wants the indexes, or [`OFF`].
const VARIABLE: &str = "HEAPMARK_INDEX";
const OFF: &str = "off";
/// The folder among the user's caches.
const NAME: &str = "heapmark";

/// No file of anybody else's, should they be kept in a folder with others.
const EXTENSION: &str = "heapindex";
/// Of what is being written, or was when the program was killed.
const UNFINISHED: &str = "part";
/// After this long, nobody is writing it any more.
const ABANDONED: Duration = Duration::from_secs(60 * 60);

/// A folder that holds the indexes of snapshots, of a bounded size together: the one that was not
/// used for the longest time goes first.
///
/// Indexes hold what their snapshots hold, so the folder and its files are readable by the user
/// alone.
#[derive(Debug, Clone)]
pub struct IndexFolder {
    folder: PathBuf,
    most_bytes: u64,
    fewest_rows: u64,
}

impl IndexFolder {
    /// Indexes in this folder, of at most so many bytes together. The folder is made when the first
    /// one is.
    pub fn new(folder: impl Into<PathBuf>, most_bytes: u64) -> Self {
        Self { folder: folder.into(), most_bytes, fewest_rows: 0 }
    }

    /// As a user wants them who does not think about it: of at most 4096 MB, and only of heaps of a
    /// million nodes and edges or more (some 20 MB of file), as smaller ones are read as fast without.
    pub fn in_folder(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into(), most_bytes: DEFAULT_SIZE, fewest_rows: MIN_ROWS }
    }

    /// [The same](Self::in_folder) in the folder that the variable `HEAPMARK_INDEX` names, or else in
    /// `heapmark` in the user's folder for caches (`$XDG_CACHE_HOME`, `~/.cache`,
    /// `~/Library/Caches`, `%LOCALAPPDATA%`). None if the variable says `off`, or there is no such
    /// folder.
    ///
    /// # Errors
    ///
    /// [`RelativeFolder`]: an editor starts the server in a folder that nobody chose, and what the
    /// snapshots hold would come to lie in a project.
    pub fn of_user() -> Result<Option<Self>, RelativeFolder> {
        Ok(users(|name| std::env::var_os(name))?.map(Self::in_folder))
    }

    /// `heapmark` in the user's folder for caches, whatever the variable says; if there is one.
    pub fn in_caches() -> Option<PathBuf> {
        caches(|name| std::env::var_os(name)).map(|caches| caches.join(NAME))
    }

    /// The same, of at most so many bytes.
    #[must_use]
    pub fn of_at_most(self, most_bytes: u64) -> Self {
        Self { most_bytes, ..self }
    }

    /// How many bytes they may take together.
    pub fn most_bytes(&self) -> u64 {
        self.most_bytes
    }

    /// Where the indexes are.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    fn path(&self, identity: &Identity) -> PathBuf {
        self.folder.join(format!("{:016x}.{EXTENSION}", identity.path))
    }

    /// The snapshot and its analysis, as far as there is an index of it. One that is of no use is
    /// removed.
    pub(super) fn load(
        &self,
        identity: &Identity,
        limits: Limits,
        monitor: &dyn Monitor,
    ) -> Result<Option<(Snapshot, Option<Computed>)>, Cancelled> {
        let path = self.path(identity);
        match file::read(&path.as_path(), identity, limits, monitor) {
            Ok(found) => {
                // Used last now. If that cannot be noted, it will go a little early.
                let _ = heapmark_files::open(&path)
                    .and_then(|file| file.set_modified(SystemTime::now()));
                Ok(Some(found))
            }
            Err(Failure::Cancelled(cancelled)) => Err(cancelled),
            // With more memory it may be of use.
            Err(Failure::TooLarge) => Ok(None),
            Err(Failure::Io(error)) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(Failure::Io(_) | Failure::Damaged) => {
                // Whether or not it can be removed: the next one takes its place.
                let _ = fs::remove_file(&path);
                Ok(None)
            }
        }
    }

    /// Writes an index, complete or not at all. That it cannot be written is of no consequence.
    pub(super) fn store(
        &self,
        identity: &Identity,
        snapshot: &Snapshot,
        computed: Option<&Computed>,
        monitor: &dyn Monitor,
    ) -> Result<(), Cancelled> {
        if ((snapshot.node_count() + snapshot.edge_count()) as u64) < self.fewest_rows {
            return Ok(());
        }
        match self.try_store(identity, snapshot, computed, monitor) {
            Err(Failure::Cancelled(cancelled)) => Err(cancelled),
            Ok(()) | Err(Failure::Io(_) | Failure::Damaged | Failure::TooLarge) => Ok(()),
        }
    }

    fn try_store(
        &self,
        identity: &Identity,
        snapshot: &Snapshot,
        computed: Option<&Computed>,
        monitor: &dyn Monitor,
    ) -> Result<(), Failure> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        make_private_folder(&self.folder)?;
        let path = self.path(identity);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let unfinished =
            path.with_extension(format!("{}-{number}.{UNFINISHED}", std::process::id()));
        let file = new_private_file(&unfinished)?;
        let written = file::write(&file, identity, snapshot, computed, self.most_bytes, monitor)
            .and_then(|()| Ok(fs::rename(&unfinished, &path)?));
        drop(file);
        if written.is_err() {
            let _ = fs::remove_file(&unfinished);
        }
        written?;
        self.make_room(&path)?;
        Ok(())
    }

    /// Removes what was not used for the longest time until all fits, but never `newest`; and what
    /// was left behind unfinished.
    fn make_room(&self, newest: &Path) -> io::Result<()> {
        let now = SystemTime::now();
        let mut indexes = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            let path = entry?.path();
            let Ok(metadata) = fs::symlink_metadata(&path) else { continue };
            let Ok(used) = metadata.modified() else { continue };
            let extension = path.extension().and_then(OsStr::to_str);
            if extension == Some(EXTENSION) && metadata.is_file() {
                indexes.push((used, metadata.len(), path));
            } else if extension == Some(UNFINISHED)
                && now.duration_since(used).is_ok_and(|age| age > ABANDONED)
            {
                fs::remove_file(path)?;
            }
        }
        indexes.sort();
        let mut total: u64 = indexes.iter().map(|(_, bytes, _)| bytes).sum();
        for (_, bytes, path) in indexes {
            if total <= self.most_bytes {
                break;
            }
            if path != newest && fs::remove_file(path).is_ok() {
                total -= bytes;
            }
        }
        Ok(())
    }
}

/// The variable names a folder by a path that counts from wherever the program happens to run.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("HEAPMARK_INDEX must be an absolute path or `off`, and is {:?}", .0.display())]
pub struct RelativeFolder(pub PathBuf);

/// Where the user wants indexes to be.
fn users(
    variable: impl Fn(&str) -> Option<std::ffi::OsString>,
) -> Result<Option<PathBuf>, RelativeFolder> {
    match variable(VARIABLE).filter(|wanted| !wanted.is_empty()) {
        Some(wanted) if wanted == OFF => Ok(None),
        Some(wanted) => {
            let folder = PathBuf::from(wanted);
            if folder.is_absolute() { Ok(Some(folder)) } else { Err(RelativeFolder(folder)) }
        }
        None => Ok(caches(variable).map(|caches| caches.join(NAME))),
    }
}

/// The user's folder for what can be made again.
fn caches(variable: impl Fn(&str) -> Option<std::ffi::OsString>) -> Option<PathBuf> {
    // The XDG specification ignores relative paths, and so do we for all.
    let folder = |name: &str| variable(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let xdg = folder("XDG_CACHE_HOME");
    if cfg!(windows) {
        xdg.or_else(|| folder("LOCALAPPDATA"))
    } else if cfg!(target_os = "macos") {
        xdg.or_else(|| Some(folder("HOME")?.join("Library/Caches")))
    } else {
        xdg.or_else(|| Some(folder("HOME")?.join(".cache")))
    }
}

fn make_private_folder(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

fn new_private_file(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_user_says_where_indexes_are_or_that_there_are_none() {
        let find = |wanted: &str| {
            users(|name| match name {
                VARIABLE => Some(wanted.into()),
                "XDG_CACHE_HOME" => Some(std::env::temp_dir().into()),
                _ => None,
            })
        };
        let there = std::env::temp_dir().join("there");
        assert_eq!(find("off"), Ok(None));
        assert_eq!(find(&there.display().to_string()), Ok(Some(there)));
        assert_eq!(find(""), Ok(Some(std::env::temp_dir().join("heapmark"))));
    }

    #[test]
    fn a_folder_that_depends_on_where_the_program_runs_is_refused() {
        let error = users(|name| (name == VARIABLE).then(|| "here".into())).unwrap_err();
        let said = error.to_string();
        assert_eq!(said, r#"HEAPMARK_INDEX must be an absolute path or `off`, and is "here""#);
    }

    #[test]
    fn the_folder_is_where_the_system_keeps_caches() {
        let find = |known: &[(&str, &str)]| {
            let known = known.to_vec();
            caches(|name| Some(known.iter().find(|(key, _)| *key == name)?.1.into()))
        };
        if cfg!(all(unix, not(target_os = "macos"))) {
            assert_eq!(find(&[("HOME", "/h")]), Some("/h/.cache".into()));
            assert_eq!(find(&[("HOME", "/h"), ("XDG_CACHE_HOME", "/c")]), Some("/c".into()));
            assert_eq!(find(&[("HOME", "/h"), ("XDG_CACHE_HOME", "c")]), Some("/h/.cache".into()));
        }
        assert_eq!(find(&[]), None);
    }
}
