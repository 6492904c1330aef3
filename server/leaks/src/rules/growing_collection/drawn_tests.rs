//! What is said of collections in series that are drawn: pass and fail side by side.

use crate::testing::drawn::{array, members, said};

const ADDS: &str = "const jobs = [];\nfunction add(job) {\n  jobs.push(job);\n}\n";

fn of(counts: [usize; 3]) -> [String; 3] {
    counts.map(|count| array("jobs", "Job", count))
}

#[test]
fn an_array_that_grows_in_each_round_is_a_warning_at_its_declaration() {
    assert_eq!(
        said(ADDS, of([100, 200, 300])),
        [
            "warning growing-collection main.js:1 `jobs` keeps growing: 100 → 200 → 300 items, 122 kB retained"
        ]
    );
}

#[test]
fn what_is_bounded_or_slows_down_is_information() {
    let bounded =
        "const jobs = [];\nfunction add(job) {\n  if (jobs.length < 5000) jobs.push(job);\n}\n";
    for (source, counts) in [(bounded, [100, 200, 300]), (ADDS, [100, 200, 240])] {
        let said = said(source, of(counts));
        assert!(said[0].starts_with("information growing-collection main.js:1"), "{said:?}");
        assert_eq!(said.len(), 1);
    }
}

#[test]
fn what_is_full_or_hardly_grows_is_not_mentioned() {
    for counts in [[300, 300, 300], [300, 303, 306], [0, 5, 9]] {
        assert_eq!(said(ADDS, of(counts)), [""; 0], "{counts:?}");
    }
}

#[test]
fn a_queue_that_is_longer_each_time_and_has_none_of_the_old_is_not_mentioned() {
    let queue = [(0, 100), (100, 300), (300, 600)];
    let queue = queue.map(|(from, to)| members("jobs", "Job", from..to));
    assert_eq!(said(ADDS, queue), [""; 0]);
}
