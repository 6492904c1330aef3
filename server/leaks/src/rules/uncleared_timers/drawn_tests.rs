//! What is said of timers in series that are drawn: pass and fail side by side.

use crate::testing::drawn::{said, timers};

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
