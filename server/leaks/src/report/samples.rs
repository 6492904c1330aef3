//! Reports for tests.

use std::path::PathBuf;

use heapmark_source::{Position, Range};

use crate::report::Rule;
use crate::report::{Finding, Match, Place, Report, Role, Severity, SnapshotSummary, Text};

pub(crate) const FILE: &str = "/app/cards.js";

/// A variable that holds too much, declared in a line (from 0) of the file.
pub(crate) fn finding(fingerprint: &str, name: &str, line: u32) -> Finding {
    let place = Place {
        role: Role::Holder,
        name: name.to_owned(),
        file: PathBuf::from(FILE),
        range: Range::new(Position::new(line, 4), Position::new(line, 9)),
        matched: Match::Exact,
        generated: None,
        label: Text::default(),
        message: Text::default(),
        leads: false,
    };
    Finding {
        rule: Rule::new("growing-collection", "A Map, Set, array or plain object that only grows"),
        severity: Severity::Warning,
        certainty: 0.9,
        reasons: Vec::new(),
        next: None,
        fingerprint: fingerprint.to_owned(),
        title: format!("`{name}` keeps growing").into(),
        message: Text::default(),
        help: Text::default(),
        counts: vec![100, 200],
        shallow_size: 0,
        retained_size: 0,
        growth: 0,
        places: vec![place],
        package: None,
        known: None,
        outside: Vec::new(),
        path: Vec::new(),
        path_text: String::new(),
    }
}

/// Of two snapshots.
pub(crate) fn report(findings: Vec<Finding>) -> Report {
    let summary = SnapshotSummary {
        file: PathBuf::from("a.heapsnapshot"),
        taken_at: None,
        nodes: 1,
        edges: 1,
        total_size: 1,
    };
    Report { snapshots: vec![summary.clone(), summary], findings, ..Report::default() }
}
