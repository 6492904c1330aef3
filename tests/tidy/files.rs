//! Which files there are: an allow-list, so that what a tool leaves behind is seen before it is
//! committed.

use std::collections::BTreeMap;

use ignore::WalkBuilder;

use crate::{expect_nothing, repository};

/// What lies in the top folder.
const TOP: [&str; 21] = [
    ".cargo/",
    ".ci/",
    ".github/",
    ".gitignore",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE",
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "README.md",
    "clippy.toml",
    "deny.toml",
    "docs/",
    "rust-toolchain.toml",
    "rustfmt.toml",
    "server/",
    "tests/",
    "typos.toml",
    "vscode-extension/",
];
/// What lies in a crate's folder.
const CRATE: [&str; 7] =
    ["Cargo.toml", "README.md", "benches/", "examples/", "fuzz/", "src/", "tests/"];
/// What lies in a folder of fuzz targets; it is a package of its own.
const FUZZ: [&str; 4] = ["Cargo.lock", "Cargo.toml", "corpus/", "fuzz_targets/"];
const EXTENSION: [&str; 14] = [
    ".npmrc",
    ".vscodeignore",
    "LICENSE",
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "README.md",
    "assets/",
    "esbuild.mjs",
    "eslint.config.mjs",
    "package-lock.json",
    "package.json",
    "src/",
    "test/",
    "tsconfig.json",
];
/// The forms that files have in each part of the house, by their endings; what has none there is
/// named above.
const FORMS: [(&str, &[&str]); 8] = [
    (".cargo/", &["toml"]),
    (".ci/", &["run"]),
    (".github/", &["yml"]),
    ("docs/images/", &["png", "svg"]),
    ("docs/", &["md"]),
    ("server/", &["rs", "toml", "lock", "md", "js", "cjs", "mjs", "ts", "json", "jsonl"]),
    (
        "tests/",
        &[
            "rs",
            "toml",
            "lock",
            "md",
            "snap",
            "json",
            "js",
            "cjs",
            "mjs",
            "ts",
            "tsx",
            "html",
            "sh",
            "npmrc",
            "gitignore",
            "heapsnapshot.gz",
            "heapsnapshot.zst",
            // What pnpm calls a workspace.
            "yaml",
        ],
    ),
    (
        "vscode-extension/",
        &[
            "ts",
            "mjs",
            "json",
            "md",
            "svg",
            "png",
            "npmrc",
            "vscodeignore",
            "LICENSE",
            "LICENSE-APACHE",
            "LICENSE-MIT",
        ],
    ),
];
/// The inputs of fuzz targets may be anything, under names that the fuzzer made.
const ANY_FORM: &str = "/fuzz/corpus/";
/// What Windows keeps for devices, with any ending.
const DEVICES: [&str; 6] = ["con", "prn", "aux", "nul", "com", "lpt"];
/// Characters of a path that every file system and archive takes, below the folder it is cloned to.
const MAX_PATH_CHARS: usize = 160;

/// All files that git would see, with `/`, sorted.
pub(crate) fn files() -> Vec<String> {
    let top = repository();
    let walk = WalkBuilder::new(&top)
        .hidden(false)
        .require_git(false)
        .filter_entry(|entry| entry.file_name() != ".git")
        .build();
    let entries = walk.map(|entry| entry.expect("the repository can be read"));
    let files = entries.filter(|entry| !entry.file_type().is_some_and(|kind| kind.is_dir()));
    let mut files: Vec<String> = files
        .map(|entry| {
            let path = entry.path().strip_prefix(&top).expect("it is below").to_string_lossy();
            path.replace('\\', "/")
        })
        .collect();
    files.sort();
    files
}

/// What is not where it belongs.
fn strays(files: &[String]) -> Vec<String> {
    files
        .iter()
        .filter(|file| !is_known(file))
        .map(|file| {
            format!(
                "{file} belongs nowhere: remove it, ignore it, or add it to tests/tidy/files.rs"
            )
        })
        .collect()
}

fn is_known(file: &str) -> bool {
    is_one_of(file, &TOP) && in_its_package(file) && has_a_form(file)
}

/// Whether the first part of a path is in a list, in which folders end with `/`.
fn is_one_of(path: &str, list: &[&str]) -> bool {
    match path.split_once('/') {
        Some((folder, _)) => list.iter().any(|known| known.strip_suffix('/') == Some(folder)),
        None => list.contains(&path),
    }
}

