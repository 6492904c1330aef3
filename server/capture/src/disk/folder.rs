//! The folder of snapshots: made private to the user, and left alone by Git.

use super::ignored::{IGNORE_EVERYTHING, IGNORE_FILE, ignores_everything};
use crate::error::CaptureError;
use std::{
    ffi::OsStr,
    fs, io,
    path::{Path, PathBuf},
};

const OUR_FOLDER: &str = ".heapmark";

/// `WORKSPACE/.heapmark`, where snapshots of a workspace go unless the user says otherwise.
pub fn default_folder(workspace: &Path) -> PathBuf {
    workspace.join(OUR_FOLDER)
}

/// Makes `folder` if it is missing, with a `.gitignore` of everything: snapshots hold secrets. A
/// folder that exists keeps its permissions, and only one called `.heapmark` gets the `.gitignore`, unless
/// it has one ([`may_show_in_git`]).
pub(super) fn prepare(folder: &Path) -> Result<(), CaptureError> {
    let failed = |reason| CaptureError::Write { path: folder.to_owned(), reason };
    if folder.as_os_str().is_empty() {
        return Ok(());
    }
    if is_called_ours(folder) && folder.is_symlink() {
        return Err(CaptureError::FolderIsLink { path: folder.to_owned() });
    }
    let is_new = !folder.exists();
    if !is_new && !folder.is_dir() {
        return Err(failed(io::Error::other("there is something else of that name, no folder")));
    }
    if is_new {
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(folder).map_err(failed)?;
    }
    if is_new || is_called_ours(folder) {
        match private_file(&folder.join(IGNORE_FILE)) {
            Ok(mut file) => io::Write::write_all(&mut file, IGNORE_EVERYTHING).map_err(failed)?,
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(failed(error)),
        }
    }
    Ok(())
}

fn is_called_ours(folder: &Path) -> bool {
    folder.file_name() == Some(OsStr::new(OUR_FOLDER))
}

/// Whether Git may take up what is captured into `folder`, which is called `.heapmark`, because somebody
/// else's `.gitignore` lies there. In a folder of another name that is the user's own affair.
pub(crate) fn may_show_in_git(folder: &Path) -> bool {
    is_called_ours(folder) && !ignores_everything(folder)
}

/// Whether a folder was made for snapshots and nothing else: by its name, or because it was made here.
pub(super) fn is_ours(folder: &Path) -> bool {
    let made_here = || {
        heapmark_files::read(&folder.join(IGNORE_FILE), IGNORE_EVERYTHING.len() as u64)
            .is_ok_and(|text| text == IGNORE_EVERYTHING)
    };
    is_called_ours(folder) || made_here()
}

/// Creates a file that only the user can read; fails if there is one, or a link to one.
pub(super) fn private_file(path: &Path) -> io::Result<fs::File> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}
