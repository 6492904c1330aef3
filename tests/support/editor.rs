//! What an editor says of itself, and how it names files.

use std::fmt::Write as _;
use std::path::Path;

use serde_json::{Value, json};

/// The capabilities of a client that can do all that the server makes use of.
pub fn capabilities() -> Value {
    json!({
        "window": { "workDoneProgress": true, "showDocument": { "support": true } },
        "workspace": {
            "configuration": true,
            "workspaceFolders": true,
            "didChangeWatchedFiles": { "dynamicRegistration": true },
        },
        "textDocument": {
            "hover": { "contentFormat": ["markdown", "plaintext"] },
            "publishDiagnostics": { "relatedInformation": true },
        },
    })
}

/// The `file:` URI of a path. What need not be escaped is not.
pub fn uri(path: &Path) -> String {
    let mut uri = "file://".to_owned();
    for &byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'/' | b'-' | b'.' | b'_' | b'~' => {
                uri.push(char::from(byte));
            }
            other => {
                // Writing to a text cannot fail.
                let _ = write!(uri, "%{other:02X}");
            }
        }
    }
    uri
}
