//! The script files of the workspace folders, found by their last path segment.
//!
//! What Git ignores, hidden folders and `node_modules` are left out; files there are still found
//! by their exact path. What Git ignores is listed on demand: builds write there.
//!
//! Half of a program's files may have one name (`index.js`), and its scripts as well: those of a name
//! lie in the order of their paths read from the end, so that the files that share an end with a
//! script's name are a stretch of them, found by halving.

use std::cmp::Ordering;
use std::ffi::OsStr;
use std::path::{Component, Path, PathBuf};
use std::sync::OnceLock;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::workspace::walk::{Walk, Without};

/// Most files that are listed; a folder with more is not one project.
const MAX_FILES: usize = 200_000;

/// Most files and folders of any kind that are looked at for it. What Git ignores may be anything.
const MAX_ENTRIES: usize = 1_000_000;
const MAX_IGNORED: usize = 200_000;

/// Of the files whose paths end alike, most that are told: a name that fits so many says nothing, and
/// each of very many scripts may have such a name.
const MAX_CANDIDATES: usize = 64;

/// A listing of the folders' files.
#[derive(Debug, Default)]
pub(crate) struct Listing {
    files: Vec<PathBuf>,
    /// Of each name the files, in the order of their paths [read from the end](from_end). Made when
    /// a name is first looked for.
    by_name: OnceLock<FxHashMap<String, Vec<u32>>>,
    /// Of each size in bytes the files. Made when a size is first looked for.
    by_size: OnceLock<FxHashMap<u64, Vec<u32>>>,
}

impl Listing {
    pub(crate) fn of(folders: &[PathBuf], without: Without) -> Listing {
        let mut listing = Listing::default();
        let most = if without == Without::Ignored { MAX_ENTRIES } else { MAX_IGNORED };
        let entries = folders.iter().flat_map(|folder| Walk::through(folder, without)).take(most);
        let files = entries.filter(|entry| entry.kind.is_file() && is_script(&entry.path));
        listing.take(files.map(|entry| entry.path).take(MAX_FILES), folders.len() > 1);
        listing
    }

    /// Takes over the files. Nested workspace folders list one `twice`.
    fn take(&mut self, files: impl Iterator<Item = PathBuf>, twice: bool) {
        let mut seen = twice.then(FxHashSet::default);
        let is_named = |path: &PathBuf| path.file_name().and_then(OsStr::to_str).is_some();
        for path in files.filter(is_named) {
            if seen.as_mut().is_none_or(|seen| seen.insert(path.clone())) {
                self.files.push(path);
            }
        }
    }

    fn by_name(&self) -> &FxHashMap<String, Vec<u32>> {
        self.by_name.get_or_init(|| {
            let mut by_name: FxHashMap<String, Vec<u32>> = FxHashMap::default();
            for (path, index) in self.files.iter().zip(0..) {
                let Some(name) = path.file_name().and_then(OsStr::to_str) else { continue };
                by_name.entry(name.to_owned()).or_default().push(index);
            }
            for of_name in by_name.values_mut() {
                of_name.sort_unstable_by(|&left, &right| {
                    let [left, right] = [left, right].map(|it| &self.files[it as usize]);
                    from_end(left).cmp(from_end(right))
                });
            }
            by_name
        })
    }

    /// Whether a file is listed.
    pub(crate) fn has(&self, path: &Path) -> bool {
        let name = path.file_name().and_then(OsStr::to_str);
        let of_name = name.and_then(|name| self.by_name().get(name));
        of_name.is_some_and(|all| all.iter().any(|&file| self.files[file as usize] == path))
    }

    /// The files of so many bytes; of very many only some.
    pub(crate) fn of_size(&self, bytes: u64) -> Vec<PathBuf> {
        let by_size = self.by_size.get_or_init(|| {
            let mut by_size: FxHashMap<u64, Vec<u32>> = FxHashMap::default();
            for (path, index) in self.files.iter().zip(0..) {
                if let Ok(metadata) = heapmark_files::metadata(path) {
                    by_size.entry(metadata.len()).or_default().push(index);
                }
            }
            by_size
        });
        let found = by_size.get(&bytes).into_iter().flatten().take(MAX_CANDIDATES);
        found.map(|&index| self.files[index as usize].clone()).collect()
    }

    pub(crate) fn files(&self) -> &[PathBuf] {
        &self.files
    }

