//! Loads a snapshot with v8-heap-parser, and computes the class groups with retained sizes.

fn main() {
    let file = std::env::args().nth(1).expect("usage: v8-heap-parser FILE");
    let bytes = std::fs::read(file).expect("the file can be read");
    let graph = v8_heap_parser::decode_slice(&bytes).expect("it is a snapshot");
    let groups = graph.get_class_groups(false);
    println!("{} nodes, {} classes", graph.nodes().len(), groups.len());
}
