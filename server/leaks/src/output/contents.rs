//! What fills the heap: who holds much of it, below namespaces and above the things themselves, and whose code that
//! is. It decides nothing about leaks.
//!
//! ```text
//! stores (61 %) ─.sessions→ Map (34 %) ─…→ 600 sessions of 0.06 %    `stores.sessions` holds 34 %,
//!               ─.pages→ Map (26 %) ─…→ 90 pages of 0.3 %            `stores.pages` 26 %, and `stores` 1 %
//! ```

use std::cmp::Reverse;

use heapmark_heap::{EdgeType, NodeOrdinal};
use heapmark_source::AsItRan;

use crate::blame::payload::kept_by;
use crate::evidence::Evidence;
use crate::locate::Origin;
use crate::output::by_code::by_code;
use crate::output::growth::{carried_holder, holding};
use crate::output::walks::Walks;
use crate::report::{Contents, ContentsRow, Finding, HeldBy};
use crate::v8::bindings::Binding;
use crate::v8::members::all_members;
use crate::v8::sites::Kind;
use crate::verdict::thresholds::contents::{MIN_SUSPECT, NEARLY_FULL};

/// A budget of words: nobody reads more rows.
const MAX_ROWS: usize = 10;
/// Steps: so far up is the collection of a table, and of that of an object with a table.
const MAX_UP: usize = 2;

/// What fills the heap of the newest snapshot, which may have `limit` bytes, beside these findings.
pub(crate) fn contents(
    e: &Evidence,
    past: &AsItRan<'_>,
    limit: Option<u64>,
    findings: &[Finding],
    walks: &Walks,
) -> Contents {
    let size = e.heap.total_size();
    let Found { mut rows, points } = find(e, findings, &walks.points);
    rows.truncate(MAX_ROWS);
    let rows: Vec<ContentsRow> = rows
        .into_iter()
        .map(|row| ContentsRow { holder: carried_holder(past, row.holder), ..row })
        .collect();
    let is_nearly_full = limit.is_some_and(|limit| size as f64 >= NEARLY_FULL * limit as f64);
    let suspect = rows
        .iter()
        .position(|row| !row.is_packages_own && row.retained as f64 >= MIN_SUSPECT * size as f64);
    Contents {
        size,
        limit,
        is_nearly_full,
        rows,
        suspect,
        by_code: by_code(e, &walks.shares, &points),
    }
}

/// Who holds much, the largest part first.
struct Found {
    rows: Vec<ContentsRow>,
    /// Where it comes together, and who holds it there.
    points: Vec<(NodeOrdinal, HeldBy)>,
}

fn find(e: &Evidence, findings: &[Finding], large: &[(NodeOrdinal, u64)]) -> Found {
    let mut rows: Vec<ContentsRow> = Vec::new();
    let mut points: Vec<(NodeOrdinal, HeldBy)> = Vec::new();
    for &(point, retained) in large {
        let Some((binding, holder)) = holding(e, point) else { continue };
        let collection = collection(e, point);
        let row = ContentsRow {
            entries: collection.and_then(|it| entries(e, it)),
            is_packages_own: holder.package.is_some()
                // What an object has that a package made is filled by whoever has the object.
                && !matches!(binding, Binding::Field { .. })
                && !is_found(findings, &holder)
                && !has_users_things(e, collection),
            holder,
            retained,
        };
        points.push((point, row.holder.clone()));
        // What a package has for one declaration of the user's is one thing to a reader, wherever it has it.
        let is_same = |known: &&mut ContentsRow| {
            let (one, two) = (&known.holder, &row.holder);
            one == two || one.user.is_some() && one.user == two.user
        };
        match rows.iter_mut().find(is_same) {
            None => rows.push(row),
            Some(known) => {
                known.retained += retained;
                // A collection and its table may both be points.
                if known.entries != row.entries {
                    known.entries = known.entries.xor(row.entries);
                }
                known.is_packages_own &= row.is_packages_own;
            }
        }
    }
    // Of equal ones the one that stands first in the file stays first.
    rows.sort_by_key(|row| Reverse(row.retained));
    Found { rows, points }
}

/// Whether somebody who holds something is told of in a finding.
fn is_found(findings: &[Finding], holder: &HeldBy) -> bool {
    let mut places = findings.iter().flat_map(|finding| &finding.places);
    holder
        .place
        .as_ref()
        .is_some_and(|at| places.any(|place| place.file == at.file && place.range == at.range))
}

