//! What is said of linked lists in series that are drawn: pass and fail side by side.

use crate::testing::drawn::{array, list, said};

const RECORDS: &str = "let history = null;
const entries = [];
function record(text) {
  history = { text, before: history };
}
";

#[test]
fn a_list_that_grows_in_each_round_is_a_warning_at_its_declaration() {
    let series = [100, 200, 300].map(|count| list("history", "object Object 400", 0..count));
    assert_eq!(
        said(RECORDS, series),
        [
            "warning growing-chain main.js:1 `history` keeps growing: 100 → 200 → 300 elements, 120 kB retained"
        ]
    );
}

#[test]
fn a_list_that_is_cut_or_has_its_length_is_not_mentioned() {
    for numbers in
        [[0..300, 0..300, 0..300], [0..100, 100..300, 300..600], [0..300, 100..400, 200..500]]
    {
        let series = numbers.clone().map(|numbers| list("history", "object Object 400", numbers));
        assert_eq!(said(RECORDS, series), [""; 0], "{numbers:?}");
    }
}

#[test]
fn a_list_of_what_a_collection_holds_is_told_as_that() {
    let both = |count| {
        let list = list("entries", "object Object 400", 0..count);
        list.replace("--context entries-->", "--context history-->")
            + &array("entries", "Object", count)
    };
    assert_eq!(
        said(RECORDS, [100, 200, 300].map(both)),
        [
            "warning growing-collection main.js:2 `entries` keeps growing: 100 → 200 → 300 items, 122 kB retained"
        ]
    );
}

#[test]
fn in_one_snapshot_a_thousand_elements_are_information() {
    let alone = |count| said(RECORDS, [list("history", "object Object 400", 0..count)]);
    assert_eq!(
        alone(1_000),
        [
            "information growing-chain main.js:1 `history` holds 1,000 elements (400 kB, 100 % of the heap)"
        ]
    );
    assert_eq!(alone(999), [""; 0]);
}
