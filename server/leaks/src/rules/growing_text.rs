//! growing-text: a text that is made longer again and again, such as a log that is kept in one
//! variable.
//!
//! V8 keeps `log += line` as a tree of pieces. The pieces are another tree in each snapshot, at the
//! same variable or property; what is counted is how long all pieces are together.

use heapmark_heap::Edge;

use crate::blame::retaining_path;
use crate::census::slots::{named_edges, nodes_with_names};
use crate::census::texts::may_be_long;
use crate::census::trend::Trend;
use crate::evidence::Evidence;
use crate::locate::Origin;
use crate::locate::places::{place, place_of};
use crate::locate::statements::MAX_SHOWN;
use crate::locate::statements::Statements;
use crate::report::fingerprint::fingerprint;
use crate::report::place_words::line_of;
use crate::report::units::{size, sizes};
use crate::report::{Place, Role, Rule};
use crate::rules::leak::Leak;
use crate::rules::worded::Finding;
use crate::v8::retainer_walk::binding_path_at;
use crate::verdict::{certainty, severity};
use crate::words::ONLY_FILLED;

/// Every text that grows at one variable or property of the program's own.
pub(crate) fn find(e: &Evidence) -> Vec<Leak> {
    let mut suspects: Vec<Leak> = Vec::new();
    if e.snapshots() == 1 {
        return suspects;
    }
    if e.newest_census().slots.texts.is_empty() {
        return suspects;
    }
    for edge in nodes_with_names(e.heap).flat_map(|node| named_edges(e.heap, node)) {
        if !may_be_long(e.heap, edge.to) || e.is_new(edge.from) || !e.is_new(edge.to) {
            continue;
        }
        let Some((sizes, seen)) = e.bytes_series(&edge, |census| &census.slots.texts) else {
            continue;
        };
        let Some(suspect) = suspect(e, edge, &sizes, seen) else { continue };
        let known = suspects.iter().any(|it| it.fingerprint == suspect.fingerprint);
        if !known {
            suspects.push(suspect);
        }
    }
    suspects
}

/// `lengths` are in bytes, oldest first.
fn suspect(e: &Evidence, edge: Edge, lengths: &[u64], seen: Trend) -> Option<Leak> {
    let owner = binding_path_at(e.bindings(), edge)?;
    if !matches!(e.locator.binding_origin(&owner)?, Origin::Own | Origin::Dependency) {
        return None;
    }
    let holder = e.locator.holder(&owner)?;
    let name = holder.spot.name.as_str();
    let statements = Statements::about(e.locator, &holder, None);
    let last = lengths.last().copied().unwrap_or(0);
    let title = match seen {
        Trend::Kept { .. } => format!("the text in `{name}` grew and stays: {}", sizes(lengths)),
        _ => format!("the text in `{name}` keeps growing: {}", sizes(lengths)),
    };
    let added = match (statements.adds.first(), statements.removes.is_empty()) {
        (Some(add), true) => format!(" It is made longer in {}, and nothing empties it.", add.at()),
        (Some(add), false) => format!(" It is made longer in {}.", add.at()),
        (None, _) => String::new(),
    };
    let filled = if matches!(seen, Trend::Kept { .. }) { ONLY_FILLED } else { "" };
    let mut places: Vec<Place> = vec![place(
        Role::Holder,
        &holder.spot,
        format!("holds {} of text", size(last)),
        String::new(),
    )];
    let here = line_of(&places[0]);
    for add in statements.adds.iter().take(MAX_SHOWN) {
        let message = format!("Makes `{name}` longer ({here}): {} by now.", size(last));
        places.push(place_of(&holder.spot, add, "makes it longer".to_owned(), message));
    }
    let file = e.locator.relative(holder.spot.path());
    let finding = Finding {
        rule: Rule::GrowingText,
        severity: severity(e, seen, &statements),
        certainty: certainty(e, seen, &statements),
        fingerprint: fingerprint(Rule::GrowingText, &[&file, &holder.scope, name]),
        message: format!("{}.{added}{filled}", capitalised(&title)),
        title,
        help: "write it out and begin anew, or keep only the newest part".to_owned(),
        shallow_size: e.heap.self_size(edge.to),
        retained_size: e.heap.retained_size(edge.to).max(last),
        growth: 0,
        counts: lengths.to_vec(),
        places,
        outside: Vec::new(),
        path: retaining_path::hops(e, &[edge]),
        path_text: retaining_path::in_words(e, Some(&holder), &[edge], "text"),
    };
    Some(Leak::worded(finding, vec![edge.to], Vec::new(), None))
}

fn capitalised(text: &str) -> String {
    let mut characters = text.chars();
    let first = characters.next();
    first.map_or_else(String::new, |first| first.to_uppercase().chain(characters).collect())
}
