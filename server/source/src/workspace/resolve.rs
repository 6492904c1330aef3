//! Which file a name means: that of a script, or of a source in a source map.

use std::path::{Path, PathBuf};

use super::Workspace;
use super::script_name::{ScriptName, decode, is_drive_path};

/// What a script's name means in a workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resolution {
    /// This file.
    File(PathBuf),
    /// Any of these files: their paths end alike, so none is chosen.
    Ambiguous(Vec<PathBuf>),
    /// A file that no workspace folder has.
    NotInWorkspace,
    /// Code of Node or V8 itself, or code without a file (eval, `-e`, WebAssembly).
    Builtin,
}

impl Workspace {
    /// Which file a script's name means: what a path mapping says, the very path, else the file whose
    /// path has the most last segments in common with it (snapshots come from containers and other
    /// machines).
    pub fn resolve(&self, script_name: &str) -> Resolution {
        if let Some(file) = self.mapped(script_name) {
            return Resolution::File(file);
        }
        let (path, segments, is_absolute) = match ScriptName::read(script_name) {
            ScriptName::Builtin => return Resolution::Builtin,
            ScriptName::Other => return Resolution::NotInWorkspace,
            ScriptName::File { path, segments, is_absolute } => (path, segments, is_absolute),
        };
        if let Some(path) = path {
            if let Ok(real) = self.inside(&path)
                && heapmark_files::is_file(&real)
            {
                return Resolution::File(self.shown(&real));
            }
            // A file of this machine that belongs to another project, or one of the workspace that is
            // gone: nothing else is meant.
            if heapmark_files::is_file(&path) || self.inside(&path).is_ok() {
                return Resolution::NotInWorkspace;
            }
        }
        // A dependency is only found as a dependency, and a relative name only as a whole.
        let dependency = segments.iter().position(|segment| segment == "node_modules");
        let shortest = match dependency {
            _ if !is_absolute => segments.len(),
            Some(first) => segments.len() - first,
            None => 1,
        };
        let (mut longest, mut found) = self.below_folders(&segments, shortest);
        if dependency.is_none() {
            let (length, listed) = self.listing().longest_suffix(&segments);
            if length > longest && length >= shortest {
                (longest, found) = (length, listed);
            } else if length == longest {
                found.extend(listed);
            }
            // What a build wrote is ignored by Git, but it is what runs.
            if is_absolute && longest < 2 {
                let (length, built) = self.built().longest_suffix(&segments);
                if length >= 2 {
                    (longest, found) = (length, built);
                }
            }
        }
        if longest == 0 {
            return Resolution::NotInWorkspace;
        }
        let mut found: Vec<_> = found.iter().map(|path| self.shown(path)).collect();
        found.sort();
        found.dedup();
        match <[PathBuf; 1]>::try_from(found) {
            Ok([file]) => Resolution::File(file),
            Err(several) => Resolution::Ambiguous(several),
        }
    }

    /// Whether a file that a name was found to mean is that for more than its own name's sake.
    pub(crate) fn is_surely(&self, name: &str, file: &Path) -> bool {
        let ScriptName::File { segments, .. } = ScriptName::read(name) else { return true };
        let ends = file.components().rev().zip(segments.iter().rev());
        let alike = ends.take_while(|(own, segment)| own.as_os_str() == segment.as_str()).count();
        alike > 1 || self.mapped(name).is_some()
    }

    /// Whether a name is the path of this machine to a file in the workspace, be it there or not.
    pub(crate) fn is_inside(&self, name: &str) -> bool {
        let ScriptName::File { path: Some(path), .. } = ScriptName::read(name) else {
            return false;
        };
        self.inside(&path).is_ok()
    }

    /// The files that may be a script of this name which lies elsewhere, by the last segment, or, of what was
    /// installed, by the path in its package: a package of the workspace may have been.
    pub(crate) fn namesakes(&self, name: &str) -> Vec<PathBuf> {
        let ScriptName::File { segments, .. } = ScriptName::read(name) else { return Vec::new() };
        let end = match path_in_package(&segments) {
            Some(inside) => inside,
            None => &segments[segments.len() - 1..],
        };
        let all = [self.listing(), self.built()].into_iter().flat_map(|listing| {
            let (length, found) = listing.longest_suffix(end);
            if length == end.len() { found } else { Vec::new() }
        });
        all.map(|path| self.shown(&path)).collect()
    }

