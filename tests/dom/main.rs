//! The elements of a page that stand in no page any more, in snapshots of a real Chromium
//! (`record.mjs` records them again).

use std::fs;
use std::path::{Path, PathBuf};

use heapmark_tests::{heapmark, output_of, tests_folder};
use serde_json::Value;

/// The report of these snapshots of the page: a line for each finding and place.
fn told(snapshots: &[&str]) -> String {
    // A copy, so that nothing else of the folder counts as the page's source.
    let workspace = tempfile::tempdir().expect("a temporary folder");
    copy(&tests_folder().join("dom/page"), workspace.path());
    let report = report(snapshots, workspace.path());
    let findings = report["findings"].as_array().expect("a list").iter();
    let lines = findings.flat_map(|finding| {
        let text = |key: &str| finding[key].as_str().unwrap_or_default().to_owned();
        // Sizes are the concern of other tests.
        let title = text("title").split(", ").next().unwrap_or_default().to_owned();
        let title = title.split(" (").next().unwrap_or_default().to_owned();
        let head = format!("{} {}: {title}", text("severity"), text("rule"));
        let places = finding["places"].as_array().expect("a list").iter().map(|place| {
            let word = |key: &str| place[key].as_str().unwrap_or_default().to_owned();
            let [role, file, name, fit] = ["role", "file", "name", "match"].map(word);
            format!("    {role} {file}:{} {name}, {fit}", place["line"])
        });
        std::iter::once(head).chain(places).collect::<Vec<_>>()
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// What is said of these snapshots with the page in `workspace`.
fn report(snapshots: &[&str], workspace: &Path) -> Value {
    let folder = tests_folder().join("dom/snapshots");
    let files: Vec<PathBuf> =
        snapshots.iter().map(|name| folder.join(format!("{name}.heapsnapshot.zst"))).collect();
    let mut analyze = heapmark();
    analyze.args(["analyze", "--format", "json", "--workspace"]).arg(workspace).args(files);
    let json = output_of(&mut analyze).unwrap_or_else(|error| panic!("{error:#}"));
    serde_json::from_str(&json).expect("a report")
}

fn copy(from: &Path, to: &Path) {
    for file in fs::read_dir(from).expect("the page is there") {
        let file = file.expect("the folder can be read").path();
        let name = file.file_name().expect("a file has a name");
        fs::copy(&file, to.join(name)).expect("the folder is writable");
    }
}

#[test]
fn elements_that_pile_up_and_those_that_a_variable_holds() {
    insta::assert_snapshot!(told(&["baseline", "final"]), @"
    warning detached-dom: `removed` keeps growing: 150 → 450 items
        holder app.js:5 removed, exact
        grows app.js:25 .push(, exact
        leaked app.js:9 Row, exact
    information detached-dom: `dialog` keeps 31 elements alive that are in no page
        holder app.js:6 dialog, exact
    ");
}

/// A leak has one name. Those of all other rules are compared in tests/fingerprints.
#[test]
fn the_fingerprint_does_not_depend_on_the_folder_or_on_other_lines() {
    let fingerprints = |edit: &dyn Fn(String) -> String| {
        let page = tempfile::tempdir().expect("a temporary folder");
        copy(&tests_folder().join("dom/page"), page.path());
        let script = page.path().join("app.js");
        let text = fs::read_to_string(&script).expect("the page has a script");
        fs::write(&script, edit(text)).expect("the copy is writable");
        let report = report(&["baseline", "final"], page.path());
        let findings = report["findings"].as_array().expect("a list").iter();
        let fingerprints = findings.map(|finding| finding["fingerprint"].to_string());
        fingerprints.collect::<Vec<_>>()
    };
    let first = fingerprints(&|text| text);
    assert_eq!(first.len(), 2, "{first:?}");
    assert_ne!(first[0], first[1]);
    assert_eq!(fingerprints(&|text| text), first);
    let edited = fingerprints(&|text| format!("// New.\n\nconst unrelated = () => 1;\n{text}"));
    assert_eq!(edited, first);
}

#[test]
fn one_snapshot_shows_them_as_well() {
    insta::assert_snapshot!(told(&["final"]), @"
    information detached-dom: `removed` holds 450 items
        holder app.js:5 removed, exact
        grows app.js:25 .push(, exact
        leaked app.js:9 Row, exact
    information detached-dom: `dialog` keeps 31 elements alive that are in no page
        holder app.js:6 dialog, exact
    ");
}
