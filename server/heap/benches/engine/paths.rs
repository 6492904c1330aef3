//! The ways from nodes to the roots.

use divan::Bencher;
use divan::counter::ItemsCount;
use heapmark_heap::{PathLimits, Unmonitored};

use crate::shapes::{ALL, Shape, some_nodes};

#[divan::bench(args = ALL)]
fn shortest_path(bencher: Bencher, shape: Shape) {
    let heap = shape.analysis();
    let nodes = some_nodes(&heap, 1000);
    // The first question makes the retainers, which are measured elsewhere.
    heap.shortest_path(nodes[0]);
    bencher
        .counter(ItemsCount::new(nodes.len()))
        .bench_local(|| nodes.iter().map(|&node| heap.shortest_path(node).len()).sum::<usize>());
}

#[divan::bench(args = ALL)]
fn retaining_paths(bencher: Bencher, shape: Shape) {
    let heap = shape.analysis();
    let nodes = some_nodes(&heap, 10);
    heap.shortest_path(nodes[0]);
    bencher.counter(ItemsCount::new(nodes.len())).bench_local(|| {
        let ways = |&node| heap.retaining_paths(node, PathLimits::default(), None, &Unmonitored);
        nodes.iter().filter_map(|node| Some(ways(node).ok()?.paths.len())).sum::<usize>()
    });
}
