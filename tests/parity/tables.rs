//! What Heapmark computes for a snapshot, as the tables that `devtools.mjs` writes for DevTools'
//! engine. Nothing is compared here. Two of the tables, nodes and classes, come from the binary.

use heapmark_heap::{
    Analysis, Edge, EdgeType, Filter, Frame, IgnoredRetainers, NodeOrdinal, NodeSet, PageOrder,
    PageRequest, PathLimits, RetainingEdge, Unmonitored,
};

/// The names of the tables, in the order of [`of`].
pub(crate) const NAMES: [&str; 7] =
    ["statistics", "names", "links", "allocations", "filtered", "strings", "ignored"];

/// All tables that tell of a single snapshot.
pub(crate) fn of(heap: &Analysis) -> [String; NAMES.len()] {
    [
        statistics(heap),
        names(heap),
        links(heap),
        allocations(heap),
        filtered(heap),
        strings(heap),
        ignored(heap),
    ]
}

/// The Comparison view.
pub(crate) fn changes(heap: &Analysis, before: &Analysis) -> String {
    let mut table = Table::new(&[
        "classKey",
        "name",
        "added",
        "removed",
        "addedSize",
        "removedSize",
        "addedIds",
        "removedIds",
    ]);
    for row in heap.changes_since(before, &Unmonitored).expect("nobody cancels") {
        table.row(&[
            &escaped(&row.key),
            &escaped(&row.name),
            &row.added.len(),
            &row.removed.len(),
            &row.added_size,
            &row.removed_size,
            &ids(heap, &row.added),
            &ids(before, &row.removed),
        ]);
    }
    table.text
}

fn statistics(heap: &Analysis) -> String {
    let mut table = Table::new(&[
        "total",
        "native",
        "typedArrays",
        "v8heap",
        "code",
        "strings",
        "jsArrays",
        "system",
    ]);
    let bytes = heap.statistics();
    table.row(&[
        &bytes.total,
        &bytes.native,
        &bytes.typed_arrays,
        &bytes.v8_heap,
        &bytes.code,
        &bytes.strings,
        &bytes.js_arrays,
        &bytes.system,
    ]);
    table.text
}

const FILTERS: [Filter; 5] = [
    Filter::RetainedByDetachedDomNodes,
    Filter::RetainedByConsole,
    Filter::RetainedByEventHandlers,
    Filter::RetainedByContexts,
    Filter::DuplicatedStrings,
];

fn filtered_by(heap: &Analysis, filter: Filter) -> NodeSet {
    heap.filtered(filter, &Unmonitored).expect("nobody cancels")
}

fn names(heap: &Analysis) -> String {
    let filters = FILTERS.map(|filter| filtered_by(heap, filter));
    let mut table = Table::new(&["ordinal", "name", "filters", "location"]);
    for node in heap.nodes() {
        let passed: String =
            filters.iter().map(|nodes| if nodes.contains(node) { '1' } else { '0' }).collect();
        let location = heap.location(node).map_or_else(String::new, |place| {
            format!("{}:{}:{}", place.script.0, place.line, place.column)
        });
        let name = escaped(&cut(&heap.display_name(node)));
        table.row(&[&node.index(), &name, &passed, &location]);
    }
    table.text
}

