//! Finding the heap snapshots of the workspace, and telling which are completely written.
//!
//! What is in them is the analysis' business; which of them belong together, too.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io::{ErrorKind, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use heapmark_heap::{is_packed_file, is_snapshot_file};
use ignore::overrides::OverrideBuilder;
use ignore::{WalkBuilder, WalkState};

/// Folders without snapshots of the user's own, and with very many files.
const NEVER: [&str; 2] = ["!**/node_modules/", "!**/.git/"];

/// How long a file must not have changed before it is read, by what its end looks like.
mod quiet {
    use std::time::Duration;

    /// It ends as a snapshot does: only the last write may still be on its way.
    pub(super) const COMPLETE: Duration = Duration::from_millis(400);
    /// Compressed: its end tells nothing.
    pub(super) const UNKNOWN: Duration = Duration::from_secs(2);
    /// It ends in the middle. V8 may pause while it writes; if it does not go on, the analysis
    /// says that the file is cut off.
    pub(super) const INCOMPLETE: Duration = Duration::from_secs(5);
    /// Node.js creates the file first and then walks the whole heap before it writes a byte.
    pub(super) const EMPTY: Duration = Duration::from_secs(60);
}

/// Tells one state of a file from another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stamp {
    length: u64,
    modified: Option<SystemTime>,
}

impl Stamp {
    /// The state of the file now; `None` if it is gone.
    pub(crate) fn of(path: &Path) -> Option<Self> {
        let metadata = heapmark_files::metadata(path).ok()?;
        Some(Self { length: metadata.len(), modified: metadata.modified().ok() })
    }
}

/// Files, each in one state, in the order of their paths.
pub(crate) type States = BTreeMap<PathBuf, Stamp>;

/// The states of the files now, without those that are gone.
pub(crate) fn states(files: &[PathBuf]) -> States {
    files.iter().filter_map(|file| Some((file.clone(), Stamp::of(file)?))).collect()
}

/// Every snapshot in the folders, also the git-ignored and hidden ones: captures lie in
/// `.heapmark`. `excluded` are globs as in `.gitignore`; those that cannot be read are returned as
/// sentences, and so are snapshots that are no regular files.
pub(crate) fn find(folders: &[PathBuf], excluded: &[String]) -> (Vec<PathBuf>, Vec<String>) {
    let mut found = BTreeSet::new();
    let mut problems = Vec::new();
    for folder in folders {
        let mut overrides = OverrideBuilder::new(folder);
        for glob in NEVER {
            overrides.add(glob).expect("the globs above are well-formed");
        }
        for glob in excluded {
            if let Err(error) = overrides.add(&format!("!{glob}")) {
                problems.push(format!("heapmark.snapshots.exclude: {error}"));
            }
        }
        let Ok(overrides) = overrides.build() else {
            problems.push("heapmark.snapshots.exclude: the patterns are too large".to_owned());
            continue;
        };
        // The walk that is not for several threads opens a folder before it asks whether it is wanted.
        let entries = Mutex::new(Vec::new());
        WalkBuilder::new(folder)
            .standard_filters(false)
            .follow_links(false)
            .overrides(overrides)
            .filter_entry(|entry| !heapmark_files::is_silent(entry.path()))
            .threads(1)
            .build_parallel()
            .run(|| {
                Box::new(|entry| {
                    // A folder that cannot be read is passed over: it is not ours to complain about.
                    if let Ok(entry) = entry
                        && is_snapshot_file(entry.path())
                    {
                        entries.lock().unwrap_or_else(PoisonError::into_inner).push(entry);
                    }
                    WalkState::Continue
                })
            });
        for entry in entries.into_inner().unwrap_or_else(PoisonError::into_inner) {
            let Some(kind) = entry.file_type() else { continue };
            if kind.is_file() {
                found.insert(entry.into_path());
            } else if let Some(what) = no_snapshot(entry.path(), kind.is_symlink()) {
                problems.push(format!("{} is passed over: {what}.", entry.path().display()));
            }
        }
    }
    (found.into_iter().collect(), problems)
}

