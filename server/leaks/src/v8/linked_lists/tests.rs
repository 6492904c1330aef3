use std::fmt::Write as _;

use heapmark_heap::sketch::Sketch;

use super::*;
use crate::v8::promise_reactions::reactions;

/// The lists in a drawing, by their members.
#[track_caller]
fn check(drawing: &str, expected: &[&str]) {
    let sketch = Sketch::parse(drawing);
    let snapshot = sketch.snapshot();
    let found: Vec<String> = chains(&snapshot)
        .iter()
        .map(|chain| {
            let members = chain.members.iter().map(|&member| sketch.label(member));
            members.collect::<Vec<_>>().join(" ")
        })
        .collect();
    assert_eq!(found, expected);
}

const ENTRIES: &str = "
    a: object Entry
    b: object Entry
    c: object Entry
    d: object Entry
    root --element 1--> a
";

#[test]
fn a_list_goes_from_its_beginning_to_its_end() {
    let links = "
        a --property next--> b
        b --property next--> c
        c --property next--> d
    ";
    check(&format!("{ENTRIES}{links}"), &["a b c d"]);
}

#[test]
fn a_list_may_have_elements_of_a_few_classes() {
    let mut drawing = "doc: object Doc
        root --element 1--> doc
        doc --property top--> n0
        reader: object Reader
        root --element 2--> reader
        reader --property previous--> n2
        start: object Start
        n9 --property previous--> start
        start --property previous--> reader
        "
    .to_owned();
    for i in 0..10 {
        let class = if i % 3 == 0 { "Insert" } else { "Delete" };
        let _ = writeln!(drawing, "n{i}: object {class}");
        if i < 9 {
            let _ = writeln!(drawing, "n{i} --property previous--> n{}", i + 1);
        }
    }
    check(&drawing, &["n0 n1 n2 n3 n4 n5 n6 n7 n8 n9"]);
}

#[test]
fn a_list_may_be_made_of_pairs() {
    let links = "
        root --element 1--> p
        p: object Array
        p --element 0--> item
        item: object Item
        p --element 1--> q
        q: object Array
        q --element 1--> r
        r: object Array
        r --element 1--> s
        s: object Array
    ";
    check(links, &["p q r s"]);
}

#[test]
fn a_list_that_is_linked_both_ways_is_found_once() {
    let links = "
        a --property next--> b
        b --property next--> c
        c --property next--> d
        d --property previous--> c
        c --property previous--> b
        b --property previous--> a
    ";
    check(&format!("{ENTRIES}{links}"), &["a b c d"]);
}

#[test]
fn a_ring_ends() {
    let links = "
        a --property next--> b
        b --property next--> c
        c --property next--> d
        d --property next--> a
    ";
    check(&format!("{ENTRIES}{links}"), &["a b c d"]);
}

#[test]
fn a_tree_and_a_short_list_are_none() {
    let links = "
        a --property child--> b
        b --property parent--> a
        c --property parent--> a
        d --property parent--> a
    ";
    check(&format!("{ENTRIES}{links}"), &[]);
}

#[test]
fn the_reactions_to_a_promise_are_counted() {
    let sketch = Sketch::parse(
        "
        root --element 1--> promise
        promise: object Promise
        promise --internal reactions_or_result--> r1
        r1: hidden \"system / PromiseReaction\"
        r1 --hidden 1--> r2
        r2: hidden \"system / PromiseReaction\"
        r2 --hidden 1--> r1
        ",
    );
    let snapshot = sketch.snapshot();
    let labels: Vec<&str> = reactions(&snapshot, sketch.ordinal("promise"))
        .iter()
        .map(|&reaction| sketch.label(reaction))
        .collect();
    assert_eq!(labels, ["r1", "r2"], "also if a damaged file makes a ring of them");
}