    /// The files that share the longest run of last segments with `segments`, and how long it is;
    /// at least the file name is shared. Of very many files only some.
    pub(crate) fn longest_suffix(&self, segments: &[String]) -> (usize, Vec<PathBuf>) {
        let named = segments.last().and_then(|name| self.by_name().get(name));
        let Some(mut found) = named.map(Vec::as_slice) else { return (0, Vec::new()) };
        let mut shared = 1;
        for segment in segments.iter().rev().skip(1) {
            // They are in the order of this segment, because all others behind it are the same.
            let against = |&file: &u32| {
                from_end(&self.files[file as usize]).nth(shared).cmp(&Some(OsStr::new(segment)))
            };
            let start = found.partition_point(|file| against(file) == Ordering::Less);
            let length = found[start..].partition_point(|file| against(file) == Ordering::Equal);
            if length == 0 {
                break;
            }
            found = &found[start..start + length];
            shared += 1;
        }
        let told = found.iter().take(MAX_CANDIDATES);
        (shared, told.map(|&file| self.files[file as usize].clone()).collect())
    }
}

/// The segments of a path, the last one first.
fn from_end(path: &Path) -> impl Iterator<Item = &OsStr> {
    path.components().rev().map_while(|component| match component {
        Component::Normal(name) => Some(name),
        _ => None,
    })
}

/// Whether Node could run the file: a known extension, or none (`bin/www`).
fn is_script(path: &Path) -> bool {
    match path.extension().and_then(OsStr::to_str) {
        None => true,
        Some(extension) => {
            matches!(extension, "js" | "cjs" | "mjs" | "jsx" | "ts" | "cts" | "mts" | "tsx")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What [`Listing::longest_suffix`] says, found by comparing with each file.
    fn one_by_one(files: &[PathBuf], segments: &[String]) -> (usize, Vec<PathBuf>) {
        let shared = |path: &Path| {
            let pairs = from_end(path).zip(segments.iter().rev());
            pairs.take_while(|(own, segment)| own.to_str() == Some(segment)).count()
        };
        let longest = files.iter().map(|path| shared(path)).max().unwrap_or(0);
        let found = files.iter().filter(|path| longest > 0 && shared(path) == longest);
        (longest, found.cloned().collect())
    }

    /// Few names in all places: nearly all files share an end with others.
    fn paths(depth: u32) -> Vec<String> {
        let names = ["a", "b", "a.js", "index.js"];
        let below = |path: &String| names.map(|name| format!("{path}{name}/"));
        (0..depth).fold(vec![String::new()], |paths, _| paths.iter().flat_map(below).collect())
    }

    #[test]
    fn the_longest_end_is_the_one_that_a_comparison_with_each_file_finds() {
        let folder = tempfile::tempdir().expect("a folder");
        let root = folder.path().canonicalize().expect("it is there");
        for path in paths(3) {
            let file = root.join(path.replace(".js", "")).join("index.js");
            std::fs::create_dir_all(file.parent().expect("a folder")).expect("it can be made");
            std::fs::write(file, "").expect("it can be written");
        }
        // The inner folder is listed once, and not again.
        let listing = Listing::of(&[root.clone(), root.join("a")], Without::Ignored);
        let asked = (1..=4).flat_map(paths);
        for name in asked.flat_map(|path| [format!("/x/{path}index.js"), path]) {
            let segments: Vec<String> =
                name.split('/').filter(|it| !it.is_empty()).map(str::to_owned).collect();
            let sorted = |(shared, mut files): (usize, Vec<PathBuf>)| {
                files.sort_unstable();
                (shared, files)
            };
            let (shared, mut expected) = sorted(one_by_one(listing.files(), &segments));
            expected.dedup();
            let found = sorted(listing.longest_suffix(&segments));
            assert_eq!(found, (shared, expected), "{name}");
        }
    }

    /// With a comparison of each file with each other of its name, this takes many minutes.
    #[test]
    fn very_many_files_of_one_name_are_listed_and_found() {
        const FILES: u32 = 100_000;
        let name = |file: u32| format!("/srv/app/lib/p{}/q{file}/index.js", file / 1000);
        let mut listing = Listing::default();
        let root = Path::new("/home/me");
        listing.take((0..FILES).map(|file| root.join(&name(file)["/srv/".len()..])), true);
        for file in 0..FILES {
            let segments: Vec<String> = name(file).split('/').skip(1).map(str::to_owned).collect();
            let (shared, found) = listing.longest_suffix(&segments);
            assert_eq!((shared, found.len()), (5, 1), "of {}", name(file));
        }
        let (shared, found) = listing.longest_suffix(&["index.js".to_owned()]);
        assert_eq!((shared, found.len()), (1, MAX_CANDIDATES));
    }
}
