//! Which files are snapshots, by their names: the one list that watchers, folders' listings and
//! companions share (and `vscode-extension/package.json`, which a test compares with it). What is *in* a file only its bytes tell; see [`Snapshot::open`].
//!
//! [`Snapshot::open`]: crate::Snapshot::open

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// What the names of snapshots end in. A timeline is a snapshot too, with the story of how it came
/// about; a `.heapprofile` is none: it lists allocations, and there are no objects in it.
const KINDS: [&str; 2] = [".heapsnapshot", ".heaptimeline"];

/// What may follow, as [`Snapshot::open`](crate::Snapshot::open) unpacks it.
const PACKINGS: [&str; 3] = ["", ".gz", ".zst"];

/// All endings of snapshots' names, with their dots: `.heapsnapshot`, `.heapsnapshot.gz`…
///
/// ```
/// let globs: Vec<String> = heapmark_heap::snapshot_endings().map(|end| format!("**/*{end}")).collect();
/// assert_eq!(globs[1], "**/*.heapsnapshot.gz");
/// ```
pub fn snapshot_endings() -> impl Iterator<Item = String> {
    KINDS.iter().flat_map(|kind| PACKINGS.iter().map(move |packing| format!("{kind}{packing}")))
}

/// Whether the file's name is that of a snapshot.
pub fn is_snapshot_file(path: &Path) -> bool {
    kind_and_packing(path).is_some()
}

/// Whether the name says that the snapshot is packed.
pub fn is_packed_file(path: &Path) -> bool {
    kind_and_packing(path).is_some_and(|(_, packing)| !packing.is_empty())
}

/// The snapshot's path without its ending: `a/final` for `a/final.heapsnapshot.gz`, so that one and
/// the same snapshot has one stem however it is packed. Another file's path is returned as it is.
pub fn snapshot_stem(path: &Path) -> PathBuf {
    let Some((kind, packing)) = kind_and_packing(path) else { return path.to_owned() };
    let mut stem = path.to_owned();
    for _ in kind.matches('.').chain(packing.matches('.')) {
        stem.set_extension("");
    }
    stem
}

fn kind_and_packing(path: &Path) -> Option<(&'static str, &'static str)> {
    let name = path.file_name()?.as_encoded_bytes();
    let ends_in = |kind: &str, packing: &str| {
        let kind_and_rest = name.strip_suffix(packing.as_bytes());
        kind_and_rest.and_then(|rest| rest.strip_suffix(kind.as_bytes())).is_some()
    };
    let mut all = KINDS.into_iter().flat_map(|kind| PACKINGS.map(|packing| (kind, packing)));
    all.find(|(kind, packing)| ends_in(kind, packing))
}

/// Whether the name is that of a sampling heap profile, of which nobody can tell what is alive.
pub fn is_profile_file(path: &Path) -> bool {
    path.extension() == Some(OsStr::new("heapprofile"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn snapshots_and_timelines_are_known_packed_or_not() {
        let told = |name: &str| {
            let path = Path::new("a.b").join(name);
            let stem = snapshot_stem(&path);
            let stem = stem.strip_prefix("a.b").expect("the same folder").display().to_string();
            format!("{} {} {stem}", is_snapshot_file(&path), is_packed_file(&path))
        };
        for (name, expected) in [
            ("final.heapsnapshot", "true false final"),
            ("final.heapsnapshot.gz", "true true final"),
            ("v1.2.heapsnapshot.zst", "true true v1.2"),
            ("final.heaptimeline", "true false final"),
            ("final.heaptimeline.gz", "true true final"),
            (".heapsnapshot", "true false .heapsnapshot"),
            ("final.heapsnapshot.part", "false false final.heapsnapshot.part"),
            ("final.heapprofile", "false false final.heapprofile"),
            ("final.gz", "false false final.gz"),
            ("finalheapsnapshot", "false false finalheapsnapshot"),
        ] {
            assert_eq!(told(name), expected, "{name}");
        }
        assert!(is_profile_file(Path::new("a/b.heapprofile")));
        assert!(!is_profile_file(Path::new("a/b.heapsnapshot")));
    }

    #[test]
    fn the_editor_wakes_up_for_all_of_them() {
        let package = include_str!("../../../vscode-extension/package.json");
        let package: serde_json::Value = serde_json::from_str(package).expect("it is JSON");
        let events = package["activationEvents"].as_array().expect("a list");
        for ending in snapshot_endings() {
            let event = format!("workspaceContains:**/*{ending}");
            assert!(events.iter().any(|it| *it == event), "{event}");
        }
    }

    #[test]
    fn every_ending_is_that_of_a_snapshot() {
        let endings: Vec<_> = snapshot_endings().collect();
        assert_eq!(endings.len(), 6);
        for ending in endings {
            assert!(is_snapshot_file(Path::new(&format!("x{ending}"))), "{ending}");
        }
    }
}
