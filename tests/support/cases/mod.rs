//! Labelled programs, each captured in several of the ways in which people capture theirs, once: the
//! snapshots are kept outside git, so that every later question is asked of the same files.
//!
//! The bundled programs and the tricky ones are always among them; further ones (`corpus`, `healthy`,
//! `repro`) lie in a folder beside the repository, or are not there. What is asked of the snapshots is not decided here.

mod bundled;
mod driven;
mod healthy;
mod live;
mod tricky;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

pub use live::Recorder;
pub use tricky::Tricky;

/// Snapshots that are analysed together, and how they were taken.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Series {
    /// How: `work`, `rest`, `two`, `one`, …; see [`ways`].
    pub way: String,
    /// Oldest first.
    pub files: Vec<PathBuf>,
}

impl Series {
    fn new(way: &str, files: impl Into<Vec<PathBuf>>) -> Self {
        Self { way: way.to_owned(), files: files.into() }
    }
}

/// The names of the ways of capture.
pub mod ways {
    /// Three, with the same work before each but the first.
    pub const WORK: &str = "work";
    /// Before the work, after it, and after a rest.
    pub const REST: &str = "rest";
    /// Before the work and after it.
    pub const TWO: &str = "two";
    /// After the work.
    pub const ONE: &str = "one";
    /// After little work, and after much.
    pub const EARLY: &str = "early";
    /// Three while the program is at work.
    pub const LOAD: &str = "load";
    /// The first and the last of those.
    pub const LOAD_TWO: &str = "load-two";
    /// Three right after the start.
    pub const START: &str = "start";
    /// One each of two runs.
    pub const PROCESSES: &str = "processes";
}

/// A program with its snapshots.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Case {
    /// Where it comes from and what it is called: `programs/map-cache`.
    pub name: String,
    /// The folder that an editor would open.
    pub workspace: PathBuf,
    /// What was captured of it.
    pub series: Vec<Series>,
}

/// A program that can be captured.
#[derive(Debug, Clone)]
pub struct Subject {
    /// As [`Case::name`].
    pub name: String,
    kind: Kind,
}

#[derive(Debug, Clone)]
enum Kind {
    /// One of tests/programs.
    Bundled,
    /// A folder with a driver that writes snapshots itself.
    Driven(driven::Driver),
    /// A folder with a driver of the healthy programs.
    Healthy(PathBuf),
    /// One of tests/verdicts/tricky.
    Tricky(Tricky),
}

/// All programs: those of the repository, and those in the folder `beside` it, as far as they are
/// there.
///
/// # Errors
/// If a folder that is there cannot be read.
pub fn subjects(beside: &Path) -> Result<Vec<Subject>> {
    let mut subjects = Vec::new();
    for name in crate::Program::names()? {
        subjects.push(Subject { name: format!("programs/{name}"), kind: Kind::Bundled });
    }
    for program in Tricky::all()? {
        let name = format!("tricky/{}", program.name());
        subjects.push(Subject { name, kind: Kind::Tricky(program) });
    }
    for driver in driven::all(beside)? {
        subjects.push(Subject { name: driver.name(), kind: Kind::Driven(driver) });
    }
    for folder in folders_with(&beside.join("healthy"), "truth.json")? {
        let name = format!("healthy/{}", name_of(&folder));
        subjects.push(Subject { name, kind: Kind::Healthy(folder) });
    }
    Ok(subjects)
}

impl Subject {
    /// Its snapshots: those that were taken before, or fresh ones, which are kept in `store`.
    ///
    /// # Errors
    /// If the program cannot be installed, run or captured.
    pub fn case(&self, store: &Path) -> Result<Case> {
        let folder = store.join(&self.name);
        let known = folder.join("case.json");
        if let Ok(text) = fs::read_to_string(&known) {
            return serde_json::from_str(&text)
                .with_context(|| format!("{} is damaged: remove its folder", known.display()));
        }
        if folder.exists() {
            // What an earlier run left unfinished.
            fs::remove_dir_all(&folder)?;
        }
        fs::create_dir_all(&folder)?;
        let folder = folder.canonicalize()?;
        let case = self.record(&folder).with_context(|| format!("recording {}", self.name))?;
        fs::write(folder.join("case.json"), serde_json::to_string_pretty(&case)?)?;
        Ok(case)
    }

    fn record(&self, folder: &Path) -> Result<Case> {
        let mut workspace = folder.join("workspace");
        let snapshots = folder.join("snapshots");
        fs::create_dir_all(&snapshots)?;
        let series = match &self.kind {
            Kind::Bundled => {
                bundled::record(name_of(Path::new(&self.name)), &workspace, &snapshots)
            }
            Kind::Driven(driver) => driver.record(&workspace, &snapshots),
            Kind::Healthy(from) => healthy::record(from, &workspace, &snapshots),
            Kind::Tricky(program) => {
                let (opened, series) = program.record(&workspace, &snapshots)?;
                workspace = opened;
                Ok(series)
            }
        };
        Ok(Case { name: self.name.clone(), workspace, series: series? })
    }
}

/// The folders in `folder` that have a file of this name, sorted; none if it is not there.
fn folders_with(folder: &Path, file: &str) -> Result<Vec<PathBuf>> {
    if !folder.exists() {
        return Ok(Vec::new());
    }
    let entries =
        fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    let mut found = Vec::new();
    for entry in entries {
        let path = entry?.path();
        if path.join(file).exists() {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

fn name_of(folder: &Path) -> &str {
    folder.file_name().and_then(|name| name.to_str()).unwrap_or_default()
}

/// Copies what is in a folder. Not the permissions: it may be read-only, and the copy is worked in.
///
/// # Errors
/// If something cannot be read or written.
pub fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from).with_context(|| format!("cannot read {}", from.display()))? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            fs::write(&target, fs::read(entry.path())?)?;
        }
    }
    Ok(())
}
