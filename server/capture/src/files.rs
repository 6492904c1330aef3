//! Where snapshots go, private to the user, and never half-written under their final name.
//!
//! A snapshot grows as `NAME.heapsnapshot.part` and is renamed when it is complete, so that an
//! editor that watches for `*.heapsnapshot` never reads a torn one. The `.part` file also reserves
//! the name, and is locked as long as somebody writes it. Whatever ends the capture early, the file
//! goes with it; if it is the end of our process, the next capture clears it away ([`crate::stale`]).

use crate::{
    disk,
    error::CaptureError,
    ignored::{IGNORE_EVERYTHING, IGNORE_FILE, ignores_everything},
    reserved::Reserved,
    sidecar::Sidecar,
    stale,
    text::plain,
};
use std::{
    ffi::{OsStr, OsString},
    fs, io,
    path::{Path, PathBuf},
};
use tokio::io::{AsyncWriteExt, BufWriter};

pub(crate) const EXTENSION: &str = ".heapsnapshot";
/// Of a snapshot that is not complete yet.
pub(crate) const PART: &str = ".heapsnapshot.part";
/// Of what only the live process knows.
pub(crate) const SCRIPTS: &str = ".scripts.json";
const OUR_FOLDER: &str = ".heapmark";
/// Chunks come in 100 kB; the disk is happier with more at once.
const WRITE_AT_ONCE: usize = 1 << 20;

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

/// `WORKSPACE/.heapmark`, where snapshots of a workspace go unless the user says otherwise.
pub fn default_folder(workspace: &Path) -> PathBuf {
    workspace.join(OUR_FOLDER)
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

/// Makes `folder` if it is missing, with a `.gitignore` of everything: snapshots hold secrets. A
/// folder that exists keeps its permissions, and only one called `.heapmark` gets the `.gitignore`, unless
/// it has one ([`may_show_in_git`]).
fn prepare(folder: &Path) -> Result<(), CaptureError> {
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
pub(crate) fn is_ours(folder: &Path) -> bool {
    let made_here = || {
        heapmark_files::read(&folder.join(IGNORE_FILE), IGNORE_EVERYTHING.len() as u64)
            .is_ok_and(|text| text == IGNORE_EVERYTHING)
    };
    is_called_ours(folder) || made_here()
}

/// Creates a file that only the user can read; fails if there is one, or a link to one.
fn private_file(path: &Path) -> io::Result<fs::File> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// A snapshot on its way to disk. Dropped before [`PartFile::complete`], it leaves nothing.
pub(crate) struct PartFile {
    file: BufWriter<tokio::fs::File>,
    folder: PathBuf,
    /// The name that is reserved, without extension.
    stem: OsString,
    written: u64,
    /// When so much is written, the disk is looked at again.
    look_at: u64,
    first: Option<u8>,
    last: Option<u8>,
    completed: bool,
}

impl PartFile {
    /// Reserves a name that nothing has.
    pub(crate) fn create(
        destination: &Destination,
        default_name: impl FnOnce() -> String,
    ) -> Result<Self, CaptureError> {
        if let Destination::Reserved(reserved) = destination
            && let Some(part) = reserved.take()
        {
            return Ok(part);
        }
        let (folder, wanted) = destination.folder_and_stem(default_name)?;
        prepare(&folder)?;
        stale::clear(&folder);
        for attempt in 1_u32.. {
            let mut stem = wanted.clone();
            if attempt > 1 {
                stem.push(format!("-{attempt}"));
            }
            if let Some(part) = Self::with_stem(&folder, stem)? {
                return Ok(part);
            }
        }
        unreachable!("a folder holds fewer than 2^32 files of one name")
    }

    /// With exactly this name, in a folder that is prepared; `None` if something has it.
    fn with_stem(folder: &Path, stem: OsString) -> Result<Option<Self>, CaptureError> {
        let path = |ending| path(folder, &stem, ending);
        if is_taken(&path(EXTENSION)) || is_taken(&path(SCRIPTS)) {
            return Ok(None);
        }
        let part = path(PART);
        let file = match private_file(&part) {
            // One that is cleared away before it has its lock: that name is as good as taken.
            Ok(file) if stale::lock(&file).is_err() => return Ok(None),
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Ok(None),
            Err(reason) => return Err(CaptureError::Write { path: part, reason }),
        };
        let file = BufWriter::with_capacity(WRITE_AT_ONCE, tokio::fs::File::from_std(file));
        let part = Self {
            file,
            folder: folder.to_owned(),
            stem,
            written: 0,
            look_at: disk::LOOK_EVERY,
            first: None,
            last: None,
            completed: false,
        };
        part.look_at_disk()?;
        Ok(Some(part))
    }

    pub(crate) async fn write(&mut self, text: &str) -> Result<(), CaptureError> {
        let solid = |byte: &u8| !byte.is_ascii_whitespace();
        self.first = self.first.or_else(|| text.bytes().find(|byte| solid(byte)));
        self.last = text.bytes().rfind(solid).or(self.last);
        self.file.write_all(text.as_bytes()).await.map_err(|error| self.failed(error))?;
        self.written += text.len() as u64;
        if self.written >= self.look_at {
            self.look_at = self.written + disk::LOOK_EVERY;
            self.look_at_disk()?;
        }
        Ok(())
    }

    /// Gives up before the disk is full.
    fn look_at_disk(&self) -> Result<(), CaptureError> {
        match disk::free_bytes(&self.folder) {
            Some(free) if free < disk::MIN_FREE => {
                Err(CaptureError::DiskLow { path: self.path(PART), free, written: self.written })
            }
            _ => Ok(()),
        }
    }

    /// Bytes written so far.
    pub(crate) fn written(&self) -> u64 {
        self.written
    }

    /// Whether what has come can be a whole JSON object.
    pub(crate) fn is_whole(&self) -> bool {
        self.first == Some(b'{') && self.last == Some(b'}')
    }

    /// Brings everything to disk: first the sidecar, so that who is woken by the snapshot finds
    /// it, then the snapshot under its name. Returns the paths of both.
    pub(crate) async fn complete(
        mut self,
        sidecar: &Sidecar,
    ) -> Result<(PathBuf, PathBuf), CaptureError> {
        self.file.flush().await.map_err(|error| self.failed(error))?;
        self.file.get_ref().sync_all().await.map_err(|error| self.failed(error))?;
        let scripts = self.path(SCRIPTS);
        let snapshot = self.path(EXTENSION);
        let write_scripts = || {
            let mut file = io::BufWriter::new(private_file(&scripts)?);
            serde_json::to_writer_pretty(&mut file, sidecar)?;
            io::Write::write_all(&mut file, b"\n")?;
            io::Write::flush(&mut file)
        };
        write_scripts().map_err(|error| self.failed(error))?;
        fs::rename(self.path(PART), &snapshot).map_err(|error| self.failed(error))?;
        self.completed = true;
        Ok((snapshot, scripts))
    }

    fn path(&self, ending: &str) -> PathBuf {
        path(&self.folder, &self.stem, ending)
    }

    fn failed(&self, reason: io::Error) -> CaptureError {
        let path = self.path(PART);
        match reason.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                CaptureError::DiskFull { path, written: self.written }
            }
            _ => CaptureError::Write { path, reason },
        }
    }
}