/// What it is that is called as snapshots are and is no regular file. Nothing is said of a link to one, or
/// to a folder: what these lead to is found where it is.
fn no_snapshot(path: &Path, is_link: bool) -> Option<String> {
    match heapmark_files::metadata(path) {
        Ok(it) if is_link && (it.is_file() || it.is_dir()) => None,
        // Gone by now, or in a file system that does not answer and is named itself.
        Err(error) if !is_link || error.kind() == ErrorKind::TimedOut => None,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            Some("it is a link that leads nowhere".to_owned())
        }
        Err(error) => Some(error.to_string()),
        // Not opened: only said what it is.
        Ok(_) => heapmark_files::open(path).err().map(|it| it.to_string()),
    }
}

/// Watches files settle: remembers since when each has not changed.
#[derive(Debug, Default)]
pub(crate) struct Settling {
    seen: HashMap<PathBuf, (Stamp, Instant)>,
}

/// The files of one look around.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Look {
    /// Completely written, or left as they are long enough to say that they never will be.
    pub(crate) settled: States,
    /// How many others are still being written.
    pub(crate) unsettled: usize,
    /// Whether one of those is about to settle: worth waiting for before anything is read.
    pub(crate) more_soon: bool,
}

impl Settling {
    /// Looks at the files again.
    pub(crate) fn look(&mut self, files: &[PathBuf]) -> Look {
        let now = Instant::now();
        let mut look = Look::default();
        let mut seen = HashMap::new();
        for file in files {
            let Some(stamp) = Stamp::of(file) else { continue };
            let since = match self.seen.get(file) {
                Some((before, since)) if *before == stamp => *since,
                _ => now,
            };
            // The clock of the file system may differ from ours; what we saw ourselves counts
            // as well. A time in the future tells nothing.
            let age = stamp.modified.and_then(|time| time.elapsed().ok()).unwrap_or_default();
            let unchanged_for = age.max(now - since);
            let needed = needed_quiet(file, stamp);
            if unchanged_for >= needed {
                look.settled.insert(file.clone(), stamp);
            } else {
                look.unsettled += 1;
                look.more_soon |= needed <= quiet::UNKNOWN;
            }
            seen.insert(file.clone(), (stamp, since));
        }
        self.seen = seen;
        look
    }
}

fn needed_quiet(file: &Path, stamp: Stamp) -> Duration {
    if stamp.length == 0 {
        quiet::EMPTY
    } else if is_packed_file(file) {
        quiet::UNKNOWN
    } else if ends_like_a_snapshot(file) {
        quiet::COMPLETE
    } else {
        quiet::INCOMPLETE
    }
}

