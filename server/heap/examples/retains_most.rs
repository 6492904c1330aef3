//! Which collection retains the most, and why: `cargo run --example retains_most FILE.heapsnapshot`.

use heapmark_heap::{Analysis, Snapshot, Unmonitored};

#[expect(clippy::print_stdout, reason = "a program for the terminal")]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let file = std::env::args_os().nth(1).ok_or("which file?")?;
    let heap = Analysis::new(Snapshot::open(file.as_ref(), &Unmonitored)?, &Unmonitored)?;
    let collections = heap.nodes().filter(|&node| heap.collection_kind(node).is_some());
    let largest =
        collections.max_by_key(|&node| heap.retained_size(node)).ok_or("there is none")?;
    let (entries, bytes) = (heap.entry_count(largest), heap.retained_size(largest));
    println!("{:?} of {entries} entries retains {bytes} bytes", heap.class_name(largest));
    for edge in heap.shortest_path(largest).iter().rev() {
        let name = heap.edge_name(edge).to_string();
        println!("  held by {name:?} of {:?}", heap.class_name(edge.from));
    }
    Ok(())
}
