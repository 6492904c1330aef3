//! What the file beside a snapshot says of it: `NAME.scripts.json`, which `heapmark capture` writes.
//!
//! It tells which snapshots belong together, of the scripts what a snapshot cuts off, and in which
//! texts the program ran. A companion that is missing, damaged or from another tool is no error: then
//! the snapshot has to speak for itself, and that is said ([`problem`]).

mod problem;

use std::fmt;
use std::io::ErrorKind;
use std::marker::PhantomData;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use heapmark_heap::{is_packed_file, snapshot_stem};
use rustc_hash::FxHashMap;
use serde::Deserialize;
use serde::de::{Deserializer, Error, SeqAccess, Visitor};

pub(crate) use problem::{Damage, Problem};

/// The folder of a workspace that captures go to.
const SNAPSHOTS: &str = ".heapmark";
/// The version of the format that is known.
pub(crate) const VERSION: u64 = 1;
/// A companion lists every script of a program. Its maps, texts and files have 72 MiB at most, and
/// JSON makes of text seldom more than twice as much.
pub(crate) const MAX_BYTES: u64 = 160 << 20;
/// Scripts and files, each: `capture` writes no more. A list without end is no list.
const MAX_LISTED: usize = 200_000;

/// The facts about one snapshot.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Companion {
    /// Snapshots with the same value share V8's object ids.
    pub(crate) identity: Option<String>,
    taken_at: Option<String>,
    /// Why there are no facts, though there is a companion.
    #[serde(skip)]
    pub(crate) problem: Option<Problem>,
}

/// What tells whether a companion is one, and of this snapshot.
#[derive(Default, Deserialize)]
#[serde(default)]
struct About {
    version: Option<u64>,
    /// Size of the snapshot in bytes, not compressed.
    bytes: Option<u64>,
}

/// The part that is long, read only of the snapshot that is looked at.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Listed {
    process: Option<CompanionProcess>,
    workers: Option<u32>,
    children: Option<u32>,
    scripts: AtMost<CompanionScript>,
    files: AtMost<CompanionFile>,
}

/// What is written down of the process.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct CompanionProcess {
    heap_size_limit: Option<u64>,
}

/// What is written down of a script.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CompanionScript {
    pub(crate) id: u32,
    #[serde(default)]
    pub(crate) url: String,
    #[serde(default)]
    pub(crate) source_map_url: Option<String>,
    /// SHA-256 of its text, in hexadecimal.
    #[serde(default)]
    pub(crate) hash: String,
    /// The text that ran, of the user's own scripts.
    #[serde(default)]
    pub(crate) source: Option<String>,
}

/// A file that scripts were made from, as it was when the snapshot was taken: an external source map,
/// or a source whose text no map has.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct CompanionFile {
    /// Where it was, absolute.
    pub(crate) path: String,
    pub(crate) text: String,
}

/// The scripts of a snapshot by V8's id, and the files that they were made from.
#[derive(Debug, Default)]
pub(crate) struct Scripts {
    by_id: FxHashMap<u32, CompanionScript>,
    files: Vec<CompanionFile>,
    /// How many worker threads ran, also those that workers had started.
    workers: Option<u32>,
    children: Option<u32>,
    heap_limit: Option<u64>,
    problem: Option<Problem>,
}

impl Scripts {
    /// The scripts that the companion of `snapshot` lists, if it is of a snapshot of that size.
    pub(crate) fn beside(snapshot: &Path) -> Self {
        let listed: Listed = match read(snapshot) {
            Ok(listed) => listed,
            Err(problem) => return Self { problem: Some(problem), ..Self::default() },
        };
        let by_id = listed.scripts.0.into_iter().map(|script| (script.id, script)).collect();
        let Listed { workers, children, files, process, .. } = listed;
        let heap_limit = process.and_then(|process| process.heap_size_limit);
        Self { by_id, files: files.0, workers, children, heap_limit, problem: None }
    }

    /// Why nothing is known, though there is a companion.
    pub(crate) fn problem(&self) -> Option<&Problem> {
        self.problem.as_ref()
    }

    /// How many worker threads ran; 0 if nothing was written down.
    pub(crate) fn workers(&self) -> u64 {
        self.workers.unwrap_or_default().into()
    }

    /// How many child processes ran; 0 if nothing was written down.
    pub(crate) fn children(&self) -> u64 {
        self.children.unwrap_or_default().into()
    }

    /// Bytes that the heap may have at most, if that was written down.
    pub(crate) fn heap_limit(&self) -> Option<u64> {
        self.heap_limit
    }

    /// The files that scripts were made from, as they were when the snapshot was taken.
    pub(crate) fn files(&self) -> &[CompanionFile] {
        &self.files
    }

    /// All scripts that the program had loaded; none if nothing was written down.
    pub(crate) fn all(&self) -> impl Iterator<Item = &CompanionScript> {
        self.by_id.values()
    }

