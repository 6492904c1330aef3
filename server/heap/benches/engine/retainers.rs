//! Who holds a node: the links turned round, made when the first one asks, and the questions.

use divan::Bencher;
use divan::counter::ItemsCount;
use heapmark_heap::{NodeOrdinal, PageOrder, PageRequest, Unmonitored};

use crate::shapes::{ALL, Shape};

#[divan::bench(args = ALL)]
fn first_question(bencher: Bencher, shape: Shape) {
    let edges = ItemsCount::new(shape.snapshot().edge_count());
    bencher
        .counter(edges)
        .with_inputs(|| shape.analysis())
        .bench_refs(|heap| heap.retainers(NodeOrdinal::ROOT).len());
}

#[divan::bench(args = ALL)]
fn of_every_node(bencher: Bencher, shape: Shape) {
    let heap = shape.analysis();
    bencher.counter(ItemsCount::new(heap.edge_count())).bench_local(|| {
        let sources = |node| heap.retainers(node).map(|edge| edge.from.index()).sum::<usize>();
        heap.nodes().map(sources).fold(0, usize::wrapping_add)
    });
}

/// The first page of what holds the node that most others hold.
#[divan::bench]
fn page_of_the_most_held(bencher: Bencher) {
    let heap = Shape::Program.analysis();
    let node = heap.nodes().max_by_key(|&node| heap.retainers(node).len()).expect("a root");
    let request =
        PageRequest { order: PageOrder::RetainedSize, is_reversed: false, offset: 0, limit: 100 };
    bencher
        .counter(ItemsCount::new(heap.retainers(node).len()))
        .bench_local(|| heap.retainers_page(node, request, &Unmonitored));
}