/// The collection that a point is, or is the table of.
fn collection(e: &Evidence, point: NodeOrdinal) -> Option<NodeOrdinal> {
    let mut at = point;
    for _ in 0..=MAX_UP {
        if e.heap.collection_kind(at).is_some() && entries(e, at).is_some() {
            return Some(at);
        }
        // Where the table of a large one is found: of what dominates it alone, it is not always the parent.
        let above = e
            .heap
            .retainers(at)
            .find(|edge| edge.edge_type == EdgeType::Internal && entries(e, edge.from).is_some());
        at = above.map_or_else(|| e.heap.dominator(at), |edge| edge.from);
    }
    None
}

fn entries(e: &Evidence, collection: NodeOrdinal) -> Option<u64> {
    e.newest_census().collections.get(&e.heap.node_id(collection)).copied()
}

/// Whether what is in a collection is made by the user's own code.
fn has_users_things(e: &Evidence, collection: Option<NodeOrdinal>) -> bool {
    let Some(collection) = collection else { return false };
    let members = all_members(e.heap, collection);
    let kept = kept_by(e, &members, &[Kind::Instance, Kind::Closure, Kind::Frame]);
    kept.is_some_and(|kept| e.locator.origin(kept.site.location) == Origin::Own)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::walks::accumulation_points;
    use crate::testing::Ran;

    #[test]
    fn what_fills_the_heap_is_told_below_namespaces_and_above_the_things_themselves() {
        let ran = Ran::file(
            "class Session { constructor(id) { this.id = id; this.items = new Array(50).fill(id); } }
             const stores = { sessions: new Map(), pages: [], few: [{}] };
             for (let id = 0; id < 1_500; id++) stores.sessions.set(id, new Session(id));
             for (let id = 0; id < 50; id++) stores.pages.push(new Array(1_000).fill(id));
             globalThis.main = () => stores;",
        );
        let told = ran.ask(|e| {
            let rows = find(e, &[], &accumulation_points(e)).rows.into_iter();
            rows.map(|row| (row.holder.name, row.entries, row.is_packages_own)).collect::<Vec<_>>()
        });
        let expected = [("stores.sessions", Some(1_500)), ("stores.pages", Some(50))];
        assert_eq!(told, expected.map(|(name, entries)| (name.to_owned(), entries, false)));
    }

    #[test]
    fn what_is_kept_in_many_small_parts_one_behind_the_other_is_told_as_a_whole() {
        let ran = Ran::file(
            "let handle = () => 0;
             function wrap(rules) {
                 const next = handle;
                 handle = () => rules.length + next();
             }
             for (let version = 0; version < 4_000; version++) wrap(new Array(50).fill(version));
             globalThis.main = () => handle();",
        );
        let told = ran.ask(|e| {
            let rows = find(e, &[], &accumulation_points(e)).rows.into_iter();
            rows.map(|row| (row.holder.name, row.retained)).collect::<Vec<_>>()
        });
        let [(name, retained)] = &told[..] else { panic!("{told:?}") };
        // Of each version a list of 50 numbers.
        assert!(name == "next" && *retained > 4_000 * 50 * 8, "{told:?}");
    }

    #[test]
    fn a_finished_table_of_a_package_is_told_apart_from_what_it_holds_for_the_program() {
        let table = "const types = {};
             for (let id = 0; id < 3_000; id++) types['type' + id] = { extensions: ['a' + id, 'b' + id] };
             exports.lookup = (name) => types[name];";
        let cache = "class Cache { map = new Map(); add(key, value) { this.map.set(key, value); } }
             exports.Cache = Cache;";
        let main = "const { lookup } = require('./node_modules/types/index.js');
             const { Cache } = require('./node_modules/cache/index.js');
             const pages = new Cache();
             for (let id = 0; id < 6_000; id++) pages.add('page' + id, { text: ['a' + id, id] });
             globalThis.main = () => [lookup, pages];";
        let ran = Ran::modules(&[
            ("main.js", main),
            ("node_modules/types/index.js", table),
            ("node_modules/cache/index.js", cache),
        ]);
        let told = ran.ask(|e| {
            let rows = find(e, &[], &accumulation_points(e)).rows.into_iter();
            let name = |row: &ContentsRow| row.holder.told_at().map(|at| at.name.clone());
            rows.map(|row| (name(&row), row.is_packages_own)).collect::<Vec<_>>()
        });
        let expected = [("pages", false), ("types", true)];
        assert_eq!(told, expected.map(|(name, own)| (Some(name.to_owned()), own)));
    }
}
