//! What docs/robustness.md says of the tests is true: each promise names one that holds it, and each
//! that is named is there. Links of all documents lead somewhere.

mod links;

use std::fs;
use std::path::{Path, PathBuf};

const DOCUMENT: &str = "docs/robustness.md";
/// Stands where a test must still be named.
const OPEN: &str = "TEST?";

fn repository() -> PathBuf {
    heapmark_tests::tests_folder().join("..")
}

/// The rows of the tables: promise and tests.
fn promises() -> Vec<(String, String)> {
    let text = fs::read_to_string(repository().join(DOCUMENT)).expect("the document is there");
    let rows = text.lines().filter(|line| line.starts_with('|'));
    let cells = rows.filter_map(|row| row.trim_matches('|').split_once(" | "));
    let cells = cells.map(|(promise, held_by)| (promise.trim().to_owned(), held_by.to_owned()));
    cells.filter(|(promise, _)| promise != "promise").collect()
}

/// The tests that a cell names, as `FILE::NAME`.
fn named(cell: &str) -> Vec<(&str, &str)> {
    cell.split('`').skip(1).step_by(2).filter_map(|name| name.split_once("::")).collect()
}

/// Whether a file has a test of that name: a function that `#[test]`, or another attribute that ends
/// so, stands above.
fn has_test(file: &Path, name: &str) -> bool {
    let Ok(text) = fs::read_to_string(file) else { return false };
    let function = format!("fn {name}(");
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    lines.iter().enumerate().any(|(at, line)| {
        let above = lines[..at].iter().rev().take_while(|it| it.starts_with('#'));
        line.contains(&function) && above.into_iter().any(|it| it.contains("test"))
    })
}

#[test]
fn every_promise_names_its_test() {
    let promises = promises();
    assert!(promises.len() > 30, "the tables are read: {}", promises.len());
    let open: Vec<&String> = promises
        .iter()
        .filter(|(_, held_by)| named(held_by).is_empty())
        .map(|(it, _)| it)
        .collect();
    assert!(open.is_empty(), "no test holds: {open:#?}");
}

#[test]
fn every_test_that_is_named_is_there() {
    let promises = promises();
    let named = promises.iter().flat_map(|(_, held_by)| named(held_by));
    let missing: Vec<_> =
        named.filter(|(file, name)| !has_test(&repository().join(file), name)).collect();
    assert!(missing.is_empty(), "{DOCUMENT} names what is not there: {missing:#?}");
}

#[test]
fn no_test_is_left_to_be_named() {
    let open: Vec<String> = promises()
        .into_iter()
        .filter(|(_, held_by)| held_by.contains(OPEN))
        .map(|(promise, held_by)| format!("{promise}: {held_by}"))
        .collect();
    assert!(open.is_empty(), "{DOCUMENT} still says {OPEN}: {open:#?}");
}

#[test]
fn a_function_that_is_no_test_is_none() {
    let here = heapmark_tests::tests_folder().join("docs/main.rs");
    assert!(has_test(&here, "a_function_that_is_no_test_is_none"));
    assert!(!has_test(&here, "has_test"));
}
