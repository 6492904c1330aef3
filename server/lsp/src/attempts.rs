//! Remembers over the server's death which snapshots it was analysing, so that one that takes too much
//! does not end each server that the editor starts after it.
//!
//! While a snapshot is loaded, and the newest one as long as it is analysed, a small file for it lies in
//! the folder of indexes, locked as long as this process lives, and taken away however the work ended; the
//! others, which were loaded and left, are not to blame:
//!
//! ```text
//! PATH-HASH.PID-NUMBER.attempt   length, time of change, which attempt it is
//! PATH-HASH.refused              length, time of change
//! ```
//!
//! One that nobody has locked any more was left by a process that died. A single death may have any
//! cause, the user's own `kill -9` or a power cut: such a snapshot is tried once more. After
//! [`MAX_ATTEMPTS`], or when it was refused as too large, it is passed over until it changes or the
//! user asks. Another server at work on the same snapshot holds its own lock, and counts for nothing.
//!
//! There is nothing of a snapshot in these files, so they are kept also where the user wants no index.
//! If they cannot be written nothing is remembered, and every snapshot is tried. What to analyse is
//! decided in [`crate::auto_analyze`].

use std::fs::{self, File, OpenOptions, TryLockError};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use heapmark_heap::IndexFolder;

/// How many processes a snapshot may outlive before it is left alone.
const MAX_ATTEMPTS: u32 = 2;
/// After so long, another machine, or another version of this server, may do better: 30 days.
const MAX_AGE: Duration = Duration::from_secs(30 * 24 * 60 * 60);
/// Bytes: three numbers.
const MAX_MARK_BYTES: u64 = 100;

const ATTEMPT: &str = "attempt";
const REFUSED: &str = "refused";

/// Where attempts are written down.
#[derive(Debug, Clone)]
pub(crate) struct Attempts {
    folder: Option<PathBuf>,
}

/// Why a snapshot is passed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reason {
    /// So many processes died while they analysed it.
    Deaths(u32),
    /// It was too large.
    Refused,
}

impl Attempts {
    /// In the folder of indexes, or if there is none, in the user's folder for caches.
    pub(crate) fn beside(indexes: Option<&IndexFolder>) -> Self {
        let folder = indexes.map(|indexes| indexes.folder().to_owned());
        Self { folder: folder.or_else(IndexFolder::in_caches) }
    }

    /// Whether the snapshot should not be analysed without being asked for. Reads files: not for the
    /// runtime's threads.
    pub(crate) fn reason_against(&self, file: &Path) -> Option<Reason> {
        let identity = Identity::of(file)?;
        if self.read(identity.refused()).is_some_and(|(known, _)| known == identity) {
            return Some(Reason::Refused);
        }
        let deaths = self.deaths(&identity);
        (deaths >= MAX_ATTEMPTS).then_some(Reason::Deaths(deaths))
    }

    /// An analysis that begins, and has not taken up a snapshot yet.
    pub(crate) fn attempt(&self) -> Attempt {
        Attempt { attempts: self.clone(), marks: Mutex::new(Some(Vec::new())) }
    }

    /// Writes down that the snapshot was too large. That it cannot be is of no consequence.
    pub(crate) fn refuse(&self, file: &Path) {
        let (Some(folder), Some(identity)) = (&self.folder, Identity::of(file)) else { return };
        let Ok((mut new, unfinished)) = new_file(folder) else { return };
        let written = writeln!(new, "{} {}", identity.length, identity.nanoseconds)
            .and_then(|()| fs::rename(&unfinished, folder.join(identity.refused())));
        if written.is_err() {
            let _ = fs::remove_file(unfinished);
        }
    }

    /// The snapshots could be analysed: whatever happened before is forgotten.
    pub(crate) fn forgive(&self, files: &[PathBuf]) {
        let Some(folder) = &self.folder else { return };
        self.clear_old();
        for identity in files.iter().filter_map(|file| Identity::of(file)) {
            let _ = fs::remove_file(folder.join(identity.refused()));
            for dead in self.dead(&identity) {
                let _ = fs::remove_file(dead);
            }
        }
    }

