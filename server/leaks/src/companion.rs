//! What the file beside a snapshot says of it: `NAME.scripts.json`, which `heapmark capture` writes.
//!
//! Only what decides which snapshots belong together is read. A companion that is missing, damaged
//! or from another tool is no error: then the snapshot has to speak for itself.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use serde::Deserialize;

/// A companion lists every script of a program; nobody has this many bytes of them.
const LARGEST: u64 = 64 << 20;

/// The facts about one snapshot.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Companion {
    /// Snapshots with the same value share V8's object ids.
    pub(crate) identity: Option<String>,
    taken_at: Option<String>,
}

impl Companion {
    /// The companion of `snapshot`; without facts if there is none.
    pub(crate) fn of(snapshot: &Path) -> Self {
        let mut text = String::new();
        let read = File::open(beside(snapshot))
            .and_then(|file| file.take(LARGEST).read_to_string(&mut text));
        if read.is_err() {
            return Self::default();
        }
        serde_json::from_str(&text).unwrap_or_default()
    }

    /// When the snapshot was taken: what the companion says, or else the file's own time.
    pub(crate) fn taken_at(&self, snapshot: &Path) -> Option<SystemTime> {
        let said = self.taken_at.as_ref().and_then(|time| time.parse::<jiff::Timestamp>().ok());
        said.map(SystemTime::from)
            .or_else(|| std::fs::metadata(snapshot).and_then(|data| data.modified()).ok())
    }
}

/// `final.heapsnapshot` and `final.heapsnapshot.gz` have `final.scripts.json` beside them.
fn beside(snapshot: &Path) -> PathBuf {
    let name = snapshot.file_name().unwrap_or_default().to_string_lossy();
    let stem = name.strip_suffix(".gz").unwrap_or(&name);
    let stem = stem.strip_suffix(".heapsnapshot").unwrap_or(stem);
    snapshot.with_file_name(format!("{stem}.scripts.json"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_companion_stands_beside_its_snapshot() {
        assert_eq!(beside(Path::new("a/x.heapsnapshot")), Path::new("a/x.scripts.json"));
        assert_eq!(beside(Path::new("a/x.heapsnapshot.gz")), Path::new("a/x.scripts.json"));
    }

    #[test]
    fn one_that_cannot_be_read_says_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let snapshot = folder.path().join("x.heapsnapshot");
        assert!(Companion::of(&snapshot).identity.is_none());
        for text in ["", "{", "[]", r#"{"identity":5}"#] {
            std::fs::write(folder.path().join("x.scripts.json"), text).unwrap();
            assert!(Companion::of(&snapshot).identity.is_none(), "{text}");
        }
        let good = r#"{"identity":"4711/1","takenAt":"2026-11-22T09:30:05Z","more":[1]}"#;
        std::fs::write(folder.path().join("x.scripts.json"), good).unwrap();
        let companion = Companion::of(&snapshot);
        assert_eq!(companion.identity.as_deref(), Some("4711/1"));
        assert!(companion.taken_at(&snapshot).is_some());
    }
}
