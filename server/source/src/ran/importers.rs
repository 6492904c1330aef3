//! Who imports what: the statements about an exported variable in other files of the workspace.
//!
//! Which files ask for which is read from their text, without parsing: every quoted text that looks
//! like a relative path and leads to a file counts. Only the files that ask for the one in question
//! are parsed then. Packages and path aliases of a bundler are not followed.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::file::SourceFile;
use crate::file::imports::ExportPath;
use crate::file::target::Target;
use crate::ran::AsItRan;
use crate::statements::mutation::Mutation;
use crate::statements::number::{Argument, Number};
use crate::workspace::Workspace;
use crate::workspace::module_path::find;

/// Most files whose text is read, and bytes of them in all: more is not one program.
const MAX_FILES: usize = 10_000;
const MAX_BYTES: u64 = 128 << 20;
/// Larger files are not written by people.
const LARGEST_FILE: u64 = 1 << 20;
/// Most importing files that are parsed for one question.
const MAX_PARSED: usize = 200;
/// Longest path in an import.
const LONGEST_PATH: usize = 260;

/// For each file of a workspace the files that import it. Read once.
#[derive(Debug, Default)]
pub struct Importers {
    of: FxHashMap<PathBuf, Vec<Importer>>,
}

#[derive(Debug)]
struct Importer {
    file: PathBuf,
    /// How it asks for the module: `./store.js`.
    names: Vec<String>,
}

impl Importers {
    /// Reads all script files of a workspace that are no dependencies, with the texts that ran. If
    /// `ran` tells which ones did, no others.
    pub fn of(view: &AsItRan<'_>, ran: Option<&BTreeSet<PathBuf>>) -> Importers {
        let mut files = view.workspace().files();
        // Some may be gone by now.
        files.extend(view.known());
        files.retain(|file| {
            !Workspace::is_dependency(file) && ran.is_none_or(|ran| ran.contains(file))
        });
        files.sort_unstable();
        files.dedup();
        let known: FxHashSet<&Path> = files.iter().map(PathBuf::as_path).collect();
        let mut importers = Importers::default();
        let mut left = MAX_BYTES;
        for file in files.iter().take(MAX_FILES) {
            let Ok(text) = view.read(file, LARGEST_FILE.min(left)) else { continue };
            left -= text.len() as u64;
            let mut names: Vec<&str> = relative_paths(&text).collect();
            names.sort_unstable();
            names.dedup();
            for name in names {
                let imported = file
                    .parent()
                    .and_then(|folder| find(folder, name, |path| known.contains(path)));
                let Some(imported) = imported else { continue };
                let of = importers.of.entry(imported).or_default();
                match of.last_mut().filter(|last| last.file == *file) {
                    Some(last) => last.names.push(name.to_owned()),
                    None => of.push(Importer { file: file.clone(), names: vec![name.to_owned()] }),
                }
            }
        }
        importers
    }

    /// The statements in other files that add to, remove from or bound what `target` is in `file`,
    /// as far as it is exported; also where it is passed on by further modules. Fields of instances
    /// and globals are not followed. Files that cannot be read are left out. `confirm` is called with each
    /// file before it is asked: whoever knows that its text is not the one that ran says so there.
    pub fn mutations(
        &self,
        view: &AsItRan<'_>,
        file: &SourceFile,
        target: &Target<'_>,
        confirm: impl Fn(&Path),
    ) -> Vec<(Arc<SourceFile>, Mutation)> {
        let mut found: Vec<(Arc<SourceFile>, Mutation)> = Vec::new();
        let paths = file.exported_as(target).into_iter();
        let mut open: Vec<(PathBuf, ExportPath)> =
            paths.map(|path| (file.path().to_owned(), path)).collect();
        let mut seen: FxHashSet<(PathBuf, ExportPath)> = open.iter().cloned().collect();
        let mut parsed = 0;
        while let Some((module, path)) = open.pop() {
            for importer in self.of.get(&module).into_iter().flatten() {
                parsed += 1;
                if parsed > MAX_PARSED {
                    return found;
                }
                confirm(&importer.file);
                let Ok(other) = view.file(&importer.file) else { continue };
                let names: Vec<&str> = path.iter().map(String::as_str).collect();
                let target = Target::Imported { from: &importer.names, path: &names };
                for mutation in other.mutations(&target) {
                    let is_known = found.iter().any(|(file, known)| {
                        file.path() == other.path() && known.range == mutation.range
                    });
                    if !is_known {
                        found.push((Arc::clone(&other), mutation));
                    }
                }
                for path in other.passes_on(&importer.names, &path) {
                    let next = (importer.file.clone(), path);
                    if seen.insert(next.clone()) {
                        open.push(next);
                    }
                }
            }
        }
        found.sort_by(|(left, a), (right, b)| (left.path(), a.range).cmp(&(right.path(), b.range)));
        found
    }
}

impl Importers {
    /// What those files give for an argument of a constructor of this one that import it, each with the
    /// file.
    pub fn numbers_given(
        &self,
        view: &AsItRan<'_>,
        file: &SourceFile,
        argument: &Argument,
        confirm: impl Fn(&Path),
    ) -> Vec<(Arc<SourceFile>, Number)> {
        let ways = file.constructor_exported_as(argument);
        let mut found = Vec::new();
        if ways.is_empty() {
            return found;
        }
        let importers = self.of.get(file.path()).into_iter().flatten();
        for importer in importers.take(MAX_PARSED) {
            confirm(&importer.file);
            let Ok(other) = view.file(&importer.file) else { continue };
            let given = other.numbers_given_from(&importer.names, &ways, argument).into_iter();
            found.extend(given.map(|number| (Arc::clone(&other), number)));
        }
        found
    }
}

/// Every quoted text that looks like a relative path.
fn relative_paths(text: &[u8]) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        loop {
            let quote = rest.iter().position(|byte| matches!(byte, b'"' | b'\'' | b'`'))?;
            let (mark, behind) = (rest[quote], &rest[quote + 1..]);
            rest = behind;
            if !behind.starts_with(b"./") && !behind.starts_with(b"../") {
                continue;
            }
            let near = &behind[..behind.len().min(LONGEST_PATH)];
            let end = near.iter().position(|&byte| byte == mark || byte == b'\n');
            if let Some(end) = end
                && let Ok(path) = std::str::from_utf8(&near[..end])
            {
                rest = &behind[end..];
                return Some(path);
            }
        }
    })
}
