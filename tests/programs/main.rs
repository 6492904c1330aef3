//! Every bundled program, in real Node.js and with the real binary: what the marks in its source say
//! is found on that line, and nothing in the healthy ones.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Condvar, Mutex};

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
    collections_that_a_module_exports => "exported-store",
    an_array_on_the_global_object => "global-trail",
    the_bundled_demo_server => "leaky-server",
    nothing_in_a_full_lru_cache => "lru-full",
    nothing_in_tables_filled_on_first_use => "lazy-init",
    nothing_in_listeners_and_timers_that_are_removed => "balanced-listeners",
    nothing_in_sessions_that_come_and_go => "sessions-lru",
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
    let workspace = program.copy().expect("the program can be copied");
    let folder = tempfile::tempdir().expect("there is room for snapshots");
    let files = record(&program, workspace.path(), folder.path())
        .unwrap_or_else(|error| panic!("{name}: {error:#}"));

    let report = analyse(workspace.path(), &files);
    let mut failures = what_is_wrong(&program, &report);
    if program.healthy {
        // Fewer snapshots prove less, and must not cry wolf for it.
        for pair in [[0, 1], [1, 2], [0, 2]] {
            let pair = pair.map(|index| files[index].clone());
            failures.extend(false_alarms(&analyse(workspace.path(), &pair)));
        }
    }
    assert!(
        failures.is_empty(),
        "{name}: {}\n\nThe report has {}",
        failures.join("\n    "),
        told(&report)
    );
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
            Some(_) => {}
        }
    }
    if program.healthy {
        failures.extend(false_alarms(report));
    }
    failures
}

fn false_alarms(report: &Report) -> Vec<String> {
    let warnings = report.findings.iter().filter(|finding| finding.severity == "warning");
    warnings.map(|finding| format!("a false alarm: {}", finding.message)).collect()
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
