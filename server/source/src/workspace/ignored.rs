//! What Git ignores below a folder, read without ever waiting.
//!
//! The patterns are the `ignore` crate's, and so is which of several counts. That crate would open the
//! files itself, and a named pipe called `.gitignore` would hold it for good: here they are opened by
//! [`heapmark_files`], and what is no regular file says nothing. Not here: walking the folders, which
//! also finds out which of them have such files.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use ignore::Match;
use ignore::gitignore::{Gitignore, GitignoreBuilder, Glob};

/// Bytes of one ignore file or Git configuration: people write no longer ones.
const MAX_BYTES: u64 = 1 << 19;

/// What is ignored below one folder.
#[derive(Debug)]
pub(crate) struct Ignored {
    /// The user's own patterns, for all repositories.
    global: Gitignore,
}

/// The patterns of one folder that has any, and those of the folders around it.
#[derive(Debug)]
pub(crate) struct Rules {
    around: Option<Arc<Rules>>,
    /// `.ignore`, which goes before all others.
    own: Gitignore,
    /// `.gitignore`
    git: Gitignore,
    /// `.git/info/exclude`
    exclude: Gitignore,
}

impl Ignored {
    /// What is ignored below `root`, an absolute path.
    pub(crate) fn below(root: &Path) -> Self {
        let global = excludes_file().map(|file| read(root, &file));
        Self { global: global.unwrap_or_else(Gitignore::empty) }
    }

    /// Whether a file or folder is ignored by itself, whatever is said of the folder that it lies
    /// in. `rules` are those of that folder.
    pub(crate) fn is_ignored(&self, rules: Option<&Rules>, path: &Path, is_folder: bool) -> bool {
        let by = |pick: fn(&Rules) -> &Gitignore| {
            let mut found = Match::None;
            let mut next = rules;
            while let Some(rules) = next.filter(|_| found.is_none()) {
                found = pick(rules).matched(path, is_folder);
                next = rules.around.as_deref();
            }
            found
        };
        let found: Match<&Glob> = by(|it| &it.own).or(by(|it| &it.git)).or(by(|it| &it.exclude));
        found.or(self.global.matched(path, is_folder)).is_ignore()
    }
}

impl Rules {
    /// The patterns that count around a folder: those of all folders that it lies in.
    pub(crate) fn around(folder: &Path) -> Option<Arc<Rules>> {
        let mut outer: Vec<&Path> = folder.ancestors().skip(1).collect();
        outer.reverse();
        outer.into_iter().fold(None, |around, folder| Rules::inside(around, folder, |_| true))
    }

    /// The patterns that count in a folder; those of a folder without its own are the ones `around`
    /// it. Only what the folder `has` is looked for: most have none of these files.
    pub(crate) fn inside(
        around: Option<Arc<Rules>>,
        folder: &Path,
        has: impl Fn(&str) -> bool,
    ) -> Option<Arc<Rules>> {
        let patterns = |name: &str, file: &dyn Fn() -> PathBuf| {
            if has(name) { read(folder, &file()) } else { Gitignore::empty() }
        };
        let own = patterns(".ignore", &|| folder.join(".ignore"));
        let git = patterns(".gitignore", &|| folder.join(".gitignore"));
        let exclude = patterns(".git", &|| git_folder(folder).join("info/exclude"));
        if own.is_empty() && git.is_empty() && exclude.is_empty() {
            return around;
        }
        Some(Arc::new(Rules { around, own, git, exclude }))
    }
}

/// The patterns of a file, which count from `root`; none if it is not there or cannot be read.
fn read(root: &Path, file: &Path) -> Gitignore {
    let Some(text) = text_of(file) else { return Gitignore::empty() };
    let mut builder = GitignoreBuilder::new(root);
    for line in text.lines() {
        // A pattern that makes no sense is passed over, as Git does.
        let _ = builder.add_line(None, line);
    }
    builder.build().unwrap_or_else(|_| Gitignore::empty())
}

fn text_of(file: &Path) -> Option<String> {
    let bytes = heapmark_files::read(file, MAX_BYTES).ok()?;
    let text = String::from_utf8_lossy(&bytes);
    Some(text.strip_prefix('\u{feff}').unwrap_or(&text).to_owned())
}

/// Where Git keeps what belongs to the repository in this folder. In a further worktree `.git` is a
/// file that leads there.
fn git_folder(folder: &Path) -> PathBuf {
    let git = folder.join(".git");
    let of_worktree = || {
        let line = text_of(&git)?;
        let own = folder.join(line.lines().next()?.strip_prefix("gitdir: ")?);
        let common = text_of(&own.join("commondir"))?;
        Some(own.join(common.lines().next()?))
    };
    of_worktree().unwrap_or(git)
}

/// The file with the user's own patterns, as Git finds it.
fn excludes_file() -> Option<PathBuf> {
    let named = |name: &str| std::env::var_os(name).filter(|it| !it.is_empty()).map(PathBuf::from);
    let home = std::env::home_dir();
    let of_user = named("XDG_CONFIG_HOME").or_else(|| Some(home.as_ref()?.join(".config")));
    let of_user = of_user.map(|folder| folder.join("git"));
    let configurations = [
        named("GIT_CONFIG_GLOBAL"),
        home.as_ref().map(|home| home.join(".gitconfig")),
        of_user.as_ref().map(|folder| folder.join("config")),
        named("GIT_CONFIG_SYSTEM").or_else(|| Some(PathBuf::from("/etc/gitconfig"))),
    ];
    let configured = configurations.into_iter().flatten().find_map(|file| {
        let value = excludes_file_in(&text_of(&file)?)?;
        Some(match (value.strip_prefix("~/"), &home) {
            (Some(below), Some(home)) => home.join(below),
            _ => PathBuf::from(value),
        })
    });
    configured.or_else(|| Some(of_user?.join("ignore")))
}

/// The value of `core.excludesFile` in a Git configuration.
fn excludes_file_in(configuration: &str) -> Option<String> {
    let mut section = "";
    let mut found = None;
    for line in configuration.lines().map(str::trim) {
        if line.starts_with('[') {
            section = line;
        } else if section.eq_ignore_ascii_case("[core]")
            && let Some((key, value)) = line.split_once('=')
            && key.trim().eq_ignore_ascii_case("excludesfile")
        {
            found = Some(value.trim().trim_matches('"').to_owned());
        }
    }
    found.filter(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn git_says_where_the_users_own_patterns_are() {
        let of = |text| excludes_file_in(text);
        assert_eq!(of("[core]\n\texcludesFile = ~/x\n").as_deref(), Some("~/x"));
        assert_eq!(of("[Core]\nexcludesfile=\"/a b\"").as_deref(), Some("/a b"));
        assert_eq!(of("[user]\nexcludesFile = x\n[core]\neditor = vi\n"), None);
    }
}
