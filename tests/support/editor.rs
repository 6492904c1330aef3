//! What an editor says of itself, and how it names files.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

/// What a client says of itself in `initialize`.
#[derive(Debug)]
pub struct Options {
    /// The folders that it has open.
    pub folders: Vec<PathBuf>,
    /// The section of its settings.
    pub settings: Value,
    /// What it can do.
    pub capabilities: Value,
    /// The process with which the server is to end.
    pub process_id: Option<u32>,
}

impl Options {
    /// A client that can do all that the server makes use of.
    pub fn in_folder(folder: &Path) -> Self {
        Self {
            folders: vec![folder.to_owned()],
            settings: json!({}),
            capabilities: capabilities(),
            process_id: None,
        }
    }

    /// The same, but it analyses nothing by itself.
    pub fn quiet(folder: &Path) -> Self {
        Self { settings: json!({ "analyzeOnOpen": false }), ..Self::in_folder(folder) }
    }

    /// The parameters of `initialize`.
    pub fn initialize(&self) -> Value {
        let folders = self.folders.iter();
        let folders = folders.map(|folder| json!({ "uri": uri(folder), "name": "folder" }));
        json!({
            "processId": self.process_id,
            "rootUri": null,
            "workspaceFolders": folders.collect::<Vec<_>>(),
            "initializationOptions": self.settings,
            "capabilities": self.capabilities,
        })
    }
}

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
