//! What is said of equal strings in series that are drawn: pass and fail side by side.

use crate::testing::drawn::{each, members, said};

const LOADS: &str = "const rows = [];
function load(table) {
  rows.push(...table);
}
";

/// Rows in an array, each with a string of its own: of this text, and so many bytes.
fn rows(text: &str, bytes: usize, count: usize) -> String {
    let texts =
        format!("rows_{{n}} --property text--> text{{n}}\ntext{{n}}: string \"{text}\" {bytes}");
    members("rows", "Row", 0..count) + &each(0..count, &texts)
}

#[test]
fn many_equal_strings_are_information_at_the_declaration_of_what_holds_them() {
    assert_eq!(
        said(LOADS, [300; 3].map(|count| rows("Switzerland", 1_000, count))),
        [
            "information duplicate-strings main.js:1 `rows` holds 300 strings with only 1 different text: 299 kB wasted"
        ]
    );
}

#[test]
fn different_texts_little_waste_and_what_grows_anyway_are_not_mentioned() {
    assert_eq!(said(LOADS, [300; 3].map(|count| rows("Switzerland {n}", 1_000, count))), [""; 0]);
    assert_eq!(said(LOADS, [300; 3].map(|count| rows("Switzerland", 600, count))), [""; 0]);
    let grows = said(LOADS, [100, 200, 300].map(|count| rows("Switzerland", 1_000, count)));
    assert!(grows[0].starts_with("warning growing-collection main.js:1 "), "{grows:?}");
    assert_eq!(grows.len(), 1);
}
