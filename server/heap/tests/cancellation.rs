//! Cancelling takes effect at once, whatever the engine is doing: it asks at least every tenth of a
//! second, on heaps of any size.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{self, ThreadId};
use std::time::{Duration, Instant};

use heapmark_heap::{
    Analysis, Cancelled, Filter, IndexFolder, LoadError, Monitor, NodeOrdinal, NodeSet, PageOrder,
    PageRequest, PathLimits, Phase, Snapshot, Unmonitored,
};

/// A heap of so many objects in a ring, each with links to three others and a store or a string of
/// its own, as V8 would write it.
fn large_heap(objects: usize) -> String {
    let mut text = String::from(
        r#"{"snapshot":{"meta":{"node_fields":["type","name","id","self_size","edge_count","trace_node_id","detachedness"],
        "node_types":[["hidden","array","object","synthetic","native","string"]],"edge_fields":["type","name_or_index","to_node"],
        "edge_types":[["property","internal","weak","shortcut"]],"location_fields":["object_index","script_id","line","column"]},
        "node_count":"#,
    );
    let nodes = 1 + 2 * objects;
    write!(text, "{nodes},\"edge_count\":{}}},\"nodes\":[3,0,1,0,1,0,0", 1 + 5 * objects)
        .expect("text");
    for object in 0..objects {
        let (id, kind) = (4 * object + 3, if object % 1000 == 7 { 4 } else { 2 });
        let detached = if kind == 4 { 2 } else { 0 };
        let store = if object % 3 == 0 { 5 } else { 1 };
        write!(text, ",{kind},1,{id},24,5,0,{detached},{store},2,{},40,0,0,0", id + 2)
            .expect("text");
    }
    text.push_str("],\"edges\":[3,3,7");
    for object in 0..objects {
        let to = |other: usize| 7 * (1 + 2 * (other % objects));
        let (next, far, back) = (to(object + 1), to(object * 7919 + 13), to(object / 2));
        write!(text, ",0,3,{next},0,4,{far},0,5,{back},2,6,{far},1,7,{}", to(object) + 7)
            .expect("text");
    }
    text.push_str("],\"locations\":[");
    for object in 0..objects {
        let comma = if object == 0 { "" } else { "," };
        write!(text, "{comma}{},5,10,2", 7 * (1 + 2 * object)).expect("text");
    }
    text.push_str(
        "],\"strings\":[\"\",\"Object\",\"store\",\"a\",\"b\",\"c\",\"d\",\"elements\"]}",
    );
    text
}

/// The longest time for which nobody asked, by the phase that was told of last.
struct Stopwatch {
    now: Mutex<(Option<Phase>, Instant)>,
    longest: Mutex<BTreeMap<Phase, Duration>>,
}

impl Stopwatch {
    fn start() -> Self {
        Self { now: Mutex::new((None, Instant::now())), longest: Mutex::default() }
    }
}

impl Monitor for Stopwatch {
    fn advance(&self, phase: Phase, _: u64, _: u64) {
        self.now.lock().expect("no panic").0 = Some(phase);
    }

    fn is_cancelled(&self) -> bool {
        let mut now = self.now.lock().expect("no panic");
        let waited = now.1.elapsed();
        now.1 = Instant::now();
        if let Some(phase) = now.0 {
            let mut longest = self.longest.lock().expect("no panic");
            let longest = longest.entry(phase).or_default();
            *longest = waited.max(*longest);
        }
        false
    }
}

/// So soon shall somebody ask.
const LONGEST_PAUSE: Duration = Duration::from_millis(100);
/// Other work on the machine makes single pauses longer, never those of so many attempts.
const ATTEMPTS: usize = 12;

/// Those that the thread at work tells of; others run beside them.
const PHASES: [Phase; 8] = [
    Phase::Reading,
    Phase::Detachedness,
    Phase::Flags,
    Phase::EssentialEdges,
    Phase::Dominators,
    Phase::RetainedSizes,
    Phase::ReadingIndex,
    Phase::WritingIndex,
];

#[test]
fn every_phase_asks_often_and_stops_at_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("large.heapsnapshot");
    std::fs::write(&path, large_heap(400_000)).expect("room");

    let mut shortest: BTreeMap<Phase, Duration> = BTreeMap::new();
    let is_soon = |shortest: &BTreeMap<Phase, Duration>| {
        shortest.len() == PHASES.len() && shortest.values().all(|&pause| pause < LONGEST_PAUSE)
    };
    for attempt in 0..ATTEMPTS {
        if is_soon(&shortest) {
            break;
        }
        let indexes = IndexFolder::new(folder.path().join(format!("indexes-{attempt}")), 1 << 30);
        for _ in ["first", "again"] {
            let watch = Stopwatch::start();
            Analysis::open(&path, &indexes, &watch).expect("a snapshot");
            for (phase, longest) in watch.longest.into_inner().expect("no panic") {
                let shortest = shortest.entry(phase).or_insert(longest);
                *shortest = longest.min(*shortest);
            }
        }
    }
    assert!(is_soon(&shortest), "{shortest:#?}");

    for phase in PHASES {
        let indexes = IndexFolder::new(folder.path().join("indexes-cancelled"), 1 << 30);
        if phase == Phase::ReadingIndex {
            Analysis::open(&path, &indexes, &Stopwatch::start()).expect("a snapshot");
        }
        let cancels = CancelsIn { phase, is_there: AtomicUsize::new(0) };
        let result = Analysis::open(&path, &indexes, &cancels);
        assert!(matches!(result, Err(LoadError::Cancelled(_))), "{phase}");
        // Once by each thread at work.
        assert!(cancels.is_there.into_inner() <= 3, "{phase}");
        let _ = std::fs::remove_dir_all(indexes.folder());
    }
}

