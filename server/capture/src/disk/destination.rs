//! Where a snapshot goes, and under which name: one that nothing has.
//!
//! A name can be held for a snapshot that is taken later, so that two captures into one folder never share a
//! series' names. What holds it is the `.part` file of the snapshot itself ([`super::part`]).

use super::{
    folder::prepare,
    names::{EXTENSION, PART, SCRIPTS, is_taken, path},
    part::PartFile,
    stale,
};
use crate::{error::CaptureError, text::plain};
use std::{
    ffi::{OsStr, OsString},
    fmt,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

/// Where to put a snapshot. An existing file is never overwritten: the new one is called
/// `NAME-2`, `NAME-3`, …
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Destination {
    /// This file; `.heapsnapshot` is added if it does not end so, DevTools insists on it.
    File(PathBuf),
    /// In this folder, which is made if need be, private to the user and ignored by git. One that is
    /// called `.heapmark` must not be a link: it may have come with the sources. Any other is the user's
    /// own choice, and links in it are followed.
    Folder {
        /// The folder, mostly [`default_folder`].
        folder: PathBuf,
        /// A file name with or without extension; without a name the time and the process id,
        /// such as `2026-11-22T09-30-05Z-pid4711`.
        name: Option<String>,
    },
    /// Under a name that is [held for it](Destination::reserve).
    Reserved(Reserved),
}

impl Destination {
    /// The folder that the snapshot goes to.
    pub(crate) fn folder(&self) -> &Path {
        match self {
            Self::File(file) => file.parent().unwrap_or(Path::new("")),
            Self::Folder { folder, .. } => folder,
            Self::Reserved(reserved) => reserved.folder(),
        }
    }

    /// Holds the name of a snapshot that is taken later: `None` if something has it, finished or not. As
    /// the capture itself, it makes the folder if need be.
    ///
    /// Fails like the capture, and with [`CaptureError::InvalidName`] for a destination that has no name
    /// yet.
    pub fn reserve(&self) -> Result<Option<Self>, CaptureError> {
        let nameless = matches!(self, Self::Folder { name: None, .. } | Self::Reserved(_));
        if nameless {
            return Err(CaptureError::InvalidName { name: String::new() });
        }
        let (folder, stem) = self.folder_and_stem(String::new)?;
        prepare(&folder)?;
        stale::clear(&folder);
        let part = PartFile::with_stem(&folder, stem)?;
        Ok(part.map(|part| Self::Reserved(Reserved::new(folder, part))))
    }

    /// Whether a snapshot that goes here now gets exactly this name, and no number: no finished and
    /// no unfinished snapshot has it. A name that is only found later is free.
    ///
    /// Fails with [`CaptureError::InvalidName`] like the capture itself.
    pub fn is_free(&self) -> Result<bool, CaptureError> {
        if matches!(self, Self::Folder { name: None, .. }) {
            return Ok(true);
        }
        let (folder, stem) = self.folder_and_stem(String::new)?;
        let endings = [EXTENSION, SCRIPTS, PART];
        Ok(!endings.iter().any(|ending| is_taken(&path(&folder, &stem, ending))))
    }

    /// Begins a snapshot here, under a name that nothing has.
    pub(crate) fn create(
        &self,
        default_name: impl FnOnce() -> String,
    ) -> Result<PartFile, CaptureError> {
        if let Self::Reserved(reserved) = self
            && let Some(part) = reserved.take()
        {
            return Ok(part);
        }
        let (folder, wanted) = self.folder_and_stem(default_name)?;
        prepare(&folder)?;
        stale::clear(&folder);
        for attempt in 1_u32.. {
            let mut stem = wanted.clone();
            if attempt > 1 {
                stem.push(format!("-{attempt}"));
            }
            if let Some(part) = PartFile::with_stem(&folder, stem)? {
                return Ok(part);
            }
        }
        unreachable!("a folder holds fewer than 2^32 files of one name")
    }

    /// Folder and name without extension.
    fn folder_and_stem(
        &self,
        default_name: impl FnOnce() -> String,
    ) -> Result<(PathBuf, OsString), CaptureError> {
        let (folder, name) = match self {
            Self::File(file) => {
                let name = file.file_name().ok_or_else(|| CaptureError::InvalidName {
                    name: plain(&file.to_string_lossy()),
                })?;
                (self.folder().to_owned(), name.to_owned())
            }
            Self::Folder { folder, name } => {
                let name = name.clone().unwrap_or_else(default_name);
                let outside = name.chars().any(|c| c.is_control() || r#"/\:*?"<>|"#.contains(c));
                if outside || name.trim_matches('.').is_empty() {
                    return Err(CaptureError::InvalidName { name: plain(&name) });
                }
                (folder.clone(), name.into())
            }
            // It was taken out and given back to nobody: who asks again gets a name of the default.
            Self::Reserved(reserved) => (reserved.folder().to_owned(), default_name().into()),
        };
        Ok((folder, without_extension(&name)))
    }
}

fn without_extension(name: &OsStr) -> OsString {
    let Some(text) = name.to_str() else { return name.to_owned() };
    match text.strip_suffix(EXTENSION) {
        Some(stem) if !stem.is_empty() => stem.into(),
        _ => name.to_owned(),
    }
}

/// A name that nothing else gets until the snapshot is taken. If it never is, the name is free again when
/// the last copy of this is dropped.
#[derive(Clone)]
pub struct Reserved {
    folder: PathBuf,
    /// Until the snapshot takes it.
    part: Arc<Mutex<Option<PartFile>>>,
}

impl Reserved {
    pub(crate) fn new(folder: PathBuf, part: PartFile) -> Self {
        Self { folder, part: Arc::new(Mutex::new(Some(part))) }
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// `None` if a snapshot has it already.
    pub(crate) fn take(&self) -> Option<PartFile> {
        self.part.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl PartialEq for Reserved {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.part, &other.part)
    }
}

impl Eq for Reserved {}

impl fmt::Debug for Reserved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reserved").field("folder", &self.folder).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::super::{default_folder, ignored::IGNORE_FILE, may_show_in_git};
    use super::*;
    use std::fs;

    fn name_of(name: &str) -> Result<OsString, String> {
        let name = Some(name.to_owned());
        Destination::Folder { folder: "f".into(), name }
            .folder_and_stem(|| "default".to_owned())
            .map(|(_, stem)| stem)
            .map_err(|error| error.to_string())
    }

    #[test]
    fn a_name_stays_in_its_folder() {
        assert_eq!(name_of("baseline").unwrap(), "baseline");
        assert_eq!(name_of("v1.2.heapsnapshot").unwrap(), "v1.2");
        for outside in ["", ".", "..", "../x", "a/b", r"a\b", "C:x", "a\nb"] {
            let error = name_of(outside).unwrap_err();
            assert!(error.ends_with("use a plain file name, without folders"), "{error}");
        }
    }

    #[test]
    fn a_name_that_is_taken_gets_a_number() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("a.heapsnapshot"), "old").unwrap();
        let destination = Destination::File(folder.path().join("a.heapsnapshot"));
        let second = destination.create(|| unreachable!()).unwrap();
        let third = destination.create(|| unreachable!()).unwrap();
        assert_eq!((&*second.stem, &*third.stem), (OsStr::new("a-2"), OsStr::new("a-3")));
        assert!(!destination.is_free().unwrap(), "a finished one has the name");
        let unfinished = Destination::File(folder.path().join("a-3"));
        assert!(!unfinished.is_free().unwrap(), "an unfinished one has the name");
        drop((second, third));
        assert!(unfinished.is_free().unwrap());
        let left: Vec<_> = fs::read_dir(folder.path()).unwrap().collect();
        assert_eq!(left.len(), 1, "what was not completed is gone");
    }

    #[test]
    fn a_name_that_is_held_goes_to_its_snapshot_alone() {
        let folder = tempfile::tempdir().unwrap();
        let wanted = Destination::File(folder.path().join("baseline"));
        let held = wanted.reserve().unwrap().expect("nobody has it");
        assert_eq!(wanted.reserve().unwrap(), None, "a second capture must take another");
        assert!(!wanted.is_free().unwrap());
        let other = wanted.create(|| unreachable!()).unwrap();
        let own = held.create(|| unreachable!()).unwrap();
        assert_eq!((&*own.stem, &*other.stem), (OsStr::new("baseline"), OsStr::new("baseline-2")));
        drop((own, other));
        drop((held, wanted.reserve().unwrap()));
        assert!(wanted.is_free().unwrap(), "what came to nothing is free again");
    }

    #[test]
    fn somebody_elses_rules_for_git_are_not_trusted() {
        let workspace = tempfile::tempdir().unwrap();
        let ours = default_folder(workspace.path());
        let wanted = Destination::Folder { folder: ours.clone(), name: Some("a".to_owned()) };
        drop(wanted.create(|| unreachable!()).unwrap());
        assert!(!may_show_in_git(&ours), "it was made here");
        fs::write(ours.join(IGNORE_FILE), "*.log\n").unwrap();
        drop(wanted.create(|| unreachable!()).unwrap());
        assert!(may_show_in_git(&ours));
        assert_eq!(fs::read(ours.join(IGNORE_FILE)).unwrap(), b"*.log\n", "it stays theirs");
    }

    #[cfg(unix)]
    #[test]
    fn a_link_is_followed_only_if_the_user_chose_it() {
        let workspace = tempfile::tempdir().unwrap();
        let elsewhere = workspace.path().join("elsewhere");
        fs::create_dir(&elsewhere).unwrap();
        let create = |folder: PathBuf| {
            let destination = Destination::Folder { folder, name: Some("a".to_owned()) };
            destination.create(|| unreachable!()).map(|_| ())
        };
        let ours = default_folder(workspace.path());
        for leads_to in [&elsewhere, &workspace.path().join("nowhere")] {
            std::os::unix::fs::symlink(leads_to, &ours).unwrap();
            let error = create(ours.clone()).unwrap_err();
            assert!(matches!(error, CaptureError::FolderIsLink { .. }), "{error}");
            fs::remove_file(&ours).unwrap();
        }
        assert_eq!(fs::read_dir(&elsewhere).unwrap().count(), 0);
        let theirs = workspace.path().join("snapshots");
        std::os::unix::fs::symlink(&elsewhere, &theirs).unwrap();
        create(theirs).unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn a_name_that_a_link_has_is_taken_wherever_it_leads() {
        let folder = tempfile::tempdir().unwrap();
        for (name, ending) in [("a", EXTENSION), ("b", SCRIPTS), ("c", PART)] {
            let link = folder.path().join(format!("{name}{ending}"));
            std::os::unix::fs::symlink(folder.path().join("nowhere"), link).unwrap();
            let destination = Destination::File(folder.path().join(name));
            let part = destination.create(|| unreachable!()).unwrap();
            assert_eq!(part.stem, OsString::from(format!("{name}-2")));
        }
    }
}
