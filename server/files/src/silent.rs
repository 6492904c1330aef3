//! File systems that do not answer: a network drive that is gone, a FUSE program that was stopped.
//!
//! Whoever asks such a file system for anything hangs in the kernel. So each one of a kind that depends
//! on somebody else is asked first, on a thread that may be left behind, and what lies below one that
//! does not answer in time is not touched. Linux only, where mounts can be listed. Whoever works for long
//! asks again meanwhile. Not here: one that a symbolic link leads to.

use std::fmt;
use std::path::{Component, Path, PathBuf};
use std::sync::{PoisonError, RwLock};

/// A file system that did not answer. Its text is a sentence for people.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct SilentMount(PathBuf);

impl fmt::Display for SilentMount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} does not answer (a network drive that is gone, or a program that serves it and hangs): \
             nothing in it was looked at.",
            self.0.display()
        )
    }
}

/// What did not answer when it was asked last.
static SILENT: RwLock<Vec<PathBuf>> = RwLock::new(Vec::new());

/// Asks the file systems whether they answer, and returns those that do not and have to do with these
/// paths. From then on [`is_silent`] is true of all below them. Takes five seconds at most, the first time
/// that one is silent; not for threads that nobody may hold.
pub fn ask_mounts(paths: &[PathBuf]) -> Vec<SilentMount> {
    let silent = mounts::silent();
    let paths: Vec<PathBuf> = paths.iter().filter_map(|path| in_full(path)).collect();
    let concerns = |mount: &PathBuf| {
        paths.iter().any(|path| mount.starts_with(path) || path.starts_with(mount))
    };
    let told = silent.iter().filter(|mount| concerns(mount)).cloned().map(SilentMount).collect();
    *SILENT.write().unwrap_or_else(PoisonError::into_inner) = silent;
    told
}

/// Those that did not answer when they were asked last. Asks nobody.
pub fn silent_mounts() -> Vec<SilentMount> {
    SILENT.read().unwrap_or_else(PoisonError::into_inner).iter().cloned().map(SilentMount).collect()
}

/// Whether the path lies in a file system that did not answer: touching it would hang. By its text alone.
pub fn is_silent(path: &Path) -> bool {
    let silent = SILENT.read().unwrap_or_else(PoisonError::into_inner);
    if silent.is_empty() {
        return false;
    }
    in_full(path).is_some_and(|path| silent.iter().any(|mount| path.starts_with(mount)))
}

/// From the root, without `.` and `..`, by its text alone: a link on the way is taken for a folder.
fn in_full(path: &Path) -> Option<PathBuf> {
    let mut full = PathBuf::new();
    for component in std::path::absolute(path).ok()?.components() {
        match component {
            Component::ParentDir => {
                full.pop();
            }
            other => full.push(other),
        }
    }
    Some(full)
}

#[cfg(not(target_os = "linux"))]
mod mounts {
    /// Nobody lists them.
    pub(super) fn silent() -> Vec<std::path::PathBuf> {
        Vec::new()
    }
}

#[cfg(target_os = "linux")]
mod mounts {
    use std::collections::BTreeMap;
    use std::ffi::OsString;
    use std::os::unix::ffi::OsStringExt;
    use std::path::{Path, PathBuf};
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::sync::{Arc, Mutex, PoisonError};
    use std::thread;
    use std::time::{Duration, Instant};

    /// How long a file system may take to answer: disks of another machine that have to start turning take
    /// most of it.
    const PATIENCE: Duration = Duration::from_secs(5);
    /// How often to look whether it has.
    const AGAIN: Duration = Duration::from_millis(2);

    /// Kinds that wait for somebody else: another machine, or a program (`fuse.sshfs`).
    const REMOTE: [&str; 10] =
        ["nfs", "nfs4", "cifs", "smb3", "fuse", "9p", "ceph", "afs", "lustre", "virtiofs"];

    /// A thread that waits for an answer.
    #[derive(Clone)]
    struct Asked {
        at: Instant,
        answered: Arc<AtomicBool>,
    }

    impl Asked {
        fn is_silent(&self) -> bool {
            !self.answered.load(Ordering::Acquire)
        }
    }

