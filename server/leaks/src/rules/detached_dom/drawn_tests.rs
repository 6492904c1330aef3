//! What is said of elements of no page, in series that are drawn: pass and fail side by side.

use crate::testing::drawn::{each, elements, said, variable};

const SHOWS: &str = "let dialog = null;
function show(text) {
  dialog = build(text);
}
";

/// As the file says it: attached to the page or not.
const ATTACHED: &str = "~1";
const DETACHED: &str = "~2";

/// A dialog in a variable with so many items.
fn dialog(state: &str, count: usize) -> String {
    let items = format!(
        "dialog --internal {{n}}--> item{{n}}\nitem{{n}}: native \"<li class=row>\" 1000 {state}"
    );
    variable("dialog", &format!("native \"<dialog>\" 100 {state}")) + &each(0..count, &items)
}

#[test]
fn elements_of_no_page_that_get_more_are_a_warning_at_the_declaration_of_what_holds_them() {
    assert_eq!(
        said(SHOWS, [30, 60, 90].map(|count| dialog(DETACHED, count))),
        [
            "warning detached-dom main.js:1 elements that are in no page pile up: 31 → 61 → 91, kept by `dialog`"
        ]
    );
}

#[test]
fn as_many_as_before_are_information() {
    assert_eq!(
        said(SHOWS, [30; 3].map(|count| dialog(DETACHED, count))),
        ["information detached-dom main.js:1 `dialog` keeps 31 elements alive that are in no page"]
    );
}

#[test]
fn few_elements_and_those_of_the_page_are_not_mentioned() {
    assert_eq!(said(SHOWS, [10; 3].map(|count| dialog(DETACHED, count))), [""; 0]);
    assert_eq!(said(SHOWS, [30, 60, 90].map(|count| dialog(ATTACHED, count))), [""; 0]);
}

#[test]
fn elements_in_an_array_that_grows_are_told_if_they_are_in_no_page() {
    let source = "const rows = [];
function add(row) {
  rows.push(row);
}
";
    let rows = |state: &str, count| {
        "scope --context rows--> rows\n".to_owned()
            + &elements("rows", 0..count, &format!("native \"<tr class=row>\" 400 {state}"))
    };
    let detached = said(source, [100, 200, 300].map(|count| rows(DETACHED, count)));
    assert!(detached[0].starts_with("warning detached-dom main.js:1 "), "{detached:?}");
    assert_eq!(detached.len(), 1);
    let attached = said(source, [100, 200, 300].map(|count| rows(ATTACHED, count)));
    assert!(attached[0].starts_with("warning growing-collection main.js:1 "), "{attached:?}");
}
