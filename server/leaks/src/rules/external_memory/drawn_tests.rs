//! What is said of buffers in series that are drawn: pass and fail side by side.

use crate::testing::drawn::{buffer, said};

const NOTES: &str = "let log = Buffer.alloc(0);
function note(line) {
  log = Buffer.concat([log, line]);
}
";

/// A buffer in a variable, another one in each round.
fn log(round: usize, bytes: usize) -> String {
    let name = format!("log_{round}");
    format!("scope --context log--> {name}\n{}", buffer(&name, bytes))
}

#[test]
fn a_buffer_that_gets_longer_in_each_round_is_a_warning_at_its_declaration() {
    let series = [(1, 100_000), (2, 200_000), (3, 300_000)];
    assert_eq!(
        said(NOTES, series.map(|(round, bytes)| log(round, bytes))),
        [
            "warning external-memory main.js:1 the buffer in `log` keeps growing: 100.0 → 200.0 → 300.0 kB"
        ]
    );
}

#[test]
fn much_in_one_buffer_is_information() {
    assert_eq!(
        said(NOTES, [1, 1, 1].map(|round| log(round, 20_000_000))),
        ["information external-memory main.js:1 `log` holds 20 MB in 1 buffer, 100 % of the heap"]
    );
}

#[test]
fn a_buffer_that_is_as_long_as_before_or_short_is_not_mentioned() {
    assert_eq!(said(NOTES, [1, 2, 3].map(|round| log(round, 300_000))), [""; 0]);
    assert_eq!(said(NOTES, [1, 1, 1].map(|round| log(round, 9_000_000))), [""; 0]);
    assert_eq!(said(NOTES, [1, 2, 3].map(|round| log(round, 1_000 * round))), [""; 0]);
}
