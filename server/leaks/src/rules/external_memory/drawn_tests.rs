//! What is said of buffers in series that are drawn: pass and fail side by side.

use crate::testing::drawn::{buffer, each, elements, said};

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

const KEEPS: &str = "const newest = [];
function note(chunk) {
  newest.push(chunk.subarray(0, 8));
  if (newest.length > 500) newest.shift();
}
";

/// Pieces in an array, each of a buffer of its own with so many bytes.
fn pieces(count: usize, bytes: usize) -> String {
    let list = elements("newest", 0..count, "object Buffer 96");
    let store = format!(
        "newest_{{n}} --internal buffer--> memory{{n}}
         memory{{n}}: object ArrayBuffer 80
         memory{{n}} --internal backing_store--> store{{n}}
         store{{n}}: native \"system / JSArrayBufferData\" {bytes}"
    );
    format!("scope --context newest--> newest\n{list}") + &each(0..count, &store)
}

#[test]
fn pieces_that_keep_large_buffers_are_told_where_they_are_cut_also_in_a_bounded_list() {
    let said_of = |bytes| said(KEEPS, [100, 200, 300].map(|count| pieces(count, bytes)));
    let sliced = said_of(65_536);
    assert_eq!(
        sliced[0],
        "warning external-memory main.js:3 Slices in `newest` keep whole buffers alive: 100 → 200 → 300 slices, 20 MB"
    );
    assert!(!said_of(5_000).iter().any(|it| it.contains("Slices")), "they are nearly all of these");
    let whole = KEEPS.replace(".subarray(0, 8)", "");
    let whole = said(&whole, [100, 200, 300].map(|count| pieces(count, 65_536)));
    assert!(!whole.iter().any(|it| it.contains("Slices")), "nothing is cut");
}
