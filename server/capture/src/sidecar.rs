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
//! | `scripts`  | `[{ id, url, sourceMapUrl, hash, length, isModule }]`, ids as in the snapshot |
//!
//! `hash` is V8's SHA-256 of the script's source, `length` its UTF-16 length. A source map inside its
//! own URL is kept, because what transpiles in memory (tsx, ts-node) leaves it nowhere else. Other
//! `data:` URLs, and maps of many megabytes, are kept up to their comma: one that ends in a comma was
//! cut.

use crate::Target;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Programs load thousands of scripts; more than this is no program.
const MOST_SCRIPTS: usize = 200_000;
/// A longer URL, in bytes, names no file and is left out.
const LONGEST_URL: usize = 8_192;
/// A source map inside its URL may have this many bytes.
const LONGEST_MAP: usize = 4 << 20;
/// All of a program's together; readers take a sidecar of twice this size.
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
}

/// Adds the script of a `Debugger.scriptParsed` event to `scripts`; events that make no sense are
/// passed over.
pub(crate) fn collect(scripts: &mut Vec<Script>, params: &str) {
    let Ok(event) = serde_json::from_str::<ScriptParsed>(params) else { return };
    let Ok(id) = event.script_id.parse() else { return };
    if scripts.len() < MOST_SCRIPTS {
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
        collect(&mut scripts, &event("data:text/javascript,let a", "data:text/plain,x"));
        assert_eq!(scripts[0].url, "data:text/javascript,");
        assert_eq!(scripts[0].source_map_url.as_deref(), Some("data:text/plain,"));
    }

    #[test]
    fn maps_that_are_too_large_are_cut() {
        let map = |bytes: usize| format!("data:application/json,{}", "x".repeat(bytes));
        let mut scripts = Vec::new();
        collect(&mut scripts, &event("a.js", &map(LONGEST_MAP)));
        assert_eq!(scripts[0].source_map_url.as_deref(), Some("data:application/json,"));
        for _ in 0..10 {
            collect(&mut scripts, &event("a.js", &map(LONGEST_MAP - 100)));
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
            }]
        );
    }

    #[test]
    fn events_that_make_no_sense_are_passed_over() {
        let mut scripts = Vec::new();
        for odd in ["{}", "[]", "1", r#"{"scriptId":"x"}"#, r#"{"scriptId":"-1"}"#] {
            collect(&mut scripts, odd);
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
}
