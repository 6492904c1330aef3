//! Every bundled program, in real Node.js and with the real binary: what the marks in its source say
//! is found on that line, and nothing in the healthy ones.

mod series;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Condvar, Mutex};

use heapmark_leaks::report::Rule;
use heapmark_tests::{
    AND_REST, AT_WORK, Mark, Program, heapmark, heapmark_binary, output_of, record_after,
};
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
    collections_beside_counters_in_blocks => "block-variables",
    listeners_added_per_request => "listeners-per-request",
    instances_in_a_registry_of_their_class => "static-registry",
    collections_that_all_instances_share => "shared-by-prototype",
    intervals_that_nobody_clears => "uncleared-intervals",
    a_large_value_in_a_scope_shared_with_a_small_callback => "shared-context",
    an_object_used_as_a_dictionary => "object-dictionary",
    functions_that_wait_for_a_promise_that_never_settles => "pending-promises",
    collections_that_a_module_exports => "exported-store",
    an_array_on_the_global_object => "global-trail",
    properties_of_the_global_object => "session-globals",
    properties_of_a_function => "function-as-map",
    counters_under_keys_that_are_never_removed => "hit-counters",
    the_bundled_demo_server => "leaky-server",
    listeners_on_an_abort_signal => "abort-listeners",
    listeners_on_signals_combined_of_one_that_lives_long => "abort-any",
    listeners_on_the_process => "process-listeners",
    listeners_of_nodes_once_that_lost_a_race => "raced-once",
    iterators_of_events_that_nobody_ends => "unread-iterators",
    streams_piped_into_one_that_lives_on => "piped-logs",
    numbers_in_a_list_of_a_table => "latency-samples",
    objects_that_listen_themselves => "listener-objects",
    what_node_remembers_until_it_is_told_to_forget => "never-forgotten",
    observers_that_nobody_unsubscribes => "subject-observers",
    reactions_to_a_promise_that_never_settles => "promise-reactions",
    a_history_that_nobody_cuts => "undo-history",
    a_history_of_commands_of_several_classes => "undo-commands",
    agents_that_their_sockets_keep => "agent-per-request",
    instances_that_hold_each_other => "revisions",
    functions_that_each_keep_the_one_before => "closure-chain",
    a_finalization_registry_that_holds_its_targets => "finalizer-holds",
    a_weak_map_whose_values_keep_its_keys => "weak-chain",
    storages_made_for_each_request => "async-storage-per-request",
    stores_that_intervals_remember => "async-stores",
    a_stream_that_nobody_reads => "unread-stream",
    a_list_that_is_replaced_by_a_longer_copy => "replaced-store",
    lists_that_grow_slowly_in_a_table => "nested-lists",
    one_of_several_caches_in_a_table => "one-of-several",
    queues_that_nobody_takes_from => "stuck-queues",
    a_text_that_gets_longer => "growing-text",
    sockets_that_are_kept_after_they_were_closed => "closed-sockets",
    weak_references_whose_targets_are_gone => "dead-weakrefs",
    a_module_that_is_loaded_again_and_again => "module-reload",
    files_that_are_written_and_loaded_once_each => "scripts-of-users",
    connections_that_nobody_closes => "unclosed-connections",
    texts_that_every_row_has_a_copy_of => "repeated-texts",
    short_slices_of_long_texts => "sliced-strings",
    a_buffer_that_gets_longer => "growing-buffer",
    short_pieces_of_large_buffers => "buffer-views",
    pieces_of_uploads_in_a_bounded_list => "file-magic",
    a_weak_map_with_a_key_that_stays => "weak-registry",
    two_collections_of_the_same_things => "two-indexes",
    a_map_whose_entries_are_linked_and_never_dropped => "endless-recents",
    a_module_that_is_imported_again_and_again => "module-versions",
    things_that_each_keep_the_one_before_unused => "replaced-thing",
    nothing_in_a_full_lru_cache => "lru-full",
    nothing_in_tables_filled_on_first_use => "lazy-init",
    nothing_in_listeners_and_timers_that_are_removed => "balanced-listeners",
    nothing_in_sessions_that_come_and_go => "sessions-lru",
    nothing_in_texts_that_are_kept_once => "interned-texts",
    nothing_in_slices_that_are_copied => "copied-slices",
    nothing_in_a_buffer_that_is_emptied => "emptied-buffer",
    nothing_in_a_program_that_warms_up => "warm-up",
    nothing_in_a_stream_that_is_read => "read-stream",
    nothing_in_a_pool => "buffer-pool",
    nothing_in_a_ring_buffer => "ring-buffer",
    nothing_in_a_memo_with_few_keys => "few-keys",
    nothing_in_what_cannot_grow_for_long => "bounded-by-use",
    nothing_in_tables_that_are_turned_over => "turned-over",
    nothing_in_requests_that_are_being_answered => "in-flight",
    nothing_in_templates_compiled_on_first_use => "lazy-templates",
    nothing_in_facts_in_a_weak_map => "weak-metadata",
    nothing_in_a_finalization_registry_of_ids => "finalizer-of-ids",
}

/// Elements of a page are in no program of Node's: tests/dom has a page in Chromium.
const OF_PAGES: &str = "detached-dom";

#[test]
fn every_rule_has_a_program() {
    let mut sources = String::new();
    for name in Program::names().expect("tests/programs can be read") {
        let program = Program::named(&name).expect("the program can be read");
        for source in &program.sources {
            let text = std::fs::read_to_string(program.folder.join(source));
            sources.push_str(&text.expect("a source can be read"));
        }
    }
    let is_marked = |rule: &Rule| sources.contains(&format!("heapmark: {} ", rule.name()));
    let missing = heapmark_leaks::rules()
        .into_iter()
        .filter(|rule| rule.name() != OF_PAGES && !is_marked(rule));
    assert_eq!(missing.map(Rule::name).collect::<Vec<_>>(), [""; 0]);
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

fn check(name: &str) {
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
