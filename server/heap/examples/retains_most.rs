//! What retains the most, and why: `cargo run --example retains_most FILE.heapsnapshot`.

use heapmark_heap::{Analysis, NodeType, Snapshot, Unmonitored};

#[expect(clippy::print_stdout, reason = "a program for the terminal")]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let file = std::env::args_os().nth(1).ok_or("which file?")?;
    let heap = Analysis::new(Snapshot::open(file.as_ref(), &Unmonitored)?, &Unmonitored)?;
    let objects = heap.nodes().filter(|&node| heap.node_type(node) == NodeType::Object);
    let largest = objects.max_by_key(|&node| heap.retained_size(node)).ok_or("no objects")?;
    println!("{:?} retains {} bytes", heap.class_name(largest), heap.retained_size(largest));
    for edge in heap.shortest_path(largest) {
        let name = heap.edge_name(&edge).to_string();
        println!("  {:?} of {:?}", name, heap.class_name(edge.from));
    }
    Ok(())
}
