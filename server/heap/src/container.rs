//! How much memory the system leaves to the group of processes that this one is in: a container, a
//! service, a job in CI. Linux only; elsewhere nobody is told of such limits.

use std::fs;
use std::path::Path;

/// Bytes that the process may still take; none if no group limits it, or nobody knows.
pub(crate) fn free_memory() -> Option<u64> {
    let groups = fs::read_to_string("/proc/self/cgroup").ok()?;
    free_in(Path::new("/sys/fs/cgroup"), &groups)
}

/// The same for the groups that `/proc/self/cgroup` names, one a line: `0::/path` (version 2), or
/// `9:cpu,memory:/path` (version 1, a tree of folders for each kind of limit).
fn free_in(root: &Path, groups: &str) -> Option<u64> {
    let mut lines = groups.lines().map(|line| line.splitn(3, ':').collect::<Vec<_>>());
    let (tree, path, files) = lines.find_map(|parts| match parts[..] {
        [_, "", path] => Some((root.to_owned(), path, &VERSION_2)),
        [_, kinds, path] if kinds.split(',').any(|kind| kind == "memory") => {
            Some((root.join("memory"), path, &VERSION_1))
        }
        _ => None,
    })?;
    // In a container the tree begins at its own group, and the path may be one outside.
    let own = tree.join(path.trim_start_matches('/'));
    let own = if own.is_dir() { own } else { tree.clone() };
    // What limits a group limits those inside it.
    own.ancestors()
        .take_while(|group| group.starts_with(&tree))
        .filter_map(|it| files.free(it))
        .min()
}

/// What the files are called.
struct Files {
    limit: &'static str,
    usage: &'static str,
    /// In `memory.stat`: what the system keeps of files that were read, and gives back when asked.
    cache: &'static str,
}

const VERSION_1: Files = Files {
    limit: "memory.limit_in_bytes",
    usage: "memory.usage_in_bytes",
    cache: "total_inactive_file",
};
const VERSION_2: Files =
    Files { limit: "memory.max", usage: "memory.current", cache: "inactive_file" };

impl Files {
    fn free(&self, group: &Path) -> Option<u64> {
        let read = |name| fs::read_to_string(group.join(name)).ok();
        // Version 2 says `max` where there is none; version 1 a number that no machine has.
        let limit: u64 = read(self.limit)?.trim().parse().ok()?;
        let usage: u64 = read(self.usage)?.trim().parse().ok()?;
        let stat = read("memory.stat").unwrap_or_default();
        let cache =
            stat.lines().find_map(|line| line.strip_prefix(self.cache)?.trim().parse().ok());
        Some(limit.saturating_sub(usage.saturating_sub(cache.unwrap_or(0))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A tree of groups, and what a process in `path` may take.
    #[track_caller]
    fn check(files: &[(&str, &str)], groups: &str, expected: Option<u64>) {
        let root = tempfile::tempdir().expect("a folder");
        for (path, text) in files {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            fs::write(path, text).expect("a file");
        }
        assert_eq!(free_in(root.path(), groups), expected, "{groups}");
    }

    #[test]
    fn the_tightest_limit_around_the_process_counts() {
        let files = [
            ("memory.current", "700\n"),
            ("job/memory.max", "1000\n"),
            ("job/memory.current", "600\n"),
            ("job/memory.stat", "anon 400\ninactive_file 200\n"),
            ("job/step/memory.max", "max\n"),
            ("job/step/memory.current", "500\n"),
        ];
        check(&files, "0::/job/step\n", Some(600));
        check(&files, "0::/job\n", Some(600));
        check(&files, "0::/\n", None);
    }

    #[test]
    fn the_first_version_has_a_tree_of_its_own_for_memory() {
        let files = [
            ("memory/job/memory.limit_in_bytes", "1000"),
            ("memory/job/memory.usage_in_bytes", "600"),
            ("memory/job/memory.stat", "inactive_file 1\ntotal_inactive_file 100\n"),
        ];
        check(&files, "3:cpu:/other\n2:cpuset,memory:/job\n", Some(500));
        check(&files, "3:cpu:/job\n", None);
    }

    #[test]
    fn a_path_outside_of_the_container_is_its_own_group() {
        let files = [("memory.max", "900"), ("memory.current", "1000")];
        check(&files, "0::/system.slice/docker-4.scope\n", Some(0));
        check(&files, "", None);
    }
}
