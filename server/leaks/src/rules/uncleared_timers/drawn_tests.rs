//! What is said of timers in series that are drawn: pass and fail side by side.

use crate::testing::drawn::{each, map, messages, said, script, timers, variable};

const POLLS: &str = "function watch(job) {
  setInterval(function poll() {
    job.look();
  }, 1000);
}
";

#[test]
fn intervals_that_pile_up_are_a_warning_where_they_are_started() {
    assert_eq!(
        said(POLLS, [100, 200, 300].map(|count| timers("poll", true, 0..count))),
        [
            "warning uncleared-timers main.js:2 Intervals that call `poll` pile up: 100 → 200 → 300 are running"
        ]
    );
}

#[test]
fn timeouts_that_pile_up_may_only_be_slow_and_are_information() {
    let source = POLLS.replace("setInterval", "setTimeout");
    assert_eq!(
        said(&source, [100, 200, 300].map(|count| timers("poll", false, 0..count))),
        [
            "information uncleared-timers main.js:2 Timeouts that call `poll` pile up: 100 → 200 → 300 are running"
        ]
    );
}

#[test]
fn as_many_as_before_and_few_are_not_mentioned() {
    for numbers in [[0..300, 0..300, 0..300], [0..300, 300..600, 600..900], [0..1, 0..5, 0..9]] {
        let series = numbers.clone().map(|numbers| timers("poll", true, numbers));
        assert_eq!(said(POLLS, series), [""; 0], "{numbers:?}");
    }
}

#[test]
fn in_one_snapshot_twenty_are_information() {
    assert_eq!(
        said(POLLS, [timers("poll", true, 0..20)]),
        ["information uncleared-timers main.js:2 20 intervals that call `poll` are running"]
    );
    assert_eq!(said(POLLS, [timers("poll", true, 0..19)]), [""; 0]);
}

/// Intervals that remember the context in which they were started, which has a store.
fn with_stores(before_node_24: bool, count: usize) -> String {
    let storage = script("9", "node:async_hooks", ("run", 1))
        + &variable("storage", "object AsyncLocalStorage 64 at 9:20:3");
    let frame = map("frame{n}", 1, "store{n}").replace("object Map", "object AsyncContextFrame");
    let remembers = if before_node_24 {
        "timer{n} --property <symbol kResourceStore>--> store{n}\n".to_owned()
    } else {
        frame.replace("string \"key 0\" 24", "object AsyncLocalStorage 64")
            + "timer{n} --property <symbol async_context_frame>--> frame{n}\n"
    };
    let store = "store{n}: object Store 4000 at Store";
    timers("poll", true, 0..count) + &storage + &each(0..count, &(remembers + store))
}

#[test]
fn the_stores_that_they_keep_are_told() {
    let source = format!("const storage = new AsyncLocalStorage();\nclass Store {{}}\n{POLLS}");
    let keeps = "keeps a `Store`, the store of `storage`, alive";
    for before_node_24 in [true, false] {
        let told = messages(&source, [100, 200, 300].map(|n| with_stores(before_node_24, n)));
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(told[0].contains(keeps), "{told:?}");
    }
    let told = messages(&source, [100, 200, 300].map(|n| timers("poll", true, 0..n)));
    assert!(!told[0].contains("Store"), "{told:?}");
}

#[test]
fn timers_that_were_cleared_or_fired_are_not_counted_though_something_keeps_them() {
    let cleared = |count| {
        timers("poll", true, 0..count).replace("_idlePrev--> node_timers", "_idlePrev--> null")
    };
    let said = said(POLLS, [100, 200, 300].map(cleared));
    assert!(said[0].starts_with("warning leaking-closure main.js:2 "), "{said:?}");
    assert_eq!(said.len(), 1);
}
