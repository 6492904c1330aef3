//! A map without its sources is believed where the words on both sides agree: whatever words real
//! compilers write, and whatever people edit.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use heapmark_source::{AsItRan, Fit, Position, RanScript, Script, SourceFile, Wanted, Workspace};
use heapmark_tests::{output_of, tests_folder};
use tempfile::TempDir;

use crate::tools;

/// The forms, built in every way: `src` and `out/WAY`. Nobody writes to it.
pub(super) fn built() -> &'static Path {
    static BUILT: OnceLock<(TempDir, PathBuf)> = OnceLock::new();
    let (_, path) = BUILT.get_or_init(|| {
        let script = tools().parent().expect("a folder").join("forms.mjs");
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().canonicalize().expect("it exists");
        copy(&tests_folder().join("maps/forms"), &path.join("src"));
        output_of(Command::new("node").arg(script).arg(&path))
            .unwrap_or_else(|error| panic!("{error:#}"));
        (folder, path)
    });
    path
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a writable folder");
    for entry in fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("a copy");
        }
    }
}

pub(super) fn ways() -> Vec<PathBuf> {
    let out = fs::read_dir(built().join("out")).expect("it was built");
    let mut ways: Vec<_> = out.map(|entry| entry.expect("an entry").path()).collect();
    ways.sort();
    ways
}

/// The scripts of a way, by their names.
pub(super) fn scripts(way: &Path) -> Vec<PathBuf> {
    let files = fs::read_dir(way).expect("a way").map(|entry| entry.expect("an entry").path());
    let mut scripts: Vec<_> =
        files.filter(|file| file.extension().is_some_and(|it| it == "js")).collect();
    scripts.sort();
    scripts
}

/// Where the functions of a script are, by V8's positions: `src/server.ts:16 Responder.attach`, and how
/// well that fits.
type Places = BTreeMap<Position, (String, Fit)>;

/// The places of all functions of a script, and the files that are said to be edited.
fn places(workspace: &Workspace, file: &Path) -> (Places, Vec<PathBuf>) {
    let text = fs::read_to_string(file).expect("it was built");
    let ran = RanScript {
        name: file.to_str().expect("text").to_owned(),
        source: Some(text.clone()),
        ..RanScript::default()
    };
    let past = AsItRan::new(workspace);
    let script = Script::new(&past, ran);
    let generated = SourceFile::parse(file, text).expect("it can be parsed");
    let mut places = BTreeMap::new();
    for function in generated.functions() {
        let Some(found) = script.thing(&past, function.anchor, Wanted::Function) else { continue };
        let line = found.what.name_range().start.line + 1;
        let place =
            format!("{}:{line} {}", workspace.relative(found.file.path()), found.what.name());
        places.insert(function.anchor, (place, found.fit));
    }
    let changed = script.changed_files();
    (places, changed)
}

#[test]
fn no_words_of_a_compiler_are_taken_for_an_edit() {
    let workspace = Workspace::new(vec![built().to_owned()]);
    let mut failures = Vec::new();
    let mut count = 0;
    for script in ways().iter().flat_map(|way| scripts(way)) {
        let (places, changed) = places(&workspace, &script);
        count += places.len();
        let moved = places.values().filter(|(_, fit)| *fit != Fit::Exact);
        failures.extend(moved.map(|(place, _)| format!("{}: {place}", script.display())));
        failures
            .extend(changed.iter().map(|file| format!("{}: {}", script.display(), file.display())));
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    assert!(count > 1200, "only {count} places");
}

/// What somebody did to `src/server.ts` after the build, and which of its functions are then not what
/// they were.
const LISTENER: &str = "Responder.attach > callback of bus.on(\"flush\")";
const INTERVAL: &str = "handle > callback of setInterval";
const EDITS: [(&str, &str, &str); 12] = [
    // Lines and columns stay.
    ("bus.on('flush', () => this.onFlush())", "bus.on('drain', () => this.onFlush())", LISTENER),
    ("() => this.onFlush()", "() => this.onClose()", LISTENER),
    ("bus.on('flush'", "hub.on('flush'", LISTENER),
    ("60_000", "70_000", INTERVAL),
    ("state.big.length", "state.url.length", INTERVAL),
    ("private onFlush(", "private onClose(", "Responder.onFlush"),
    ("cache.load(url)", "cache.read(url)", "handle"),
    // They move.
    (
        "    bus.on('flush'",
        "    bus.on('drain', () => this.onFlush());\n    bus.on('flush'",
        LISTENER,
    ),
    (
        "  setInterval(() => {\n",
        "  setInterval(() => {\n    n -= 1;\n  }, 5);\n  setInterval(() => {\n",
        INTERVAL,
    ),
    ("  setInterval(() => {\n    n +=", "  setTimeout(() => {\n    n +=", INTERVAL),
    (
        "export class Responder {",
        "function first() { return 1; }\nexport class Responder {",
        "Responder.attach",
    ),
    ("const cache = new Store('pages');\n", "", "Responder.attach"),
];

#[test]
fn no_place_is_certain_where_the_source_was_edited() {
    let mut failures = Vec::new();
    for way in [
        "tsc-ES5-CommonJS-new",
        "tsc-ES2017-ESNext-old",
        "tsc-ES2022-CommonJS-old",
        "esbuild-files",
        "swc",
    ] {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let root = folder.path().canonicalize().expect("it exists");
        copy(&built().join("src"), &root.join("src"));
        copy(&built().join("out").join(way), &root.join("out").join(way));
        let script = root.join("out").join(way).join("server.js");
        let source = root.join("src/server.ts");
        let text = fs::read_to_string(&source).expect("it is there");
        let (before, _) = places(&Workspace::new(vec![root.clone()]), &script);
        for (from, to, function) in EDITS {
            assert_eq!(text.matches(from).count(), 1, "{from}");
            let is_it =
                |place: &str| place.split_once(' ').is_some_and(|(_, name)| name == function);
            let anchors = before.iter().filter(|(_, (place, _))| is_it(place)).map(|(at, _)| at);
            let anchors: Vec<_> = anchors.collect();
            assert!(!anchors.is_empty(), "{way}: no {function} in {before:#?}");
            fs::write(&source, text.replace(from, to)).expect("a writable file");
            let (after, changed) = places(&Workspace::new(vec![root.clone()]), &script);
            let exact = anchors.iter().filter_map(|at| after.get(at));
            let kept: Vec<_> = exact.filter(|(_, fit)| *fit == Fit::Exact).collect();
            // esbuild does not map the word that a statement begins with.
            if way == "esbuild-files" && (to.starts_with("hub") || to.contains("setTimeout")) {
                continue;
            }
            if !kept.is_empty() {
                failures.push(format!("{way}: after {from} → {to}, {kept:?} is certain"));
            }
            if changed != [source.clone()] {
                failures.push(format!("{way}: after {from} → {to}, edited are {changed:?}"));
            }
        }
        fs::write(&source, &text).expect("a writable file");
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
