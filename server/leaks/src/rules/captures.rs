//! unused-capture: a variable that closures keep alive although none of them uses it.
//!
//! All closures made in one call of a function share one scope (V8: one context). What one of them
//! needs stays alive as long as any of the others lives. The heap says which closures live and how
//! much each variable keeps; the source says who uses it.

use std::collections::BTreeMap;

use heapmark_heap::{EdgeType, NodeOrdinal, NodeSet};
use heapmark_source::Declaration;
use rustc_hash::FxHashSet;

use crate::census::{Kind, SiteKey, sites_of};
use crate::evidence::Evidence;
use crate::growth::{Seen, seen};
use crate::locate::{MOST_CLOSURES, Origin, Spot, file_name};
use crate::path;
use crate::report::{Finding, Match, Place, Role, Rule, Severity};
use crate::suspect::{fingerprint, line_of, place};
use crate::units::{number, series, size};

/// Less than this is not worth a word, in bytes.
const SMALLEST: u64 = 100_000;
/// Nor is less than this share of the heap.
const SMALLEST_SHARE: f64 = 0.005;
/// In one snapshot: fewer closures of one function are no pile.
const FEWEST_IN_ONE: u64 = 11;
/// How many scopes to check for closures that use the variable.
const SCOPES_TO_CHECK: usize = 16;

/// An unused capture, and the closures that keep it.
pub(crate) struct Capture {
    pub(crate) finding: Finding,
    pub(crate) closures: Vec<NodeOrdinal>,
}

/// Looks at the closures of every function of the user's that pile up.
pub(crate) fn find(e: &Evidence) -> Vec<Capture> {
    let mut at_site: BTreeMap<SiteKey, Vec<NodeOrdinal>> = BTreeMap::new();
    for (node, site) in sites_of(e.heap, e.shapes) {
        let counted = e.snapshots() == 1 || e.is_new(node);
        if site.kind == Kind::Closure && counted && e.locator.origin(site.location) == Origin::Own {
            at_site.entry(site).or_default().push(node);
        }
    }
    let captures = at_site.into_iter().filter_map(|(site, closures)| {
        let counts = e.site_series(site);
        let seen = match seen(&counts) {
            Some(seen) => seen,
            None if e.snapshots() == 1 && counts[0] >= FEWEST_IN_ONE => Seen::Once,
            None => return None,
        };
        capture(e, site, &counts, seen, closures)
    });
    captures.collect()
}

