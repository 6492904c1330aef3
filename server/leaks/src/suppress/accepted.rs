//! The leaks that a project has accepted: a small file of fingerprints, to be kept under version
//! control.
//!
//! One entry a leak, sorted, so that two branches seldom change the same line. The first snapshot of
//! a series is called the baseline; this file is something else, and is not called that.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use heapmark_files::canonicalize;
use serde::{Deserialize, Serialize};

use crate::report::Finding;
use crate::report::units;

/// How the file is called, in the root of a workspace.
pub const ACCEPTED_FILE: &str = "heapmark-accepted.json";
/// The version of the format.
const VERSION: u32 = 1;
/// Bytes: a file with more was not written by Heapmark.
const MAX_BYTES: u64 = 4 << 20;

/// Why the file cannot be read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AcceptedError {
    /// The system says no.
    #[error("{} cannot be {done}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// `read` or `written`.
        done: &'static str,
        /// The system's reason.
        source: io::Error,
    },
    /// Links, or `..` in its name, lead out of the workspace: it may have come with the sources, and what is
    /// there is nobody's list.
    #[error(
        "{} leads out of the workspace, so that it is neither read nor written: put a file in its place",
        path.display()
    )]
    Outside {
        /// The file.
        path: PathBuf,
    },
    /// It is something else, or was damaged (by a merge, say).
    #[error("{} is no list of accepted leaks: {problem}", path.display())]
    Broken {
        /// The file.
        path: PathBuf,
        /// What is wrong, with line and column.
        problem: String,
    },
}

/// One leak that the project lives with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Of the finding.
    pub fingerprint: String,
    /// The rule's name; only for people.
    pub rule: String,
    /// What the finding said when it was accepted; only for people.
    pub title: String,
    /// Why it is accepted.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Written {
    schema_version: u32,
    accepted: Vec<Entry>,
}

/// The entries of one file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Accepted {
    file: PathBuf,
    entries: BTreeMap<String, Entry>,
}

impl Accepted {
    /// Reads the file of this name in a workspace, and follows nothing that leads out of that.
    pub fn read_in(folder: &Path, name: &Path) -> Result<Self, AcceptedError> {
        let file = folder.join(name);
        if leads_out(folder, &file) {
            Err(AcceptedError::Outside { path: file })
        } else {
            Self::read(&file)
        }
    }

    /// Reads the file; one that is not there accepts nothing.
    pub fn read(file: &Path) -> Result<Self, AcceptedError> {
        let io = |source| AcceptedError::Io { path: file.to_owned(), done: "read", source };
        let broken = |problem: String| AcceptedError::Broken { path: file.to_owned(), problem };
        let bytes = match heapmark_files::read(file, MAX_BYTES) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Ok(Self { file: file.to_owned(), entries: BTreeMap::new() });
            }
            Err(error) if error.kind() == io::ErrorKind::FileTooLarge => {
                return Err(broken(format!("it has more than {}", units::size(MAX_BYTES))));
            }
            Err(error) => return Err(io(error)),
        };
        let written: Written =
            serde_json::from_slice(&bytes).map_err(|error| broken(error.to_string()))?;
        if written.schema_version != VERSION {
            return Err(broken(format!(
                "it has schemaVersion {}, and this Heapmark knows {VERSION}",
                written.schema_version
            )));
        }
        let entries = written.accepted.into_iter().map(|entry| (entry.fingerprint.clone(), entry));
        Ok(Self { file: file.to_owned(), entries: entries.collect() })
    }

    /// Writes the file, if anything is or was in it; one that is a link stays one.
    pub fn write(&self) -> Result<(), AcceptedError> {
        let io = |source| AcceptedError::Io { path: self.file.clone(), done: "written", source };
        if self.entries.is_empty() && !self.file.exists() {
            return Ok(());
        }
        let accepted = self.entries.values().cloned().collect();
        let written = Written { schema_version: VERSION, accepted };
        let text = serde_json::to_string_pretty(&written).map_err(|error| io(error.into()))?;
        let file = canonicalize(&self.file).unwrap_or_else(|_| self.file.clone());
        // Whole or not at all: an interruption leaves the file as it was.
        let part = file.with_extension("json.part");
        // A link or a named pipe that lies there is neither followed nor waited for.
        let _ = fs::remove_file(&part);
        let mut fresh = File::create_new(&part).map_err(io)?;
        fresh.write_all(format!("{text}\n").as_bytes()).map_err(io)?;
        fs::rename(&part, &file).map_err(io)
    }

    /// Where it is, or would be.
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// The entry of a leak.
    pub fn entry(&self, fingerprint: &str) -> Option<&Entry> {
        self.entries.get(fingerprint)
    }

    /// Every entry, by fingerprint.
    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.entries.values()
    }

    /// Accepts a leak. One that is in it already keeps its reason, unless there is a new one.
    pub fn accept(&mut self, finding: &Finding, reason: &str) {
        let known = self.entries.remove(&finding.fingerprint);
        let kept = known.filter(|_| reason.is_empty()).map(|entry| entry.reason);
        let entry = Entry {
            fingerprint: finding.fingerprint.clone(),
            rule: finding.rule.name().to_owned(),
            title: finding.title.to_string(),
            reason: kept.unwrap_or_else(|| reason.to_owned()),
        };
        self.entries.insert(entry.fingerprint.clone(), entry);
    }

    /// Takes an entry out.
    pub fn forget(&mut self, fingerprint: &str) {
        self.entries.remove(fingerprint);
    }
}

