//! What is said of listeners in series that are drawn: pass and fail side by side.

use crate::testing::drawn::{listeners, said};

const SUBSCRIBES: &str = "const bus = new EventEmitter();
function subscribe(session) {
  bus.on('tick', function onTick() {
    session.touch();
  });
}
";

fn of(numbers: [std::ops::Range<usize>; 3]) -> Vec<String> {
    said(SUBSCRIBES, numbers.map(|numbers| listeners("bus", "tick", "onTick", numbers)))
}

#[test]
fn listeners_that_pile_up_are_a_warning_where_they_are_registered() {
    assert_eq!(
        of([0..100, 0..200, 0..300]),
        [
            "warning growing-listeners main.js:3 `onTick` listeners for \"tick\" pile up on `bus`: 100 → 200 → 300"
        ]
    );
}

#[test]
fn as_many_as_before_few_and_others_each_time_are_not_mentioned() {
    for numbers in [
        [0..300, 0..300, 0..300],
        [0..300, 300..600, 600..900],
        [0..1, 0..5, 0..9],
        [0..100, 100..300, 300..600],
    ] {
        assert_eq!(of(numbers.clone()), [""; 0], "{numbers:?}");
    }
}
