//! The algorithms against naive twins, on random graphs.

use std::fmt::Write;

use proptest::prelude::*;

use crate::analysis::Analysis;
use crate::bits::Bits;
use crate::node_set::NodeSet;
use crate::ordinals::NodeOrdinal;
use crate::sketch::Sketch;
use crate::{EdgeType, Unmonitored};

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
