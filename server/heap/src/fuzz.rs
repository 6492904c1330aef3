//! What the fuzz targets do with any bytes. Here, and not in `fuzz/`, so that an ordinary test
//! replays their inputs through the same code.
//!
//! They end with an answer or an error; a panic, a loop or a terabyte is a finding.

use crate::analysis::Analysis;
use crate::error::LoadError;
use crate::index::read_forged;
use crate::limits::Limits;
use crate::monitor::Unmonitored;
use crate::node_set::NodeSet;
use crate::ordinals::{NodeId, NodeOrdinal};
use crate::scan::{ReadAhead, Scanner};
use crate::snapshot::Snapshot;
use crate::{EdgeName, Filter, PageOrder, PageRequest, PathLimits};

/// Of so many nodes is asked what takes as long as the heap is large.
const NODES: usize = 40;

/// Bytes as a snapshot, cut anywhere, with their numbers read ahead and without. The first one says
/// how large the pieces are, so that every boundary is met.
pub fn scan(data: &[u8]) {
    let Some((&first, data)) = data.split_first() else { return };
    let pieces = || data.chunks(usize::from(first).max(1));
    let mut scanner = Scanner::new(Some(data.len() as u64));
    let outcome =
        pieces().try_for_each(|piece| scanner.feed(piece)).and_then(|()| scanner.finish());
    let mut scanner = Scanner::new(Some(data.len() as u64));
    let mut ahead = ReadAhead::default();
    let read_ahead = pieces()
        .try_for_each(|piece| {
            ahead.read(piece);
            scanner.feed_read_ahead(piece, &ahead)
        })
        .and_then(|()| scanner.finish());
    let told = |outcome: &Result<Snapshot, LoadError>| match outcome {
        Ok(snapshot) => format!("{snapshot:?}"),
        Err(error) => error.to_string(),
    };
    assert_eq!(told(&outcome), told(&read_ahead));
    if let Ok(snapshot) = outcome {
        ask(&Analysis::new(snapshot, &Unmonitored).expect("nobody cancels"));
    }
}

/// Bytes as an index file, of which the checksums are made right first: those would keep all but one
/// of 2⁶⁴ inputs from everything behind them.
pub fn index(data: &[u8]) {
    // As much as an index of this size could want, and far less than one that lies could.
    let limits = Limits { memory: (1 << 20) + 64 * data.len() as u64 };
    if let Some(analysis) = read_forged(data.to_vec(), limits) {
        ask(&analysis);
    }
}

/// Asks everything there is to ask.
fn ask(heap: &Analysis) {
    let _ = (heap.aggregates(&Unmonitored), heap.duplicate_strings(&Unmonitored));
    let _ = heap.statistics();
    let _ = (heap.scripts(), heap.allocation_sites(), heap.samples(), heap.total_size());
    let _ = (heap.highest_object_id(), heap.extra_native_bytes(), heap.locations());
    let _ = heap.changes_since(heap, &Unmonitored);
    for filter in [
        Filter::RetainedByDetachedDomNodes,
        Filter::RetainedByConsole,
        Filter::RetainedByEventHandlers,
        Filter::RetainedByContexts,
        Filter::DuplicatedStrings,
    ] {
        let passed = heap.filtered(filter, &Unmonitored).expect("nobody cancels");
        let _ = heap.aggregates_of(&passed, &Unmonitored);
    }
    for scope in heap.declared_scopes() {
        let _ = (heap.scope_variables(scope).count(), heap.scope_uses(scope));
    }
    for node in heap.nodes() {
        let _ = (heap.node_type(node), heap.name(node), heap.class_name(node));
        let _ = (heap.self_size(node), heap.retained_size(node), heap.distance(node));
        let _ = (heap.node_flags(node), heap.detachedness(node), heap.raw_self_size(node));
        let _ = (heap.location(node), heap.birth(node), heap.allocation_stack(node));
        let _ = (heap.instances(heap.class_index(node)), heap.dominated(node).count());
        for edge in heap.edges(node).chain(heap.retainers(node)) {
            assert_eq!(heap.edge(edge.ordinal), edge);
            let _ = heap.is_essential(&edge);
            if let EdgeName::Name(name) = heap.edge_name(&edge) {
                let _ = heap.child(node, edge.edge_type, &name);
            }
        }
    }
    for node in heap.nodes().take(NODES) {
        ask_at_length(heap, node);
    }
}

