//! What a series of snapshots says: fewer say less, and what is counted is what grows.

use std::path::{Path, PathBuf};

use heapmark_tests::{Program, record_after};
use libtest_mimic::Trial;

use crate::{Report, Slot, analyse};

/// What is tested here.
pub(super) fn tests() -> Vec<Trial> {
    let tests: [(&str, fn()); 3] = [
        ("fewer_snapshots_say_less", fewer_snapshots_say_less),
        (
            "listeners_of_one_event_are_counted_without_those_of_others",
            listeners_of_one_event_are_counted_without_those_of_others,
        ),
        (
            "of_collections_in_a_table_only_those_that_grow_are_counted",
            of_collections_in_a_table_only_those_that_grow_are_counted,
        ),
    ];
    let trial = |(name, test): (&str, fn())| {
        Trial::test(name, move || {
            test();
            Ok(())
        })
    };
    tests.map(trial).into()
}

/// Snapshots of a program in `workspace`, after so many rounds before each.
fn snapshots(program: &Program, workspace: &Path, folder: &Path) -> Vec<PathBuf> {
    record_after([1, 1, 1], program, workspace, folder)
        .unwrap_or_else(|error| panic!("{}: {error:#}", program.name))
}

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

/// What is found in three snapshots of a program.
fn report_of(name: &str) -> Report {
    let _slot = Slot::take();
    let program = Program::named(name).expect("the program can be read");
    let workspace = program.copy().expect("the program can be copied");
    let folder = tempfile::tempdir().expect("there is room for snapshots");
    let files = snapshots(&program, workspace.path(), folder.path());
    analyse(workspace.path(), &files)
}

fn listeners_of_one_event_are_counted_without_those_of_others() {
    let report = report_of("process-listeners");
    let counts: Vec<&[u64]> = report.findings.iter().map(|it| it.counts.as_slice()).collect();
    // Node itself listens to `newListener` and others.
    assert_eq!(counts, [[150, 300, 450]]);
}

fn of_collections_in_a_table_only_those_that_grow_are_counted() {
    let report = report_of("one-of-several");
    let messages: Vec<&str> = report.findings.iter().map(|it| it.message.as_str()).collect();
    let [message] = messages[..] else { panic!("{messages:?}") };
    let told = "`Planner.#plans[…]` keeps growing: 200 → 400 → 600 entries, ";
    assert!(message.starts_with(told), "{message}");
}
