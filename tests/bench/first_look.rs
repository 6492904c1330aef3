//! Our engine, as far as a first look at a snapshot needs it: what `devtools.mjs` does with its own.
//!
//! ```text
//! cargo run --profile dist --package heapmark-heap --example first_look [--open] FILE [INDEX_FOLDER]
//! ```
//!
//! With a folder, the snapshot comes from its index there, which is made if there is none. With
//! `--open` it is only opened: all columns are there, and nobody asks for a table.

use heapmark_heap::{Analysis, IndexFolder, Snapshot, Unmonitored};

/// What is measured is what people run: `heapmark` has the same.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[expect(clippy::print_stdout, reason = "a program for the terminal")]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args_os().skip(1).peekable();
    let only_opens = arguments.next_if(|argument| argument == "--open").is_some();
    let file = arguments.next().ok_or("usage: first_look [--open] FILE [INDEX_FOLDER]")?;
    let heap = match arguments.next() {
        Some(folder) => {
            Analysis::open(file.as_ref(), &IndexFolder::new(folder, u64::MAX), &Unmonitored)?
        }
        None => Analysis::new(Snapshot::open(file.as_ref(), &Unmonitored)?, &Unmonitored)?,
    };
    if only_opens {
        println!("{} nodes, only opened", heap.node_count());
        std::process::exit(0);
    }
    // Ours computes both when somebody asks. The classes need the dominator tree's links downward.
    let (statistics, classes) = (heap.statistics(), heap.aggregates(&Unmonitored)?.len());
    println!("{} bytes", statistics.total);
    println!("{} nodes, {classes} classes", heap.node_count());
    // As the peers end: what the system does to take the memory back is not part of the look.
    std::process::exit(0);
}