    /// The texts of files that were loaded more than once with different texts: the last of each, by
    /// the file's name.
    pub(crate) fn reloaded(&self) -> Vec<(&str, &str)> {
        let mut by_name: FxHashMap<&str, Vec<(u32, &str)>> = FxHashMap::default();
        for script in self.by_id.values().filter(|script| !script.url.is_empty()) {
            let texts = by_name.entry(&script.url).or_default();
            texts.extend(script.source.as_deref().map(|source| (script.id, source)));
        }
        let last = by_name.into_iter().filter_map(|(name, texts)| {
            let (_, last) = *texts.iter().max_by_key(|(id, _)| *id)?;
            texts.iter().any(|(_, text)| *text != last).then_some((name, last))
        });
        last.collect()
    }

    pub(crate) fn get(&self, id: u32) -> Option<&CompanionScript> {
        self.by_id.get(&id)
    }
}

impl Companion {
    /// The companion of `snapshot`; without facts if there is none.
    pub(crate) fn of(snapshot: &Path) -> Self {
        read(snapshot).unwrap_or_else(|problem| Self { problem: Some(problem), ..Self::default() })
    }

    /// When the snapshot was taken: what the companion says, or else the file's own time.
    pub(crate) fn taken_at(&self, snapshot: &Path) -> Option<SystemTime> {
        let said = self.taken_at.as_ref().and_then(|time| time.parse::<jiff::Timestamp>().ok());
        said.map(SystemTime::from)
            .or_else(|| heapmark_files::metadata(snapshot).and_then(|data| data.modified()).ok())
    }
}

/// A list of at most [`MAX_LISTED`] elements; a longer one is an error before it takes memory.
struct AtMost<T>(Vec<T>);

impl<T> Default for AtMost<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for AtMost<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(AtMostVisitor(PhantomData))
    }
}

struct AtMostVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for AtMostVisitor<T> {
    type Value = AtMost<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a list of at most {MAX_LISTED}")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<AtMost<T>, A::Error> {
        let mut elements = Vec::new();
        while let Some(element) = list.next_element()? {
            if elements.len() == MAX_LISTED {
                return Err(A::Error::custom(format_args!("a list of more than {MAX_LISTED}")));
            }
            elements.push(element);
        }
        Ok(AtMost(elements))
    }
}

/// What the companion of `snapshot` says; nothing if there is none.
fn read<T: Default + serde::de::DeserializeOwned>(snapshot: &Path) -> Result<T, Problem> {
    let companion = beside(snapshot);
    if leads_away(&companion, snapshot) {
        return Err(Problem::Away);
    }
    let text = match heapmark_files::read_to_string(&companion, MAX_BYTES) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(T::default()),
        Err(error) => return Err(Problem::unread(&error)),
    };
    match text.trim_ascii_start().bytes().next() {
        None => return Err(Problem::Damaged(Damage::Empty)),
        // Of a list the fields would be taken in their order.
        Some(b'[') => return Err(Problem::Damaged(Damage::Foreign)),
        Some(_) => {}
    }
    let about: About = serde_json::from_str(&text).map_err(|error| Problem::damaged(&error))?;
    match about.version {
        None => return Err(Problem::Damaged(Damage::NoVersion)),
        Some(VERSION) => {}
        Some(other) => return Err(Problem::OtherVersion(other)),
    }
    let bytes = heapmark_files::metadata(snapshot).ok().map(|data| data.len());
    if !is_packed_file(snapshot) && about.bytes.is_some() && bytes.is_some() && about.bytes != bytes
    {
        return Err(Problem::OtherSnapshot);
    }
    serde_json::from_str(&text).map_err(|error| Problem::damaged(&error))
}

