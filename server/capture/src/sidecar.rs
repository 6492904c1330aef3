//! `NAME.scripts.json`: what only the live process knows about its snapshot.
//!
//! Version 1, one JSON object; readers ignore keys that they do not know:
//!
//! | key        | value                                                                         |
//! |------------|-------------------------------------------------------------------------------|
//! | `version`  | 1                                                                             |
//! | `takenAt`  | when the snapshot was complete, RFC 3339 in UTC                               |
//! | `role`     | `baseline`, `target`, `final`, or what the user said; null                    |
//! | `bytes`    | size of the snapshot                                                          |
//! | `identity` | snapshots with the same value share V8's object ids; others must not be joined by id |
//! | `target`   | `{ name, url, address, version }` as the inspector lists it                   |
//! | `process`  | `{ pid, node, v8, argv, cwd, heapSizeLimit }`, each null if unknown; null for a page |
//! | `workers`  | how many worker threads ran, whose heaps the snapshot does not show; null if unknown |
//! | `children` | how many child processes ran, which are programs of their own; null if unknown |
//! | `scripts`  | `[{ id, url, sourceMapUrl, hash, length, isModule, source }]`, ids as in the snapshot |
//! | `files`    | `[{ path, text }]`: files of the workspace that scripts were made from, as they were; left out if there are none |
//!
//! `hash` is V8's SHA-256 of the script's source, `length` its UTF-16 length. A source map inside its
//! own URL is kept, because what transpiles in memory (tsx, ts-node) leaves it nowhere else. Other
//! `data:` URLs, and maps of many megabytes, are kept up to their comma: one that ends in a comma was
//! cut.
//!
//! `source` is the text that ran, of the user's own scripts: files outside of `node_modules`, and
//! evaluated code that names itself or has a source map. `files` has what leads from there to what a
//! person wrote: external source maps, and the sources whose text no map has. With both, a snapshot
//! can be read in the program as it was, however its files are edited later. What is too large is left
//! out:
//!
//! | limit, in bytes of UTF-8 | one | all together |
//! |---|---|---|
//! | a map in `sourceMapUrl` | 4 MiB | 24 MiB |
//! | `source` | 4 MiB | 24 MiB, the shorter ones first |
//! | `files` | 4 MiB, a map 16 MiB | 24 MiB |

use crate::inspector::Target;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::{fmt, path::PathBuf, sync::Arc};

/// The contents of a sidecar; see the module's table for the schema.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Sidecar {
    /// 1
    pub version: u32,
    /// When the snapshot was complete, RFC 3339 in UTC.
    pub taken_at: String,
    /// What the snapshot is in its series.
    pub role: Option<String>,
    /// Size of the snapshot in bytes.
    pub bytes: u64,
    /// Snapshots with the same value share V8's object ids.
    pub identity: String,
    /// The target as the inspector lists it.
    pub target: TargetFacts,
    /// What a Node.js process says of itself.
    pub process: Option<ProcessFacts>,
    /// Worker threads that ran, whose heaps the snapshot does not show.
    #[serde(default)]
    pub workers: Option<u32>,
    /// Child processes that the program kept running, which are programs of their own.
    #[serde(default)]
    pub children: Option<u32>,
    /// All scripts that were alive, with V8's ids.
    pub scripts: Vec<Script>,
    /// Files that scripts were made from, as they were when the snapshot was taken.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<RecordedFile>,
}

/// A file as it was when the snapshot was taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordedFile {
    /// Where it is, absolute.
    pub path: PathBuf,
    /// All of it.
    pub text: String,
}

/// Tells the files that scripts were made from, to be written down beside their snapshot. This room
/// knows no workspace; whoever asks for a capture does.
#[derive(Clone)]
pub struct FilesBehind(Arc<Ask>);

type Ask = dyn Fn(&[Script]) -> Vec<RecordedFile> + Send + Sync;

impl FilesBehind {
    /// `ask` is called once a snapshot, on a thread where it may wait for the disk. It keeps the limits
    /// that the sidecar has.
    pub fn new(ask: impl Fn(&[Script]) -> Vec<RecordedFile> + Send + Sync + 'static) -> Self {
        Self(Arc::new(ask))
    }

    pub(crate) fn of(&self, scripts: &[Script]) -> Vec<RecordedFile> {
        (self.0)(scripts)
    }
}

impl fmt::Debug for FilesBehind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FilesBehind")
    }
}

/// The target as the inspector lists it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TargetFacts {
    /// Script or page as people know it.
    pub name: String,
    /// The script's or page's URL.
    pub url: String,
    /// `HOST:PORT` of the inspector.
    pub address: String,
    /// `node.js/v20.20.2`
    pub version: Option<String>,
}

impl From<&Target> for TargetFacts {
    fn from(target: &Target) -> Self {
        Self {
            name: target.name().to_owned(),
            url: target.url.clone(),
            address: target.address(),
            version: target.version.clone(),
        }
    }
}

/// Bytes of what a process says of itself, each: the longest command lines of Linux have two million,
/// and nobody reads those.
const MAX_FACT_BYTES: usize = 1 << 20;

