//! A report as the analysis makes it, for the tests of everything that is rendered from one.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use heapmark_leaks::report::{
    Finding, Hop, HopPlace, Match, Notice, Place, Report, Role, Severity, Site, SiteKind,
    SnapshotSummary,
};
use heapmark_source::{Position, Range};

pub(crate) const CACHE: &str = "/app/src/cache.ts";
pub(crate) const PAGE: &str = "/app/src/page.ts";

pub(crate) fn at(line: u32, start: u32, end: u32) -> Range {
    Range::new(Position::new(line, start), Position::new(line, end))
}

fn place(role: Role, name: &str, file: &str, range: Range, label: &str, message: &str) -> Place {
    Place {
        role,
        name: name.to_owned(),
        file: PathBuf::from(file),
        range,
        matched: Match::Exact,
        generated: None,
        label: label.into(),
        message: message.into(),
        leads: false,
    }
}

fn hop(node: &str, edge: &str, place: Option<(&str, &str, Range)>) -> Hop {
    Hop {
        below_holder: true,
        node: node.to_owned(),
        id: 1,
        edge: edge.to_owned(),
        edge_type: "property",
        place: place.map(|(name, file, range)| HopPlace {
            name: name.to_owned(),
            file: PathBuf::from(file),
            range,
        }),
    }
}

/// A map that grows: holder and statement in `cache.ts`, the class of its values in `page.ts`.
pub(crate) fn growing_map() -> Finding {
    Finding {
        rule: heapmark_leaks::rule("growing-collection").expect("it is a rule"),
        severity: Severity::Warning,
        certainty: 0.9,
        reasons: Vec::new(),
        next: None,
        fingerprint: "5f0c9a1e".to_owned(),
        title: "`entries` keeps growing: 600 → 1,200 → 1,800 entries, 4.1 MB retained".into(),
        message: "`entries` keeps growing: 600 → 1,200 → 1,800 entries, 4.1 MB retained. \
                  `memoizeByProps` adds one each time (line 15) and nothing removes any."
            .into(),
        help: "bound it (an LRU with a maximum), or use a key that repeats".into(),
        counts: vec![600, 1200, 1800],
        shallow_size: 90_000,
        retained_size: 4_100_000,
        growth: 2_700_000,
        places: vec![
            place(
                Role::Holder,
                "entries",
                CACHE,
                at(8, 6, 13),
                "holds 1,800 entries; nothing removes any",
                "",
            ),
            place(
                Role::Grows,
                "entries.set(key, …)",
                CACHE,
                at(14, 4, 11),
                "adds here: `entries.set(key, …)`",
                "Adds to `entries` (cache.ts:9), which keeps growing: 1,800 entries, 4.1 MB.",
            ),
            place(
                Role::Leaked,
                "RenderedPage",
                PAGE,
                at(8, 13, 25),
                "1,800 `RenderedPage` are kept, made here",
                "",
            ),
        ],
        package: None,
        known: None,
        outside: Vec::new(),
        path: vec![
            hop(
                "module scope of cache.ts",
                "",
                Some(("module scope of cache.ts", CACHE, at(0, 0, 0))),
            ),
            hop("Map", "entries", Some(("entries", CACHE, at(8, 6, 13)))),
            hop("RenderedPage", "[key]", None),
        ],
        path_text: "module scope of cache.ts → entries → [key] → RenderedPage".to_owned(),
    }
}

/// The class whose instances the map keeps.
pub(crate) fn rendered_page() -> Site {
    Site {
        kind: SiteKind::Class,
        name: "RenderedPage".to_owned(),
        file: PathBuf::from(PAGE),
        name_range: at(8, 13, 25),
        matched: Match::Exact,
        counts: vec![600, 1200, 1800],
        shallow_size: 118_000,
        retained_size: 4_100_000,
        kept_by: "entries (Map) ← module scope of cache.ts".to_owned(),
        holder: Some(HopPlace {
            name: "entries".to_owned(),
            file: PathBuf::from(CACHE),
            range: at(8, 6, 13),
        }),
    }
}

pub(crate) fn snapshot(name: &str, taken_at: Option<SystemTime>) -> SnapshotSummary {
    SnapshotSummary {
        file: Path::new("/app/.heapmark").join(name),
        taken_at,
        nodes: 412_338,
        edges: 1_500_000,
        total_size: 66_200_000,
    }
}

/// The report of three snapshots with the two above.
pub(crate) fn report() -> Report {
    let function = Site {
        kind: SiteKind::Function,
        name: "memoizeByProps".to_owned(),
        file: PathBuf::from(CACHE),
        name_range: at(11, 16, 30),
        counts: vec![1, 1, 1],
        shallow_size: 64,
        retained_size: 64,
        kept_by: String::new(),
        holder: None,
        ..rendered_page()
    };
    Report {
        snapshots: ["baseline", "target", "final"]
            .map(|name| snapshot(&format!("{name}.heapsnapshot"), None))
            .to_vec(),
        findings: vec![growing_map()],
        sites: vec![function, rendered_page()],
        notices: vec![Notice { message: "1 script is not in this workspace.".to_owned() }],
        ..Report::default()
    }
}
