//! module-reload: a module that is loaded again and again. Node keeps each copy: the module that asked
//! for it has it among its children, with all that it declares.
//!
//! Seen by scripts: one file, many scripts.

use heapmark_heap::{Location, NodeOrdinal, Script};
use heapmark_source::{Position, Range};
use rustc_hash::FxHashMap;

use crate::census::{Kind, SiteKey};
use crate::evidence::Evidence;
use crate::growth::{Seen, seen};
use crate::locate::{Origin, file_name};
use crate::report::{Finding, Place, Role, Rule};
use crate::suspect::{Statements, Suspect};
use crate::suspect::{certainty, fingerprint, severity};
use crate::units::{number, series, size};

/// In one snapshot: fewer copies of one module are no pile. A test runner has one for each of its
/// environments.
const FEWEST_IN_ONE: u64 = 10;

/// Every file of the program's that is loaded more and more often.
pub(crate) fn find(e: &Evidence) -> Vec<Suspect> {
    let mut copies: FxHashMap<String, Vec<Script>> = FxHashMap::default();
    for script in e.heap.scripts() {
        if !script.name.is_empty() {
            copies.entry(script.name.clone()).or_default().push(script);
        }
    }
    let mut copies: Vec<(String, Vec<Script>)> = copies.into_iter().collect();
    copies.sort_by(|(one, _), (two, _)| one.cmp(two));
    copies.iter().filter_map(|(name, scripts)| suspect(e, name, scripts)).collect()
}

fn suspect(e: &Evidence, name: &str, scripts: &[Script]) -> Option<Suspect> {
    let counts: Vec<u64> = e
        .censuses
        .iter()
        .map(|census| census.scripts.get(name).copied().unwrap_or_default())
        .collect();
    let seen = match e.snapshots() {
        1 if counts[0] < FEWEST_IN_ONE => return None,
        1 => Seen::Once,
        _ => seen(&counts)?,
    };
    let start = Location { script: scripts.last()?.id, line: 0, column: 0 };
    if !matches!(e.locator.origin(start), Origin::Own | Origin::Dependency) {
        return None;
    }
    let ids: Vec<_> = scripts.iter().map(|script| script.id).collect();
    let made: Vec<(NodeOrdinal, Location)> = e
        .heap
        .locations()
        .iter()
        .copied()
        .filter(|(_, location)| ids.contains(&location.script))
        .collect();
    // Any function of it leads to the file.
    let spot = made
        .iter()
        .find_map(|&(_, location)| e.locator.site(SiteKey { kind: Kind::Closure, location }))?;
    let nodes: Vec<NodeOrdinal> = made.iter().map(|&(node, _)| node).collect();
    let retained = e.retained_by(&nodes);
    let count = counts.last().copied().unwrap_or(0);
    let file = file_name(spot.path());
    let title = match seen {
        Seen::Once => format!("{} copies of {file} are loaded", number(count)),
        _ => format!("{file} is loaded again and again: {} copies", series(&counts)),
    };
    let message = format!(
        "{}. Whoever deletes a module from `require.cache` and loads it anew gets another copy, and the \
         module that asked for it keeps the old ones among its children ({} in all).",
        title,
        size(retained)
    );
    let end = spot.file.line_text(0).encode_utf16().count() as u32;
    let places = vec![Place {
        role: Role::Leaked,
        name: file.clone(),
        file: spot.path().to_owned(),
        range: Range { start: Position::new(0, 0), end: Position::new(0, end) },
        matched: spot.matched,
        generated: None,
        label: format!("{} copies of this module are loaded", number(count)),
        message: String::new(),
    }];
    let statements = Statements::default();
    let finding = Finding {
        rule: Rule::ModuleReload,
        severity: severity(e, seen, &statements, &places),
        certainty: certainty(e, seen, &statements),
        fingerprint: fingerprint(Rule::ModuleReload, &[&e.locator.relative(spot.path())]),
        title,
        message,
        help: "load the module once and read what may change from a file, or take the old copy out of \
               `module.children` too"
            .to_owned(),
        shallow_size: nodes.iter().map(|&node| e.heap.self_size(node)).sum(),
        retained_size: retained,
        growth: 0,
        counts,
        places,
        outside: Vec::new(),
        path: Vec::new(),
        path_text: format!("Node's list of children of a module → {file}"),
    };
    Some(Suspect { finding, accumulators: nodes, members: Vec::new(), of: None })
}