impl Drop for PartFile {
    fn drop(&mut self) {
        if !self.completed {
            // The sidecar is ours: the reserved name had none. Nothing can be done about a file
            // that cannot be removed, and nothing reads a `.part`.
            let _ = fs::remove_file(self.path(SCRIPTS));
            let _ = fs::remove_file(self.path(PART));
        }
    }
}

/// Whether anything has that name, also a link that leads nowhere.
fn is_taken(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok()
}

fn path(folder: &Path, stem: &OsStr, ending: &str) -> PathBuf {
    let mut name = stem.to_owned();
    name.push(ending);
    folder.join(name)
}

#[cfg(test)]
mod tests {
    use super::*;

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
        let second = PartFile::create(&destination, || unreachable!()).unwrap();
        let third = PartFile::create(&destination, || unreachable!()).unwrap();
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
        let other = PartFile::create(&wanted, || unreachable!()).unwrap();
        let own = PartFile::create(&held, || unreachable!()).unwrap();
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
        drop(PartFile::create(&wanted, || unreachable!()).unwrap());
        assert!(!may_show_in_git(&ours), "it was made here");
        fs::write(ours.join(IGNORE_FILE), "*.log\n").unwrap();
        drop(PartFile::create(&wanted, || unreachable!()).unwrap());
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
            PartFile::create(&destination, || unreachable!()).map(|_| ())
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
            let part = PartFile::create(&destination, || unreachable!()).unwrap();
            assert_eq!(part.stem, OsString::from(format!("{name}-2")));
        }
    }

    #[test]
    fn a_full_disk_is_called_so() {
        let folder = tempfile::tempdir().unwrap();
        let destination = Destination::File(folder.path().join("a"));
        // PartFile needs no runtime until it writes.
        let part = PartFile::create(&destination, || unreachable!()).unwrap();
        let message = part.failed(io::ErrorKind::StorageFull.into()).to_string();
        assert!(message.starts_with("the disk is full: "), "{message}");
    }
}
