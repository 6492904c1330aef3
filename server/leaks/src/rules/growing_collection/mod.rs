//! growing-collection: a Map, Set, Array or plain object that only grows.
//!
//! The holder is the declaration of the variable or field that keeps it; the places that add come
//! from the source. Arrays of listeners are not looked at here but in [`crate::rules::growing_listeners`]. The words
//! are in [`crate::rules::growing_collection::collection_words`], what the source says is found in [`crate::rules::growing_collection::statements`].

mod collection_words;
mod group;
mod known_keys;
mod merge_keys;
pub(crate) mod node_registries;
mod statements;
mod unread_streams;
mod weak_map_value;

use crate::blame::access_path::name_of;
use crate::blame::holding::{blame_for, way_from_top};
use crate::blame::payload::kept_by;
use crate::blame::retaining_path;
use crate::census::trend::Trend;
use crate::evidence::members::members;
use crate::evidence::same_members::MemberOverlap;
use crate::evidence::{Evidence, GrowingCollection};
use crate::locate::packages::is_one_place;
use crate::locate::places::{place, place_of};
use crate::locate::statements::MAX_SHOWN;
use crate::report::fingerprint::fingerprint;
use crate::report::place_words::line_of;
use crate::report::units::number;
use crate::report::{Place, Role};
use crate::rules::growing_collection::group::Group;
use crate::rules::growing_collection::weak_map_value::WeakValue;
use crate::rules::leak::Leak;
use crate::rules::worded::Finding;
use crate::v8::dom::detached_of;
use crate::v8::members::way_to_member;
use crate::v8::sites::Kind;
use crate::verdict::certainty;
use std::path::PathBuf;

use crate::rules::growing_collection::collection_words::About;
use crate::rules::growing_collection::merge_keys::join_keys;
use crate::rules::growing_collection::node_registries::Registry;
use crate::rules::growing_collection::statements::statements;
use crate::rules::growing_collection::unread_streams::Unread;
use crate::rules::retained_after_close::Defunct;

use heapmark_heap::NodeOrdinal;
use rustc_hash::{FxHashMap, FxHashSet};

/// In one snapshot: a collection with fewer entries is no suspect,
const MIN_IN_ONE: u64 = 100;
/// nor is one that retains less than this share of the heap.
const MIN_SHARE_IN_ONE: f64 = 0.02;
/// Looks at every collection of `growing`. Those that one declaration holds are one finding: a field
/// of many instances, or the values of a map of arrays.
pub(crate) fn find(e: &Evidence, growing: &[GrowingCollection]) -> Vec<Leak> {
    let mut groups: Vec<Group> = Vec::new();
    let mut suspects: Vec<Leak> = Vec::new();
    for collection in growing {
        if let Some(registry) = Registry::of(e, collection.node) {
            suspects.extend(registry.suspect(e, collection));
            continue;
        }
        // What only Node or V8 hold is their own bookkeeping.
        let Some(blame) = blame_for(e, collection.node) else { continue };
        let name = name_of(e, &blame.owner, blame.holder.as_ref());
        let place = blame
            .holder
            .as_ref()
            .map(|holder| (holder.spot.path().to_owned(), holder.spot.name_range));
        let same = groups.iter_mut().find(|group| group.name == name && group.place == place);
        match same {
            Some(group) => group.collections.push(collection),
            None => groups.push(Group { blame, name, place, collections: vec![collection] }),
        }
    }
    let groups = join_keys(e, groups);
    let twins = twins(e, &groups);
    let mut together = Together::default();
    suspects.extend(groups.iter().zip(&twins).map(|(group, twins)| {
        let twins: Vec<&Group> = twins.iter().map(|&twin| &groups[twin]).collect();
        suspect(e, group, &twins, &mut together)
    }));
    suspects
}

