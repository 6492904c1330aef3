//! What is said of texts in series that are drawn: pass and fail side by side.

use crate::testing::drawn::{said, text};

const NOTES: &str = "let log = '';
function note(line) {
  log += line;
}
";

fn of(pieces: [std::ops::Range<usize>; 3]) -> Vec<String> {
    said(NOTES, pieces.map(|pieces| text("log", pieces)))
}

#[test]
fn a_text_that_gets_longer_in_each_round_is_a_warning_at_its_declaration() {
    assert_eq!(
        of([0..100, 0..200, 0..300]),
        ["warning growing-text main.js:1 the text in `log` keeps growing: 23.2 → 46.4 → 69.6 kB"]
    );
}

#[test]
fn a_text_that_is_as_long_as_before_or_short_is_not_mentioned() {
    for pieces in [[0..300, 300..600, 600..900], [0..300, 0..300, 0..300], [0..10, 0..20, 0..30]] {
        assert_eq!(of(pieces.clone()), [""; 0], "{pieces:?}");
    }
}