fn links(heap: &Analysis) -> String {
    const ALL: PageRequest = PageRequest {
        order: PageOrder::Distance,
        is_reversed: false,
        offset: 0,
        limit: usize::MAX,
    };
    let joined = |list: Vec<String>| list.join(" ");
    let mut table = Table::new(&["ordinal", "what", "list"]);
    let step = 1.max(heap.node_count() / 2000);
    for node in heap.nodes().step_by(step) {
        let children = heap.edges(node).map(|edge| {
            let name = escaped(&cut(&heap.edge_name(&edge).to_string()));
            format!("{} {name} > {},", edge.edge_type, edge.to.index())
        });
        let is_shown =
            |edge: &Edge| edge.edge_type != EdgeType::Weak && edge.from != NodeOrdinal::ROOT;
        let retainers = heap.retainers(node).filter(is_shown);
        let retainers: Vec<_> = retainers.map(|edge| edge.ordinal.index().to_string()).collect();
        let page = heap.retainers_page(node, ALL, &Unmonitored).expect("nobody cancels");
        assert_eq!(page.items.len(), retainers.len());
        let dominated = heap.dominated(node).map(|child| child.index().to_string());
        table.row(&[&node.index(), &"children", &joined(children.collect())]);
        table.row(&[&node.index(), &"retainers", &joined(retainers)]);
        table.row(&[&node.index(), &"dominated", &joined(dominated.collect())]);
    }
    table.text
}

fn allocations(heap: &Analysis) -> String {
    let columns = ["what", "which", "where", "count", "size", "liveCount", "liveSize"];
    let mut table = Table::new(&columns);
    let told = |frame: &Frame<'_>| {
        let script = frame.script.map_or(0, |script| script.0);
        let [line, column] =
            frame.location.map_or([0; 2], |place| [place.line + 1, place.column + 1]);
        escaped(&format!("{} {} {script}:{line}:{column}", frame.function, frame.script_name))
    };
    for (rank, site) in heap.allocation_sites().iter().enumerate() {
        table.row(&[
            &"site",
            &rank,
            &told(&site.frame),
            &site.count,
            &site.size,
            &site.live_count,
            &site.live_size,
        ]);
    }
    let mut born_in = vec![0_u64; heap.samples().len()];
    for node in heap.nodes() {
        let stack: Vec<_> = heap.allocation_stack(node).iter().map(told).collect();
        if !stack.is_empty() {
            table.row(&[&"stack", &node.index(), &stack.join(" < "), &"", &"", &"", &""]);
        }
        if let Some(interval) = heap.birth(node) {
            born_in[interval] += heap.self_size(node);
        }
    }
    for (interval, (sample, size)) in heap.samples().iter().zip(born_in).enumerate() {
        let moment = format!("{} {}", sample.microseconds, sample.last_id.0);
        table.row(&[&"interval", &interval, &moment, &"", &size, &"", &""]);
    }
    table.text
}

fn filtered(heap: &Analysis) -> String {
    let columns = ["filter", "classKey", "name", "count", "distance", "selfSum", "maxRet"];
    let mut table = Table::new(&columns);
    for (number, filter) in FILTERS.into_iter().enumerate() {
        let rows = heap.aggregates_of(&filtered_by(heap, filter), &Unmonitored);
        for row in rows.expect("nobody cancels") {
            table.row(&[
                &number,
                &escaped(&row.key),
                &escaped(&row.name),
                &row.count,
                &row.distance,
                &row.self_size,
                &row.max_retained,
            ]);
        }
    }
    table.text
}

fn strings(heap: &Analysis) -> String {
    let mut table = Table::new(&["text", "truncated", "count", "self", "retained", "ids"]);
    for group in heap.duplicate_strings(&Unmonitored).expect("nobody cancels") {
        table.row(&[
            &escaped(&cut(&group.text)),
            &group.is_truncated,
            &group.nodes.len(),
            &group.self_size,
            &group.retained_size,
            &ids(heap, &group.nodes),
        ]);
    }
    table.text
}

const LIMITS: [PathLimits; 3] = [
    PathLimits { depth: 30, nodes: 5000, siblings: 100 },
    PathLimits { depth: 6, nodes: 40, siblings: 3 },
    PathLimits { depth: 4, nodes: 1000, siblings: 2 },
];