    fn mark(&self, identity: &Identity) -> io::Result<Option<(PathBuf, File)>> {
        let Some(folder) = &self.folder else { return Ok(None) };
        let attempt = self.deaths(identity) + 1;
        let (mut new, unfinished) = new_file(folder)?;
        // Locked before anybody can see it: what is not locked is dead.
        let written = new
            .try_lock()
            .map_err(io::Error::from)
            .and_then(|()| writeln!(new, "{} {} {attempt}", identity.length, identity.nanoseconds))
            .and_then(|()| {
                let name = unfinished.with_extension(ATTEMPT);
                let name = name.file_name().unwrap_or_default().to_string_lossy();
                let path = folder.join(format!("{:016x}.{name}", identity.path));
                fs::rename(&unfinished, &path).map(|()| path)
            });
        match written {
            Ok(path) => {
                // This one counts them.
                for dead in self.dead(identity) {
                    let _ = fs::remove_file(dead);
                }
                Ok(Some((path, new)))
            }
            Err(error) => {
                let _ = fs::remove_file(unfinished);
                Err(error)
            }
        }
    }

    /// How many processes died over the snapshot as it is now.
    fn deaths(&self, identity: &Identity) -> u32 {
        let counted = self.dead(identity).filter_map(|path| {
            let (known, attempt) = self.read(path.file_name()?)?;
            (known.length == identity.length && known.nanoseconds == identity.nanoseconds)
                .then_some(attempt)
        });
        counted.max().unwrap_or(0)
    }

    /// What was left for a file of this path by processes that are gone.
    fn dead(&self, identity: &Identity) -> impl Iterator<Item = PathBuf> + use<> {
        let prefix = format!("{:016x}.", identity.path);
        self.all().filter(move |path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            name.starts_with(&prefix) && is(path, ATTEMPT) && is_abandoned(path)
        })
    }

    fn all(&self) -> impl Iterator<Item = PathBuf> + use<> {
        let entries = self.folder.as_ref().and_then(|folder| fs::read_dir(folder).ok());
        entries.into_iter().flatten().flatten().map(|entry| entry.path())
    }

    /// What stands in one of our files.
    fn read(&self, name: impl AsRef<Path>) -> Option<(Identity, u32)> {
        let path = self.folder.as_ref()?.join(name);
        let text = heapmark_files::read_to_string(&path, MAX_MARK_BYTES).ok()?;
        let mut numbers = text.split_whitespace();
        let (length, nanoseconds) = (numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?);
        let attempt = numbers.next().and_then(|number| number.parse().ok()).unwrap_or(0);
        let name = path.file_name()?.to_str()?;
        let path = u64::from_str_radix(name.split('.').next()?, 16).ok()?;
        Some((Identity { path, length, nanoseconds }, attempt))
    }

    fn clear_old(&self) {
        for path in self.all().filter(|path| is(path, ATTEMPT) || is(path, REFUSED)) {
            let modified = fs::symlink_metadata(&path).and_then(|it| it.modified());
            let age = modified.ok().and_then(|time| SystemTime::now().duration_since(time).ok());
            if age.is_some_and(|age| age > MAX_AGE) && is_abandoned(&path) {
                let _ = fs::remove_file(path);
            }
        }
    }
}

/// One analysis, and the snapshots that it is about at this moment.
#[derive(Debug)]
pub(crate) struct Attempt {
    attempts: Attempts,
    /// `None` when it is over.
    marks: Mutex<Option<Vec<Mark>>>,
}

/// A file that says that this process is at work on a snapshot.
#[derive(Debug)]
struct Mark {
    snapshot: PathBuf,
    path: PathBuf,
    _locked: File,
}

impl Attempt {
    /// Writes down that a snapshot is worked on. Writes files: not for the runtime's threads.
    pub(crate) fn enters(&self, snapshot: &Path) {
        if let Some(marks) = self.marks().as_mut()
            && let Some(identity) = Identity::of(snapshot)
            && let Ok(Some((path, locked))) = self.attempts.mark(&identity)
        {
            marks.push(Mark { snapshot: snapshot.to_owned(), path, _locked: locked });
        }
    }

