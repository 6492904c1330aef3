//! module-reload: a module that is loaded again and again. Node keeps each copy: the module that asked
//! for it has it among its children, with all that it declares.
//!
//! Seen by Node's own objects for modules, or by scripts: one file, many of them.

use heapmark_heap::{NodeOrdinal, ScriptId};
use heapmark_source::{Position, Range};
use rustc_hash::FxHashSet;

use crate::census::{Kind, SiteKey};
use crate::copies::{copies, without_query};
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
    let mut copies: Vec<(String, Vec<NodeOrdinal>)> = copies(e.heap).into_iter().collect();
    copies.sort_unstable();
    copies.into_iter().filter_map(|(name, nodes)| suspect(e, &name, nodes)).collect()
}

fn suspect(e: &Evidence, name: &str, nodes: Vec<NodeOrdinal>) -> Option<Suspect> {
    let counts: Vec<u64> = e
        .censuses
        .iter()
        .map(|census| census.modules.get(name).copied().unwrap_or_default())
        .collect();
    let seen = match e.snapshots() {
        1 if counts[0] < FEWEST_IN_ONE => return None,
        1 => Seen::Once,
        _ => seen(&counts)?,
    };
    // Any function of it leads to the file.
    let scripts = e.heap.scripts().into_iter();
    let ids: FxHashSet<ScriptId> = scripts
        .filter(|script| without_query(&script.name) == name)
        .map(|script| script.id)
        .collect();
    let inside = e.heap.locations().iter().map(|&(_, location)| location);
    let spot = inside.filter(|location| ids.contains(&location.script)).find_map(|location| {
        let origin = e.locator.origin(location);
        let is_there = matches!(origin, Origin::Own | Origin::Dependency);
        let site = SiteKey { kind: Kind::Closure, location };
        is_there.then(|| e.locator.site(site)).flatten()
    })?;
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
        severity: severity(e, seen, &statements),
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
