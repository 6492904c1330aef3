//! The folder that the server looks at: a program that leaks, with its snapshots; what becomes of it,
//! and making it as it was.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use anyhow::{Context, Result};
use heapmark_tests::{Program, Random, Running, Workspace};
use tempfile::TempDir;

/// What leaks: a server with two leaks in two of its files.
const PROGRAM: &str = "leaky-server";
/// In how many pieces a file is written that is written slowly.
const PIECES: usize = 12;

/// The folder, and what it was to begin with.
pub(crate) struct Scene {
    program: Program,
    workspace: Workspace,
    /// The content of every file, by its path in the folder.
    good: BTreeMap<PathBuf, Vec<u8>>,
    /// Another folder, with a secret that nobody may show, and what only the tests use.
    outside: TempDir,
    /// Files that somebody is still writing.
    slow: Vec<Slow>,
    /// Pipes and sockets that somebody holds open and never writes to.
    held: Vec<Held>,
}

struct Slow {
    path: PathBuf,
    rest: Vec<u8>,
    piece: usize,
}

/// Dropping it closes it.
#[expect(dead_code, reason = "they are only held")]
pub(crate) enum Held {
    Pipe(File),
    #[cfg(unix)]
    Socket(std::os::unix::net::UnixListener),
}

impl Scene {
    /// Takes three snapshots of the program in a copy of its folder.
    pub(crate) fn new() -> Result<Self> {
        let program = Program::named(PROGRAM)?;
        let workspace = program.copy()?;
        let snapshots = heapmark_capture::default_folder(workspace.path());
        heapmark_tests::record(&program, workspace.path(), &snapshots)?;
        let mut good = BTreeMap::new();
        read_all(workspace.path(), Path::new(""), &mut good)?;
        let outside = tempfile::tempdir()?;
        fs::write(outside.path().join("secret"), "the secret outside of the workspace")?;
        Ok(Self { program, workspace, good, outside, slow: Vec::new(), held: Vec::new() })
    }

    /// Starts the program, to be captured.
    pub(crate) fn run(&self) -> Result<Running> {
        Running::start(&self.program, self.folder())
    }

    /// The folder that the editor has open.
    pub(crate) fn folder(&self) -> &Path {
        self.workspace.path()
    }

    /// A folder that it has not.
    pub(crate) fn outside(&self) -> &Path {
        self.outside.path()
    }

