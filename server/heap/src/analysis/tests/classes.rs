//! What nodes are called, and what is counted under one name.

use std::fmt::Write;

use super::table;
use crate::Unmonitored;
use crate::analysis::Analysis;
use crate::ordinals::NodeOrdinal;
use crate::sketch::Sketch;

fn class(analysis: &Analysis, node: NodeOrdinal) -> String {
    analysis.class_name(node).into_owned()
}

#[test]
fn classes_are_called_as_in_devtools() {
    let drawing = "
        a: hidden
        b: code
        c: closure
        d: regexp
        e: object Foo
        f: native \"<div class='x y'>\"
        g: native <br>
        h: concatenated_string
        i: object_shape
        j: new_in_v8_99
        k: object \"Detached <p id='1'>\"
    ";
    insta::assert_snapshot!(table(drawing, class), @"
    root (synthetic)
    a (system)
    b (compiled code)
    c Function
    d RegExp
    e Foo
    f <div>
    g <br>
    h (concatenated string)
    i (object shape)
    j (unknown)
    k Detached <p>
    ");
}

#[test]
fn plain_objects_are_called_by_their_properties() {
    let drawing = "
        a: object Object
        a --property id--> x
        a --property name--> x
        b: object Object
        b --property id--> x
        b --property name--> x
        c: object Object          # in another order: the properties are the same
        c --property name--> x
        c --property id--> x
        d: object Object          # more than needed
        d --property extra--> x
        d --property id--> x
        d --property name--> x
        d --property __proto__--> x
        e: object Object          # too few
        e --property id--> x
        f: object Object
        f --property it's, so--> x
        g: object Object
        g --property it's, so--> x
    ";
    insta::assert_snapshot!(table(drawing, class), @r#"
    root (synthetic)
    a {id, name}
    x x
    b {id, name}
    c {id, name}
    d {id, name}
    e Object
    f {"it's, so"}
    g {"it's, so"}
    "#);
}

/// Which it is: the written name does not show them.
#[test]
fn interfaces_that_begin_with_empty_names_are_one_with_those_without() {
    let drawing = "
        a: object Object
        a --property --> x
        a --property id--> x
        b: object Object
        b --property id--> x
        c: object Object
        c --property --> x
        c --property --> x
        d: object Object
        d --property --> x
    ";
    // The first of a kind decides what the others must have: `b` has no property of the empty name.
    insta::assert_snapshot!(table(drawing, class), @"
    root (synthetic)
    a {id}
    x x
    b Object
    c {}
    d Object
    ");
}

/// More kinds than are counted at once: 70,000 pairs of 300 properties, and every five-hundredth is called
/// `{id, name}`, but not among the first.
#[test]
fn what_is_common_among_very_many_that_are_all_different_is_found() {
    let mut drawing = String::new();
    for object in 0..70_000 {
        let [one, other] = match object % 500 {
            499 => ["id".to_owned(), "name".to_owned()],
            _ => [object / 299, object % 299].map(|property| format!("p{property}")),
        };
        write!(
            drawing,
            "o{object}: object Object\no{object} --property {one}--> x\no{object} --property {other}--> x\n"
        )
        .expect("there is room");
    }
    let heap = Sketch::parse(&drawing).analysis();
    let names: Vec<String> = heap.nodes().map(|node| heap.class_name(node).into_owned()).collect();
    let count = |name: &str| names.iter().filter(|&it| it == name).count();
    assert_eq!((count("{id, name}"), count("Object")), (140, 69_860));
}

#[test]
fn a_class_counts_what_is_inside_itself_once() {
    let drawing = "
        root -> outer
        outer: object Node 10 at 1:2:3
        outer -> inner
        inner: object Node 20 at 1:2:3
        root -> elsewhere
        elsewhere: object Node 5 at 1:9:9
        root -> nothing
        nothing: object Node 0
        root -> f
        f: closure 1 at 1:1:1
    ";
    let analysis = Sketch::parse(drawing).analysis();
    let rows: Vec<String> = analysis
        .aggregates(&Unmonitored)
        .expect("nobody cancels")
        .iter()
        .map(|row| {
            let crate::Aggregate { key, name, count, distance, self_size, max_retained } = row;
            format!("{key} {name} ×{count} at {distance}: {self_size}, retained {max_retained}")
        })
        .collect();
    insta::assert_snapshot!(rows.join("\n"), @"
    1,2,3,Node Node ×2 at 1: 30, retained 30
    1,9,9,Node Node ×1 at 1: 5, retained 5
    ,Function Function ×1 at 1: 1, retained 1
    ");
}
