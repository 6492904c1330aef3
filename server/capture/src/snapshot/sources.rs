//! The texts of the user's own scripts, as V8 runs them.
//!
//! The file on disk may have been edited since it was loaded, and evaluated code has none. Best
//! effort: the snapshot is complete by then and is not lost for a text that does not come.

use crate::{error::CaptureError, inspector::Session, sidecar::Script};
use serde_json::{Value, json};
use std::{
    collections::HashSet,
    time::{Duration, Instant},
};

/// Of one script, in bytes. Bundles of whole servers have two or three million.
const MAX_TEXT: usize = 4 << 20;
/// Of all scripts together, in bytes.
const MAX_TEXTS: usize = 24 << 20;
/// A thousand texts come within a second; who is waited for longer is short of something.
const MAX_TIME: Duration = Duration::from_secs(20);

impl Session {
    /// Fills in the sources of the user's own scripts, the shorter ones first, as many as the limits
    /// allow. After a snapshot: what V8 does for it is in no heap then.
    pub(crate) async fn add_sources(&mut self, scripts: &mut [Script]) {
        let mut wanted: Vec<&mut Script> = scripts.iter_mut().filter(|it| it.is_own).collect();
        wanted.sort_by_key(|script| script.length);
        let alive: HashSet<u32> = wanted.iter().map(|script| script.id).collect();
        self.sources.retain(&alive);
        let missing =
            wanted.iter().any(|script| self.sources.get(script.id, &script.hash).is_none());
        if missing {
            self.fetch_sources(&wanted).await;
        }
        let mut room = MAX_TEXTS;
        for script in wanted {
            if let Some(text) = self.sources.get(script.id, &script.hash)
                && text.len() <= room
            {
                room -= text.len();
                script.source = Some(text.clone());
            }
        }
    }

    async fn fetch_sources(&mut self, wanted: &[&mut Script]) {
        const METHOD: &str = "Debugger.getScriptSource";
        let until = Instant::now() + MAX_TIME;
        let left = || until.saturating_duration_since(Instant::now());
        // It tells all scripts once more. Without it, there are no texts.
        if self.call("Debugger.enable", json!({}), left(), |_, _| {}).await.is_err() {
            return;
        }
        let mut room = MAX_TEXTS;
        for script in wanted {
            // A UTF-16 unit has at least one byte.
            if script.length as usize > MAX_TEXT.min(room) || left().is_zero() {
                break;
            }
            if let Some(text) = self.sources.get(script.id, &script.hash) {
                room = room.saturating_sub(text.len());
                continue;
            }
            let params = json!({ "scriptId": script.id.to_string() });
            match self.call(METHOD, params, left(), |_, _| {}).await {
                Ok(mut reply) => {
                    if let Value::String(text) = reply["scriptSource"].take()
                        && text.len() <= MAX_TEXT.min(room)
                    {
                        room -= text.len();
                        self.sources.insert(script.id, &script.hash, text);
                    }
                }
                Err(CaptureError::TargetGone { .. } | CaptureError::Unresponsive { .. }) => return,
                // Collected meanwhile, or half a character, which no text here can hold.
                Err(_) => {}
            }
        }
        if !self.is_shared() {
            // Who does not answer any more is found out by whoever asks next.
            let _ = self.try_call("Debugger.disable", json!({})).await;
        }
    }
}

/// Whether a script is the user's own, by what V8 says of it: a file outside of `node_modules`, a
/// script from where the page comes from, or evaluated code that names itself or has a source map.
/// `page` is the target's URL.
pub(crate) fn is_own(url: &str, names_itself: bool, has_map: bool, page: &str) -> bool {
    let is_dependency = url.split(['/', '\\']).any(|segment| segment == "node_modules");
    let is_internal = ["node:", "internal/", "wasm:", "devtools:", "chrome-extension:"]
        .iter()
        .any(|prefix| url.starts_with(prefix));
    if is_dependency || is_internal {
        return false;
    }
    let is_drive =
        matches!(url.as_bytes(), [drive, b':', b'\\' | b'/', ..] if drive.is_ascii_alphabetic());
    if url.starts_with("file:") || url.starts_with(['/', '\\']) || is_drive {
        return true;
    }
    if url.starts_with("http:") || url.starts_with("https:") {
        let origin = |url| url::Url::parse(url).map(|url| url.origin()).ok();
        return origin(url).is_some() && origin(url) == origin(page);
    }
    names_itself || has_map
}

#[cfg(test)]
mod tests {
    use super::is_own;

    #[test]
    fn own_is_what_the_user_wrote() {
        let page = "http://localhost:5173/shop";
        for url in [
            "file:///app/dist/main.js",
            "/app/main.js",
            r"C:\app\main.js",
            "c:/app/main.js",
            "http://localhost:5173/src/main.ts",
        ] {
            assert!(is_own(url, false, false, page), "{url}");
        }
        for url in [
            "",
            "[eval]",
            "node:fs",
            "internal/util",
            "evalmachine.<anonymous>",
            "file:///app/node_modules/express/index.js",
            r"C:\app\node_modules\express\index.js",
            "http://localhost:4000/main.js",
            "https://cdn.example/react.js",
        ] {
            assert!(!is_own(url, false, false, page), "{url}");
        }
    }

    #[test]
    fn evaluated_code_is_own_if_it_says_where_it_comes_from() {
        for url in ["", "evalmachine.<anonymous>", "webpack-internal:///./src/a.ts"] {
            assert!(is_own(url, true, false, "") && is_own(url, false, true, ""), "{url}");
        }
        for url in ["webpack-internal:///./node_modules/a.js", "wasm://wasm/5c", "node:vm"] {
            assert!(!is_own(url, true, true, ""), "{url}");
        }
    }
}
