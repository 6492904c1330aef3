//! What is said of instances of `AsyncLocalStorage` in series that are drawn: pass and fail side by side.

use crate::testing::drawn::{elements, said, script};

const HANDLES: &str = "const storages = [];
function handle(request) {
  const storage = new AsyncLocalStorage();
  return storage.run(request, answer);
}
";

/// Storages in a list that `holder` leads to.
fn storages(holder: &str, count: usize) -> String {
    let node = script("9", "node:async_hooks", ("run", 1));
    let list = elements("storages", 0..count, "object AsyncLocalStorage 200 at 9:20:3");
    format!("{node}{holder} storages\n{list}")
}

#[test]
fn storages_that_pile_up_in_nodes_list_are_a_warning_where_they_are_made() {
    let series = [100, 200, 300].map(|count| storages("root --element 2-->", count));
    assert_eq!(
        said(HANDLES, series),
        [
            "warning async-local-storage main.js:3 instances of `AsyncLocalStorage` pile up: 100 → 200 → 300"
        ]
    );
}

#[test]
fn as_many_as_before_are_not_mentioned() {
    let series = [300; 3].map(|count| storages("root --element 2-->", count));
    assert_eq!(said(HANDLES, series), [""; 0]);
}

#[test]
fn storages_that_the_program_holds_itself_are_told_there() {
    let series = [100, 200, 300].map(|count| storages("scope --context storages-->", count));
    let said = said(HANDLES, series);
    assert!(said[0].starts_with("warning growing-collection main.js:1 "), "{said:?}");
    assert_eq!(said.len(), 1);
}

#[test]
fn in_one_snapshot_twenty_are_information() {
    let alone = |count| said(HANDLES, [storages("root --element 2-->", count)]);
    assert_eq!(
        alone(20),
        [
            "information async-local-storage main.js:3 20 instances of `AsyncLocalStorage` are in use"
        ]
    );
    assert_eq!(alone(19), [""; 0]);
}