fn ignored(heap: &Analysis) -> String {
    let mut table = Table::new(&["ignoring", "what", "which", "distance", "way"]);
    tell_ways(heap, 0, None, &mut table);
    let step = 7.max(heap.node_count() / 25);
    let nodes: Vec<NodeOrdinal> = heap.nodes().skip(3).step_by(step).collect();
    let ignored = heap.ignore_retainers(&nodes, &Unmonitored).expect("nobody cancels");
    // DevTools keeps its own distances until something is ignored.
    tell_ways(heap, 1, Some(&ignored).filter(|_| !nodes.is_empty()), &mut table);
    // No table of DevTools' has shortest paths; but they must not enter what is ignored.
    for node in heap.nodes() {
        let path = heap.shortest_path_ignoring(node, &ignored);
        let is_kept = path.iter().all(|edge| {
            !ignored.is_edge_ignored(edge)
                && (!ignored.is_ignored(edge.to) || is_root(heap, edge.to))
        });
        assert!(is_kept, "path to {node:?}: {path:?}");
    }
    table.text
}

/// Roots of the program's own cannot be ignored away.
fn is_root(heap: &Analysis, node: NodeOrdinal) -> bool {
    heap.distance(node) == 1
}

fn tell_ways(
    heap: &Analysis,
    is_ignoring: u8,
    ignored: Option<&IgnoredRetainers>,
    table: &mut Table,
) {
    let nothing = || heap.ignore_retainers(&[], &Unmonitored).expect("nobody cancels");
    let view = ignored.cloned().unwrap_or_else(nothing);
    for node in heap.nodes() {
        let distance = heap.distance_ignoring(node, &view);
        table.row(&[&is_ignoring, &"node", &node.index(), &distance, &""]);
    }
    for edge in heap.nodes().flat_map(|node| heap.edges(node)) {
        if ignored.is_some() && view.is_edge_ignored(&edge) {
            table.row(&[&is_ignoring, &"edge", &edge.ordinal.index(), &"", &""]);
        }
    }
    let step = 1.max(heap.node_count() / 40);
    for (told, node) in heap.nodes().step_by(step).enumerate() {
        let limits = LIMITS[told % LIMITS.len()];
        let found = heap.retaining_paths(node, limits, ignored, &Unmonitored);
        let found = found.expect("nobody cancels");
        let cuts = [
            (found.is_cut_by_depth, "depth"),
            (found.is_cut_by_nodes, "nodes"),
            (found.is_cut_by_siblings, "siblings"),
        ];
        let cuts = cuts.into_iter().filter_map(|(is_cut, name)| is_cut.then_some(name));
        let cuts = cuts.collect::<Vec<_>>().join(" ");
        table.row(&[&is_ignoring, &"ways", &node.index(), &cuts, &ways(&found.paths)]);
    }
}

fn ways(edges: &[RetainingEdge]) -> String {
    let ways = edges.iter().map(|RetainingEdge { edge, distance, retainers }| {
        format!("{}@{distance}({})", edge.ordinal.index(), ways(retainers))
    });
    ways.collect::<Vec<_>>().join(" ")
}

fn ids(heap: &Analysis, nodes: &[NodeOrdinal]) -> String {
    let ids = nodes.iter().map(|&node| heap.node_id(node).0.to_string());
    ids.collect::<Vec<_>>().join(",")
}

/// The first 200 UTF-16 units, as `slice(0, 200)` of a string that is then written as UTF-8.
fn cut(text: &str) -> String {
    let units: Vec<u16> = text.encode_utf16().take(200).collect();
    String::from_utf16_lossy(&units)
}

fn escaped(text: &str) -> String {
    let mut escaped = text.replace('\\', "\\\\");
    for (character, written) in [('\t', "\\t"), ('\n', "\\n"), ('\r', "\\r")] {
        escaped = escaped.replace(character, written);
    }
    escaped
}

/// A table under construction.
struct Table {
    text: String,
}

impl Table {
    fn new(columns: &[&str]) -> Self {
        Self { text: columns.join("\t") + "\n" }
    }

    fn row(&mut self, cells: &[&dyn std::fmt::Display]) {
        let cells: Vec<String> = cells.iter().map(ToString::to_string).collect();
        self.text.push_str(&cells.join("\t"));
        self.text.push('\n');
    }
}