/// Of each group those that hold the same things: they will be [one finding](crate::triage::merge), and what
/// both hold, only both keep.
fn twins(e: &Evidence, groups: &[Group]) -> Vec<Vec<usize>> {
    let things: Vec<MemberOverlap> =
        groups.iter().map(|it| MemberOverlap::of(e, &it.members(e))).collect();
    let file = |group: &Group| group.place.as_ref().map(|(file, _)| file.clone());
    let files: Vec<Option<PathBuf>> = groups.iter().map(file).collect();
    let is_one_of = |one: &Option<PathBuf>, two: &Option<PathBuf>| {
        one.as_ref().zip(two.as_ref()).is_some_and(|(one, two)| is_one_place(one, two))
    };
    let nodes: Vec<FxHashSet<NodeOrdinal>> =
        groups.iter().map(|it| it.nodes().into_iter().collect()).collect();
    let twins_of = |one: usize| {
        let is_twin = |&other: &usize| {
            other != one
                && is_one_of(&files[one], &files[other])
                // The list of one room is a part of the lists of all rooms, not another one.
                && nodes[one].is_disjoint(&nodes[other])
                && things[one].are(&things[other])
        };
        (0..groups.len()).filter(is_twin).collect()
    };
    let direct: Vec<Vec<usize>> = (0..groups.len()).map(twins_of).collect();
    // What two have in common with a third, all three keep together.
    let all = |one: usize| {
        let mut met = vec![one];
        let mut next = 0;
        while let Some(&at) = met.get(next) {
            next += 1;
            for &twin in &direct[at] {
                if !met.contains(&twin) {
                    met.push(twin);
                }
            }
        }
        met.split_off(1)
    };
    (0..groups.len()).map(all).collect()
}

/// What several collections retain, each set of them asked once: it is a walk through most of the heap.
#[derive(Default)]
struct Together {
    known: FxHashMap<Vec<NodeOrdinal>, u64>,
}

impl Together {
    fn retained(&mut self, e: &Evidence, mut keepers: Vec<NodeOrdinal>) -> u64 {
        if let [node] = keepers[..] {
            return e.heap.retained_size(node);
        }
        keepers.sort_unstable();
        *self.known.entry(keepers).or_insert_with_key(|keepers| e.retained_by(keepers))
    }
}

/// The large collections of a single snapshot.
pub(crate) fn large(e: &Evidence) -> Vec<GrowingCollection> {
    let large_enough = |node, entries: u64| {
        let is_large = entries >= MIN_IN_ONE
            && e.heap.retained_size(node) as f64 >= MIN_SHARE_IN_ONE * e.heap.total_size() as f64;
        is_large || Defunct::of(e, &members(e, node)).is_some()
    };
    e.collections_of_newest()
        .filter(|&(node, entries)| large_enough(node, entries))
        .map(|(node, entries)| GrowingCollection::new(node, vec![entries], Trend::Once))
        .collect()
}