fn in_its_package(file: &str) -> bool {
    match file.split('/').collect::<Vec<_>>()[..] {
        ["server", _, "fuzz", ..] => is_one_of(below(file, 3), &FUZZ),
        ["server", _, _, ..] => is_one_of(below(file, 2), &CRATE),
        ["tests", _] => file == "tests/Cargo.toml",
        ["vscode-extension", ..] => is_one_of(below(file, 1), &EXTENSION),
        ["server", _] => false,
        _ => true,
    }
}

/// The path without its first folders.
fn below(path: &str, folders: usize) -> &str {
    path.splitn(folders + 1, '/').last().unwrap_or_default()
}

fn has_a_form(file: &str) -> bool {
    let name = file.rsplit('/').next().unwrap_or_default();
    let is_of = |form: &&str| name == *form || name.ends_with(&format!(".{form}"));
    let of_part = FORMS.iter().find(|(part, _)| file.starts_with(part));
    file.contains(ANY_FORM) || of_part.is_none_or(|(_, forms)| forms.iter().any(is_of))
}

/// Names that some file system does not take, or takes for another's.
fn bad_names(files: &[String]) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut in_lower_case: BTreeMap<String, &str> = BTreeMap::new();
    for file in files {
        let mut say = |what: &str| wrong.push(format!("{file}: {what}: give it another name"));
        if let Some(other) = in_lower_case.insert(file.to_lowercase(), file) {
            say(&format!("only the case tells it from {other}"));
        }
        if file.chars().count() > MAX_PATH_CHARS {
            say("the path is too long for Windows");
        }
        for part in file.split('/') {
            let stem = part.split('.').next().unwrap_or_default().to_lowercase();
            if DEVICES.contains(&stem.trim_end_matches(|digit: char| digit.is_ascii_digit())) {
                say("a device of Windows has that name");
            }
            let is_plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
            if !part.chars().all(is_plain) || part.ends_with('.') || part.starts_with('-') {
                say(
                    "a name has letters, digits, `.`, `_` and `-`, and no `-` before or `.` behind them",
                );
            }
        }
    }
    wrong
}

#[test]
fn every_file_is_where_it_belongs() {
    let files = files();
    assert!(files.len() > 500, "only {} files were found", files.len());
    expect_nothing(&strays(&files));
}

#[test]
fn every_file_has_a_name_for_every_file_system() {
    expect_nothing(&bad_names(&files()));
}

#[test]
fn strays_are_seen() {
    for stray in [
        "::links",
        "perf.data",
        "notes.md",
        "target.txt",
        "src/main.rs",
        ".github/notes.md",
        "server/notes.md",
        "server/lsp/perf.data",
        "server/lsp/notes.md",
        "server/lsp/src/flamegraph.svg",
        "server/heap/fuzz/artifacts/crash-1",
        "server/heap/fuzz/notes.md",
        "tests/notes.md",
        "tests/cli/core",
        "tests/cli/a.heapsnapshot",
        "docs/a.heapsnapshot",
        "docs/rules/a.txt",
        "vscode-extension/heapmark.log",
        "vscode-extension/src/a.js",
        ".ci/a.log",
    ] {
        assert_eq!(strays(&[stray.to_owned()]).len(), 1, "{stray}");
    }
    assert_eq!(strays(&["server/heap/fuzz/corpus/scan/plain".to_owned()]), [""; 0]);
}

#[test]
fn bad_names_are_seen() {
    let wrong = |files: &[&str]| {
        bad_names(&files.iter().map(|&file| file.to_owned()).collect::<Vec<_>>()).len()
    };
    for bad in [
        "::links",
        "docs/a b.md",
        "docs/-a.md",
        "docs/a.",
        "docs/NUL.md",
        "docs/com1",
        "docs/é.md",
        "a\\b",
    ] {
        assert_eq!(wrong(&[bad]), 1, "{bad}");
    }
    assert_eq!(wrong(&["docs/a.md", "docs/A.md"]), 1);
    assert_eq!(wrong(&[&"a/".repeat(100)]), 1);
    assert_eq!(wrong(&["docs/compare.md", "docs/.a-b_c.md", "docs/console/x.md"]), 0);
}