fn capture(
    e: &Evidence,
    site: SiteKey,
    counts: &[u64],
    seen: Seen,
    closures: Vec<NodeOrdinal>,
) -> Option<Capture> {
    let scopes: Vec<NodeOrdinal> = closures.iter().filter_map(|&c| scope_of(e, c)).collect();
    let all: FxHashSet<NodeOrdinal> = scopes.iter().copied().collect();
    // Of scopes inside each other only the outermost counts, or its bytes would count twice.
    let mut inside = NodeSet::new(e.heap);
    e.add_below(&mut inside, all.iter().copied());
    let distinct: FxHashSet<NodeOrdinal> =
        all.into_iter().filter(|&scope| !inside.contains(scope)).collect();
    let smallest = SMALLEST.max((SMALLEST_SHARE * e.heap.total_size() as f64) as u64);
    let (name, bytes) = largest_variable(e, &distinct).filter(|&(_, bytes)| bytes >= smallest)?;

    let spot = e.locator.site(site)?;
    // In code that was made smaller the variable has another name than in the source.
    let (in_heap, captured) = (name.clone(), e.locator.captured(site.location, &name)?);
    let variable = captured.what;
    let name = variable.name.clone();
    if captured.file.path() != spot.path() {
        return None;
    }
    // The variables of a module live as long as the program: no closure makes them live longer.
    variable.in_function.as_ref()?;
    if is_used(e, &scopes, &variable, spot.path()) {
        return None;
    }
    let holder = Spot {
        name: name.clone(),
        name_range: variable.name_range,
        range: variable.range,
        ..spot.clone()
    };
    let function_name = spot.short_name();
    let last = counts.last().copied().unwrap_or(0);
    let scope = variable.in_function.clone();
    let title = format!(
        "`{name}` ({}) is kept alive by `{}`, which never uses it",
        size(bytes),
        function_name
    );
    let grows = match seen {
        Seen::Growing { .. } | Seen::Kept { .. } => format!("{} closures", series(counts)),
        Seen::Once => format!("{} closures", number(last)),
    };
    let live = scope.as_ref().map_or_else(
        || format!("the module scope of {}", file_name(spot.path())),
        |function| format!("the scope of `{function}`"),
    );
    let message = format!(
        "{title}: both live in {live} ({grows}). Moving `{function_name}` out, or letting go of `{name}` when \
         it is no longer needed, frees it."
    );
    let label = format!("{} kept, used by nobody any more", size(bytes));
    let places: Vec<Place> = {
        let first = place(Role::Holder, &holder, label, String::new());
        let at = line_of(&first);
        let message = format!("Keeps `{name}` ({at}) alive without using it: {}.", size(bytes));
        let label = format!("{} of these are alive and keep it", number(last));
        vec![first, place(Role::Leaked, &spot, label, message)]
    };
    let &example = scopes.last()?;
    let edges: Vec<_> = e
        .heap
        .edges(example)
        .filter(|x| x.edge_type == EdgeType::Context && e.heap.edge_name(x).to_string() == in_heap)
        .collect();
    let stale = matches!(spot.matched, Match::Stale | Match::Ambiguous);
    let finding = Finding {
        rule: Rule::UnusedCapture,
        severity: match seen {
            _ if stale => Severity::Hint,
            Seen::Growing { .. } => Severity::Warning,
            Seen::Kept { .. } | Seen::Once => Severity::Information,
        },
        // What nobody uses is certain; that it matters is only certain if it grows.
        certainty: if matches!(seen, Seen::Growing { .. }) { 0.95 } else { 0.7 },
        fingerprint: fingerprint(
            Rule::UnusedCapture,
            &[&e.locator.relative(spot.path()), &spot.name, &name],
        ),
        title,
        message,
        help: format!(
            "make `{function_name}` outside {live}, or set `{name}` to null after its last use"
        ),
        counts: counts.to_vec(),
        shallow_size: closures.iter().map(|&closure| e.heap.self_size(closure)).sum(),
        retained_size: bytes,
        growth: e.growth(&closures, bytes),
        places,
        outside: Vec::new(),
        path: path::hops(e, &edges),
        path_text: format!("{function_name} → its scope → {name}"),
    };
    Some(Capture { finding, closures })
}

fn scope_of(e: &Evidence, closure: NodeOrdinal) -> Option<NodeOrdinal> {
    let scope = e.heap.child(closure, EdgeType::Internal, "context")?;
    e.shapes.is_context(scope).then_some(scope)
}

/// The variable that keeps most, over all the scopes, with the bytes that only these scopes keep.
fn largest_variable(e: &Evidence, scopes: &FxHashSet<NodeOrdinal>) -> Option<(String, u64)> {
    let mut bytes: BTreeMap<String, u64> = BTreeMap::new();
    for &scope in scopes {
        for edge in e.heap.edges(scope).filter(|edge| edge.edge_type == EdgeType::Context) {
            if e.heap.dominator(edge.to) == scope {
                *bytes.entry(e.heap.edge_name(&edge).to_string()).or_default() +=
                    e.heap.retained_size(edge.to);
            }
        }
    }
    bytes.into_iter().max_by_key(|(_, bytes)| *bytes)
}

/// Whether a living closure of one of the scopes uses the variable. What cannot be read counts as
/// using it: silence is better than a wrong word.
fn is_used(
    e: &Evidence,
    scopes: &[NodeOrdinal],
    variable: &Declaration,
    file: &std::path::Path,
) -> bool {
    let stride = scopes.len().div_ceil(SCOPES_TO_CHECK).max(1);
    let mut checked: FxHashSet<SiteKey> = FxHashSet::default();
    for &scope in scopes.iter().step_by(stride) {
        let closures = e.locator.closures_in(scope);
        if closures.len() == MOST_CLOSURES {
            return true;
        }
        for closure in closures {
            let Some(location) = e.heap.location(closure) else { return true };
            let site = SiteKey { kind: Kind::Closure, location };
            if !checked.insert(site) {
                continue;
            }
            let Some(spot) = e.locator.site(site).filter(|spot| spot.path() == file) else {
                return true;
            };
            let function = spot.function.as_ref();
            if function.is_none_or(|function| spot.file.uses(function, variable)) {
                return true;
            }
        }
    }
    false
}
