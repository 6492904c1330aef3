//! Large programs: only what a finding or an open editor needs is read, and of the rest so much as
//! hovers are likely to ask for.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use heapmark_heap::Unmonitored;
use heapmark_leaks::analyze_for_editor;
use heapmark_tests::{Program, heapmark, heapmark_binary, output_of, record};

use super::Report;

const PARTS: usize = 300;

fn part(number: usize) -> String {
    format!("parts/part{number}.js")
}

/// A program that leaks in one file and has an object of every other one.
fn large() -> (Program, heapmark_tests::Workspace) {
    let mut program = Program::named("map-cache").expect("the program can be read");
    let workspace = program.copy().expect("the program can be copied");
    let write = |file: &str, text: &str| fs::write(workspace.path().join(file), text);
    fs::create_dir(workspace.path().join("parts")).expect("a folder");
    let mut main = format!("module.exports = require('./{}');\n", program.entry);
    for number in 0..PARTS {
        let text = format!("class Part{number} {{}}\nexports.part = new Part{number}();\n");
        write(&part(number), &text).expect("writable");
        let _ = writeln!(main, "require('./{}');", part(number));
    }
    write("main.js", &main).expect("writable");
    "main.js".clone_into(&mut program.entry);
    (program, workspace)
}

/// What nobody wrote down when the snapshots were taken is not looked for either: whether the other
/// files are what ran is never asked.
#[test]
fn files_without_a_finding_are_not_looked_at() {
    heapmark_binary(); // built once, before anything else runs
    let (program, workspace) = large();
    let folder = tempfile::tempdir().expect("there is room for snapshots");
    let files = record(&program, workspace.path(), folder.path()).expect("it runs");
    for file in &files {
        fs::remove_file(sidecar(file)).expect("it stands beside the snapshot");
    }
    for number in 0..PARTS {
        fs::write(workspace.path().join(part(number)), "exports.part = undefined;\n")
            .expect("writable");
    }
    let mut analyze = heapmark();
    analyze.args(["analyze", "--format", "json", "--workspace"]).arg(workspace.path());
    let json = output_of(analyze.args(&files)).expect("they can be analysed");
    let report: Report = serde_json::from_str(&json).expect("the report is as documented");
    for mark in &program.marks {
        assert!(report.has(mark, "", "exact"), "{mark}: {json}");
    }
    assert!(report.notices.is_empty(), "{json}");
}

#[test]
fn hovers_stand_in_open_files_and_in_some_others() {
    let (program, workspace) = large();
    let folder = tempfile::tempdir().expect("there is room for snapshots");
    let files = record(&program, workspace.path(), folder.path()).expect("it runs");
    let sources = heapmark_source::Workspace::new(vec![workspace.path().to_owned()]);
    let with_hovers = |open: BTreeSet<PathBuf>| {
        let report = analyze_for_editor(&files, &sources, None, &open, &Unmonitored);
        let sites = report.expect("they can be analysed").sites;
        sites.into_iter().map(|site| site.file).collect::<BTreeSet<PathBuf>>()
    };
    let unasked = with_hovers(BTreeSet::new());
    let parts: BTreeSet<PathBuf> =
        (0..PARTS).map(|number| workspace.path().join(part(number))).collect();
    assert!(unasked.contains(&workspace.path().join("cards.js")), "a finding is there");
    assert!((100..PARTS).contains(&unasked.intersection(&parts).count()), "{unasked:?}");
    let other = parts.difference(&unasked).next().expect("not all of them were read");
    assert!(with_hovers(BTreeSet::from([other.clone()])).contains(other), "it is open");
}

fn sidecar(snapshot: &Path) -> PathBuf {
    let name = snapshot.file_stem().unwrap_or_default().to_string_lossy();
    snapshot.with_file_name(format!("{name}.scripts.json"))
}