    /// Whatever ends the process from here on, this snapshot was not it.
    pub(crate) fn leaves(&self, snapshot: &Path) {
        if let Some(marks) = self.marks().as_mut() {
            for mark in marks.extract_if(.., |mark| mark.snapshot == snapshot) {
                let _ = fs::remove_file(mark.path);
            }
        }
    }

    /// Nor any other.
    pub(crate) fn end(&self) {
        for mark in self.marks().take().into_iter().flatten() {
            let _ = fs::remove_file(mark.path);
        }
    }

    fn marks(&self) -> MutexGuard<'_, Option<Vec<Mark>>> {
        self.marks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Ends an attempt when it is dropped: whoever waited for the work is gone with the runtime.
#[derive(Debug)]
pub(crate) struct Ends(pub(crate) Arc<Attempt>);

impl Drop for Ends {
    fn drop(&mut self) {
        self.0.end();
    }
}

/// A state of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Identity {
    /// A sum over the path.
    path: u64,
    length: u64,
    nanoseconds: u128,
}

impl Identity {
    fn of(file: &Path) -> Option<Self> {
        let metadata = fs::metadata(file).ok()?;
        let age = metadata.modified().ok()?.duration_since(UNIX_EPOCH).unwrap_or_default();
        let mut hasher = DefaultHasher::new();
        file.canonicalize().ok()?.hash(&mut hasher);
        Some(Self { path: hasher.finish(), length: metadata.len(), nanoseconds: age.as_nanos() })
    }

    fn refused(&self) -> String {
        format!("{:016x}.{REFUSED}", self.path)
    }
}

fn is(path: &Path, extension: &str) -> bool {
    path.extension().is_some_and(|known| known == extension)
}

/// Whether no living process holds the lock. Where that cannot be told, one may.
fn is_abandoned(path: &Path) -> bool {
    let Ok(file) = heapmark_files::open(path) else { return false };
    match file.try_lock() {
        Ok(()) => true,
        Err(TryLockError::WouldBlock | TryLockError::Error(_)) => false,
    }
}

/// A new file of this process, under a name that nobody looks for, for the user alone.
fn new_file(folder: &Path) -> io::Result<(File, PathBuf)> {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    }
    builder.create(folder)?;
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    // The folder of indexes removes what is called so, when it is old.
    let path = folder.join(format!("{}-{number}.part", std::process::id()));
    Ok((options.open(&path)?, path))
}

/// Says which snapshots were passed over, and what to do about it. Empty if none was.
pub(crate) fn sentence(passed_over: &[(PathBuf, Reason)]) -> String {
    let names = |wanted: fn(&Reason) -> bool| {
        let of_reason = passed_over.iter().filter(|(_, reason)| wanted(reason));
        let names = of_reason.map(|(file, _)| file.file_name().unwrap_or_default());
        names.map(|name| name.to_string_lossy().into_owned()).collect::<Vec<_>>()
    };
    let died = names(|reason| matches!(reason, Reason::Deaths(_)));
    let refused = names(|reason| matches!(reason, Reason::Refused));
    let mut sentences = Vec::new();
    if !died.is_empty() {
        sentences.push(format!(
            "{} not analysed: the last {MAX_ATTEMPTS} times the server was killed over it, perhaps \
             for want of memory.",
            are(&died)
        ));
    }
    if !refused.is_empty() {
        let too_large = "not analysed: it was too large for this machine before.";
        sentences.push(format!("{} {too_large}", are(&refused)));
    }
    if !sentences.is_empty() {
        sentences.push("*Analyze Snapshots* tries all the same.".to_owned());
    }
    sentences.join(" ")
}

/// How many names are said.
const MAX_NAMES: usize = 3;

fn are(names: &[String]) -> String {
    match names {
        [name] => format!("{name} was"),
        _ if names.len() <= MAX_NAMES => format!("{} were", names.join(", ")),
        _ => {
            let others = names.len() - MAX_NAMES;
            format!("{} and {others} more were", names[..MAX_NAMES].join(", "))
        }
    }
}

#[cfg(test)]
mod tests;
