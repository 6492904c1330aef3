//! The engine's parts one by one: `cargo bench -p heapmark-heap`, or one of them with its name behind
//! (`cargo bench -p heapmark-heap -- dominators`).
//!
//! Everything goes through the crate's public functions, on heaps drawn at run time. How the engine
//! as a whole does beside others is for `cargo xtask bench`.

mod dominators;
mod paths;
mod retainers;
mod scanner;
mod shapes;

/// The heaps are far larger than a processor's caches, as real ones are, so each run takes a while.
const SAMPLES: u32 = 20;

fn main() {
    divan::Divan::default().sample_count(SAMPLES).config_with_args().main();
}
