//! What counts as held, how large it is and how far away, rule by rule.

use super::table;
use crate::analysis::Analysis;
use crate::ordinals::NodeOrdinal;
use crate::sketch::Sketch;

fn retained(analysis: &Analysis, node: NodeOrdinal) -> String {
    analysis.retained_size(node).to_string()
}

fn self_size(analysis: &Analysis, node: NodeOrdinal) -> String {
    analysis.self_size(node).to_string()
}

fn distance(analysis: &Analysis, node: NodeOrdinal) -> String {
    analysis.distance(node).to_string()
}

#[test]
fn a_node_retains_what_only_it_holds() {
    let drawing = "
        root -> a
        root -> b
        a -> own
        a -> shared
        b -> shared
        own -> deep
    ";
    insta::assert_snapshot!(table(drawing, retained), @"
    root 50
    a 30
    b 10
    own 20
    shared 10
    deep 10
    ");
}

#[test]
fn weak_links_shortcuts_and_links_to_oneself_retain_nothing() {
    let drawing = "
        root -> a
        root -> b
        a --weak w--> b
        a --shortcut s--> b
        b -> b
    ";
    insta::assert_snapshot!(table(drawing, retained), @"
    root 20
    a 10
    b 10
    ");
}

#[test]
fn what_nothing_holds_counts_for_the_root() {
    let drawing = "
        root -> a
        a --weak w--> orphan
        orphan -> below
        cycle -> cycle2
        cycle2 -> cycle
        cycle2 -> behind
    ";
    insta::assert_snapshot!(table(drawing, retained), @"
    root 60
    a 10
    orphan 20
    below 10
    cycle 10
    cycle2 10
    behind 10
    ");
}

#[test]
fn a_debugger_takes_nothing_from_the_page() {
    // With a root of the program's own, what it reaches is the page's.
    let drawing = "
        root --element 1--> gc
        root --shortcut global--> page
        gc: synthetic 0
        gc --element 1--> page
        gc --element 2--> debugger
        page -> item
        debugger -> item
        debugger -> note
    ";
    insta::assert_snapshot!(
        table(drawing, |analysis, node| format!(
            "flags {} retained {}",
            analysis.node_flags(node),
            analysis.retained_size(node)
        )),
        @"
        root flags 0 retained 40
        gc flags 0 retained 20
        page flags 5 retained 20
        debugger flags 0 retained 20
        item flags 5 retained 10
        note flags 0 retained 10
        "
    );
}

#[test]
fn an_entry_of_a_weak_map_belongs_to_its_key() {
    let drawing = r"
        root --element 1--> gc
        gc: synthetic 0
        gc -> key
        gc -> table
        table --internal 1 / part of key (K @5) -> value (V @9) pair in WeakMap (table @7)--> value
        key --internal 2 / part of key (K @5) -> value (V @9) pair in WeakMap (table @7)--> value
    ";
    let sketch = Sketch::parse(drawing);
    let analysis = sketch.analysis();
    assert_eq!(analysis.dominator(sketch.ordinal("value")), sketch.ordinal("key"));
    // And it is as far away as the farther of the two.
    let drawing = drawing.replace("gc -> key", "gc -> far \n far -> farther \n farther -> key");
    let drawing = drawing.replace("gc: synthetic 0", "");
    let sketch = Sketch::parse(&drawing);
    let analysis = sketch.analysis();
    let distance = |label| analysis.distance(sketch.ordinal(label));
    assert_eq!(["table", "key", "value"].map(distance), [2, 4, 5]);
}

#[test]
fn stores_count_for_the_object_that_owns_them() {
    let drawing = "
        root --shortcut global--> app
        app -> list
        app -> other
        list --internal elements--> store
        store: array 100
        store --internal 0--> more
        more: hidden 7
        other --internal properties--> common
        list --internal properties--> common
        common: array 1000
        root --element 1--> gc
        gc: synthetic 0
        gc --element 1--> system
        system: hidden 50
    ";
    insta::assert_snapshot!(table(drawing, self_size), @"
    root 0
    app 10
    list 117
    other 10
    store 0
    more 0
    common 1000
    gc 0
    system 50
    ");
}

#[test]
fn stores_stay_what_they_are_without_roots_of_the_program() {
    let drawing = "
        root --element 1--> gc
        gc: synthetic 0
        gc -> list
        list --internal elements--> store
        store: array 100
    ";
    insta::assert_snapshot!(table(drawing, self_size), @"
    root 0
    gc 0
    list 10
    store 100
    ");
}

#[test]
fn distances_count_from_the_program_first_and_then_from_the_system() {
    let drawing = "
        root --element 1--> gc
        gc: synthetic 0
        root --shortcut global--> app
        app -> near
        gc -> near
        gc -> systemonly
        gc --weak w--> weakonly
    ";
    insta::assert_snapshot!(table(drawing, distance), @"
    root 100000000
    gc 100000001
    app 1
    near 2
    systemonly 100000002
    weakonly -5
    ");
}

#[test]
fn detachedness_spreads_through_native_objects_only_and_attached_wins() {
    let drawing = "
        root -> tree
        tree: native ~1
        tree -> both
        both: native
        root -> gone
        gone: native \"<div id='a'>\" ~2
        gone -> both
        gone -> inner
        inner: native
        inner -> wrapper
        wrapper -> beyond
        beyond: native
        gone --hidden 1--> unlinked
        unlinked: native
    ";
    insta::assert_snapshot!(
        table(drawing, |analysis, node| format!(
            "{} {} {}",
            analysis.detachedness(node),
            analysis.node_flags(node),
            analysis.class_name(node)
        )),
        @"
        root 0 0 (synthetic)
        tree 1 1 tree
        both 1 1 both
        gone 2 3 Detached <div>
        inner 2 3 Detached inner
        wrapper 0 1 wrapper
        beyond 0 1 beyond
        unlinked 0 0 unlinked
        "
    );
}

#[test]
fn the_shortest_path_starts_at_the_root_and_takes_no_weak_link() {
    let drawing = "
        root --shortcut global--> app
        root --element 1--> gc
        gc: synthetic 0
        gc -> app
        gc -> x
        app --weak w--> x
        app -> a
        a --context c--> x
        gc -> onlysystem
        cycle -> cycle
    ";
    let sketch = Sketch::parse(drawing);
    let analysis = sketch.analysis();
    let path = |label: &str| {
        let edges = analysis.shortest_path(sketch.ordinal(label));
        let steps = edges.iter().map(|edge| {
            format!("{} {} {}", sketch.label(edge.from), edge.edge_type, analysis.edge_name(edge))
        });
        steps.collect::<Vec<_>>().join(" / ")
    };
    assert_eq!(path("x"), "root shortcut global / app property a / a context c");
    assert_eq!(path("onlysystem"), "root element 1 / gc property onlysystem");
    assert_eq!(path("root"), "");
    assert_eq!(path("cycle"), "");
}

#[test]
fn retainers_are_the_edges_that_lead_to_a_node() {
    let sketch = Sketch::parse("root -> a\n a -> b\n root -> b\n b --weak w--> b");
    let analysis = sketch.analysis();
    let from: Vec<_> = analysis
        .retainers(sketch.ordinal("b"))
        .map(|edge| (sketch.label(edge.from), edge.edge_type.as_str()))
        .collect();
    assert_eq!(from, [("b", "weak"), ("a", "property"), ("root", "property")]);
}