/// What a Node.js process says of itself. It may say anything: nothing of it is to be trusted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProcessFacts {
    /// `process.pid`
    pub pid: Option<u32>,
    /// `process.version`: `v20.20.2`
    pub node: Option<String>,
    /// `process.versions.v8`
    pub v8: Option<String>,
    /// `process.argv`
    pub argv: Option<Vec<String>>,
    /// `process.cwd()`
    pub cwd: Option<String>,
    /// Bytes that V8's heap may have at most, before V8 ends the program.
    #[serde(default, rename = "heapSizeLimit")]
    pub heap_size_limit: Option<u64>,
}

impl ProcessFacts {
    /// Evaluated with `throwOnSideEffect`: V8 itself refuses to run what would change the program.
    pub(crate) const EXPRESSION: &str = "typeof process === 'object' && process !== null ? ({ \
        pid: process.pid, node: process.version, v8: process.versions?.v8, \
        argv: process.argv }) : null";
    /// Evaluated without that guard: the first call fills Node's cache, which V8 calls an effect.
    pub(crate) const DIRECTORY: &str = "process.cwd()";

    /// Without the guard, too: Node.js loads its module `v8` for it, unless the program has. That is before the
    /// first snapshot, so that it is in all of them and nothing grows by it. Node.js 18 hands its modules only
    /// to programs of CommonJS: of others the limit is not known there.
    ///
    /// V8 ends the program when its old generation is full, and counts room for the young one (48 to 192 MiB) to the
    /// limit besides: beside a small `--max-old-space-size` that is much.
    pub(crate) const HEAP_LIMIT: &str = "((v8, options) => { \
        const all = v8?.getHeapStatistics().heap_size_limit ?? null; \
        const old = [...options.matchAll(/--max[-_]old[-_]space[-_]size=(\\d+)/g)].pop()?.[1] * 2 ** 20; \
        return all && old ? Math.min(all, old) : all; \
        })(process.getBuiltinModule?.('node:v8') ?? process.mainModule?.require('node:v8'), \
        `${process.env.NODE_OPTIONS} ${process.execArgv.join(' ')}`)";

    /// From the values of these evaluations; `None` if the target is no Node.js.
    pub(crate) fn read(value: &Value, directory: &Value, heap_limit: &Value) -> Option<Self> {
        let short = |text: &str| (text.len() <= MAX_FACT_BYTES).then(|| text.to_owned());
        let text = |key: &str| value[key].as_str().and_then(short);
        let is_short = |list: &&Vec<Value>| {
            let bytes = list.iter().map(|it| it.as_str().map_or(0, str::len) + 1).sum::<usize>();
            bytes <= MAX_FACT_BYTES
        };
        let facts = Self {
            pid: value["pid"].as_u64().and_then(|pid| u32::try_from(pid).ok()),
            node: text("node"),
            v8: text("v8"),
            argv: value["argv"]
                .as_array()
                .filter(is_short)
                .map(|list| list.iter().filter_map(|v| v.as_str().map(str::to_owned)).collect()),
            cwd: directory.as_str().and_then(short),
            heap_size_limit: heap_limit.as_u64(),
        };
        (facts != Self::default()).then_some(facts)
    }
}

/// One script of V8, as `Debugger.scriptParsed` tells it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Script {
    /// V8's script id, as in the snapshot's locations.
    pub id: u32,
    /// URL, path, `node:` name, or empty for evaluated code.
    pub url: String,
    /// The source map's URL, if the script names one; it may be the map itself (`data:`).
    pub source_map_url: Option<String>,
    /// SHA-256 of the source, in hexadecimal.
    pub hash: String,
    /// Length of the source in UTF-16 units.
    pub length: u32,
    /// An ECMAScript module.
    pub is_module: bool,
    /// The text that ran, if it is the user's own and not too large.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// Whether the text is wanted.
    #[serde(skip)]
    pub(crate) is_own: bool,
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    /// Bytes.
    const MIB: u64 = 1 << 20;

    #[test]
    fn the_heap_may_have_what_the_old_generation_may() {
        let limit = |options: &[&str], of_environment: &str| {
            let program = format!("console.log(String({}))", ProcessFacts::HEAP_LIMIT);
            let mut node = Command::new("node");
            node.args(options).args(["-e", &program]).env("NODE_OPTIONS", of_environment);
            let said = node.output().expect("Node.js starts").stdout;
            String::from_utf8_lossy(&said).trim().parse::<u64>().expect("a number")
        };
        assert_eq!(limit(&["--max-old-space-size=40"], ""), 40 * MIB);
        assert_eq!(limit(&[], "--max_old_space_size=60"), 60 * MIB);
        assert_eq!(limit(&["--max-old-space-size=40"], "--max-old-space-size=60"), 40 * MIB);
        assert!(limit(&[], "") > 100 * MIB);
    }

    #[test]
    fn a_process_may_say_anything() {
        let read = |text| {
            ProcessFacts::read(&serde_json::from_str(text).unwrap(), &Value::Null, &Value::Null)
        };
        assert_eq!(read("null"), None);
        assert_eq!(read(r#"{"pid":-4,"argv":"x","node":7}"#), None);
        let facts = read(r#"{"pid":4711,"argv":["node",5]}"#).unwrap();
        assert_eq!((facts.pid, facts.argv), (Some(4711), Some(vec!["node".to_owned()])));
    }
}
