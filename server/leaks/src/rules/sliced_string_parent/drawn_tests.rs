//! What is said of slices in series that are drawn: pass and fail side by side.

use crate::testing::drawn::{each, elements, said};

const TITLES: &str = "const titles = [];
function read(body) {
  titles.push(body.slice(7, 40));
}
";

/// Slices in an array, each of a text called so and of so many bytes.
fn slices(text: &str, bytes: usize, count: usize) -> String {
    let titles = elements("titles", 0..count, "sliced_string title 32");
    let texts = format!(
        "titles_{{n}} --internal parent--> {text}\n{text}: string \"body of {text}\" {bytes}"
    );
    format!("scope --context titles--> titles\n{titles}{}", each(0..count, &texts))
}

#[test]
fn slices_that_alone_keep_long_texts_are_information_at_the_declaration_of_what_holds_them() {
    assert_eq!(
        said(TITLES, [30; 3].map(|count| slices("body{n}", 20_000, count))),
        [
            "information sliced-string-parent main.js:1 30 slices of long texts keep 600 kB alive in `titles`"
        ]
    );
}

#[test]
fn short_texts_those_with_many_slices_and_those_held_otherwise_are_not_mentioned() {
    assert_eq!(said(TITLES, [30; 3].map(|count| slices("body{n}", 9_000, count))), [""; 0]);
    assert_eq!(said(TITLES, [400; 3].map(|count| slices("body", 700_000, count))), [""; 0]);
    let held = |count| {
        slices("body{n}", 20_000, count) + &each(0..count, "scope --context body{n}--> body{n}")
    };
    assert_eq!(said(TITLES, [30; 3].map(held)), [""; 0]);
}
