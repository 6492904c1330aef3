//! The files behind scripts that run now: what a capture has to write down, so that its snapshot can
//! still be read when those files have been edited.
//!
//! Not here: the texts of the scripts themselves, which V8 tells, and whatever a map carries inside.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::{WantedMap, locate};
use crate::ran::AsItRan;
use crate::ran::ran_script::{Agreement, RanScript};
use crate::text::language::Language;
use crate::workspace::{Resolution, Workspace};

/// Of one source, in bytes.
const LARGEST_SOURCE: u64 = 4 << 20;
/// Of one source map, in bytes.
const LARGEST_MAP: u64 = 16 << 20;
/// Of all files together, in bytes.
const MAX_BYTES: usize = 24 << 20;
/// So many sources are looked for; no program that runs has more of its own.
const MAX_ASKED: usize = 50_000;
/// Largest script whose file is compared with it, in bytes.
const LARGEST_SCRIPT: u64 = 64 << 20;

/// A script as V8 runs it.
#[derive(Debug, Clone, Copy)]
pub struct RunningScript<'a> {
    /// V8's name or URL.
    pub url: &'a str,
    /// What its `//# sourceMappingURL=` comment says; a `data:` URL may be cut.
    pub source_map_url: Option<&'a str>,
    /// SHA-256 of its text, in hexadecimal.
    pub hash: &'a str,
    /// Its text, if it is known.
    pub text: Option<&'a str>,
}

/// A file of the workspace, and all that stands in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileBehind {
    /// Where it is, absolute.
    pub path: PathBuf,
    /// Its text.
    pub text: String,
}

/// The files of the workspace that the user's own scripts were made from: their external source maps,
/// and of sources that a map names without their text, the text. At most 24 MiB, a map 16, a source 4;
/// what is larger is left out.
///
/// Only what is certain to be what was built: the script's file is still the text that runs, and the
/// source was not modified later than that file and its map.
pub fn files_behind<'a>(
    workspace: &Workspace,
    scripts: impl IntoIterator<Item = RunningScript<'a>>,
) -> Vec<FileBehind> {
    let mut behind =
        Behind { workspace, files: Vec::new(), known: BTreeSet::new(), room: MAX_BYTES, asked: 0 };
    for script in scripts {
        behind.add(&script);
    }
    behind.files
}

struct Behind<'w> {
    workspace: &'w Workspace,
    files: Vec<FileBehind>,
    known: BTreeSet<PathBuf>,
    room: usize,
    asked: usize,
}

impl Behind<'_> {
    fn add(&mut self, script: &RunningScript<'_>) {
        let Resolution::File(path) = self.workspace.resolve(script.url) else { return };
        if Workspace::is_dependency(&path) {
            return;
        }
        let Some(text) = self.read(&path, LARGEST_SCRIPT) else { return };
        if !is_what_runs(script, &text) {
            return;
        }
        let Some(folder) = path.parent() else { return };
        let wanted = WantedMap {
            folder: &folder.to_string_lossy().replace('\\', "/"),
            url: script.source_map_url,
            file: Some((&path, &text)),
        };
        let Some(Ok(located)) = locate(&AsItRan::new(self.workspace), &wanted) else { return };
        let map = located.file.as_ref().filter(|map| **map != path);
        let Some(built) = [Some(&path), map].into_iter().flatten().map(|it| modified(it)).min()
        else {
            return;
        };
        if let Some(map) = map {
            self.record(map, LARGEST_MAP, None);
        }
        for source in located.map.sources() {
            if source.content.is_some() || source.is_ignored || self.asked == MAX_ASKED {
                continue;
            }
            self.asked += 1;
            if let Resolution::File(source) =
                self.workspace.resolve_source(&located.folder, &source.name)
                && !Workspace::is_dependency(&source)
            {
                self.record(&source, LARGEST_SOURCE, built);
            }
        }
    }

    /// Adds a file, if there is room for it and nobody has written to it after `built`.
    fn record(&mut self, path: &Path, most: u64, built: Option<SystemTime>) {
        let is_later = || built.is_some_and(|built| modified(path).is_none_or(|it| it > built));
        if self.known.contains(path) || is_later() {
            return;
        }
        let Some(text) = self.read(path, most.min(self.room as u64)) else { return };
        // Asked again: somebody may have written meanwhile.
        if !is_later() {
            self.room -= text.len();
            self.known.insert(path.to_owned());
            self.files.push(FileBehind { path: path.to_owned(), text });
        }
    }

    fn read(&self, path: &Path, most: u64) -> Option<String> {
        let bytes = self.workspace.read(path, most).ok()?;
        // Node.js and compilers read what is no UTF-8 in ways of their own.
        String::from_utf8(bytes).ok()
    }
}

/// Whether a script's file still is the text that runs.
fn is_what_runs(script: &RunningScript<'_>, file: &str) -> bool {
    if let Some(text) = script.text {
        return without_mark(text) == without_mark(file);
    }
    let ran = RanScript { hash: Some(script.hash.to_owned()), ..RanScript::default() };
    ran.agreement(file, Language::JavaScript) == Agreement::Same
}

fn without_mark(text: &str) -> &str {
    text.strip_prefix('\u{feff}').unwrap_or(text)
}

fn modified(path: &Path) -> Option<SystemTime> {
    heapmark_files::metadata(path).and_then(|metadata| metadata.modified()).ok()
}
