//! How fast a snapshot opens from its index: `cargo run --release --example reopen FILE FOLDER`.
//!
//! The first run makes the index in the folder, the next ones read it: run it under `time`.

use std::time::Instant;

use heapmark_heap::{Analysis, IndexFolder, Limits, Unmonitored};

/// What is measured is what people run: `heapmark` has the same.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[expect(clippy::print_stdout, reason = "a program for the terminal")]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args_os().skip(1);
    let file = arguments.next().ok_or("which file?")?;
    let folder = IndexFolder::new(arguments.next().ok_or("which folder?")?, u64::MAX);
    let started = Instant::now();
    let heap = Analysis::open_within(file.as_ref(), Limits::NONE, &folder, &Unmonitored)?;
    let (nodes, edges) = (heap.node_count(), heap.edge_count());
    let milliseconds = started.elapsed().as_secs_f64() * 1e3;
    println!("{nodes} nodes, {edges} edges in {milliseconds:.1} ms");
    // What the system does to take the memory back is not part of opening.
    std::mem::forget(heap);
    Ok(())
}
