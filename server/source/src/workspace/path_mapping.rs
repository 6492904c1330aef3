//! What the user says about paths of another machine: `/app` there is this folder here.

use std::fmt;
use std::path::{Path, PathBuf};

use crate::workspace::script_name::ScriptName;

/// A prefix of scripts' names, and the folder of the workspace that it stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathMapping {
    from: String,
    to: PathBuf,
}

/// A path mapping that cannot be understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no path mapping: write FROM=TO, as in /app=. or https://cdn.example/js=public/js"
)]
pub struct PathMappingError(String);

impl PathMapping {
    /// Names that begin with `from` (a path, also of Windows, or a URL) are looked for below `to`.
    /// A relative `to`, or one that begins with `${workspaceFolder}`, counts from the first folder
    /// of the workspace.
    pub fn new(from: impl Into<String>, to: impl AsRef<Path>) -> PathMapping {
        let to = to.as_ref();
        let below_folder = to.strip_prefix("${workspaceFolder}").unwrap_or(to);
        PathMapping { from: from.into(), to: below_folder.to_path_buf() }
    }

    /// The place that a script's name is mapped to, in a workspace whose first folder is `folder`.
    pub(crate) fn apply(&self, name: &str, folder: &Path) -> Option<PathBuf> {
        let rest = if self.from.contains("://") && !self.from.starts_with("file:") {
            let rest = name.strip_prefix(self.from.trim_end_matches('/'))?;
            segments(rest.strip_prefix('/')?.split(['?', '#']).next()?)?
        } else {
            let (from, name) = (segments(&self.from)?, segments(name)?);
            let same = from.len() < name.len()
                && from.iter().zip(&name).enumerate().all(|(place, (from, name))| {
                    from == name
                        // The letter of a drive is written either way.
                        || place == 0 && from.ends_with(':') && from.eq_ignore_ascii_case(name)
                });
            same.then(|| name[from.len()..].to_vec())?
        };
        Some(folder.join(&self.to).join(rest.iter().collect::<PathBuf>()))
    }

    /// Longer prefixes are asked first.
    pub(crate) fn precision(&self) -> usize {
        self.from.len()
    }
}

impl std::str::FromStr for PathMapping {
    type Err = PathMappingError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.split_once('=') {
            Some((from, to)) if !from.is_empty() && !to.is_empty() => Ok(Self::new(from, to)),
            _ => Err(PathMappingError(text.to_owned())),
        }
    }
}

impl fmt::Display for PathMapping {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}", self.from, self.to.display())
    }
}

/// The segments of a path or URL from its root, without `..`.
fn segments(name: &str) -> Option<Vec<String>> {
    if name == "/" {
        return Some(Vec::new());
    }
    match ScriptName::read(name) {
        ScriptName::File { segments, .. } => Some(segments),
        ScriptName::Builtin | ScriptName::Other => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn apply(mapping: &str, name: &str) -> Option<String> {
        let mapping: PathMapping = mapping.parse().expect("a mapping");
        Some(mapping.apply(name, Path::new("/w"))?.to_str()?.to_owned())
    }

    #[test]
    fn a_prefix_stands_for_a_folder() {
        let found = |path: &str| Some(path.to_owned());
        assert_eq!(apply("/app=.", "/app/src/a.js"), found("/w/./src/a.js"));
        assert_eq!(apply("/app/=api", "file:///app/src/a%20b.js"), found("/w/api/src/a b.js"));
        assert_eq!(apply("file:///app=api", "/app/a.js"), found("/w/api/a.js"));
        assert_eq!(apply("c:\\build=.", "C:\\build\\a.js"), found("/w/./a.js"));
        assert_eq!(apply("//host/share=/w/x", "\\\\host\\share\\a.js"), found("/w/x/a.js"));
        assert_eq!(apply("https://cdn/js=js", "https://cdn/js/a.js?v=1"), found("/w/js/a.js"));
        assert_eq!(apply("webpack://shop=.", "webpack://shop/./a.ts"), found("/w/./a.ts"));
        assert_eq!(apply("/app=${workspaceFolder}/api", "/app/a.js"), found("/w/api/a.js"));
    }

    #[test]
    fn other_names_are_left_alone() {
        for name in ["/application/a.js", "/app", "/x/app/a.js", "node:fs", "", "https://app/a.js"]
        {
            assert_eq!(apply("/app=.", name), None, "{name}");
        }
        assert_eq!(apply("/app=.", "/app/../etc/passwd"), None);
    }

    #[test]
    fn what_is_no_mapping_is_said() {
        for text in ["", "/app", "=x", "/app="] {
            let error = text.parse::<PathMapping>().expect_err("no mapping").to_string();
            assert!(error.starts_with(&format!("`{text}` is no path mapping")), "{error}");
        }
    }
}