/// `twins` hold the same things.
fn suspect(e: &Evidence, group: &Group, twins: &[&Group], together: &mut Together) -> Leak {
    let nodes = group.nodes();
    let largest = nodes[0]; // a group has at least one
    let holder = group.blame.holder.as_ref();
    let name = group.name.as_str();
    let members = group.members(e);
    let done = Defunct::of(e, &members);
    let kept = kept_by(e, &members, &[Kind::Instance, Kind::Closure, Kind::Frame]);
    let statements = holder.map(|holder| statements(e, group, holder)).unwrap_or_default();
    let mut accumulators = nodes.clone();
    if done == Some(Defunct::Detached) {
        // Elements hold each other in ways that no element dominates.
        accumulators.extend(members.iter().flat_map(|&member| detached_of(e.heap, member)));
    }
    let mut keepers = accumulators.clone();
    keepers.extend(twins.iter().flat_map(|twin| twin.nodes()));
    let retained = together.retained(e, keepers);
    let (counts, seen) = (group.counts(), group.seen());
    let is_table = matches!(nodes[..], [node]
        if known_keys::is_of_known_keys(e, node, counts.last().copied().unwrap_or(0)));
    let about = About {
        e,
        group,
        twins,
        counts: &counts,
        seen,
        retained,
        statements: &statements,
        done,
        is_table,
    };
    let weak_value = WeakValue::of(e, &group.blame);

    let (top, mut edges) = way_from_top(e, &group.blame);
    if let Some(kept) = &kept {
        // The member may be of any collection of the group; only the first has its way written out.
        edges.extend(way_to_member(e.heap, largest, kept.member));
        edges.extend(&kept.edges);
    }
    let leaked = kept.as_ref().and_then(|kept| Some((e.locator.site(kept.site)?, kept)));
    let leaked_name = leaked.as_ref().map_or("", |(spot, _)| spot.short_name());

    let mut places: Vec<Place> = Vec::new();
    if let Some(holder) = holder {
        let mut label = about.holder_label();
        label.extend(weak_value.as_ref().map(|value| value.label(nodes.len())));
        places.push(place(Role::Holder, &holder.spot, label, String::new()));
        let here = line_of(&places[0]);
        for add in statements.adds.iter().take(MAX_SHOWN) {
            let only = statements.adds.len() == 1 && seen != Trend::Once;
            let label = match (about.is_replaced() && add.puts_another(), only) {
                (true, _) => "puts a longer one there",
                (false, true) => "adds one each time",
                (false, false) => "adds here",
            };
            places.push(place_of(&holder.spot, add, label.to_owned(), about.add_message(&here)));
        }
        if let Some(value) = &weak_value {
            let puts = value.places(&places[0], &group.blame, &about.add_message(&here));
            places.extend(puts);
        }
    }
    if let Some((spot, kept)) = &leaked {
        let counts = e.site_series(kept.site);
        let by = places.first().map_or(String::new(), |holder| format!(" ({})", line_of(holder)));
        let what = number(counts.last().copied().unwrap_or(0));
        let message = format!("{what} `{}` are kept by `{name}`{by}.", spot.short_name());
        places.push(place(Role::Leaked, spot, crate::words::kept_label(&counts), message));
    }
    if let Some((spot, kept)) = &leaked
        && kept.site.kind == Kind::Closure
        && let Some(call) = spot.file.handed_over(spot.range)
        && !places.iter().any(|place| place.file == spot.path() && place.range == call.head_range)
    {
        let message = format!("Hands over what is kept by `{name}`, which {}.", about.short());
        places.push(place_of(spot, &call.into(), "hands it over".to_owned(), message));
    }
    if let Some(user) = group.blame.telling_user(&places) {
        let by = places.first().map_or(String::new(), |holder| format!(" ({})", line_of(holder)));
        let label = format!("reaches `{name}`");
        let message = format!("`{}` {label}{by}, which {}.", user.spot.name, about.short());
        places.push(place(Role::User, &user.spot, label, message));
    }
    let outside = kept.as_ref().and_then(|kept| e.locator.outside(kept.site.location));
    let evaluated = || e.locator.evaluated(&group.blame.owner);
    let outside = outside.or_else(|| if holder.is_none() { evaluated() } else { None });
    let scope = holder.map_or("", |holder| holder.scope.as_str());
    let file = holder.map_or_else(String::new, |it| e.locator.relative(it.spot.path()));
    let mut finding = Finding {
        rule: group.rule(done),
        severity: about.severity(),
        certainty: certainty(e, seen, &statements),
        fingerprint: fingerprint(group.rule(done), &[&file, scope, name]),
        title: about.title(),
        message: match &weak_value {
            Some(value) => format!("{}{}", about.message(), value.sentence(nodes.len())),
            None => about.message(),
        },
        help: about.help(),
        shallow_size: nodes.iter().map(|&node| e.heap.self_size(node)).sum(),
        retained_size: retained,
        growth: 0,
        places,
        outside: outside.into_iter().collect(),
        path: retaining_path::hops(e, &edges),
        path_text: retaining_path::in_words(e, top.as_ref().or(holder), &edges, leaked_name),
        counts,
    };
    let unread = Unread::of(e, &group.blame);
    let of = unread.map(|unread| unread.tell(e, &group.blame, &mut finding));
    Leak::worded(finding, accumulators, members, of)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::blame::holding::Blame;
    use crate::evidence::Form;
    use crate::report::line_ref::plain;
    use crate::testing::{self, Ran, Told};
    use crate::v8::bindings::Binding;
    use crate::v8::retainer_walk::BindingPath;

    /// What is said of the collections of 500 in one snapshot: the titles without sizes, which differ from
    /// version to version, the sentence after the title, and the path.
    fn told(program: &str) -> Vec<String> {
        Ran::file(program).ask(|e| {
            let large = e.collections_of_newest().filter(|&(_, entries)| entries == 500);
            let large = large
                .map(|(node, entries)| GrowingCollection::new(node, vec![entries], Trend::Once));
            let found = find(e, &large.collect::<Vec<_>>());
            let tell = |suspect: &Leak| {
                let Told { title, message, .. } = testing::told(suspect);
                let path_text = &suspect.path_text;
                let (holds, sizes) = title.split_once(" (").expect("it has sizes");
                let together = sizes.split_once("heap").map_or("", |(_, rest)| rest);
                let more = message.strip_prefix(&*title).unwrap_or_default();
                let (more, ask) = more.split_once(" One snapshot").expect("it asks for another");
                let (_, after) = ask.split_once("to know.").expect("it asks for another");
                plain(&format!("{holds}{together}{more}{after} {path_text}"))
            };
            let mut told: Vec<String> = found.iter().map(tell).collect();
            told.sort();
            told
        })
    }

    const JOB: &str = "class Job { constructor(n) { this.items = Array.from({ length: 90 }, () => ({ n })); } }\n";

    #[test]
    fn what_two_collections_keep_together_is_told_of_both() {
        let program = format!(
            "{JOB}const byName = {{}}, order = [];
for (let n = 0; n < 500; n++) {{
  const job = new Job(n);
  byName['job ' + n] = job;
  order.push({{ due: n, job }});
}}
globalThis.get = () => [byName, order];"
        );
        let told = told(&program);
        let starts: Vec<&str> = told.iter().filter_map(|it| it.split(". ").next()).collect();
        assert_eq!(
            starts,
            [
                "`byName` holds 500 keys together with `order`)",
                "`order` holds 500 items together with `byName`)",
            ]
        );
    }

    #[test]
    fn what_hangs_on_a_key_that_stays_is_kept_by_the_weak_map() {
        let program = format!(
            "{JOB}const known = new WeakMap(), service = {{ name: 'billing' }};
known.set(service, new Map());
for (let n = 0; n < 500; n++) known.get(service).set(n, new Job(n));
globalThis.get = () => known.get(service);"
        );
        assert_eq!(
            told(&program),
            [
                "`known[…]` holds 500 entries). Line 4 adds to it and nothing removes any. It hangs on the key `service`: a WeakMap keeps a value as long \
              as its key lives. module scope of main.js → known → [key service] → [key] → Job"
            ]
        );
    }

    #[test]
    fn a_private_field_that_became_a_weak_map_is_named_as_it_was_written() {
        // As if a source map said of the class what it was, with what a compiler makes of the field.
        let program = format!(
            "{JOB}const _Store_items = new WeakMap();
class Store {{
  #items;
  constructor() {{
    _Store_items.set(this, []);
  }}
}}
const store = new Store();
for (let n = 0; n < 500; n++) _Store_items.get(store).push(new Job(n));
globalThis.get = () => store;"
        );
        assert_eq!(
            told(&program),
            [
                "`Store.#items` holds 500 items). module scope of main.js → store → #items → […] → Job"
            ]
        );
    }

    #[test]
    fn keys_that_are_data_are_in_no_name() {
        let program = format!(
            "{JOB}const rooms = {{}};
const list = (id) => (rooms[id] ??= []);
for (let n = 0; n < 1_000; n++) {{
  list(['room-aa9003df', 'room-c4293bae'][n % 2]).push(new Job(n));
}}
globalThis.get = () => rooms;"
        );
        let told = told(&program);
        let [told] = &told[..] else { panic!("{told:?}") };
        assert!(told.starts_with("`rooms[…]` holds 1,000 items"), "{told}");
    }

    #[test]
    fn lists_that_one_statement_fills_under_several_keys_are_one() {
        let program = format!(
            "{JOB}const log = {{}};
const levels = ['trace', 'debug', 'warn'];
const state = {{ open: {{ jobs: [] }}, done: {{ jobs: [] }} }};
for (let n = 0; n < 1_500; n++) (log[levels[n % 3]] ??= []).push(new Job(n));
for (let n = 0; n < 500; n++) state.open.jobs.push(new Job(n));
for (let n = 0; n < 500; n++) state.done.jobs.push(new Job(n));
globalThis.get = () => [log, state];"
        );
        let told = told(&program);
        let titles: Vec<&str> =
            told.iter().filter_map(|it| it.split_once(')')).map(|it| it.0).collect();
        let all = [
            "`log[…]` holds 1,500 items",
            "`state.done.jobs` holds 500 items",
            "`state.open.jobs` holds 500 items",
        ];
        assert_eq!(titles, all);
    }

    #[test]
    fn what_is_counted_with_others_does_not_count_by_itself() {
        let nodes: Vec<NodeOrdinal> = Ran::file("").ask(|e| e.heap.nodes().take(3).collect());
        let seen = Trend::Growing { evenness: 1.0, slows: false };
        let inner = GrowingCollection {
            form: Form::Inner(nodes[..2].to_vec()),
            ..GrowingCollection::new(nodes[0], vec![20, 40], seen)
        };
        let part = GrowingCollection::new(nodes[1], vec![10, 20], seen);
        let other = GrowingCollection::new(nodes[2], vec![1, 2], seen);
        let owner = BindingPath {
            binding: Binding::Global { name: "rooms".to_owned() },
            edges: Vec::new(),
        };
        let group = Group {
            blame: Blame { owner, holder: None, user: None, is_far: false },
            name: "rooms".to_owned(),
            place: None,
            collections: vec![&inner, &part, &other],
        };
        assert_eq!(group.counts(), [21, 42]);
    }
}