    /// The files of so many bytes that a program may run, if the name is one of the user's own scripts.
    pub(crate) fn files_of_size(&self, name: &str, bytes: u64) -> Vec<PathBuf> {
        match ScriptName::read(name) {
            ScriptName::File { segments, is_absolute: true, .. }
                if path_in_package(&segments).is_none() => {}
            _ => return Vec::new(),
        }
        let built = self.built();
        built.of_size(bytes).iter().map(|path| self.shown(path)).collect()
    }

    /// The file that a path mapping leads to, if it is there.
    fn mapped(&self, name: &str) -> Option<PathBuf> {
        let folder = &self.folders.first()?.real;
        self.path_mappings.iter().find_map(|mapping| {
            let real = self.inside(&mapping.apply(name, folder)?).ok()?;
            heapmark_files::is_file(&real).then(|| self.shown(&real))
        })
    }

    /// Which file the source of a map means. `folder` is where the map lies, with `/`; what Node or
    /// a bundler made up itself is [`Resolution::Builtin`].
    pub(crate) fn resolve_source(&self, folder: &str, name: &str) -> Resolution {
        if let Some(file) = self.mapped(name) {
            return Resolution::File(file);
        }
        let is_absolute = name.starts_with(['/', '\\']) || is_drive_path(name);
        match name.split_once("://") {
            // NUL is what Rollup marks its own with, and elsewhere no part of any file's name.
            _ if name.is_empty() || name.split('/').any(|it| it.starts_with('\0')) => {
                Resolution::Builtin
            }
            _ if name.contains('\0') => Resolution::NotInWorkspace,
            Some(("file" | "http" | "https", _)) => self.resolve(name),
            Some((_, rest)) => self.resolve_bundled(rest),
            None if is_absolute => self.resolve(name),
            None => {
                let joined = |name: &str| self.resolve(&format!("{folder}/{name}"));
                let plain = name.split('?').next().unwrap_or(name);
                let found = joined(plain);
                let is_encoded = plain.contains('%') && found == Resolution::NotInWorkspace;
                if is_encoded { joined(&decode(plain)) } else { found }
            }
        }
    }

    /// A name as webpack makes them: `webpack://shop/./src/a.ts`, given without the scheme.
    fn resolve_bundled(&self, rest: &str) -> Resolution {
        const OWN: [&str; 4] = ["webpack/", "(webpack)", "external ", "ignored|"];
        let rest = rest.split('?').next().unwrap_or(rest);
        let paths = match rest.split_once("/./") {
            Some((_, path)) => vec![path],
            // The name before it may itself have a slash: `@scope/shop`.
            None => rest.match_indices('/').map(|(slash, _)| &rest[slash + 1..]).take(2).collect(),
        };
        if paths.first().is_none_or(|path| OWN.iter().any(|own| path.starts_with(own))) {
            return Resolution::Builtin;
        }
        let found = paths.iter().map(|path| self.resolve(&format!("./{}", decode(path))));
        let mut found = found.filter(|found| *found != Resolution::NotInWorkspace);
        found.next().unwrap_or(Resolution::NotInWorkspace)
    }

    /// Files that lie directly at the end of `segments` below a folder, also where the listing does
    /// not look: the longest such end, and the files of that length.
    fn below_folders(&self, segments: &[String], shortest: usize) -> (usize, Vec<PathBuf>) {
        for length in (shortest.max(1)..=segments.len()).rev() {
            let end: PathBuf = segments[segments.len() - length..].iter().collect();
            let found: Vec<_> = self
                .folders
                .iter()
                .filter_map(|folder| self.inside(&folder.real.join(&end)).ok())
                .filter(|path| heapmark_files::is_file(path))
                .collect();
            if !found.is_empty() {
                return (length, found);
            }
        }
        (0, Vec::new())
    }
}

/// Of a script of an installed package, where it lies in that.
fn path_in_package(segments: &[String]) -> Option<&[String]> {
    let modules = segments.iter().rposition(|segment| segment == "node_modules")?;
    let name = if segments.get(modules + 1)?.starts_with('@') { 2 } else { 1 };
    segments.get(modules + 1 + name..).filter(|inside| !inside.is_empty())
}
