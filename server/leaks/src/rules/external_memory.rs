//! external-memory: bytes outside of V8's own heap, behind objects that look small there: a buffer that
//! is made longer again and again, and much in few buffers.
//!
//! Buffers that pile up in a collection are found as what grows there ([`crate::rules::growing_collection`]), whose
//! numbers count their bytes.

use heapmark_heap::{Edge, NodeOrdinal, NodeSet};
use rustc_hash::FxHashSet;

use crate::blame::by_holder::{HeldTogether, by_holder};
use crate::blame::retaining_path;
use crate::census::trend::Trend;
use crate::evidence::Evidence;
use crate::locate::places::{place, place_of};
use crate::locate::statements::MAX_SHOWN;
use crate::locate::statements::Statements;
use crate::locate::{Holder, Origin};
use crate::report::fingerprint::fingerprint;
use crate::report::place_words::line_of;
use crate::report::units::{number, plural, share, size, sizes};
use crate::report::{Place, Role, Rule, Severity};
use crate::rules::leak::Leak;
use crate::rules::worded::Finding;
use crate::v8::backing_stores::Stores;
use crate::v8::retainer_walk::binding_path_at;
use crate::verdict::{certainty, severity};
use crate::words::ONLY_FILLED;

/// Bytes: buffers that take less together are not worth a word in a program that does not grow,
const SMALLEST: u64 = 10_000_000;
/// nor is less than this share of the heap.
const MIN_SHARE: f64 = 0.1;
/// Bytes: smaller ones are not counted. Node puts many small buffers into one of 8 kB.
const MIN_STORE: u64 = 4_000;
/// Every buffer that grows at one variable or property of the program's own.
pub(crate) fn growing(e: &Evidence) -> Vec<Leak> {
    let mut suspects: Vec<Leak> = Vec::new();
    if e.snapshots() == 1 || e.newest_census().slots.buffers.is_empty() {
        return suspects;
    }
    for (buffer, store) in buffers(e) {
        for edge in e.heap.retainers(buffer).filter(|edge| !e.is_new(edge.from)) {
            let Some((bytes, seen)) = e.bytes_series(&edge, |census| &census.slots.buffers) else {
                continue;
            };
            let Some(suspect) = of_growing(e, edge, store, &bytes, seen) else { continue };
            let fingerprint = &suspect.fingerprint;
            if !suspects.iter().any(|known| known.fingerprint == *fingerprint) {
                suspects.push(suspect);
            }
        }
    }
    suspects
}

/// What holds much, whether it grows or not. `explained` is what hangs on something that grows; what
/// `suspects` have named already is not told twice.
pub(crate) fn large(e: &Evidence, explained: &NodeSet, suspects: &[Leak]) -> Vec<Leak> {
    let stores = Stores::of(e.heap);
    let free = buffers(e)
        .into_iter()
        .filter(|&(buffer, store)| !explained.contains(buffer) && !explained.contains(store));
    let buffers: Vec<NodeOrdinal> = free.map(|(buffer, _)| buffer).collect();
    let (_, total) = behind(e, &stores, &buffers);
    if total < smallest(e) {
        return Vec::new();
    }
    let together = by_holder(e, buffers);
    together
        .iter()
        .filter_map(|together| of_large(e, &stores, together))
        .filter(|found| {
            let is_named = |known: &Leak| {
                matches!((known.primary(), found.primary()), (Some(known), Some(found))
                    if known.file == found.file && known.range == found.range)
            };
            !suspects.iter().any(is_named)
        })
        .collect()
}

/// Every buffer and typed array with many bytes behind it, and the node of these.
fn buffers(e: &Evidence) -> Vec<(NodeOrdinal, NodeOrdinal)> {
    let stores = Stores::of(e.heap);
    let with_store = |node| Some((node, stores.behind(e.heap, node)?));
    let is_large = |&(_, store): &(_, NodeOrdinal)| e.heap.self_size(store) >= MIN_STORE;
    e.heap.nodes().filter_map(with_store).filter(is_large).collect()
}

/// How many stores there are behind buffers, and their bytes: a `Buffer`, its `ArrayBuffer` and
/// everything else on one store are one.
fn behind(e: &Evidence, stores: &Stores, buffers: &[NodeOrdinal]) -> (u64, u64) {
    let behind: FxHashSet<NodeOrdinal> =
        buffers.iter().filter_map(|&buffer| stores.behind(e.heap, buffer)).collect();
    (behind.len() as u64, behind.iter().map(|&store| e.heap.self_size(store)).sum())
}

fn smallest(e: &Evidence) -> u64 {
    SMALLEST.max((MIN_SHARE * e.heap.total_size() as f64) as u64)
}

