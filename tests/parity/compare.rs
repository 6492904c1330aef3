//! Two tables, line by line and cell by cell.

use std::collections::BTreeMap;
use std::fmt::Write as _;

/// How many of the lines that differ are told.
const TOLD: usize = 5;

/// What differs between Heapmark's table and DevTools', told for people; `None` if they are equal.
pub(crate) fn difference(heapmark: &str, devtools: &str) -> Option<String> {
    if heapmark == devtools {
        return None;
    }
    let columns: Vec<&str> = devtools.lines().next().unwrap_or_default().split('\t').collect();
    let mut by_column: BTreeMap<&str, usize> = BTreeMap::new();
    let mut examples = String::new();
    let mut differing = 0;
    for (number, (ours, theirs)) in (1..).zip(heapmark.lines().zip(devtools.lines())) {
        if ours == theirs {
            continue;
        }
        differing += 1;
        let cells = ours.split('\t').zip(theirs.split('\t')).zip(&columns);
        for (_, column) in cells.filter(|((ours, theirs), _)| ours != theirs) {
            *by_column.entry(column).or_default() += 1;
        }
        if differing <= TOLD {
            let _ = writeln!(examples, "  line {number}");
            let _ = writeln!(examples, "    heapmark {ours}\n    DevTools {theirs}");
        }
    }
    let (ours, theirs) = (heapmark.lines().count(), devtools.lines().count());
    differing += ours.abs_diff(theirs);
    let counts = by_column.iter().map(|(column, count)| format!("{column} {count}"));
    Some(format!(
        "{differing} of {theirs} lines differ (heapmark wrote {ours}); by column: {}\n    {}\n{examples}",
        counts.collect::<Vec<_>>().join(", "),
        columns.join(" ")
    ))
}

#[test]
fn equal_tables_do_not_differ() {
    assert_eq!(difference("a\tb\n1\t2\n", "a\tb\n1\t2\n"), None);
}

#[test]
fn one_wrong_cell_a_missing_line_and_a_missing_end_are_differences() {
    let told = difference("a\tb\n1\t2\n3\t4\n", "a\tb\n1\t2\n3\t5\n").expect("they differ");
    assert!(told.starts_with("1 of 3 lines differ (heapmark wrote 3); by column: b 1\n"), "{told}");
    assert!(difference("a\n1\n", "a\n1\n2\n").is_some());
    assert!(difference("a\n1", "a\n1\n").is_some());
    assert!(difference("", "a\n").is_some());
}
