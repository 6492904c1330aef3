//! Cancelling, shapes that other algorithms choke on, sums that no heap has.

use std::fmt::Write;
use std::time::{Duration, Instant};

use crate::analysis::Analysis;
use crate::ordinals::NodeOrdinal;
use crate::sketch::Sketch;
use crate::{EdgeType, Monitor, Phase, Unmonitored};

#[test]
fn stops_when_told_to_in_every_phase() {
    struct StopAt(Phase);
    impl Monitor for StopAt {
        fn is_cancelled(&self) -> bool {
            true
        }
    }
    struct StopIn(Phase, std::sync::Mutex<Option<Phase>>);
    impl Monitor for StopIn {
        fn advance(&self, phase: Phase, done: u64, total: u64) {
            assert!(done <= total, "{phase}: {done} of {total}");
            *self.1.lock().expect("nobody panics with it") = Some(phase);
        }

        fn is_cancelled(&self) -> bool {
            *self.1.lock().expect("nobody panics with it") == Some(self.0)
        }
    }
    let sketch = Sketch::parse("root --shortcut a--> a");
    for phase in [
        Phase::Detachedness,
        Phase::Flags,
        Phase::EssentialEdges,
        Phase::Dominators,
        Phase::RetainedSizes,
    ] {
        let monitor = StopIn(phase, std::sync::Mutex::new(None));
        assert!(Analysis::new(sketch.snapshot(), &monitor).is_err(), "{phase}");
        assert_eq!(*monitor.1.lock().expect("nobody panics with it"), Some(phase));
    }
    let analysis = sketch.analysis();
    let monitor = StopIn(Phase::Comparing, std::sync::Mutex::new(None));
    assert!(analysis.changes_since(&analysis, &monitor).is_err());
    let monitor = StopIn(Phase::Distances, std::sync::Mutex::new(None));
    assert!(analysis.ignore_retainers(&[NodeOrdinal::ROOT], &monitor).is_err());
    let file = sketch.file();
    let monitor = StopAt(Phase::Reading);
    let error = crate::Snapshot::read(file.as_bytes(), None, &monitor).expect_err("is cancelled");
    assert_eq!((error.to_string().as_str(), monitor.0), ("cancelled", Phase::Reading));
}

/// A list whose items also stand in an array: quadratic for methods other than Lengauer-Tarjan's.
#[test]
fn a_long_list_in_an_array_takes_no_time() {
    let items = 100_000;
    let mut sketch = Sketch::parse("root -> list\n root -> array");
    let mut previous = "list".to_owned();
    for item in 0..items {
        let label = format!("i{item}");
        sketch.edge(&previous, EdgeType::Property, "next", &label);
        sketch.edge("array", EdgeType::Element, "0", &label);
        previous = label;
    }
    check_within(Duration::from_secs(10), &sketch, "array", 10);
}

/// Two lists with rungs between them.
#[test]
fn a_long_ladder_takes_no_time() {
    let rungs = 100_000;
    let mut sketch = Sketch::parse("root -> top\n top -> l0\n top -> r0");
    for rung in 0..rungs {
        let (left, right) = (format!("l{rung}"), format!("r{rung}"));
        sketch.edge(&left, EdgeType::Property, "across", &right);
        sketch.edge(&right, EdgeType::Property, "across", &left);
        sketch.edge(&left, EdgeType::Property, "next", &format!("l{}", rung + 1));
        sketch.edge(&right, EdgeType::Property, "next", &format!("r{}", rung + 1));
    }
    check_within(Duration::from_secs(10), &sketch, "top", 10 * (2 * (rungs + 1) + 1));
}

fn check_within(limit: Duration, sketch: &Sketch, label: &str, retained: u64) {
    let snapshot = sketch.snapshot();
    let start = Instant::now();
    let analysis = Analysis::new(snapshot, &Unmonitored).expect("nobody cancels");
    assert_eq!(analysis.retained_size(sketch.ordinal(label)), retained);
    analysis.aggregates(&Unmonitored).expect("nobody cancels");
    assert!(start.elapsed() < limit, "took {:?}", start.elapsed());
}

/// Sums that no heap has stop where numbers end.
#[test]
fn sums_of_sizes_may_be_anything() {
    let mut drawing = String::new();
    for string in 0..2100 {
        writeln!(drawing, "s{string}: string text {}", (1_u64 << 53) - 1).expect("text");
    }
    let analysis = Sketch::parse(&drawing).analysis();
    let nothing = Sketch::default().analysis();
    let everything = u64::MAX;
    assert_eq!(analysis.total_size(), everything);
    assert_eq!(analysis.retained_size(NodeOrdinal::ROOT), everything);
    let statistics = analysis.statistics();
    assert_eq!((statistics.total, statistics.strings), (everything, everything));
    let strings = analysis.duplicate_strings(&Unmonitored).expect("nobody cancels");
    assert_eq!(strings[0].retained_size, everything);
    let changes = analysis.changes_since(&nothing, &Unmonitored).expect("nobody cancels");
    assert_eq!((changes[0].added_size, changes[0].growth()), (everything, i64::MAX));
    let changes = nothing.changes_since(&analysis, &Unmonitored).expect("nobody cancels");
    assert_eq!(changes[0].growth(), i64::MIN);
}
