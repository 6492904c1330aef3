//! Whether Git leaves alone what is in a folder of snapshots: they hold secrets.
//!
//! Only the `.gitignore` of the folder itself is looked at. One that somebody else wrote is theirs, and is not
//! changed; whether it does what ours does must be seen in it.

use std::path::Path;

pub(crate) const IGNORE_FILE: &str = ".gitignore";
/// All that is in ours.
pub(crate) const IGNORE_EVERYTHING: &[u8] = b"*\n";
/// Bytes that are looked at: a longer one is nobody's for this.
const MAX_BYTES: u64 = 64 << 10;

/// Whether the `.gitignore` in `folder` ignores everything there. One that makes any exception does not, as
/// far as is seen here.
pub(crate) fn ignores_everything(folder: &Path) -> bool {
    let Ok(text) = heapmark_files::read_to_string(&folder.join(IGNORE_FILE), MAX_BYTES) else {
        return false;
    };
    let rules = || text.lines().map(str::trim_end).filter(|rule| !rule.starts_with('#'));
    let is_everything = |rule: &str| matches!(rule, "*" | "/*" | "**" | "/**" | "**/*");
    rules().any(is_everything)
        && !rules().any(|rule| rule.starts_with('!') && rule != "!.gitignore")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_rule_for_everything_ignores_everything() {
        let folder = tempfile::tempdir().unwrap();
        let ignores = |text: &str| {
            std::fs::write(folder.path().join(IGNORE_FILE), text).unwrap();
            ignores_everything(folder.path())
        };
        assert!(!ignores_everything(folder.path()), "there is none");
        for all in ["*\n", "*", "# ours\r\n/*\r\n", "*\n!.gitignore\n"] {
            assert!(ignores(all), "{all:?}");
        }
        for other in ["", "# *\n", "*.log\n", "*\n!*.heapsnapshot\n", "!*\n", "\\*"] {
            assert!(!ignores(other), "{other:?}");
        }
        std::fs::remove_file(folder.path().join(IGNORE_FILE)).unwrap();
        std::fs::create_dir(folder.path().join(IGNORE_FILE)).unwrap();
        assert!(!ignores_everything(folder.path()), "a folder is none");
    }
}