    pub(super) fn silent() -> Vec<PathBuf> {
        /// By the mount: whoever hangs there already is not joined by another one.
        static WAITING: Mutex<BTreeMap<PathBuf, Asked>> = Mutex::new(BTreeMap::new());
        let told = std::fs::read("/proc/self/mountinfo").unwrap_or_default();
        let mounts: Vec<PathBuf> = told.split(|&byte| byte == b'\n').filter_map(remote).collect();
        let asked: BTreeMap<PathBuf, Asked> = {
            let mut waiting = WAITING.lock().unwrap_or_else(PoisonError::into_inner);
            waiting.retain(|mount, asked| asked.is_silent() && mounts.contains(mount));
            for mount in mounts {
                waiting.entry(mount).or_insert_with_key(|mount| ask(mount.clone()));
            }
            waiting.clone()
        };
        let is_waited_for = |it: &Asked| it.is_silent() && it.at.elapsed() < PATIENCE;
        while asked.values().any(is_waited_for) {
            thread::sleep(AGAIN);
        }
        asked.into_iter().filter(|(_, asked)| asked.is_silent()).map(|(mount, _)| mount).collect()
    }

    /// Asks on a thread of its own. Any answer is one.
    fn ask(mount: PathBuf) -> Asked {
        let at = Instant::now();
        let answered = Arc::new(AtomicBool::new(false));
        let tells = Arc::clone(&answered);
        let asks = thread::Builder::new().spawn(move || {
            // The second asks the file system itself where the first is answered from memory.
            let _ = std::fs::read_dir(&mount).map(|mut entries| entries.next().is_some());
            let _ = rustix::fs::statvfs(&mount);
            tells.store(true, Ordering::Release);
        });
        if asks.is_err() {
            // No threads are left; that is not the file system's fault.
            answered.store(true, Ordering::Release);
        }
        Asked { at, answered }
    }

    /// The place of a mount of a [`REMOTE`] kind: the fifth field, and the kind is the one after ` - `.
    fn remote(line: &[u8]) -> Option<PathBuf> {
        let fields: Vec<&[u8]> = line.split(|&byte| byte == b' ').collect();
        let dash = fields.iter().position(|&field| field == b"-")?;
        let kind = str::from_utf8(fields.get(dash + 1)?).ok()?;
        let place = unescaped(fields.get(4)?);
        let is_remote = REMOTE.contains(&kind.split('.').next()?);
        // Without the root nothing works anyway.
        (is_remote && place != Path::new("/")).then_some(place)
    }

    /// Blanks, line ends and backslashes are written as three octal digits.
    fn unescaped(field: &[u8]) -> PathBuf {
        let mut bytes = Vec::with_capacity(field.len());
        let mut rest = field;
        while let Some((&first, after)) = rest.split_first() {
            let octal = after.get(..3).filter(|_| first == b'\\');
            let number = octal.and_then(|it| str::from_utf8(it).ok());
            if let Some(byte) = number.and_then(|it| u8::from_str_radix(it, 8).ok()) {
                bytes.push(byte);
                rest = &after[3..];
            } else {
                bytes.push(first);
                rest = after;
            }
        }
        OsString::from_vec(bytes).into()
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn mounts_that_depend_on_others_are_told_from_the_list() {
            for (line, expected) in [
                ("36 25 0:32 / /home/a rw - fuse.sshfs b:/c rw", Some("/home/a")),
                (r"36 25 0:32 / /mnt/a\040b\134 rw shared:1 - nfs4 b:/c rw", Some(r"/mnt/a b\")),
                ("36 25 0:32 / /data rw,relatime shared:1 master:2 - ext4 /dev/b rw", None),
                ("36 25 0:32 / / rw - 9p b rw", None),
                ("", None),
            ] {
                assert_eq!(remote(line.as_bytes()), expected.map(PathBuf::from), "{line}");
            }
        }
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_the_same_however_it_is_written() {
        let here = std::env::current_dir().expect("there is one");
        for (path, full) in [
            ("/a/./b/../c", PathBuf::from("/a/c")),
            ("/../a", PathBuf::from("/a")),
            ("a/../b", here.join("b")),
            (".", here.clone()),
        ] {
            assert_eq!(in_full(Path::new(path)), Some(full), "{path}");
        }
    }
}
