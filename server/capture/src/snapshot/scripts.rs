//! The scripts of a program, as V8 tells them one by one, within limits.
//!
//! What is kept of each goes into the sidecar; the texts come later, from [`super::sources`].

use super::sources::is_own;
use crate::sidecar::Script;
use serde::Deserialize;

/// Programs load thousands of scripts. One that evaluates code again and again may have more, of which
/// the first tell enough.
const MAX_SCRIPTS: usize = 200_000;
/// Bytes of all their URLs and hashes together: 200,000 have 40 MB.
const MAX_NAMES: usize = 64 << 20;
/// Bytes of a hash in hexadecimal: V8's SHA-256 has 64.
const MAX_HASH: usize = 128;
/// A longer URL, in bytes, names no file and is left out.
const MAX_URL: usize = 8_192;
/// A source map inside its URL may have this many bytes.
const MAX_MAP: usize = 4 << 20;
/// All of a program's together.
const MAX_MAPS: usize = 24 << 20;

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

/// Collects the scripts of one program.
#[derive(Debug, Default)]
pub(crate) struct Scripts {
    list: Vec<Script>,
    /// The target's URL.
    page: String,
    /// Bytes of URLs and hashes so far.
    names: usize,
    /// Bytes of source maps so far.
    maps: usize,
}

impl Scripts {
    /// None yet; `page` is the target's URL.
    pub(crate) fn of_page(page: &str) -> Self {
        Self { page: page.to_owned(), ..Self::default() }
    }

    /// Adds the script of a `Debugger.scriptParsed` event. Events that make no sense are passed over,
    /// and so is what has no room.
    pub(crate) fn add(&mut self, params: &str) {
        if self.list.len() >= MAX_SCRIPTS || self.names >= MAX_NAMES {
            return;
        }
        let Ok(event) = serde_json::from_str::<ScriptParsed>(params) else { return };
        let Ok(id) = event.script_id.parse() else { return };
        let has_map = !event.source_map_url.is_empty();
        let is_own = event.script_language != "WebAssembly"
            && is_own(&event.url, event.has_source_url, has_map, &self.page);
        let source_map_url = self.map(event.source_map_url);
        let url = short_url(event.url);
        let hash = if event.hash.len() <= MAX_HASH { event.hash } else { String::new() };
        self.names += url.len() + hash.len();
        self.list.push(Script {
            id,
            url,
            source_map_url: Some(source_map_url).filter(|url| !url.is_empty()),
            hash,
            length: event.length,
            is_module: event.is_module,
            source: None,
            is_own,
        });
    }

    /// All of them by their id.
    pub(crate) fn sorted(self) -> Vec<Script> {
        let mut list = self.list;
        list.sort_by_key(|script| script.id);
        list.dedup_by_key(|script| script.id);
        list
    }

    /// The URL of a source map as it is kept: whole, if it is the map itself and there is room for it.
    fn map(&mut self, url: String) -> String {
        let is_map = url.starts_with("data:application/json");
        if is_map && url.len() <= MAX_MAP && self.maps + url.len() <= MAX_MAPS {
            self.maps += url.len();
            return url;
        }
        let url = short_url(url);
        self.names += url.len();
        url
    }
}

/// A `data:` URL up to its comma; nothing of one that is too long.
fn short_url(mut url: String) -> String {
    if url.starts_with("data:") {
        let end = url.find(',').map_or(url.len(), |comma| comma + 1);
        url.truncate(end);
        url.shrink_to_fit();
    }
    if url.len() > MAX_URL { String::new() } else { url }
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
        let mut scripts = Scripts::of_page("");
        scripts.add(&event("data:text/javascript,let a", "data:text/plain,x"));
        assert_eq!(scripts.list[0].url, "data:text/javascript,");
        assert_eq!(scripts.list[0].source_map_url.as_deref(), Some("data:text/plain,"));
    }

    #[test]
    fn maps_that_are_too_large_are_cut() {
        let map = |bytes: usize| format!("data:application/json,{}", "x".repeat(bytes));
        let mut scripts = Scripts::of_page("");
        scripts.add(&event("a.js", &map(MAX_MAP)));
        assert_eq!(scripts.list[0].source_map_url.as_deref(), Some("data:application/json,"));
        for _ in 0..10 {
            scripts.add(&event("a.js", &map(MAX_MAP - 100)));
        }
        let kept: usize =
            scripts.list.iter().filter_map(|it| Some(it.source_map_url.as_ref()?.len())).sum();
        assert!(kept <= MAX_MAPS && kept > MAX_MAPS / 2, "{kept}");
    }

    #[test]
    fn a_map_in_its_url_is_kept() {
        let mut scripts = Scripts::of_page("");
        scripts.add(
            r#"{"scriptId":"77","url":"file:///a.js","sourceMapURL":"data:application/json;base64,eyJ2ZXJzaW9uIjoz","hash":"ab","length":9,"isModule":true,"more":1}"#,
        );
        assert_eq!(
            scripts.list,
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
        let mut scripts = Scripts::of_page("");
        for odd in ["{}", "[]", "1", r#"{"scriptId":"x"}"#, r#"{"scriptId":"-1"}"#] {
            scripts.add(odd);
        }
        assert_eq!(scripts.list, []);
    }

    #[test]
    fn web_assembly_has_no_text() {
        let mut scripts = Scripts::of_page("");
        let event = r#"{"scriptId":"1","url":"file:///a.wasm","scriptLanguage":"WebAssembly"}"#;
        scripts.add(event);
        assert!(!scripts.list[0].is_own);
    }

    #[test]
    fn a_flood_of_scripts_takes_little_time_and_memory() {
        let flood = serde_json::json!({
            "scriptId": "1", "url": "u".repeat(1_000), "hash": "h".repeat(60_000),
            "sourceMapURL": format!("data:application/json,{}", "x".repeat(1_000)),
        });
        let flood = flood.to_string();
        let mut scripts = Scripts::of_page("");
        let started = std::time::Instant::now();
        for _ in 0..100_000 {
            scripts.add(&flood);
        }
        assert!(started.elapsed().as_secs() < 60, "{:?}", started.elapsed());
        let size = |it: &Script| {
            let map = it.source_map_url.as_ref().map_or(0, String::capacity);
            it.url.capacity() + it.hash.capacity() + map
        };
        let kept: usize = scripts.list.iter().map(size).sum();
        assert!(kept <= MAX_NAMES + MAX_MAPS + 2 * MAX_URL, "{kept} bytes");
    }
}
