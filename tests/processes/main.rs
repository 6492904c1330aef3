//! Snapshots of different processes: a program that is restarted for each one, with more to do each
//! time. V8's ids say nothing there, so that things are compared by where they stand.

mod one_process;

use std::path::PathBuf;

use heapmark_tests::{Program, Workspace, heapmark, heapmark_binary, output_of, record_after};
use serde::Deserialize;
use tempfile::TempDir;

#[derive(Deserialize)]
struct Report {
    snapshots: Vec<serde::de::IgnoredAny>,
    findings: Vec<Finding>,
    notices: Vec<Notice>,
}

#[derive(Debug, Deserialize)]
struct Finding {
    rule: String,
    severity: String,
    certainty: f64,
    message: String,
    counts: Vec<u64>,
    places: Vec<Place>,
}

#[derive(Debug, Deserialize)]
struct Place {
    role: String,
    file: String,
    line: u32,
}

#[derive(Debug, Deserialize)]
struct Notice {
    message: String,
}

/// A program with one snapshot of each of its runs.
struct Restarted {
    program: Program,
    workspace: Workspace,
    files: Vec<PathBuf>,
    _folder: TempDir,
}

impl Restarted {
    /// One run for each number of rounds of work.
    fn after(rounds: &[u32], name: &str) -> Self {
        heapmark_binary(); // built once, before anything else runs
        let program = Program::named(name).expect("the program can be read");
        let workspace = program.copy().expect("the program can be copied");
        let folder = tempfile::tempdir().expect("there is room for snapshots");
        let run = |(number, &rounds): (usize, &u32)| {
            let to = folder.path().join(number.to_string());
            std::fs::create_dir(&to).expect("a folder");
            let mut files = record_after([rounds, 0, 0], &program, workspace.path(), &to)
                .unwrap_or_else(|error| panic!("{name}: {error:#}"));
            files.swap_remove(0)
        };
        let files = rounds.iter().enumerate().map(run).collect();
        Self { program, workspace, files, _folder: folder }
    }

    fn analyse(&self, files: &[PathBuf]) -> Report {
        let mut analyze = heapmark();
        analyze.args(["analyze", "--format", "json", "--workspace"]).arg(self.workspace.path());
        let json = output_of(analyze.args(files)).unwrap_or_else(|error| panic!("{error:#}"));
        serde_json::from_str(&json).expect("the report is as documented")
    }
}

/// What is found of a leak in one run after the other, each with more to do.
fn finds(name: &str) {
    let restarted = Restarted::after(&[1, 2, 3], name);
    let report = restarted.analyse(&restarted.files);
    assert_eq!(report.snapshots.len(), 3, "{name}: {:?}", report.notices);
    assert!(
        report
            .notices
            .iter()
            .any(|it| it.message.contains("of different processes of one program")),
        "{name}: {:?}",
        report.notices
    );
    for mark in restarted.program.marks.iter().filter(|mark| mark.first) {
        let at_mark = |it: &Place| {
            (it.role.as_str(), it.file.as_str(), it.line) == (&mark.role, &mark.file, mark.line)
        };
        let found = report.findings.iter().find(|it| {
            it.rule == mark.rule && it.severity == "warning" && it.places.iter().any(at_mark)
        });
        let found = found.unwrap_or_else(|| panic!("no {mark} in {:#?}", report.findings));
        assert!(found.message.ends_with(" The snapshots are of different processes."), "{found:?}");
        assert!(found.counts.windows(2).all(|pair| pair[0] < pair[1]), "{:?}", found.counts);
    }

    // Two runs may simply have had different work: that is less sure.
    let surest =
        |report: &Report| report.findings.iter().map(|it| it.certainty).fold(0.0, f64::max);
    let of_two = restarted.analyse(&restarted.files[1..]);
    assert!(!of_two.findings.is_empty(), "{name}");
    assert!(surest(&of_two) < surest(&report), "{name}: {:#?}", of_two.findings);
}

#[test]
fn a_cache_that_is_larger_in_each_run() {
    finds("map-cache");
}

#[test]
fn more_listeners_in_each_run() {
    finds("listeners-per-request");
}

#[test]
fn more_intervals_in_each_run() {
    finds("uncleared-intervals");
}

#[test]
fn more_instances_in_each_run() {
    finds("static-registry");
}

#[test]
fn healthy_programs_are_left_alone_however_much_they_had_to_do() {
    for name in ["lru-full", "few-keys", "ring-buffer", "buffer-pool", "weak-metadata", "warm-up"] {
        let restarted = Restarted::after(&[2, 4, 6], name);
        let report = restarted.analyse(&restarted.files);
        assert_eq!(report.snapshots.len(), 3, "{name}: {:?}", report.notices);
        assert!(report.findings.is_empty(), "{name}: {:#?}", report.findings);
    }
}

#[test]
fn another_program_is_not_compared() {
    let one = Restarted::after(&[1], "map-cache");
    let other = Restarted::after(&[2], "static-registry");
    let report = one.analyse(&[other.files[0].clone(), one.files[0].clone()]);
    assert_eq!(report.snapshots.len(), 1, "{:?}", report.notices);
    assert!(report.notices.iter().any(|it| it.message.contains("cannot be compared")));
}