#[test]
fn threads_that_help_ask_too() {
    struct CancelsHelpers(ThreadId);
    impl Monitor for CancelsHelpers {
        fn is_cancelled(&self) -> bool {
            thread::current().id() != self.0
        }
    }
    let snapshot = || {
        let text = large_heap(100);
        Snapshot::read(text.as_bytes(), None, &Unmonitored).expect("a snapshot")
    };
    assert!(Analysis::new(snapshot(), &Unmonitored).is_ok());
    assert!(Analysis::new(snapshot(), &CancelsHelpers(thread::current().id())).is_err());
}

/// A question that takes a walk through the heap, and whether it was cancelled.
type Question = fn(&Analysis, &dyn Monitor) -> Result<(), Cancelled>;

const QUESTIONS: [(&str, Question); 16] = [
    ("aggregates", |heap, monitor| heap.aggregates(monitor).map(drop)),
    ("aggregates_of", |heap, monitor| {
        let all = NodeSet::of(heap, heap.nodes());
        heap.aggregates_of(&all, monitor).map(drop)
    }),
    ("changes_since", |heap, monitor| heap.changes_since(heap, monitor).map(drop)),
    ("detached", |heap, monitor| {
        heap.filtered(Filter::RetainedByDetachedDomNodes, monitor).map(drop)
    }),
    ("console", |heap, monitor| heap.filtered(Filter::RetainedByConsole, monitor).map(drop)),
    ("handlers", |heap, monitor| heap.filtered(Filter::RetainedByEventHandlers, monitor).map(drop)),
    ("contexts", |heap, monitor| heap.filtered(Filter::RetainedByContexts, monitor).map(drop)),
    ("strings", |heap, monitor| heap.filtered(Filter::DuplicatedStrings, monitor).map(drop)),
    ("duplicate_strings", |heap, monitor| heap.duplicate_strings(monitor).map(drop)),
    ("retained_by_set", |heap, monitor| heap.retained_by_set(&some(heap), monitor).map(drop)),
    ("reachable_without", |heap, monitor| {
        heap.reachable_without(&NodeSet::of(heap, some(heap)), monitor).map(drop)
    }),
    ("ignore_retainers", |heap, monitor| heap.ignore_retainers(&some(heap), monitor).map(drop)),
    ("retaining_paths", |heap, monitor| {
        let limits = PathLimits { depth: 250, nodes: 1_000_000, siblings: 100 };
        heap.retaining_paths(some(heap)[0], limits, None, monitor).map(drop)
    }),
    ("children_page", |heap, monitor| {
        heap.children_page(some(heap)[0], FIRST_PAGE, monitor).map(drop)
    }),
    ("retainers_page", |heap, monitor| {
        heap.retainers_page(some(heap)[0], FIRST_PAGE, monitor).map(drop)
    }),
    ("nodes_page", |heap, monitor| heap.nodes_page(heap.nodes(), FIRST_PAGE, monitor).map(drop)),
];

const FIRST_PAGE: PageRequest =
    PageRequest { order: PageOrder::Name, is_reversed: false, offset: 0, limit: 50 };

/// Nodes from all over the heap, without the root.
fn some(heap: &Analysis) -> Vec<NodeOrdinal> {
    heap.nodes().skip(heap.node_count() / 2).step_by(1000).collect()
}

#[test]
fn every_question_asks_often_and_stops_at_once() {
    let text = large_heap(400_000);
    let snapshot = Snapshot::read(text.as_bytes(), Some(text.len() as u64), &Unmonitored);
    let heap = Analysis::new(snapshot.expect("a snapshot"), &Unmonitored).expect("nobody cancels");
    for (name, question) in QUESTIONS {
        let pause = |_| {
            let watch = Stopwatch::start();
            watch.is_cancelled();
            question(&heap, &watch).expect("nobody cancels");
            // From the last time that it asked to the answer.
            watch.is_cancelled();
            let longest = watch.longest.into_inner().expect("no panic");
            longest.into_values().max().expect("a phase")
        };
        assert!((0..ATTEMPTS).map(pause).any(|longest| longest < LONGEST_PAUSE), "{name}");

        let counts = CancelsAt { turn: usize::MAX, turns: AtomicUsize::new(0) };
        question(&heap, &counts).expect("nobody cancels");
        // In the middle, where there is one.
        let turn = counts.turns.into_inner().div_ceil(2);
        let cancels = CancelsAt { turn, turns: AtomicUsize::new(0) };
        assert_eq!(question(&heap, &cancels), Err(Cancelled), "{name}");
        assert_eq!(cancels.turns.into_inner(), turn, "{name} goes on");
    }
}

/// Cancels when it is asked for the so many-th time.
struct CancelsAt {
    turn: usize,
    turns: AtomicUsize,
}

impl Monitor for CancelsAt {
    fn is_cancelled(&self) -> bool {
        self.turns.fetch_add(1, Ordering::Relaxed) + 1 >= self.turn
    }
}

/// Cancels as soon as a phase has begun, and counts how often it is asked after.
struct CancelsIn {
    phase: Phase,
    is_there: AtomicUsize,
}

impl Monitor for CancelsIn {
    fn advance(&self, phase: Phase, _: u64, _: u64) {
        if phase == self.phase {
            self.is_there.fetch_max(1, Ordering::Relaxed);
        }
    }

    fn is_cancelled(&self) -> bool {
        let is_there = self.is_there.load(Ordering::Relaxed) > 0;
        if is_there {
            self.is_there.fetch_add(1, Ordering::Relaxed);
        }
        is_there
    }
}
