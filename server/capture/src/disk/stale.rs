//! Clearing away what captures left behind whose process was killed.
//!
//! Whoever writes a snapshot holds a lock on its `.part` file, which the system takes away with the
//! process. Only files in folders that are made for snapshots are looked at, only regular ones with the
//! ending of ours, and only where nobody holds the lock: what cannot be told for certain stays.

use super::{
    folder::is_ours,
    names::{EXTENSION, PART, SCRIPTS},
};
use std::{
    fs::{self, File},
    io,
    path::Path,
};

/// Entries of a folder that are looked at: more is no folder of snapshots.
const MAX_ENTRIES: usize = 10_000;

/// Takes the lock of a new `.part` file, for as long as it is open. Fails if the file is being cleared
/// away, which takes it for an old one.
pub(super) fn lock(file: &File) -> io::Result<()> {
    match file.try_lock() {
        Ok(()) if !is_removed(file) => Ok(()),
        Ok(()) | Err(fs::TryLockError::WouldBlock) => Err(io::ErrorKind::ResourceBusy.into()),
        // A file system without locks: then nobody clears anything away there.
        Err(fs::TryLockError::Error(_)) => Ok(()),
    }
}

#[cfg(unix)]
fn is_removed(file: &File) -> bool {
    use std::os::unix::fs::MetadataExt;
    file.metadata().is_ok_and(|data| data.nlink() == 0)
}

#[cfg(not(unix))]
fn is_removed(_: &File) -> bool {
    // An open file cannot be removed there.
    false
}

/// Removes the unfinished snapshots in `folder` that nobody writes any more. What cannot be removed
/// stays: nothing reads it.
pub(super) fn clear(folder: &Path) {
    if !is_ours(folder) {
        return;
    }
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.take(MAX_ENTRIES).flatten() {
        let name = entry.file_name();
        let Some(stem) = name.to_str().and_then(|name| name.strip_suffix(PART)) else { continue };
        if entry.file_type().is_ok_and(|kind| kind.is_file()) && clear_part(&entry.path()) {
            // Between its sidecar and its new name, a snapshot has both.
            if !folder.join(format!("{stem}{EXTENSION}")).exists() {
                let _ = fs::remove_file(folder.join(format!("{stem}{SCRIPTS}")));
            }
        }
    }
}

/// Whether the file was removed, because nobody holds its lock.
fn clear_part(path: &Path) -> bool {
    let Ok(file) = heapmark_files::open(path) else { return false };
    file.try_lock().is_ok() && fs::remove_file(path).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        let mut names: Vec<_> =
            entries.map(|it| it.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn what_nobody_writes_any_more_is_cleared_away() {
        let workspace = tempfile::tempdir().unwrap();
        let folder = workspace.path().join(".heapmark");
        fs::create_dir(&folder).unwrap();
        for name in ["a.heapsnapshot.part", "a.scripts.json", "b.heapsnapshot", "b.scripts.json"] {
            fs::write(folder.join(name), "").unwrap();
        }
        let written = File::create(folder.join("c.heapsnapshot.part")).unwrap();
        lock(&written).unwrap();
        clear(&folder);
        assert_eq!(names(&folder), ["b.heapsnapshot", "b.scripts.json", "c.heapsnapshot.part"]);
        drop(written);
        clear(&folder);
        assert_eq!(names(&folder), ["b.heapsnapshot", "b.scripts.json"]);
    }

    #[test]
    fn what_may_be_somebody_elses_stays() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("a.heapsnapshot.part"), "a download").unwrap();
        clear(folder.path());
        assert_eq!(names(folder.path()), ["a.heapsnapshot.part"], "no folder of ours");

        let ours = folder.path().join(".heapmark");
        fs::create_dir(&ours).unwrap();
        fs::create_dir(ours.join("b.heapsnapshot.part")).unwrap();
        fs::write(ours.join("c.part"), "").unwrap();
        #[cfg(unix)]
        std::os::unix::fs::symlink(
            folder.path().join("a.heapsnapshot.part"),
            ours.join("d.heapsnapshot.part"),
        )
        .unwrap();
        let before = names(&ours);
        clear(&ours);
        assert_eq!(names(&ours), before);
    }

    #[cfg(unix)]
    #[test]
    fn a_new_file_that_is_being_cleared_away_gets_no_lock() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.heapsnapshot.part");
        let new = File::create(&path).unwrap();
        let clearing = File::open(&path).unwrap();
        clearing.try_lock().unwrap();
        assert!(lock(&new).is_err(), "somebody is about to remove it");
        fs::remove_file(&path).unwrap();
        drop(clearing);
        assert!(lock(&new).is_err(), "somebody has removed it");
    }
}
