//! Every bundled program, in real Node.js and with the real binary: what the marks in its source say
//! is found on that line, and nothing in the healthy ones.
//!
//! Whatever is a folder in `tests/programs` is a test of that name: there is no list of them.

mod series;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::{Condvar, Mutex};

use heapmark_tests::{
    AND_REST, AT_WORK, Mark, Program, heapmark, heapmark_binary, output_of, record_after,
};
use libtest_mimic::{Arguments, Failed, Trial};
use serde::Deserialize;
use serde::de::IgnoredAny;

fn main() -> ExitCode {
    let programs = Program::names().expect("tests/programs can be read").into_iter();
    // Each program is a test of its own, so that the list of tests tells which one fails.
    let mut tests: Vec<Trial> = programs
        .map(|name| Trial::test(name.clone(), move || check(&name).map_err(Failed::from)))
        .collect();
    tests.extend(series::tests());
    libtest_mimic::run(&Arguments::from_args(), tests).exit_code()
}

/// The parts of the JSON report that are looked at here.
#[derive(Deserialize)]
struct Report {
    /// One a snapshot that took part.
    snapshots: Vec<IgnoredAny>,
    findings: Vec<Finding>,
}

#[derive(Deserialize)]
struct Finding {
    rule: String,
    severity: String,
    fingerprint: String,
    message: String,
    counts: Vec<u64>,
    places: Vec<Place>,
}

#[derive(Deserialize)]
struct Place {
    role: String,
    name: String,
    file: String,
    line: u32,
}

impl Report {
    /// The number of the first finding that says what `mark` says, from 0.
    fn position(&self, mark: &Mark) -> Option<usize> {
        let severity = if mark.is_information { "information" } else { "warning" };
        self.findings.iter().position(|finding| {
            finding.rule == mark.rule
                && finding.severity == severity
                && finding.places.iter().any(|place| {
                    place.role == mark.role && place.file == mark.file && place.line == mark.line
                })
        })
    }
}

/// What is wrong with what is reported of a program, and the whole report.
fn check(name: &str) -> Result<(), String> {
    let _slot = Slot::take();
    let program = Program::named(name).expect("the program can be read");
    let workspace = program.copy().expect("the program can be copied");
    let folder = tempfile::tempdir().expect("there is room for snapshots");
    let record = |rounds| {
        record_after(rounds, &program, workspace.path(), folder.path())
            .unwrap_or_else(|error| panic!("{name}: {error:#}"))
    };
    let files = record(AT_WORK);
    let report = analyse(workspace.path(), &files);
    let mut failures = what_is_wrong(&program, &report);
    if program.healthy {
        // Fewer snapshots prove less, and must not cry wolf for it.
        for pair in [[0, 1], [1, 2], [0, 2]] {
            let pair = pair.map(|index| files[index].clone());
            failures.extend(false_alarms(&program, &analyse(workspace.path(), &pair)));
        }
    }
    // A server keeps no rounds, so it cannot rest.
    if !program.is_server {
        failures
            .extend(what_is_wrong_at_rest(&program, &analyse(workspace.path(), &record(AND_REST))));
    }
    if failures.is_empty() {
        return Ok(());
    }
    let Program { description, .. } = &program;
    let failures = failures.join("\n    ");
    Err(format!("{description}\n    {failures}\n\nThe report has {}", told(&report)))
}

/// What `heapmark analyze` reports of these snapshots.
fn analyse(workspace: &Path, files: &[PathBuf]) -> Report {
    let mut analyze = heapmark();
    analyze.args(["analyze", "--format", "json", "--workspace"]).arg(workspace);
    let json = output_of(analyze.args(files)).unwrap_or_else(|error| panic!("{error:#}"));
    serde_json::from_str(&json)
        .unwrap_or_else(|error| panic!("the report is not as documented: {error}\n{json}"))
}

/// One sentence for each way in which the report is not what the program's marks say.
fn what_is_wrong(program: &Program, report: &Report) -> Vec<String> {
    let mut failures = Vec::new();
    if report.snapshots.len() != 3 {
        failures.push(format!("of 3 snapshots {} were compared", report.snapshots.len()));
    }
    for mark in &program.marks {
        match report.position(mark) {
            None => failures.push(format!("expected but not found: {mark}")),
            Some(number) if mark.first && number > 0 => {
                failures.push(format!("found, but as number {} of the report: {mark}", number + 1));
            }
            Some(_) if mark.alone && report.findings.len() > 1 => {
                failures.push(format!("found, but not alone: {mark}"));
            }
            Some(_) => {}
        }
    }
    if program.healthy {
        failures.extend(false_alarms(program, report));
    }
    let fingerprints: BTreeSet<&str> =
        report.findings.iter().map(|finding| finding.fingerprint.as_str()).collect();
    if fingerprints.len() < report.findings.len() {
        failures.push("two findings have one fingerprint".to_owned());
    }
    failures
}

/// The same when the program had nothing to do before the last snapshot: what it left is found, if
/// less surely.
fn what_is_wrong_at_rest(program: &Program, report: &Report) -> Vec<String> {
    let mut failures: Vec<String> = Vec::new();
    for mark in program.marks.iter().filter(|mark| mark.first) {
        let at_mark = |place: &Place| place.file == mark.file && place.line == mark.line;
        let found = report.findings.iter().take(3);
        if !found.into_iter().any(|finding| finding.places.iter().any(at_mark)) {
            failures
                .push(format!("after a rest, not in the first three: {mark}; {}", told(report)));
        }
    }
    if program.healthy {
        failures.extend(false_alarms(program, report));
    }
    failures
}

/// Warnings, and whatever the rules say that the program's mark names.
fn false_alarms(program: &Program, report: &Report) -> Vec<String> {
    let wrong = report
        .findings
        .iter()
        .filter(|finding| finding.severity == "warning" || program.silent.contains(&finding.rule));
    wrong.map(|finding| format!("a false alarm: {}", finding.message)).collect()
}

/// The report in a few lines, to see at once what it said instead.
fn told(report: &Report) -> String {
    let mut text = format!("{} findings:\n", report.findings.len());
    for (number, finding) in (1..).zip(&report.findings) {
        let Finding { rule, severity, message, counts, places, .. } = finding;
        let _ = writeln!(text, "{number:>4}. {severity} {rule} {counts:?}: {message}");
        for Place { role, name, file, line } in places {
            let _ = writeln!(text, "        {role:<7} {file}:{line} `{name}`");
        }
    }
    text
}

/// Leave to run a program: two at a time, however many threads the tests have, because a program
/// that is starved of time while its snapshot is taken says nothing about Heapmark.
struct Slot;

static TAKEN: Mutex<usize> = Mutex::new(0);
static FREED: Condvar = Condvar::new();

impl Slot {
    fn take() -> Self {
        heapmark_binary(); // built once, before anything else runs
        let taken = TAKEN.lock().expect("nothing fails while it is held");
        let mut taken =
            FREED.wait_while(taken, |taken| *taken >= 2).expect("nothing fails while it is held");
        *taken += 1;
        Slot
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        *TAKEN.lock().expect("nothing fails while it is held") -= 1;
        FREED.notify_one();
    }
}
