//! How the files of a snapshot are called, and whether a name is free.

use std::{
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
};

pub(super) const EXTENSION: &str = ".heapsnapshot";
/// Of a snapshot that is not complete yet.
pub(super) const PART: &str = ".heapsnapshot.part";
/// Of what only the live process knows.
pub(super) const SCRIPTS: &str = ".scripts.json";
/// Whether anything has that name, also a link that leads nowhere.
pub(super) fn is_taken(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok()
}

pub(super) fn path(folder: &Path, stem: &OsStr, ending: &str) -> PathBuf {
    let mut name = stem.to_owned();
    name.push(ending);
    folder.join(name)
}
