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
//! | `process`  | `{ pid, node, v8, argv, cwd }`, each null if unknown; null for a page          |
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

use crate::{Target, sources::is_own};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::{fmt, path::PathBuf, sync::Arc};

/// Programs load thousands of scripts; more than this is no program.
const MOST_SCRIPTS: usize = 200_000;
/// A longer URL, in bytes, names no file and is left out.
const LONGEST_URL: usize = 8_192;
/// A source map inside its URL may have this many bytes.
const LONGEST_MAP: usize = 4 << 20;
/// All of a program's together.
const MOST_MAPS: usize = 24 << 20;

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
}

impl ProcessFacts {
    /// Evaluated with `throwOnSideEffect`: V8 itself refuses to run what would change the program.
    pub(crate) const EXPRESSION: &str = "typeof process === 'object' && process !== null ? ({ \
        pid: process.pid, node: process.version, v8: process.versions?.v8, \
        argv: process.argv }) : null";
    /// Evaluated without that guard: the first call fills Node's cache, which V8 calls an effect.
    pub(crate) const DIRECTORY: &str = "process.cwd()";

    /// From the values of both evaluations; `None` if the target is no Node.js.
    pub(crate) fn read(value: &Value, directory: &Value) -> Option<Self> {
        let text = |key: &str| value[key].as_str().map(str::to_owned);
        let facts = Self {
            pid: value["pid"].as_u64().and_then(|pid| u32::try_from(pid).ok()),
            node: text("node"),
            v8: text("v8"),
            argv: value["argv"]
                .as_array()
                .map(|list| list.iter().filter_map(|v| v.as_str().map(str::to_owned)).collect()),
            cwd: directory.as_str().map(str::to_owned),
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

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ScriptParsed {
    script_id: String,
    #[serde(default)]
    url: String,
    #[serde(default, rename = "sourceMapURL")]
    source_map_url: String,
    #[serde(default)]
    hash: String,
    #[serde(default)]
    length: u32,
    #[serde(default)]
    is_module: bool,
    #[serde(default, rename = "hasSourceURL")]
    has_source_url: bool,
    #[serde(default)]
    script_language: String,
}

/// Adds the script of a `Debugger.scriptParsed` event to `scripts`; events that make no sense are
/// passed over. `page` is the target's URL.
pub(crate) fn collect(scripts: &mut Vec<Script>, params: &str, page: &str) {
    let Ok(event) = serde_json::from_str::<ScriptParsed>(params) else { return };
    let Ok(id) = event.script_id.parse() else { return };
    if scripts.len() < MOST_SCRIPTS {
        let has_map = !event.source_map_url.is_empty();
        let is_own = event.script_language != "WebAssembly"
            && is_own(&event.url, event.has_source_url, has_map, page);
        let source_map_url = if is_kept(scripts, &event.source_map_url) {
            event.source_map_url
        } else {
            short_url(event.source_map_url)
        };
        scripts.push(Script {
            id,
            url: short_url(event.url),
            source_map_url: Some(source_map_url).filter(|url| !url.is_empty()),
            hash: event.hash,
            length: event.length,
            is_module: event.is_module,
            source: None,
            is_own,
        });
    }
}

/// Whether a source map's URL is the map itself, and there is room for it.
fn is_kept(scripts: &[Script], url: &str) -> bool {
    let taken = || -> usize {
        scripts.iter().filter_map(|script| Some(script.source_map_url.as_ref()?.len())).sum()
    };
    url.starts_with("data:application/json") && url.len() <= LONGEST_MAP && {
        taken() + url.len() <= MOST_MAPS
    }
}

fn short_url(mut url: String) -> String {
    if url.starts_with("data:") {
        let end = url.find(',').map_or(url.len(), |comma| comma + 1);
        url.truncate(end);
    }
    if url.len() > LONGEST_URL {
        url.clear();
    }
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(url: &str, source_map_url: &str) -> String {
        serde_json::json!({ "scriptId": "1", "url": url, "sourceMapURL": source_map_url })
            .to_string()
    }

    #[test]
    fn a_data_url_is_cut_at_its_comma() {
        let mut scripts = Vec::new();
        collect(&mut scripts, &event("data:text/javascript,let a", "data:text/plain,x"), "");
        assert_eq!(scripts[0].url, "data:text/javascript,");
        assert_eq!(scripts[0].source_map_url.as_deref(), Some("data:text/plain,"));
    }

    #[test]
    fn maps_that_are_too_large_are_cut() {
        let map = |bytes: usize| format!("data:application/json,{}", "x".repeat(bytes));
        let mut scripts = Vec::new();
        collect(&mut scripts, &event("a.js", &map(LONGEST_MAP)), "");
        assert_eq!(scripts[0].source_map_url.as_deref(), Some("data:application/json,"));
        for _ in 0..10 {
            collect(&mut scripts, &event("a.js", &map(LONGEST_MAP - 100)), "");
        }
        let kept: usize =
            scripts.iter().filter_map(|it| Some(it.source_map_url.as_ref()?.len())).sum();
        assert!(kept <= MOST_MAPS && kept > MOST_MAPS / 2, "{kept}");
    }

    #[test]
    fn a_map_in_its_url_is_kept() {
        let mut scripts = Vec::new();
        collect(
            &mut scripts,
            r#"{"scriptId":"77","url":"file:///a.js","sourceMapURL":"data:application/json;base64,eyJ2ZXJzaW9uIjoz","hash":"ab","length":9,"isModule":true,"more":1}"#,
            "",
        );
        assert_eq!(
            scripts,
            [Script {
                id: 77,
                url: "file:///a.js".to_owned(),
                source_map_url: Some("data:application/json;base64,eyJ2ZXJzaW9uIjoz".to_owned()),
                hash: "ab".to_owned(),
                length: 9,
                is_module: true,
                source: None,
                is_own: true,
            }]
        );
    }

    #[test]
    fn events_that_make_no_sense_are_passed_over() {
        let mut scripts = Vec::new();
        for odd in ["{}", "[]", "1", r#"{"scriptId":"x"}"#, r#"{"scriptId":"-1"}"#] {
            collect(&mut scripts, odd, "");
        }
        assert_eq!(scripts, []);
    }

    #[test]
    fn a_process_may_say_anything() {
        let read = |text| ProcessFacts::read(&serde_json::from_str(text).unwrap(), &Value::Null);
        assert_eq!(read("null"), None);
        assert_eq!(read(r#"{"pid":-4,"argv":"x","node":7}"#), None);
        let facts = read(r#"{"pid":4711,"argv":["node",5]}"#).unwrap();
        assert_eq!((facts.pid, facts.argv), (Some(4711), Some(vec!["node".to_owned()])));
    }

    #[test]
    fn web_assembly_has_no_text() {
        let mut scripts = Vec::new();
        let event = r#"{"scriptId":"1","url":"file:///a.wasm","scriptLanguage":"WebAssembly"}"#;
        collect(&mut scripts, event, "");
        assert!(!scripts[0].is_own);
    }
}