/// Whether what is at `file`, or would be made there, is not in `folder`.
fn leads_out(folder: &Path, file: &Path) -> bool {
    let Ok(folder) = canonicalize(folder) else { return true };
    let real = canonicalize(file).or_else(|_| canonicalize(file.parent().unwrap_or(file)));
    // Where there is not even a folder, nothing is followed.
    real.is_ok_and(|real| !real.starts_with(folder))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::samples::finding;

    fn folder() -> tempfile::TempDir {
        tempfile::tempdir().expect("a folder")
    }

    #[test]
    fn a_file_that_is_not_there_accepts_nothing_and_is_not_made_for_nothing() {
        let folder = folder();
        let accepted = Accepted::read(&folder.path().join(ACCEPTED_FILE)).expect("nothing to read");
        assert_eq!(accepted.entries().count(), 0);
        accepted.write().expect("nothing to write");
        assert!(!accepted.file().exists());
    }

    #[test]
    fn the_file_is_sorted_and_has_a_line_for_each_fact() {
        let folder = folder();
        let mut accepted = Accepted::read(&folder.path().join(ACCEPTED_FILE)).expect("none");
        accepted.accept(&finding("b2", "entries", 1), "");
        accepted.accept(&finding("a1", "cards", 9), "bounded by the number of countries");
        accepted.write().expect("it can be written");
        let text = fs::read_to_string(accepted.file()).expect("it is there");
        insta::assert_snapshot!(text, @r#"
        {
          "schemaVersion": 1,
          "accepted": [
            {
              "fingerprint": "a1",
              "rule": "growing-collection",
              "title": "`cards` keeps growing",
              "reason": "bounded by the number of countries"
            },
            {
              "fingerprint": "b2",
              "rule": "growing-collection",
              "title": "`entries` keeps growing"
            }
          ]
        }
        "#);
        assert_eq!(Accepted::read(accepted.file()).expect("it is right"), accepted);
    }

    #[test]
    fn a_leak_that_is_accepted_again_keeps_its_reason() {
        let mut accepted = Accepted::default();
        accepted.accept(&finding("a1", "cards", 9), "small");
        accepted.accept(&finding("a1", "cards", 9), "");
        assert_eq!(accepted.entry("a1").map(|entry| entry.reason.as_str()), Some("small"));
        accepted.accept(&finding("a1", "cards", 9), "bounded");
        assert_eq!(accepted.entry("a1").map(|entry| entry.reason.as_str()), Some("bounded"));
        accepted.forget("a1");
        assert_eq!(accepted.entry("a1"), None);
    }

    #[test]
    fn a_file_that_is_something_else_is_an_error_that_says_where() {
        let folder = folder();
        let file = folder.path().join(ACCEPTED_FILE);
        let problem = |text: &str| {
            fs::write(&file, text).expect("a file");
            Accepted::read(&file).expect_err("it is broken").to_string()
        };
        let expected = format!("{} is no list of accepted leaks: ", file.display());
        for (text, part) in [
            ("", "line 1"),
            ("{\n<<<<<<< HEAD\n", "line 2 column 1"),
            ("{\"schemaVersion\": 1}", "missing field `accepted`"),
            ("{\"schemaVersion\": 7, \"accepted\": []}", "schemaVersion 7"),
            ("{\"schemaVersion\": 1, \"accepted\": [{\"fingerprint\": 5}]}", "expected a string"),
        ] {
            let said = problem(text);
            assert!(said.starts_with(&expected) && said.contains(part), "{said}");
        }
        assert!(Accepted::read(folder.path()).is_err(), "a folder");
    }

    #[cfg(unix)]
    #[test]
    fn a_list_that_is_a_link_stays_one() {
        let folder = folder();
        let (file, target) = (folder.path().join(ACCEPTED_FILE), folder.path().join("list.json"));
        fs::write(&target, r#"{"schemaVersion":1,"accepted":[]}"#).expect("a file");
        std::os::unix::fs::symlink("list.json", &file).expect("a link");
        let mut accepted =
            Accepted::read_in(folder.path(), ACCEPTED_FILE.as_ref()).expect("a list");
        accepted.accept(&finding("a1", "cards", 9), "");
        accepted.write().expect("it can be written");
        assert_eq!(fs::read_link(&file).expect("a link"), Path::new("list.json"));
        assert!(fs::read_to_string(&target).expect("a file").contains("a1"));
        let names = fs::read_dir(folder.path()).expect("a folder").count();
        assert_eq!(names, 2, "nothing else is left");
    }

    #[cfg(unix)]
    #[test]
    fn a_named_pipe_in_the_place_of_the_list_holds_nobody() {
        let folder = folder();
        let pipe = |name: &str| {
            let pipe = folder.path().join(name);
            let made = std::process::Command::new("mkfifo").arg(&pipe).status().expect("it runs");
            assert!(made.success());
            pipe
        };
        let file = pipe(ACCEPTED_FILE);
        let said = Accepted::read(&file).expect_err("it is no list").to_string();
        assert!(said.ends_with("cannot be read: it is a named pipe, not a regular file"), "{said}");
        // Nor where it is written first.
        pipe("heapmark-accepted.json.part");
        let mut accepted = Accepted { file: file.clone(), entries: BTreeMap::new() };
        accepted.accept(&finding("a1", "cards", 9), "");
        accepted.write().expect("it takes the place of both");
        assert_eq!(Accepted::read(&file).expect("a list"), accepted);
    }
}
