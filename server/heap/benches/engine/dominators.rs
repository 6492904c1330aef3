//! The dominator tree and retained sizes: the longest part of an analysis.
//!
//! They are not computed by themselves, but they are the last that an analysis computes (distances
//! and classes are done beside them): `dominators` is what `whole` takes longer than `before`.

use divan::Bencher;
use divan::counter::ItemsCount;
use heapmark_heap::{Analysis, Cancelled, Monitor, Phase, Unmonitored};
use std::sync::atomic::{AtomicBool, Ordering};

use crate::shapes::{ALL, Shape};

/// Stops an analysis when it comes to the dominators.
#[derive(Default)]
struct StopThere(AtomicBool);

impl Monitor for StopThere {
    fn advance(&self, phase: Phase, _done: u64, _total: u64) {
        self.0.fetch_or(phase == Phase::Dominators, Ordering::Relaxed);
    }

    fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

#[divan::bench(args = ALL)]
fn before(bencher: Bencher, shape: Shape) {
    let edges = ItemsCount::new(shape.snapshot().edge_count());
    bencher.counter(edges).with_inputs(|| shape.snapshot()).bench_values(|snapshot| {
        let stopped = Analysis::new(snapshot, &StopThere::default());
        assert!(matches!(stopped, Err(Cancelled)));
    });
}

#[divan::bench(args = ALL)]
fn whole(bencher: Bencher, shape: Shape) {
    let edges = ItemsCount::new(shape.snapshot().edge_count());
    bencher
        .counter(edges)
        .with_inputs(|| shape.snapshot())
        .bench_values(|snapshot| Analysis::new(snapshot, &Unmonitored).expect("nobody cancels"));
}
