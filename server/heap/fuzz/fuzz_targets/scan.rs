//! Any bytes, cut anywhere: the scanner and the analysis behind it end with a snapshot or an error.
#![no_main]

use heapmark_heap::{Analysis, Scanner, Unmonitored};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Some((&first, data)) = data.split_first() else { return };
    let mut scanner = Scanner::new(Some(data.len() as u64));
    // The first byte says how large the pieces are, so that every boundary is met.
    for piece in data.chunks(usize::from(first).max(1)) {
        if scanner.feed(piece).is_err() {
            return;
        }
    }
    let Ok(snapshot) = scanner.finish() else { return };
    let analysis = Analysis::new(snapshot, &Unmonitored).expect("nobody cancels");
    let _ = analysis.aggregates(&Unmonitored);
    let _ = analysis.scripts();
    for node in analysis.nodes() {
        let _ = (analysis.name(node), analysis.class_name(node), analysis.shortest_path(node));
        let _ = (analysis.collection_kind(node), analysis.members(node));
    }
});