fn ask_at_length(heap: &Analysis, node: NodeOrdinal) {
    let _ = (heap.shortest_path(node), heap.collection_kind(node), heap.entry_count(node));
    let _ = (heap.members(node), heap.scopes(node), heap.context_chain(node));
    let _ = (heap.is_context(node), heap.context_variables(node), heap.classes_named("Map"));
    let _ = heap.location(node).map(|place| heap.instances_at(place));
    let both = [node, NodeOrdinal::new(heap.node_count() - 1)];
    let _ = heap.retained_by_set(&both, &Unmonitored);
    let _ = heap.reachable_without(&NodeSet::of(heap, [node]), &Unmonitored);
    let ignored = heap.ignore_retainers(&[node], &Unmonitored).expect("nobody cancels");
    let _ = heap.shortest_path_ignoring(node, &ignored);
    let limits = PathLimits { depth: 8, nodes: 100, siblings: 5 };
    let _ = heap.retaining_paths(node, limits, Some(&ignored), &Unmonitored);
    for order in [PageOrder::Name, PageOrder::RetainedSize, PageOrder::Distance] {
        let request = PageRequest { order, is_reversed: true, offset: 1, limit: 5 };
        let _ = heap.children_page(node, request, &Unmonitored);
        let _ = heap.retainers_page(node, request, &Unmonitored);
        let _ = heap.dominated_page(node, request, &Unmonitored);
        let _ = heap.nodes_page([node], request, &Unmonitored);
    }
    // Whoever walks up arrives, in a bounded number of steps.
    let mut at = node;
    for _ in 0..heap.node_count() {
        at = heap.dominator(at);
    }
    assert_eq!(at, NodeOrdinal::ROOT);
    let _ = crate::birth_interval(heap.node_id(node), &[NodeId(7), NodeId(9)]);
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::PathBuf;

    use super::*;
    use crate::index::{index_of, read_forged};
    use crate::sketch::Sketch;

    /// Small heaps with something in every column, whose indexes the fuzzer starts from.
    const HEAPS: [(&str, &str); 4] = [
        ("least", "root -> a"),
        (
            "program",
            "root --shortcut global--> app
             app -> list
             app --weak 4--> gone
             app --internal entry--> list
             list: array \"(object elements)\" 4294967296 @4294967295
             twin: Object 30
             app -> twin
             app --element 7--> {a, b}
             {a, b}: Object 8
             circle --property x--> ring
             ring --property y--> circle",
        ),
        (
            "page",
            "root --element 1--> \"(Document DOM trees)\"
             \"(Document DOM trees)\": synthetic
             \"(Document DOM trees)\" --element 1--> <div>
             <div>: native <div> 20 ~1 at 5:10:2
             <div> --property child--> <p>
             <p>: native <p> 20 ~2
             root -> listener
             listener: closure handler 32 at 5:3:4
             listener --internal context--> scope
             scope: object \"system / Context\" 24
             scope --context element--> <p>",
        ),
        ("recording", ""),
    ];

    fn corpus(target: &str) -> PathBuf {
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target)
    }

    fn replay(target: &str, run: fn(&[u8])) {
        let mut seen = 0;
        for entry in fs::read_dir(corpus(target)).expect("the corpus") {
            let path = entry.expect("a file").path();
            eprintln!("{}", path.display());
            run(&fs::read(&path).expect("a file"));
            seen += 1;
        }
        assert!(seen >= HEAPS.len(), "{seen}");
    }

    #[test]
    fn the_scanner_stands_its_corpus() {
        replay("scan", scan);
    }

    #[test]
    fn the_reader_of_indexes_stands_its_corpus() {
        replay("index", index);
    }

    /// Otherwise the fuzzer would have to find out the format of today from those of yesterday. To
    /// write them anew: `HEAPMARK_WRITE_CORPUS=1 cargo test -p heapmark-heap corpus`.
    #[test]
    fn the_corpus_starts_from_indexes_of_this_version() {
        for (name, drawing) in HEAPS {
            let heap = match name {
                "recording" => {
                    let file = fs::read(corpus("scan").join("traced")).expect("a file");
                    let mut scanner = Scanner::new(None);
                    scanner.feed(&file[1..]).expect("a snapshot");
                    let snapshot = scanner.finish().expect("a snapshot");
                    Analysis::new(snapshot, &Unmonitored).expect("nobody cancels")
                }
                _ => Sketch::parse(drawing).analysis(),
            };
            let path = corpus("index").join(name);
            if std::env::var_os("HEAPMARK_WRITE_CORPUS").is_some() {
                fs::write(&path, index_of(&heap)).expect("a file");
            }
            assert!(fs::read(&path).expect("a file") == index_of(&heap), "{}", path.display());
            assert!(read_forged(index_of(&heap), Limits::NONE).is_some());
        }
    }
}