/// Whether a companion is a link that leads out of where its snapshot belongs: it may have come with the
/// sources, and what is there is none of ours. It may lead to beside the file that the snapshot is a link
/// to, and to wherever it likes in the folder that [`SNAPSHOTS`] lies in.
fn leads_away(companion: &Path, snapshot: &Path) -> bool {
    let is_link = std::fs::symlink_metadata(companion).is_ok_and(|it| it.is_symlink());
    // One that leads nowhere is none, and says nothing.
    let Some(real) = is_link.then(|| heapmark_files::canonicalize(companion).ok()).flatten() else {
        return false;
    };
    let folder =
        snapshot.parent().filter(|it| !it.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let folder = heapmark_files::canonicalize(folder).ok().map(|folder| match folder.parent() {
        Some(around) if folder.ends_with(SNAPSHOTS) => around.to_owned(),
        _ => folder,
    });
    let original = heapmark_files::canonicalize(snapshot).ok();
    !folder.is_some_and(|folder| real.starts_with(folder))
        && original.is_none_or(|original| original.parent() != real.parent())
}

/// `final.heapsnapshot` and `final.heapsnapshot.gz` have `final.scripts.json` beside them.
pub(crate) fn beside(snapshot: &Path) -> PathBuf {
    let mut path = snapshot_stem(snapshot).into_os_string();
    path.push(".scripts.json");
    path.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_companion_stands_beside_its_snapshot() {
        assert_eq!(beside(Path::new("a/x.heapsnapshot")), Path::new("a/x.scripts.json"));
        assert_eq!(beside(Path::new("a/x.heapsnapshot.gz")), Path::new("a/x.scripts.json"));
        assert_eq!(beside(Path::new("a/v1.2.heaptimeline.zst")), Path::new("a/v1.2.scripts.json"));
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
        let good =
            r#"{"version":1,"identity":"4711/1","takenAt":"2026-11-22T09:30:05Z","more":[1]}"#;
        std::fs::write(folder.path().join("x.scripts.json"), good).unwrap();
        let companion = Companion::of(&snapshot);
        assert_eq!(companion.identity.as_deref(), Some("4711/1"));
        assert!(companion.taken_at(&snapshot).is_some());
    }

    #[cfg(unix)]
    #[test]
    fn a_link_that_leads_away_is_not_followed() {
        use std::os::unix::fs::symlink;

        let root = tempfile::tempdir().unwrap();
        let at = |path: &str| {
            let path = root.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            path
        };
        let json = r#"{"version":1,"identity":"4711/1"}"#;
        let known = |link: &str, to: &str, snapshot: &str| {
            let (link, to) = (at(link), at(to));
            std::fs::write(&to, json).unwrap();
            let _ = std::fs::remove_file(&link);
            symlink(&to, link).unwrap();
            let companion = Companion::of(&at(snapshot));
            assert_eq!(companion.identity.is_none(), companion.problem == Some(Problem::Away));
            companion.identity.is_some()
        };
        assert!(!known("app/x.scripts.json", "else/y", "app/x.heapsnapshot"));
        assert!(known("app/x.scripts.json", "app/deep/y", "app/x.heapsnapshot"));
        let inside = "app/.heapmark/x.heapsnapshot";
        assert!(known("app/.heapmark/x.scripts.json", "app/store/y", inside));
        assert!(!known("app/.heapmark/x.scripts.json", "else/y", inside));
        // Both are links, as in a folder that somebody made to have them at hand.
        std::fs::write(at("else/z.heapsnapshot"), "").unwrap();
        symlink(at("else/z.heapsnapshot"), at("app/z.heapsnapshot")).unwrap();
        assert!(known("app/z.scripts.json", "else/z.scripts.json", "app/z.heapsnapshot"));
    }

    #[test]
    fn scripts_are_those_of_a_snapshot_of_the_same_size() {
        let folder = tempfile::tempdir().unwrap();
        let snapshot = folder.path().join("x.heapsnapshot");
        std::fs::write(&snapshot, "12345").unwrap();
        let script =
            r#"{"id":7,"url":"file:///a.js","sourceMapUrl":"a.map","hash":"ab","length":3}"#;
        let known = |bytes: &str| {
            let text = format!(r#"{{"version":1,"bytes":{bytes},"scripts":[{script}]}}"#);
            std::fs::write(folder.path().join("x.scripts.json"), text).unwrap();
            Scripts::beside(&snapshot).get(7).map(|script| script.url.clone())
        };
        assert_eq!(known("5").as_deref(), Some("file:///a.js"));
        assert_eq!(known("null").as_deref(), Some("file:///a.js"));
        assert_eq!(known("6"), None);
    }

    #[test]
    fn the_texts_that_ran_are_read() {
        let folder = tempfile::tempdir().unwrap();
        let snapshot = folder.path().join("x.heapsnapshot");
        std::fs::write(&snapshot, "12345").unwrap();
        let json = r#"{"version":1,"bytes":5,"scripts":[{"id":7,"source":"let a;"},{"id":8,"source":null},{"id":9}],
            "files":[{"path":"/app/a.js.map","text":"{}"}]}"#;
        std::fs::write(folder.path().join("x.scripts.json"), json).unwrap();
        let scripts = Scripts::beside(&snapshot);
        let source = |id| scripts.get(id).unwrap().source.as_deref();
        assert_eq!([source(7), source(8), source(9)], [Some("let a;"), None, None]);
        let [file] = scripts.files() else { panic!("one file") };
        assert_eq!((&*file.path, &*file.text), ("/app/a.js.map", "{}"));
    }

    #[test]
    fn one_that_means_harm_says_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let snapshot = folder.path().join("x.heapsnapshot");
        std::fs::write(&snapshot, "12345").unwrap();
        let script = r#"{"id":7}"#;
        let endless = vec![script; MAX_LISTED + 1].join(",");
        for scripts in [script.replace('7', "-7"), script.replace('}', r#","source":7}"#), endless]
        {
            let json = format!(r#"{{"version":1,"bytes":5,"scripts":[{scripts}],"files":[]}}"#);
            std::fs::write(folder.path().join("x.scripts.json"), json).unwrap();
            assert!(Scripts::beside(&snapshot).get(7).is_none());
        }
        for files in [r"{}", r#"[{"path":"a"}]"#, r#"[{"path":[],"text":"a"}]"#, "[7]"] {
            let json = format!(r#"{{"version":1,"bytes":5,"scripts":[{script}],"files":{files}}}"#);
            std::fs::write(folder.path().join("x.scripts.json"), json).unwrap();
            let scripts = Scripts::beside(&snapshot);
            assert!(scripts.get(7).is_none() && scripts.files().is_empty(), "{files}");
        }
    }
}