/// A snapshot is one JSON object: its last character is the brace that closes it.
fn ends_like_a_snapshot(path: &Path) -> bool {
    const TAIL: u64 = 64;
    let tail = heapmark_files::open(path).and_then(|mut file| {
        let length = file.metadata()?.len();
        file.seek(SeekFrom::Start(length.saturating_sub(TAIL)))?;
        let mut tail = Vec::new();
        file.take(TAIL).read_to_end(&mut tail)?;
        Ok(tail)
    });
    tail.is_ok_and(|tail| tail.trim_ascii_end().ends_with(b"}"))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn write(folder: &Path, name: &str, text: &str) -> PathBuf {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        path
    }

    fn set_age(path: &Path, age: Duration) {
        fs::File::options()
            .write(true)
            .open(path)
            .unwrap()
            .set_modified(SystemTime::now() - age)
            .unwrap();
    }

    #[test]
    fn snapshots_are_found_wherever_git_does_not_look_but_not_in_dependencies() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        write(root, ".gitignore", "*.heapsnapshot\n.heapmark\n");
        write(root, ".git/x.heapsnapshot", "{}");
        write(root, "node_modules/a/x.heapsnapshot", "{}");
        write(root, "packages/b/node_modules/a/x.heapsnapshot", "{}");
        write(root, "old/x.heapsnapshot", "{}");
        write(root, ".heapmark/c.heapsnapshot.part", "{}");
        write(root, ".heapmark/c.scripts.json", "{}");
        write(root, ".heapmark/c.heapprofile", "{}");
        let expected = [
            write(root, ".heapmark/a.heapsnapshot", "{}"),
            write(root, "b.heapsnapshot", "{}"),
            write(root, "packages/b/c.heapsnapshot.gz", "{}"),
            write(root, "packages/b/c.heapsnapshot.zst", "{}"),
            write(root, "packages/b/d.heaptimeline", "{}"),
        ];
        let (found, problems) = find(&[root.to_owned()], &["old/".to_owned()]);
        assert_eq!(found, expected);
        assert_eq!(problems, Vec::<String>::new());
    }

    #[cfg(unix)]
    #[test]
    fn a_folder_and_a_link_that_leads_nowhere_are_no_snapshots_and_that_is_said() {
        use std::os::unix::fs::symlink;

        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let real = write(folder.path(), "real.heapsnapshot", "{}");
        let inner = write(folder.path(), "a.heapsnapshot/inner.heapsnapshot", "{}");
        symlink("/nonexistent", path("b.heapsnapshot")).unwrap();
        symlink(path("c.heapsnapshot"), path("c.heapsnapshot")).unwrap();
        symlink(&real, path("d.heapsnapshot")).unwrap();
        let (found, mut problems) = find(&[folder.path().to_owned()], &[]);
        assert_eq!(found, [inner, real]);
        problems.sort();
        let said = |name: &str, what: &str| {
            let begin = format!("{} is passed over: {what}", path(name).display());
            assert!(problems.iter().any(|it| it.starts_with(&begin)), "{begin}: {problems:?}");
        };
        said("a.heapsnapshot", "it is a folder, not a regular file.");
        said("b.heapsnapshot", "it is a link that leads nowhere.");
        said("c.heapsnapshot", "Too many levels of symbolic links");
        assert_eq!(problems.len(), 3, "{problems:?}");
    }

    #[cfg(unix)]
    #[test]
    fn a_named_pipe_is_no_snapshot_and_that_is_said() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("a.heapsnapshot");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        let (found, problems) = find(&[folder.path().to_owned()], &[]);
        assert_eq!(found, Vec::<PathBuf>::new());
        let is = "is passed over: it is a named pipe, not a regular file.";
        assert_eq!(problems, [format!("{} {is}", pipe.display())]);
        std::fs::remove_file(&pipe).unwrap();
        std::os::unix::fs::symlink("/dev/zero", &pipe).unwrap();
        let (found, problems) = find(&[folder.path().to_owned()], &[]);
        assert_eq!(found, Vec::<PathBuf>::new());
        let is = "is passed over: it is a device, not a regular file.";
        assert_eq!(problems, [format!("{} {is}", pipe.display())]);
    }

    #[test]
    fn a_pattern_that_cannot_be_read_is_said_and_the_others_count() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), "old/x.heapsnapshot", "{}");
        let patterns = ["old/{".to_owned(), "old/".to_owned()];
        let (found, problems) = find(&[folder.path().to_owned()], &patterns);
        assert_eq!(found, Vec::<PathBuf>::new());
        assert_eq!(problems.len(), 1);
        assert!(problems[0].contains("old/{"), "{problems:?}");
    }

    #[test]
    fn an_old_file_is_read_at_once_whatever_its_end() {
        let folder = tempfile::tempdir().unwrap();
        let files = [
            write(folder.path(), "good.heapsnapshot", "{\"strings\":[]}\n"),
            write(folder.path(), "cut.heapsnapshot", "{\"strings\":["),
            write(folder.path(), "empty.heapsnapshot", ""),
        ];
        for file in &files {
            set_age(file, Duration::from_secs(3600));
        }
        let look = Settling::default().look(&files);
        assert_eq!(look.settled.len(), 3);
        assert_eq!(look.unsettled, 0);
    }

    #[test]
    fn a_file_that_is_being_written_is_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let growing = write(folder.path(), "a.heapsnapshot", "{\"nodes\":[1,2");
        let empty = write(folder.path(), "b.heapsnapshot", "");
        let mut settling = Settling::default();
        let files = [growing.clone(), empty];
        let look = settling.look(&files);
        assert!(look.settled.is_empty() && look.unsettled == 2 && !look.more_soon, "{look:?}");
        fs::write(&growing, "{\"nodes\":[1,2]}").unwrap();
        let look = settling.look(&files);
        assert!(look.unsettled == 2 && look.more_soon, "it has only just changed: {look:?}");
        std::thread::sleep(quiet::COMPLETE + Duration::from_millis(50));
        let look = settling.look(&files);
        assert_eq!(look.settled.keys().collect::<Vec<_>>(), [&growing]);
        assert_eq!(look.unsettled, 1);
    }
}
