//! What the name of a script says, before any file is looked for.
//!
//! V8 keeps the name that Node gave: a path for CommonJS, a `file:` URL for ES modules, `node:…`
//! for what is built in, and words in brackets for code that never was a file.

use std::path::{Path, PathBuf};

use url::Url;

/// A script's name, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ScriptName {
    /// Code of Node or V8, or code without a file: eval, `-e`, the REPL, WebAssembly.
    Builtin,
    /// A file, on this machine or another.
    File {
        /// The path as this machine would write it, if it is absolute here.
        path: Option<PathBuf>,
        /// Its segments from the root, without `.` and `..`.
        segments: Vec<String>,
        /// Whether the name starts at a root; else all its segments must be found.
        is_absolute: bool,
    },
    /// A name that no file can have: `data:` and other URLs.
    Other,
}

impl ScriptName {
    pub(crate) fn read(name: &str) -> ScriptName {
        if is_builtin(name) {
            return ScriptName::Builtin;
        }
        if is_drive_path(name) || name.starts_with("\\\\") {
            return ScriptName::file(None, &name.replace('\\', "/"), true);
        }
        if name.starts_with('/') {
            return ScriptName::file(local(name), name, true);
        }
        match Url::parse(name) {
            Ok(url) if url.scheme() == "file" => {
                let path = url.to_file_path().ok().filter(|_| url.host().is_none());
                let decoded = path.as_deref().and_then(Path::to_str).map(str::to_owned);
                ScriptName::file(path, &decoded.unwrap_or_else(|| decode(url.path())), true)
            }
            Ok(url) if matches!(url.scheme(), "http" | "https") => {
                ScriptName::file(None, &decode(url.path()), true)
            }
            Ok(_) => ScriptName::Other,
            Err(_) => ScriptName::file(None, name, false),
        }
    }

    /// The folder of a file, as a path with `/`, from the name alone.
    pub(crate) fn folder(name: &str) -> Option<String> {
        match ScriptName::read(name) {
            ScriptName::File { segments, is_absolute, .. } => {
                let (_, folder) = segments.split_last()?;
                let is_drive = folder.first().is_some_and(|first| first.ends_with(':'));
                let root = if is_absolute && !is_drive { "/" } else { "" };
                Some(format!("{root}{}", folder.join("/")))
            }
            ScriptName::Builtin | ScriptName::Other => None,
        }
    }

    fn file(path: Option<PathBuf>, text: &str, is_absolute: bool) -> ScriptName {
        let mut segments: Vec<String> = Vec::new();
        for segment in text.split('/') {
            match segment {
                "" | "." => {}
                ".." => {
                    segments.pop();
                }
                _ => segments.push(segment.to_owned()),
            }
        }
        if segments.is_empty() || text.contains('\0') {
            return ScriptName::Other;
        }
        ScriptName::File { path, segments, is_absolute }
    }
}

/// A path that is absolute on this machine. Two slashes would be another machine's share.
fn local(name: &str) -> Option<PathBuf> {
    let path = Path::new(name);
    (path.is_absolute() && !name.starts_with("//")).then(|| path.to_path_buf())
}

/// `C:\` or `C:/`.
pub(crate) fn is_drive_path(name: &str) -> bool {
    let bytes = name.as_bytes();
    matches!(bytes, [drive, b':', b'\\' | b'/', ..] if drive.is_ascii_alphabetic())
}

/// Code that was given as a text: by `eval`, `new Function`, `node:vm`, `node -e`.
pub(crate) fn is_evaluated(name: &str) -> bool {
    name.is_empty()
        // `[eval]`, `[stdin]`, `[worker eval]`; around these Node puts its own `[eval]-wrapper`.
        || name.starts_with('[') && name.ends_with(']')
        || name.starts_with("evalmachine.")
}

fn is_builtin(name: &str) -> bool {
    is_evaluated(name)
        || name.starts_with('[')
        || name.starts_with("node:")
        || name.starts_with("wasm:")
        // What frameworks make up to stand in for frames of another process: `about://React/Server/…`.
        || name.starts_with("about:")
        // Node before 15 names its own modules so.
        || name.starts_with("internal/")
        || name.strip_prefix("REPL").is_some_and(|number| {
            !number.is_empty() && number.bytes().all(|digit| digit.is_ascii_digit())
        })
}

/// Undoes percent-encoding, for URLs that are no path here (`file://host/…`, `http:`).
pub(crate) fn decode(path: &str) -> String {
    String::from_utf8_lossy(&decode_percent(path)).into_owned()
}

/// The bytes that percent-encoded text stands for.
pub(crate) fn decode_percent(path: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let hex = after.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
        let hex = hex.filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()));
        match hex.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) if first == b'%' => {
                bytes.push(byte);
                rest = &after[2..];
            }
            _ => {
                bytes.push(first);
                rest = after;
            }
        }
    }
    bytes
}

/// The path on this machine that a script's name means, if it means one.
pub fn local_path(name: &str) -> Option<PathBuf> {
    match ScriptName::read(name) {
        ScriptName::File { path, .. } => path,
        ScriptName::Builtin | ScriptName::Other => None,
    }
}

/// Whether two names mean the same script: V8 writes a path where an inspector says `file:`.
pub fn same_script(one: &str, two: &str) -> bool {
    let file = |name| match ScriptName::read(name) {
        ScriptName::File { segments, .. } => Some(segments),
        ScriptName::Builtin | ScriptName::Other => None,
    };
    // V8 cuts names at 1024 units.
    one == two || two.starts_with(one) && one.len() >= 1024 || {
        file(one).is_some_and(|segments| Some(segments) == file(two))
    }
}
