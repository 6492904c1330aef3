//! Each rule on a heap small enough to check by eye, and the algorithms against naive twins.

use std::fmt::Write;
use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::Analysis;
use crate::bits::Bits;
use crate::node_set::NodeSet;
use crate::ordinals::NodeOrdinal;
use crate::sketch::Sketch;
use crate::{EdgeType, Monitor, Phase, Unmonitored};

/// Draws a heap and tells something about each node.
fn table(drawing: &str, tell: impl Fn(&Analysis, NodeOrdinal) -> String) -> String {
    let sketch = Sketch::parse(drawing);
    let analysis = sketch.analysis();
    sketch.table(|node| tell(&analysis, node))
}

fn retained(analysis: &Analysis, node: NodeOrdinal) -> String {
    analysis.retained_size(node).to_string()
}

fn self_size(analysis: &Analysis, node: NodeOrdinal) -> String {
    analysis.self_size(node).to_string()
}

fn distance(analysis: &Analysis, node: NodeOrdinal) -> String {
    analysis.distance(node).to_string()
}

fn class(analysis: &Analysis, node: NodeOrdinal) -> String {
    analysis.class_name(node).into_owned()
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

#[test]
fn stops_when_told_to_in_every_phase() {
    struct StopAt(Phase);
    impl Monitor for StopAt {
        fn is_cancelled(&self) -> bool {
            true
        }
    }
    struct StopIn(Phase, std::sync::Mutex<Option<Phase>>);
    impl Monitor for StopIn {
        fn advance(&self, phase: Phase, done: u64, total: u64) {
            assert!(done <= total, "{phase}: {done} of {total}");
            *self.1.lock().expect("nobody panics with it") = Some(phase);
        }

        fn is_cancelled(&self) -> bool {
            *self.1.lock().expect("nobody panics with it") == Some(self.0)
        }
    }
    let sketch = Sketch::parse("root --shortcut a--> a");
    for phase in [Phase::Detachedness, Phase::Flags, Phase::EssentialEdges, Phase::Dominators] {
        let monitor = StopIn(phase, std::sync::Mutex::new(None));
        assert!(Analysis::new(sketch.snapshot(), &monitor).is_err(), "{phase}");
        assert_eq!(*monitor.1.lock().expect("nobody panics with it"), Some(phase));
    }
    let analysis = sketch.analysis();
    let monitor = StopIn(Phase::Comparing, std::sync::Mutex::new(None));
    assert!(analysis.changes_since(&analysis, &monitor).is_err());
    let monitor = StopIn(Phase::Distances, std::sync::Mutex::new(None));
    assert!(analysis.ignore_retainers(&[NodeOrdinal::ROOT], &monitor).is_err());
    let file = sketch.file();
    let monitor = StopAt(Phase::Reading);
    let error = crate::Snapshot::read(file.as_bytes(), None, &monitor).expect_err("is cancelled");
    assert_eq!((error.to_string().as_str(), monitor.0), ("cancelled", Phase::Reading));
}

/// A list whose items also stand in an array: quadratic for methods other than Lengauer-Tarjan's.
#[test]
fn a_long_list_in_an_array_takes_no_time() {
    let items = 100_000;
    let mut sketch = Sketch::parse("root -> list\n root -> array");
    let mut previous = "list".to_owned();
    for item in 0..items {
        let label = format!("i{item}");
        sketch.edge(&previous, EdgeType::Property, "next", &label);
        sketch.edge("array", EdgeType::Element, "0", &label);
        previous = label;
    }
    check_within(Duration::from_secs(10), &sketch, "array", 10);
}

/// Two lists with rungs between them.
#[test]
fn a_long_ladder_takes_no_time() {
    let rungs = 100_000;
    let mut sketch = Sketch::parse("root -> top\n top -> l0\n top -> r0");
    for rung in 0..rungs {
        let (left, right) = (format!("l{rung}"), format!("r{rung}"));
        sketch.edge(&left, EdgeType::Property, "across", &right);
        sketch.edge(&right, EdgeType::Property, "across", &left);
        sketch.edge(&left, EdgeType::Property, "next", &format!("l{}", rung + 1));
        sketch.edge(&right, EdgeType::Property, "next", &format!("r{}", rung + 1));
    }
    check_within(Duration::from_secs(10), &sketch, "top", 10 * (2 * (rungs + 1) + 1));
}

fn check_within(limit: Duration, sketch: &Sketch, label: &str, retained: u64) {
    let snapshot = sketch.snapshot();
    let start = Instant::now();
    let analysis = Analysis::new(snapshot, &Unmonitored).expect("nobody cancels");
    assert_eq!(analysis.retained_size(sketch.ordinal(label)), retained);
    analysis.aggregates(&Unmonitored).expect("nobody cancels");
    assert!(start.elapsed() < limit, "took {:?}", start.elapsed());
}

/// Sums that no heap has.
#[test]
fn sizes_may_be_anything() {
    let drawing = "
        a: string text 18446744073709551615
        b: string text 18446744073709551615
        c: object Foo 18446744073709551615
        d: object Foo 18446744073709551615
        e: object Array 18446744073709551615
    ";
    let analysis = Sketch::parse(drawing).analysis();
    let nothing = Sketch::default().analysis();
    let everything = u64::MAX;
    assert_eq!(analysis.statistics().total, everything);
    let strings = analysis.duplicate_strings(&Unmonitored).expect("nobody cancels");
    assert_eq!(strings[0].retained_size, everything);
    let changes = analysis.changes_since(&nothing, &Unmonitored).expect("nobody cancels");
    assert_eq!((changes[0].added_size, changes[0].growth()), (everything, i64::MAX));
    assert_eq!(
        nothing.changes_since(&analysis, &Unmonitored).expect("nobody cancels")[0].growth(),
        i64::MIN
    );
}

/// Random graphs, sparse enough for orphans and cycles that nothing holds.
fn graphs() -> impl Strategy<Value = Sketch> {
    (2..14_usize, 0..30_usize).prop_flat_map(|(nodes, edges)| {
        // Nothing leads to the root.
        let edge = (0..nodes, 1..nodes, 0..7_usize);
        let sizes = prop::collection::vec(0..50_u32, nodes);
        (sizes, prop::collection::vec(edge, edges)).prop_map(|(sizes, edges)| {
            let kinds = ["hidden", "array", "native", "closure", "object", "synthetic"];
            let label = |node| if node == 0 { "root".to_owned() } else { format!("n{node}") };
            let mut drawing = String::new();
            for (node, size) in sizes.iter().enumerate().skip(1) {
                let kind = kinds[*size as usize % kinds.len()];
                writeln!(drawing, "n{node}: {kind} {size}").expect("a string takes everything");
            }
            let mut sketch = Sketch::parse(&drawing);
            let kinds =
                ["context", "element", "property", "internal", "hidden", "shortcut", "weak"];
            for (from, to, kind) in edges {
                let kind = EdgeType::from_name(kinds[kind]);
                sketch.edge(&label(from), kind, "1", &label(to));
            }
            sketch
        })
    })
}

/// Nodes that a search from the root reaches without entering `closed`, and those that count as
/// reached in any case: cycles that nothing holds.
fn reached(analysis: &Analysis, closed: &[NodeOrdinal]) -> Bits {
    let search = |closed: &[NodeOrdinal]| {
        let mut found = Bits::new(analysis.node_count());
        let is_held = |node| analysis.retainers(node).any(|edge| analysis.is_essential(&edge));
        let mut pending: Vec<_> = analysis
            .nodes()
            .filter(|&node| node == NodeOrdinal::ROOT || !is_held(node))
            .filter(|node| !closed.contains(node))
            .collect();
        while let Some(node) = pending.pop() {
            if found.insert(node.index()) {
                pending.extend(
                    analysis
                        .edges(node)
                        .filter(|edge| analysis.is_essential(edge) && !closed.contains(&edge.to))
                        .map(|edge| edge.to),
                );
            }
        }
        found
    };
    let everything = search(&[]);
    let mut found = search(closed);
    for node in analysis.nodes() {
        if !everything.get(node.index()) && !closed.contains(&node) {
            found.insert(node.index());
        }
    }
    found
}

fn freed(analysis: &Analysis, nodes: &[NodeOrdinal]) -> u64 {
    let kept = reached(analysis, nodes);
    let freed = analysis.nodes().filter(|node| !kept.get(node.index()));
    freed.map(|node| analysis.self_size(node)).sum()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn a_retained_size_is_what_goes_when_the_node_goes(sketch in graphs()) {
        let analysis = sketch.analysis();
        for node in analysis.nodes().skip(1) {
            prop_assert_eq!(analysis.retained_size(node), freed(&analysis, &[node]), "{:?}", node);
        }
        prop_assert_eq!(analysis.retained_size(NodeOrdinal::ROOT), analysis.total_size());
    }

    #[test]
    fn a_dominator_is_the_last_node_without_which_there_is_no_way(sketch in graphs()) {
        let analysis = sketch.analysis();
        let everything = reached(&analysis, &[]);
        for node in analysis.nodes().skip(1) {
            let dominates = |above: NodeOrdinal| {
                above == NodeOrdinal::ROOT
                    || (above != node
                        && everything.get(node.index())
                        && !reached(&analysis, &[above]).get(node.index()))
            };
            let dominators: Vec<_> = analysis.nodes().filter(|&above| dominates(above)).collect();
            let mut chain = vec![analysis.dominator(node)];
            while chain[chain.len() - 1] != NodeOrdinal::ROOT {
                chain.push(analysis.dominator(chain[chain.len() - 1]));
            }
            chain.sort_unstable();
            prop_assert_eq!(chain, dominators);
            prop_assert!(analysis.dominated(analysis.dominator(node)).any(|child| child == node));
        }
    }

    #[test]
    fn a_set_retains_what_goes_when_all_of_it_goes(
        sketch in graphs(),
        picks in prop::collection::vec(any::<prop::sample::Index>(), 0..4),
    ) {
        let analysis = sketch.analysis();
        let picks: Vec<_> =
            picks.iter().map(|pick| NodeOrdinal::new(pick.index(analysis.node_count()))).collect();
        let expected = if picks.contains(&NodeOrdinal::ROOT) {
            analysis.total_size()
        } else {
            freed(&analysis, &picks)
        };
        prop_assert_eq!(analysis.retained_by_set(&picks, &Unmonitored), Ok(expected));
    }

    #[test]
    fn barriers_let_pass_what_has_another_way(
        sketch in graphs(),
        picks in prop::collection::vec(any::<prop::sample::Index>(), 0..4),
    ) {
        let analysis = sketch.analysis();
        let picks = picks.iter().map(|pick| NodeOrdinal::new(pick.index(analysis.node_count())));
        let barriers = NodeSet::of(&analysis, picks);
        // The naive twin: link by link, until nothing is added any more.
        let mut expected = NodeSet::new(&analysis);
        if !barriers.contains(NodeOrdinal::ROOT) {
            expected.insert(NodeOrdinal::ROOT);
        }
        for _ in analysis.nodes() {
            for edge in analysis.nodes().flat_map(|node| analysis.edges(node)) {
                let is_open = expected.contains(edge.from) && analysis.is_essential(&edge);
                if is_open && !barriers.contains(edge.to) {
                    expected.insert(edge.to);
                }
            }
        }
        prop_assert_eq!(analysis.reachable_without(&barriers, &Unmonitored), Ok(expected));
    }

    #[test]
    fn sizes_move_but_none_is_lost(sketch in graphs()) {
        let analysis = sketch.analysis();
        let raw: u64 = analysis.nodes().map(|node| analysis.raw_self_size(node)).sum();
        let moved: u64 = analysis.nodes().map(|node| analysis.self_size(node)).sum();
        prop_assert_eq!(moved, raw);
        prop_assert_eq!(analysis.total_size(), raw);
    }

    #[test]
    fn distances_are_the_lengths_of_shortest_paths(sketch in graphs()) {
        let analysis = sketch.analysis();
        for node in analysis.nodes().skip(1) {
            let path = analysis.shortest_path(node);
            let distance = analysis.distance(node);
            let length = if distance >= Analysis::SYSTEM_DISTANCE {
                distance - Analysis::SYSTEM_DISTANCE
            } else {
                distance.max(0)
            };
            prop_assert_eq!(path.len(), length as usize, "{:?} at {}", node, distance);
        }
    }
}
