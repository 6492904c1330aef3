//! The elements of a page that stand in no page any more, in snapshots of a real Chromium
//! (`record.mjs` records them again).

use std::fs;
use std::path::{Path, PathBuf};

use heapmark_tests::{heapmark, output_of, tests_folder};
use serde_json::Value;

/// The report of these snapshots of the page: a line for each finding and place.
fn told(snapshots: &[&str]) -> String {
    let folder = tests_folder().join("dom");
    let files: Vec<PathBuf> = snapshots
        .iter()
        .map(|name| folder.join("snapshots").join(format!("{name}.heapsnapshot.zst")))
        .collect();
    // A copy, so that nothing else of the folder counts as the page's source.
    let workspace = tempfile::tempdir().expect("a temporary folder");
    copy(&folder.join("page"), workspace.path());
    let mut analyze = heapmark();
    analyze.args(["analyze", "--format", "json", "--workspace"]).arg(workspace.path()).args(files);
    let json = output_of(&mut analyze).unwrap_or_else(|error| panic!("{error:#}"));
    let report: Value = serde_json::from_str(&json).expect("a report");
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
