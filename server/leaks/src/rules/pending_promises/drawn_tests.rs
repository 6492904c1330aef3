//! What is said of promises that never settle, in series that are drawn: pass and fail side by side.

use crate::testing::drawn::{each, on_handles, reactions, said};

const WAITS: &str = "const ready = new Promise(() => {});
function start(session) {
  ready.then(function go() {
    session.start();
  });
}
";

#[test]
fn reactions_that_pile_up_are_a_warning_where_they_are_added() {
    assert_eq!(
        said(WAITS, [100, 200, 300].map(|count| reactions("ready", "go", 0..count))),
        [
            "warning pending-promises main.js:3 `go` reactions to `ready` pile up: 100 → 200 → 300 are waiting"
        ]
    );
}

#[test]
fn few_reactions_and_as_many_as_before_are_not_mentioned() {
    for counts in [[300, 300, 300], [1, 5, 9]] {
        let series = counts.map(|count| reactions("ready", "go", 0..count));
        assert_eq!(said(WAITS, series), [""; 0], "{counts:?}");
    }
}

const SERVES: &str = "async function serve(request) {
  await gate(request);
}
";

/// Calls of an async function that wait for what Node's handles hold.
fn calls(numbers: std::ops::Range<usize>) -> String {
    let frames = on_handles(
        "call",
        "object \"system / JSAsyncFunctionObject\" 400 at serve",
        numbers.clone(),
    );
    frames + &each(numbers, "call{n} --internal parameters_and_registers--> registers{n}")
}

#[test]
fn calls_that_wait_and_pile_up_are_a_warning_at_their_function() {
    assert_eq!(
        said(SERVES, [0..100, 0..200, 0..300].map(calls)),
        [
            "warning pending-promises main.js:1 calls of `serve` never finish: 100 → 200 → 300 are waiting, 82 kB kept"
        ]
    );
}

#[test]
fn calls_that_are_others_each_time_are_not_mentioned() {
    for numbers in [[0..100, 100..300, 300..600], [0..300, 0..300, 0..300]] {
        assert_eq!(said(SERVES, numbers.clone().map(calls)), [""; 0], "{numbers:?}");
    }
}

#[test]
fn in_one_snapshot_a_hundred_reactions_are_information() {
    assert_eq!(
        said(WAITS, [reactions("ready", "go", 0..100)]),
        ["information pending-promises main.js:3 100 reactions wait for `ready` to settle"]
    );
    assert_eq!(said(WAITS, [reactions("ready", "go", 0..99)]), [""; 0]);
}

/// What `Promise.race` leaves at a promise are functions of V8's own, which stand nowhere.
fn left_by_race(count: usize) -> String {
    reactions("stop", "wait", 0..count).replace("closure wait 400 at wait", "closure \"\" 400")
}

fn of_races(source: &str) -> Vec<String> {
    said(source, [100, 200, 300].map(left_by_race))
}

#[test]
fn what_a_race_leaves_at_a_promise_is_a_warning_at_the_only_race_with_it() {
    let source = "const stop = new Promise(() => {});
const others = () => Promise.all([]);
function wait(job) {
  return Promise.race([stop, job]);
}
";
    assert_eq!(
        of_races(source),
        [
            "warning pending-promises main.js:4 reactions to `stop` pile up: 100 → 200 → 300 are waiting"
        ]
    );
    assert_eq!(said(source, [300; 3].map(left_by_race)), [""; 0]);
}

#[test]
fn where_several_races_have_the_promise_or_none_names_it_it_is_told_at_its_declaration() {
    let several = "const stop = new Promise(() => {});
function wait(job) {
  return Promise.race([stop, job]);
}
function waitLonger(job) {
  return Promise.any([job, stop]);
}
";
    let unknown = "const stop = new Promise(() => {});
const all = [stop];
function wait(job) {
  return Promise.race(all);
}
";
    for source in [several, unknown] {
        assert_eq!(
            of_races(source),
            [
                "warning pending-promises main.js:1 reactions to `stop` pile up: 100 → 200 → 300 are waiting"
            ]
        );
    }
}