    /// The absolute path of a file in the folder.
    pub(crate) fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.folder().join(name)
    }

    /// One of the files that were there to begin with and end so.
    pub(crate) fn some_good(&self, random: &mut Random, ending: &str) -> Result<PathBuf> {
        let matching = self.good.keys().filter(|it| it.to_string_lossy().ends_with(ending));
        let matching: Vec<&PathBuf> = matching.collect();
        let found = matching.get(random.below(matching.len()));
        found.map(|name| (*name).clone()).with_context(|| format!("no file ends in {ending}"))
    }

    /// What was in a file to begin with.
    pub(crate) fn content(&self, name: &Path) -> &[u8] {
        self.good.get(name).map_or(&[], Vec::as_slice)
    }

    /// Something at that path, in place of whatever is there: `make` finds nothing, in a folder.
    pub(crate) fn put(
        &self,
        name: &Path,
        make: impl FnOnce(&Path) -> io::Result<()>,
    ) -> Result<()> {
        let path = self.path(name);
        let parents: Vec<&Path> = name.ancestors().skip(1).collect();
        for parent in parents.into_iter().rev() {
            let parent = self.path(parent);
            // A link to a folder is none: nothing is ever written outside.
            if !fs::symlink_metadata(&parent).is_ok_and(|it| it.is_dir()) {
                remove(&parent)?;
                fs::create_dir(&parent)?;
            }
        }
        remove(&path)?;
        make(&path).with_context(|| format!("cannot make {}", path.display()))
    }

    /// A file with that content, in place of whatever is there.
    pub(crate) fn write(&self, name: &Path, content: &[u8]) -> Result<()> {
        self.put(name, |path| fs::write(path, content))
    }

    /// Nothing, in place of whatever is there.
    pub(crate) fn remove(&self, name: &Path) -> Result<()> {
        let path = self.path(name);
        // Below what is no folder there is nothing.
        let is_folder = |it: &Path| fs::symlink_metadata(it).is_ok_and(|it| it.is_dir());
        if path.parent().is_some_and(is_folder) {
            remove(&path).with_context(|| format!("cannot remove {}", path.display()))?;
        }
        Ok(())
    }

    /// A file that is there and may be written, to be written into.
    pub(crate) fn open_to_write(&self, name: &Path) -> Option<File> {
        let path = self.path(name);
        let is_file = fs::symlink_metadata(&path).is_ok_and(|it| it.is_file());
        is_file.then(|| File::options().write(true).open(path).ok()).flatten()
    }

    /// Moves what is there, if there is anything and nothing is in the way.
    pub(crate) fn rename(&self, from: &Path, to: &Path) {
        // Another action may have taken it away.
        let _ = fs::rename(self.path(from), self.path(to));
    }

    /// Begins to write a file; [`Scene::go_on_writing`] goes on.
    pub(crate) fn write_slowly(&mut self, name: &Path, content: &[u8]) -> Result<()> {
        self.write(name, b"")?;
        let piece = content.len() / PIECES + 1;
        self.slow.push(Slow { path: self.path(name), rest: content.to_vec(), piece });
        Ok(())
    }

    /// Writes a piece of one of the files that are written slowly.
    pub(crate) fn go_on_writing(&mut self, random: &mut Random) {
        let Some(slow) = self.slow.get_mut(random.below(4 * PIECES)) else { return };
        let piece: Vec<u8> = slow.rest.drain(..slow.piece.min(slow.rest.len())).collect();
        let is_file = fs::symlink_metadata(&slow.path).is_ok_and(|it| it.is_file());
        if is_file && let Ok(mut file) = File::options().append(true).open(&slow.path) {
            let _ = file.write_all(&piece);
        }
        self.slow.retain(|slow| !slow.rest.is_empty());
    }

    /// Keeps something open until the folder is made good again.
    pub(crate) fn hold(&mut self, held: Held) {
        self.held.push(held);
    }

    /// Makes the folder as it was. The snapshots look as if they had just been written, one after the
    /// other.
    pub(crate) fn restore(&mut self) -> Result<()> {
        self.slow.clear();
        self.held.clear();
        self.remove_strangers(Path::new(""))?;
        for (name, content) in &self.good {
            if !holds(&self.path(name), content) {
                self.write(name, content)?;
            }
        }
        let now = SystemTime::now();
        for (age, role) in ["final", "target", "baseline"].into_iter().enumerate() {
            let name = self.good.keys().find(|it| it.ends_with(format!("{role}.heapsnapshot")));
            let file =
                File::options().write(true).open(self.path(name.context("it was taken")?))?;
            file.set_modified(now - Duration::from_secs(age as u64))?;
        }
        Ok(())
    }

    fn remove_strangers(&self, folder: &Path) -> Result<()> {
        for entry in fs::read_dir(self.path(folder))? {
            let entry = entry?;
            let name = folder.join(entry.file_name());
            let is_folder = entry.file_type()?.is_dir();
            if is_folder && self.good.keys().any(|good| good.starts_with(&name) && *good != name) {
                self.remove_strangers(&name)?;
            } else if is_folder || !self.good.contains_key(&name) {
                self.remove(&name)?;
            }
        }
        Ok(())
    }
}

/// Takes away whatever is there, and only that: links are not followed.
fn remove(path: &Path) -> io::Result<()> {
    match fs::symlink_metadata(path) {
        Ok(metadata) if metadata.is_dir() => fs::remove_dir_all(path),
        Ok(_) => fs::remove_file(path),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}

fn holds(path: &Path, content: &[u8]) -> bool {
    let is_file = fs::symlink_metadata(path).is_ok_and(|it| it.is_file());
    is_file && fs::read(path).is_ok_and(|there| there == content)
}

fn read_all(root: &Path, folder: &Path, into: &mut BTreeMap<PathBuf, Vec<u8>>) -> Result<()> {
    for entry in fs::read_dir(root.join(folder))? {
        let entry = entry?;
        let name = folder.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            read_all(root, &name, into)?;
        } else {
            into.insert(name, fs::read(entry.path())?);
        }
    }
    Ok(())
}