/// `bytes` are those of the buffer that `edge` leads to, oldest first.
fn of_growing(
    e: &Evidence,
    edge: Edge,
    store: NodeOrdinal,
    bytes: &[u64],
    seen: Trend,
) -> Option<Leak> {
    let owner = binding_path_at(e.bindings(), edge)?;
    if !matches!(e.locator.binding_origin(&owner)?, Origin::Own | Origin::Dependency) {
        return None;
    }
    let holder = e.locator.holder(&owner)?;
    let name = holder.spot.name.as_str();
    let statements = Statements::about(e.locator, &holder, None);
    let last = bytes.last().copied().unwrap_or(0);
    let (title, filled) = match seen {
        Trend::Kept { .. } => {
            (format!("the buffer in `{name}` grew and stays: {}", sizes(bytes)), ONLY_FILLED)
        }
        _ => (format!("the buffer in `{name}` keeps growing: {}", sizes(bytes)), ""),
    };
    let added = match (statements.adds.first(), statements.removes.is_empty()) {
        (Some(add), true) => {
            format!(" It is made longer in {}, and nothing takes anything out.", add.at())
        }
        (Some(add), false) => format!(" It is made longer in {}.", add.at()),
        (None, _) => String::new(),
    };
    let label = format!("holds {} outside of V8's own heap", size(last));
    let mut places: Vec<Place> = vec![place(Role::Holder, &holder.spot, label, String::new())];
    let here = line_of(&places[0]);
    for add in statements.adds.iter().take(MAX_SHOWN) {
        let message = format!("Makes `{name}` longer ({here}): {} by now.", size(last));
        places.push(place_of(&holder.spot, add, "makes it longer".to_owned(), message));
    }
    let finding = Finding {
        severity: severity(e, seen, &statements),
        certainty: certainty(e, seen, &statements),
        message: format!("T{}.{added}{filled}", &title[1..]),
        title,
        help: "keep only what was not read yet: `Buffer.from(received.subarray(end))` copies the rest \
               and lets go of what was before"
            .to_owned(),
        shallow_size: e.heap.self_size(edge.to),
        retained_size: e.heap.retained_size(edge.to).max(last),
        counts: bytes.to_vec(),
        places,
        ..finding(e, &holder, &[edge])
    };
    Some(Leak::worded(finding, vec![edge.to, store], Vec::new(), None))
}

fn of_large(e: &Evidence, stores: &Stores, together: &HeldTogether) -> Option<Leak> {
    let holder = together.blame.holder.as_ref()?;
    let buffers = together.nodes();
    let (count, bytes) = behind(e, stores, &buffers);
    if bytes < smallest(e) {
        return None;
    }
    let name = holder.spot.name.as_str();
    let percent = share(bytes, e.heap.total_size());
    let percent = percent.map_or(String::new(), |percent| format!(", {percent} of the heap"));
    let what = format!("{} {}", number(count), plural(count, "buffer", "buffers"));
    let title = format!("`{name}` holds {} in {what}{percent}", size(bytes));
    let shallow = buffers.iter().map(|&node| e.heap.self_size(node)).sum();
    let once = match e.snapshots() {
        1 => " One snapshot cannot tell whether it grows: capture a second one to know.",
        _ => "",
    };
    let message = format!(
        "{title}. The bytes are outside of V8's own heap, and what holds them looks small ({}). A short \
         piece of a buffer keeps all of it.{once}",
        size(shallow)
    );
    let label = format!("{what}, {}", size(bytes));
    let mut places: Vec<Place> = vec![place(Role::Holder, &holder.spot, label, String::new())];
    if let Some(user) = &together.blame.user {
        let message = format!(
            "`{}` reaches `{name}` ({}), which holds {}.",
            user.spot.name,
            line_of(&places[0]),
            size(bytes)
        );
        places.push(place(Role::User, &user.spot, format!("reaches `{name}`"), message));
    }
    let finding = Finding {
        severity: Severity::Information,
        certainty: certainty(e, Trend::Once, &Statements::default()),
        title,
        message,
        help: "let go of buffers that are done with, and copy a short piece before it is kept \
               (`Buffer.from(piece)`)"
            .to_owned(),
        shallow_size: shallow,
        retained_size: bytes,
        counts: vec![count],
        places,
        ..finding(e, holder, &together.blame.owner.edges)
    };
    Some(Leak::worded(finding, buffers, Vec::new(), None))
}

/// What both kinds have in common; nothing is said yet.
fn finding(e: &Evidence, holder: &Holder, edges: &[Edge]) -> Finding {
    let file = e.locator.relative(holder.spot.path());
    Finding {
        rule: Rule::ExternalMemory,
        severity: Severity::Information,
        certainty: 0.0,
        fingerprint: fingerprint(Rule::ExternalMemory, &[&file, &holder.scope, &holder.spot.name]),
        title: String::new(),
        message: String::new(),
        help: String::new(),
        counts: Vec::new(),
        shallow_size: 0,
        retained_size: 0,
        growth: 0,
        places: Vec::new(),
        outside: Vec::new(),
        path: retaining_path::hops(e, edges),
        path_text: retaining_path::in_words(e, Some(holder), edges, "buffer"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{self, Ran};

    /// What is said of large buffers, without the share of the heap, which differs from version to
    /// version.
    #[track_caller]
    fn check(program: &str, expected: &[&str]) {
        let told: Vec<String> = Ran::file(program).ask(|e| {
            let found = large(e, &NodeSet::new(e.heap), &[]).into_iter();
            let titles = found.map(|leak| testing::told(&leak).title);
            titles.filter_map(|title| Some(title.split_once(',')?.0.to_owned())).collect()
        });
        assert_eq!(told, expected);
    }

    #[test]
    fn a_buffer_and_what_it_is_on_are_one() {
        check(
            "const files = Array.from({ length: 3 }, () => Buffer.alloc(6e6));
globalThis.get = () => files;",
            &["`files` holds 18 MB in 3 buffers"],
        );
        check(
            "const models = new Map([['a', new Float32Array(2e6)], ['b', new Float32Array(2e6)]]);
globalThis.get = () => models;",
            &["`models` holds 16 MB in 2 buffers"],
        );
    }

    #[test]
    fn pieces_of_one_buffer_are_one() {
        check(
            "function read(file) {
  return Array.from({ length: 100 }, (_, n) => file.subarray(n * 80, n * 80 + 80));
}
const lines = read(Buffer.alloc(12e6));
globalThis.get = () => lines;",
            &["`lines` holds 12 MB in 1 buffer"],
        );
    }
}
