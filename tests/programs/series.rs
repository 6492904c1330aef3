//! What stays the same, and what changes, when a program is looked at again: its leaks have the same
//! fingerprints after unrelated edits, and fewer snapshots say less.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use heapmark_tests::{Program, record_after};

use crate::{Report, Slot, analyse};

/// Programs that leak in different ways.
const LEAKING: [&str; 9] = [
    "abort-listeners",
    "closed-sockets",
    "growing-text",
    "listeners-per-request",
    "map-cache",
    "nested-lists",
    "promise-reactions",
    "uncleared-intervals",
    "undo-history",
];

/// Snapshots of a program in `workspace`, after so many rounds before each.
fn snapshots(program: &Program, workspace: &Path, folder: &Path) -> Vec<PathBuf> {
    record_after([1, 1, 1], program, workspace, folder)
        .unwrap_or_else(|error| panic!("{}: {error:#}", program.name))
}

fn fingerprints(report: &Report) -> BTreeSet<String> {
    let warnings = report.findings.iter().filter(|finding| finding.severity == "warning");
    warnings.map(|finding| finding.fingerprint.clone()).collect()
}

#[test]
fn a_leak_keeps_its_fingerprint_and_different_leaks_differ() {
    let _slot = Slot::take();
    let mut all = BTreeSet::new();
    for name in LEAKING {
        let program = Program::named(name).expect("the program can be read");
        let report = |edited: bool| {
            let workspace = program.copy().expect("the program can be copied");
            if edited {
                for source in &program.sources {
                    let file = workspace.path().join(source);
                    let text = fs::read_to_string(&file).expect("the copy can be read");
                    let lines = "// A comment that was not there before.\n\n";
                    fs::write(&file, format!("{lines}{text}")).expect("the copy can be written");
                }
            }
            let folder = tempfile::tempdir().expect("there is room for snapshots");
            analyse(workspace.path(), &snapshots(&program, workspace.path(), folder.path()))
        };
        let (before, after) = (fingerprints(&report(false)), fingerprints(&report(true)));
        assert!(!before.is_empty(), "{name}: nothing is found");
        assert_eq!(before, after, "{name}: the second run has lines inserted above");
        for fingerprint in before {
            assert!(all.insert(fingerprint), "{name}: another leak has the same fingerprint");
        }
    }
}

#[test]
fn fewer_snapshots_say_less() {
    let _slot = Slot::take();
    for name in ["listeners-per-request", "map-cache", "uncleared-intervals"] {
        let program = Program::named(name).expect("the program can be read");
        let workspace = program.copy().expect("the program can be copied");
        let folder = tempfile::tempdir().expect("there is room for snapshots");
        let files = snapshots(&program, workspace.path(), folder.path());
        let leak = program.marks.iter().find(|mark| mark.first).expect("it has a first leak");
        let severity = |files: &[PathBuf]| {
            let report = analyse(workspace.path(), files);
            let found = report.findings.iter().find(|finding| finding.rule == leak.rule);
            found.map(|finding| finding.severity.clone())
        };
        let said = [severity(&files), severity(&files[1..]), severity(&files[2..])];
        let said = said.map(|severity| severity.unwrap_or_else(|| "nothing".to_owned()));
        assert_eq!(said, ["warning", "warning", "information"], "{name}");
    }
}
