//! Remembers over the server's death which snapshots it was analysing, so that one that takes too much
//! does not end each server that the editor starts after it.
//!
//! While a snapshot is loaded, and the newest one as long as it is analysed, a small file for it lies in
//! the folder of indexes, locked as long as this process lives, and taken away however the work ended; the
//! others, which were loaded and left, are not to blame:
//!
//! ```text
//! PATH-HASH.PID-NUMBER.attempt   length, time of change, which attempt it is
//! PATH-HASH.refused              length, time of change, memory needed, memory there was
//! ```
//!
//! One that nobody has locked any more was left by a process that died. A single death may have any
//! cause, the user's own `kill -9` or a power cut: such a snapshot is tried once more. After
//! [`MAX_ATTEMPTS`] it is passed over until it changes or the user asks; so is one that was refused as
//! too large, also until there is clearly more memory. Another server at work on the same snapshot holds
//! its own lock, and counts for nothing.
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

use heapmark_heap::{IndexFolder, Limits, Oversize};
pub(crate) use words::sentence;

/// How many processes a snapshot may outlive before it is left alone.
const MAX_ATTEMPTS: u32 = 2;
/// After so long, another machine, or another version of this server, may do better: 30 days.
const MAX_AGE: Duration = Duration::from_secs(30 * 24 * 60 * 60);
/// What was refused for want of memory is tried again when there is so much of what there was: what is
/// free changes a little all the time, and each trial takes as long as the first.
const MIN_MORE_MEMORY: f64 = 1.25;
/// Bytes: four numbers.
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

/// That a snapshot was too large.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// Bytes of memory that it takes at least; none if no memory is enough.
    needed: Option<u64>,
    /// Bytes of memory that there were.
    budget: u64,
}

impl From<Oversize> for Refusal {
    fn from(oversize: Oversize) -> Self {
        match oversize {
            Oversize::Memory { needed, budget } => {
                Self { needed: Some(needed.0), budget: budget.0 }
            }
            Oversize::Always => Self { needed: None, budget: 0 },
        }
    }
}

impl Refusal {
    /// Whether so many bytes of memory may be enough.
    fn is_over_with(&self, memory: u64) -> bool {
        self.needed.is_some_and(|needed| {
            memory >= needed && memory as f64 >= self.budget as f64 * MIN_MORE_MEMORY
        })
    }
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
        self.reason_within(file, || Limits::available().memory)
    }

    /// The same if there are so many bytes of memory.
    fn reason_within(&self, file: &Path, memory: impl FnOnce() -> u64) -> Option<Reason> {
        let identity = Identity::of(file)?;
        if let Some((known, numbers)) = self.read(identity.refused())
            && known == identity
            && !refusal(numbers).is_over_with(memory())
        {
            return Some(Reason::Refused);
        }
        let deaths = self.deaths(&identity);
        (deaths >= MAX_ATTEMPTS).then_some(Reason::Deaths(deaths))
    }

    /// An analysis that begins, and has not taken up a snapshot yet.
    pub(crate) fn attempt(&self) -> Attempt {
        let (marks, refused) = (Mutex::new(Some(Vec::new())), Mutex::default());
        Attempt { attempts: self.clone(), marks, refused }
    }

    /// Writes down that the snapshot was too large. That it cannot be is of no consequence.
    pub(crate) fn refuse(&self, file: &Path, refusal: Refusal) {
        let (Some(folder), Some(identity)) = (&self.folder, Identity::of(file)) else { return };
        let Ok((mut new, unfinished)) = new_file(folder) else { return };
        let (Identity { length, nanoseconds, .. }, Refusal { needed, budget }) =
            (&identity, refusal);
        let written = writeln!(new, "{length} {nanoseconds} {} {budget}", needed.unwrap_or(0))
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
            let (known, [attempt, _]) = self.read(path.file_name()?)?;
            let attempt = u32::try_from(attempt).ok()?;
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

    /// What stands in one of our files: the state of a snapshot, and two numbers more, 0 where there are
    /// none.
    fn read(&self, name: impl AsRef<Path>) -> Option<(Identity, [u64; 2])> {
        let path = self.folder.as_ref()?.join(name);
        let text = heapmark_files::read_to_string(&path, MAX_MARK_BYTES).ok()?;
        let mut numbers = text.split_whitespace();
        let (length, nanoseconds) = (numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?);
        let mut number = || numbers.next().and_then(|number| number.parse().ok()).unwrap_or(0);
        let more = [number(), number()];
        let name = path.file_name()?.to_str()?;
        let path = u64::from_str_radix(name.split('.').next()?, 16).ok()?;
        Some((Identity { path, length, nanoseconds }, more))
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
    /// The snapshots that were too large.
    refused: Mutex<Vec<(PathBuf, Refusal)>>,
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

    /// The snapshot was too large.
    pub(crate) fn refuses(&self, snapshot: &Path, oversize: Oversize) {
        let mut refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        refused.push((snapshot.to_owned(), oversize.into()));
    }

    /// Those that were too large.
    pub(crate) fn refused(&self) -> Vec<(PathBuf, Refusal)> {
        self.refused.lock().unwrap_or_else(PoisonError::into_inner).clone()
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
        let metadata = heapmark_files::metadata(file).ok()?;
        let age = metadata.modified().ok()?.duration_since(UNIX_EPOCH).unwrap_or_default();
        let mut hasher = DefaultHasher::new();
        heapmark_files::canonicalize(file).ok()?.hash(&mut hasher);
        Some(Self { path: hasher.finish(), length: metadata.len(), nanoseconds: age.as_nanos() })
    }

    fn refused(&self) -> String {
        format!("{:016x}.{REFUSED}", self.path)
    }
}

/// What a file of the kind [`REFUSED`] says.
fn refusal([needed, budget]: [u64; 2]) -> Refusal {
    Refusal { needed: (needed > 0).then_some(needed), budget }
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

#[cfg(test)]
mod tests;
mod words;
