//! Every bundled program, in real Node.js and with the real binary: what the marks in its source say
//! is found on that line, and nothing in the healthy ones.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::{Condvar, Mutex};

use anyhow::Result;
use heapmark_tests::{Mark, Program, heapmark, heapmark_binary, output_of, record};
use serde::Deserialize;
use serde::de::IgnoredAny;

/// Each program is a test of its own, so that the list of tests tells which one fails.
macro_rules! programs {
    ($($test:ident => $name:literal,)*) => {
        $(
            #[test]
            fn $test() {
                check($name);
            }
        )*

        #[test]
        fn every_program_is_tested() {
            let tested = BTreeSet::from([$($name.to_owned()),*]);
            assert_eq!(tested, Program::names().expect("tests/programs can be read"));
        }
    };
}

programs! {
    a_map_that_caches_under_keys_that_never_repeat => "map-cache",
    listeners_added_per_request => "listeners-per-request",
    instances_in_a_registry_of_their_class => "static-registry",
    intervals_that_nobody_clears => "uncleared-intervals",
    a_large_value_in_a_scope_shared_with_a_small_callback => "shared-context",
    an_object_used_as_a_dictionary => "object-dictionary",
    functions_that_wait_for_a_promise_that_never_settles => "pending-promises",
    the_bundled_demo_server => "leaky-server",
    nothing_in_a_full_lru_cache => "lru-full",
    nothing_in_tables_filled_on_first_use => "lazy-init",
    nothing_in_listeners_and_timers_that_are_removed => "balanced-listeners",
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
    /// The number of the first warning that says what `mark` says, from 0.
    fn position(&self, mark: &Mark) -> Option<usize> {
        self.findings.iter().position(|finding| {
            finding.rule == mark.rule
                && finding.severity == "warning"
                && finding.places.iter().any(|place| {
                    place.role == mark.role && place.file == mark.file && place.line == mark.line
                })
        })
    }
}

fn check(name: &str) {
    let _slot = Slot::take();
    let program = Program::named(name).expect("the program can be read");
    let json = analyse(&program).unwrap_or_else(|error| panic!("{name}: {error:#}"));
    let report: Report = serde_json::from_str(&json)
        .unwrap_or_else(|error| panic!("{name}: the report is not as documented: {error}\n{json}"));

    let failures = what_is_wrong(&program, &report);
    assert!(
        failures.is_empty(),
        "{name}: {}\n\nThe report has {}",
        failures.join("\n    "),
        told(&report)
    );
}

/// Runs the program for two rounds with three snapshots, and gives the JSON report about them.
fn analyse(program: &Program) -> Result<String> {
    let workspace = program.copy()?;
    let snapshots = tempfile::tempdir()?;
    let files = record(program, workspace.path(), snapshots.path())?;
    let mut analyze = heapmark();
    analyze.args(["analyze", "--format", "json", "--workspace"]).arg(workspace.path());
    output_of(analyze.args(files))
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
            Some(_) => {}
        }
    }
    if program.healthy {
        let warnings = report.findings.iter().filter(|finding| finding.severity == "warning");
        failures.extend(warnings.map(|finding| format!("a false alarm: {}", finding.message)));
    }
    failures
}

/// The report in a few lines, to see at once what it said instead.
fn told(report: &Report) -> String {
    let mut text = format!("{} findings:\n", report.findings.len());
    for (number, finding) in (1..).zip(&report.findings) {
        let Finding { rule, severity, message, counts, places } = finding;
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
