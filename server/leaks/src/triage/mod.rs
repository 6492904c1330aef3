//! The order in which the rules run, what one leaves for the next, and which finding comes first.

mod attribute_growth;
mod cross_process;
pub(crate) mod merge;

use heapmark_heap::{CollectionKind, Edge, EdgeType, NodeId, NodeOrdinal, NodeSet, NodeType};
use rustc_hash::{FxHashMap, FxHashSet};

use crate::census::slots::{MOST_AROUND, Slot};
use crate::census::trend::{Seen, seen};
use crate::census::{Census, Kind};
use crate::evidence::churn::churns;
use crate::evidence::nested_growth::growing_inside;
use crate::evidence::{Evidence, Form, GrowingCollection};
use crate::report::{Finding, Rule, Severity};
use crate::rules::async_local_storage;
use crate::rules::detached_dom;
use crate::rules::duplicate_strings;
use crate::rules::external_memory;
use crate::rules::growing_chain;
use crate::rules::growing_collection;
use crate::rules::growing_listeners;
use crate::rules::growing_listeners::event_targets;
use crate::rules::growing_listeners::listener_lists::{Registration, observers, registration};
use crate::rules::growing_text;
use crate::rules::leaking_instances;
use crate::rules::leaking_instances::http_agents;
use crate::rules::module_reload;
use crate::rules::module_reload::Reloaded;
use crate::rules::pending_promises;
use crate::rules::sliced_string_parent;
use crate::rules::uncleared_timers;
use crate::rules::unused_capture;
use crate::suspect::{Explanation, Suspect, tell_apart};
use crate::triage::attribute_growth::{accumulators_of, share_growth};
use crate::triage::merge::join;
use crate::v8::linked_lists::chains as lists;
use crate::v8::members::all_members;

/// In one snapshot: fewer timers with one callback are no pile.
const FEWEST_TIMERS_IN_ONE: u64 = 20;
/// Bytes: less growth than this is no warning.
const SMALLEST_GROWTH: i64 = 10_000;
/// Bytes: with two snapshots only, less growth than this is no warning.
const SMALLEST_GROWTH_IN_TWO: i64 = 20_000;
/// With two snapshots only: fewer entries may be a table that is being filled: countries, time zones,
/// routes.
const LARGEST_TABLE: u64 = 300;
/// What gained as many bytes is no table, even with two snapshots and few entries,
const LARGE_GROWTH: i64 = 100_000;
/// nor is what gained so many entries and as many as it had: of the keys that there are, fewer are met
/// for the first time in each round.
const MANY_ENTRIES: u64 = 100;
/// What is so many times as large as before has only begun.
const MOST_TIMES: u64 = 5;
/// Fewer keys may all be met by and by: topics, customers, combinations of options.
const MANY_KEYS: u64 = 1_000;
/// So many links lead from a thing to what is a part of it: a socket to its parser.
const FARTHEST_PART: usize = 3;
/// More findings than this are noise.
const MOST_FINDINGS: usize = 50;
/// How many of those that hold a collection to ask for its series,
const MOST_HOLDERS: usize = 8;
/// among so many that lead to it.
const MOST_RETAINERS: usize = 64;
/// How many collections to look into, those that retain most first.
const MOST_COLLECTIONS: usize = 2_000;

/// Every leak in the evidence, the most important first.
pub(crate) fn detect(e: &Evidence) -> Vec<Finding> {
    let heap = e.heap;
    let ((lists, repeated), (mut of_listeners, mut others)) = std::thread::scope(|scope| {
        // What takes the snapshot alone is done beside what takes the sources, too.
        let of_heap = scope.spawn(|| (lists(heap), duplicate_strings::strings(heap)));
        let collections = suspicious_collections(e);
        (of_heap.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)), collections)
    });
    of_listeners.extend(event_targets::growing(e, &lists));
    let (mut suspects, not_of_functions) = growing_listeners::find(e, of_listeners);
    others.extend(not_of_functions);
    suspects.extend(piled_up_timers(e));
    suspects.extend(pending_promises::find(e));
    let Reloaded { suspects: of_modules, scripts: reloaded } = module_reload::find(e);
    suspects.extend(of_modules);
    suspects.extend(async_local_storage::find(e));
    suspects.extend(growing_text::find(e));
    suspects.extend(external_memory::growing(e));
    let in_collections = growing_collection::find(e, &others);
    let members = in_collections.iter().flat_map(|suspect| suspect.members.iter().copied());
    let in_lists = growing_chain::find(e, &lists, &NodeSet::of(e.heap, members));
    suspects.extend(in_collections);
    suspects.extend(in_lists);

    let mut without = None;
    if e.snapshots() > 1 {
        // So that one leak cannot hide another: what is still reachable without the suspects is kept
        // by something else.
        let accumulators = accumulators_of(&suspects);
        let unexplained = e.reachable_without(accumulators.iter().copied());
        // What stands in a collection that grows is told there, also if something else keeps it too.
        let members = suspects.iter().flat_map(|s| s.members.iter().copied());
        let mut explained = NodeSet::of(e.heap, members);
        let piles = leaking_instances::find(e, &unexplained, explained.clone(), &reloaded);
        let accumulators_of_piles = piles.iter().flat_map(|it| it.accumulators.iter().copied());
        e.add_below(&mut explained, accumulators_of_piles);
        suspects.extend(piles);
        suspects.extend(http_agents::find(e, &unexplained, &explained));
        without = Some((accumulators, unexplained));
    }
    let explained = grown(e, &suspects);
    let of_pages = detached_dom::find(e, &explained, &suspects);
    suspects.extend(of_pages);
    suspects.extend(duplicate_strings::find(e, &repeated, &explained));
    let large = external_memory::large(e, &explained, &suspects);
    suspects.extend(large);
    suspects.sort_by_key(|suspect| {
        std::cmp::Reverse((suspect.finding.retained_size, suspect.members.len()))
    });
    suspects.truncate(2 * MOST_FINDINGS);
    let mut suspects = join(e, suspects);
    if e.snapshots() > 1 {
        share_growth(e, &mut suspects, without);
        if e.snapshots() == 2 {
            agree(e, &mut suspects);
        }
        soften_trifles(e, &mut suspects);
    }
    if !e.one_process {
        suspects.retain_mut(|suspect| cross_process::is_worth_a_word(e, &mut suspect.finding));
    }
    rank(e, suspects)
}

/// What hangs on something that was seen to grow: that is one leak, whatever else could be said of it.
fn grown(e: &Evidence, suspects: &[Suspect]) -> NodeSet {
    let grows = suspects.iter().filter(|suspect| suspect.finding.severity == Severity::Warning);
    let members = grows.clone().flat_map(|suspect| suspect.members.iter().copied());
    let accumulators = grows.flat_map(|suspect| suspect.accumulators.iter().copied());
    let mut below = NodeSet::new(e.heap);
    // A member that something else keeps, too, is below no accumulator, but has its own below it.
    e.add_below(&mut below, accumulators.chain(members.clone()));
    below.extend(members);
    below
}

/// A healthy program grows a little here and there: that is information. With two snapshots only, so
/// is what was not there at all in the first one and may simply have begun, and what waits: those
/// may be other calls.
fn soften_trifles(e: &Evidence, suspects: &mut [Suspect]) {
    for suspect in suspects {
        let finding = &mut suspect.finding;
        // A table that is being filled looks the same, if it is not too large for one.
        let last = finding.counts.last().copied().unwrap_or(0);
        let is_table = finding.rule == Rule::GrowingCollection
            && last < LARGEST_TABLE
            && !grows_on(&finding.counts, finding.growth);
        let began = finding.counts[0] == 0 && finding.rule != Rule::GrowingCollection;
        let trifling = if e.snapshots() == 2 {
            began
                || is_table
                || is_met_by_and_by(e, &suspect.accumulators, &finding.counts)
                || finding.rule == Rule::PendingPromises
                || finding.growth < SMALLEST_GROWTH_IN_TWO
        } else {
            finding.growth < SMALLEST_GROWTH
        };
        if trifling && finding.severity == Severity::Warning {
            finding.severity = Severity::Information;
        }
    }
}

/// Between two snapshots: whether what was there already, and not only a little of it, gained so much
/// that it is no table, however few its entries are.
fn grows_on(counts: &[u64], growth: i64) -> bool {
    let (first, last) = (counts[0], counts[counts.len() - 1]);
    let gained = last.saturating_sub(first);
    let doubled = gained >= MANY_ENTRIES && gained >= first;
    first * MOST_TIMES >= last && (growth >= LARGE_GROWTH || doubled)
}

/// Between two snapshots: whether a table of no great size gained less than half of what it had, as one
/// does whose keys are met by and by.
fn is_met_by_and_by(e: &Evidence, accumulators: &[NodeOrdinal], counts: &[u64]) -> bool {
    let last = counts[counts.len() - 1];
    let gained = last.saturating_sub(counts[0]);
    let kind = accumulators.first().and_then(|&node| e.heap.collection_kind(node));
    matches!(kind, Some(CollectionKind::Map | CollectionKind::Dictionary))
        && last < MANY_KEYS
        && 2 * gained < counts[0]
}

/// In two snapshots what piles up because a collection holds more than before is judged as that
/// collection is: each connection has its parsers.
fn agree(e: &Evidence, suspects: &mut [Suspect]) {
    let is_pile = |suspect: &Suspect| {
        matches!(suspect.finding.rule, Rule::LeakingInstances | Rule::LeakingClosure)
    };
    let unsure = suspects.iter().filter(|suspect| {
        suspect.finding.rule == Rule::GrowingCollection
            && suspect.finding.severity == Severity::Information
    });
    let mut parts = NodeSet::new(e.heap);
    for suspect in unsure {
        let mut level: Vec<NodeOrdinal> =
            suspect.members.iter().copied().filter(|&member| e.is_new(member)).collect();
        parts.extend(level.iter().copied());
        for _ in 0..FARTHEST_PART {
            let inside = level.iter().flat_map(|&node| e.heap.edges(node));
            let essential = inside.filter(|edge| e.heap.is_essential(edge) && e.is_new(edge.to));
            level = essential.map(|edge| edge.to).filter(|&part| parts.insert(part)).collect();
        }
    }
    for pile in suspects.iter_mut().filter(|suspect| is_pile(suspect)) {
        let is_part = |&&node: &&NodeOrdinal| parts.contains(node);
        let of_parts = pile.accumulators.iter().filter(is_part).count();
        if 2 * of_parts >= pile.accumulators.len() {
            pile.finding.severity = Severity::Information;
        }
    }
}

/// Arrays of listeners with where they hang, and all other collections.
type Collections = (Vec<(GrowingCollection, Registration)>, Vec<GrowingCollection>);

fn piled_up_timers(e: &Evidence) -> Vec<Suspect> {
    let newest = e.newest_census();
    let mut sites: Vec<_> = newest.sites.keys().filter(|site| site.kind == Kind::Timer).collect();
    sites.sort_unstable();
    let suspects = sites.into_iter().filter_map(|&site| {
        let counts = e.site_series(site);
        let seen = match seen(&counts) {
            Some(seen) => seen,
            None if e.snapshots() == 1 && counts[0] >= FEWEST_TIMERS_IN_ONE => Seen::Once,
            None => return None,
        };
        uncleared_timers::suspect(e, site, counts, seen)
    });
    suspects.collect()
}

/// The collections that grow, or are suspiciously large in a single snapshot: arrays of listeners,
/// and all others.
fn suspicious_collections(e: &Evidence) -> Collections {
    let mut suspicious = if e.snapshots() == 1 {
        let mut large = growing_listeners::large(e);
        large.extend(growing_collection::large(e));
        large
    } else {
        growing_collections(e)
    };
    // Of an emitter's events one may grow: then its own listeners are told, and not those of all.
    let is_of_all_events = |c: &GrowingCollection| {
        matches!(c.form, Form::Inner(_)) && registration(e, c.node).is_some()
    };
    suspicious.sort_by_cached_key(|c| {
        (std::cmp::Reverse(e.heap.retained_size(c.node)), c.node, is_of_all_events(c))
    });
    suspicious.dedup_by_key(|c| c.node);
    let mut below = NodeSet::new(e.heap);
    e.add_below(&mut below, suspicious.iter().map(|c| c.node));
    // What was born inside something that grows is part of that growth.
    suspicious.retain(|c| !(is_born_inside(e, c) && below.contains(c.node)));
    suspicious.truncate(MOST_COLLECTIONS);

    let mut of_listeners = Vec::new();
    let mut others = Vec::new();
    for collection in suspicious {
        let registered = registration(e, collection.node)
            .or_else(|| observers(e, collection.node))
            .or_else(|| event_targets::combined(e, collection.node));
        match registered {
            Some(registered) => of_listeners.push((collection, registered)),
            None => others.push(collection),
        }
    }
    (of_listeners, others)
}

/// What replaces another was not born there.
fn is_born_inside(e: &Evidence, collection: &GrowingCollection) -> bool {
    e.is_new(collection.node) && collection.counts[0] == 0
}

fn growing_collections(e: &Evidence) -> Vec<GrowingCollection> {
    let mut growing = Vec::new();
    let mut kinds: FxHashMap<NodeOrdinal, bool> = FxHashMap::default();
    for (node, _) in e.collections_of_newest() {
        let found = e.entries_series(node).filter(|(counts, _)| {
            !churns(e, &all_members(e, node), counts)
                && !has_moved(e, node)
                && !has_empty_end(e, node)
        });
        if let Some((counts, seen)) = found {
            growing.push(GrowingCollection::new(node, counts, seen));
        } else if let Some((counts, seen)) = replaced(e, node) {
            growing.push(GrowingCollection { node, counts, seen, form: Form::Replaced });
        } else {
            growing.extend(growing_inside(e, node, |it| {
                *kinds.entry(it).or_insert_with(|| e.heap.collection_kind(it).is_some())
            }));
        }
    }
    growing
}

/// Whether the last element of an array is `undefined` or `null`: it was made with as many places as it
/// will ever have, and they are being filled.
fn has_empty_end(e: &Evidence, node: NodeOrdinal) -> bool {
    let mut elements = e.heap.edges(node).filter(|edge| edge.edge_type == EdgeType::Element);
    let Some(last) = elements.next_back() else { return false };
    e.heap.node_type(last.to) == NodeType::Hidden
        && e.heap.collection_kind(node) == Some(CollectionKind::Array)
        && e.heap.members(node).last().and_then(|item| item.value) != Some(last.to)
}

/// The series of the variable or property that holds a collection, if the collection itself is new:
/// the program puts a longer copy there each time.
fn replaced(e: &Evidence, node: NodeOrdinal) -> Option<(Vec<u64>, Seen)> {
    if !e.is_new(node) {
        return None;
    }
    let (counts, seen) = series_of_place(e, node, Around::default())?;
    // From nothing to full is how every list begins.
    if counts[0] == 0 && !matches!(seen, Seen::Growing { .. }) {
        return None;
    }
    let members = all_members(e, node);
    // Without members that can be told apart it may be another list each time.
    let told_apart = members.len() as u64 >= *counts.last()?;
    (told_apart && !churns(e, &members, &counts)).then_some((counts, seen))
}

/// What is between a collection and something around it.
#[derive(Clone, Copy, Default)]
struct Around {
    /// The slot of the collection within it.
    inside: Option<Slot>,
    /// The objects around it, each in the next.
    objects: [Option<NodeOrdinal>; MOST_AROUND],
}

impl Around {
    /// One object more around a slot; `None` if there are too many.
    fn with(mut self, inside: Slot, object: NodeOrdinal) -> Option<Self> {
        let free = self.objects.iter_mut().find(|known| known.is_none())?;
        *free = Some(object);
        Some(Self { inside: Some(inside), ..self })
    }

    /// Whether one of them is a collection, so that the way leads over a key.
    fn has_key(&self, e: &Evidence) -> bool {
        self.objects.iter().flatten().any(|&object| e.heap.collection_kind(object).is_some())
    }
}

/// The series of the variable or property that leads to `node` and lives on, or of one that leads to the
/// objects around it, which may be new each time, too.
fn series_of_place(e: &Evidence, node: NodeOrdinal, around: Around) -> Option<(Vec<u64>, Seen)> {
    let named = |edge: Edge| Some((edge.from, Slot::of(e.heap, &edge)?));
    let holders = e.heap.retainers(node).take(MOST_RETAINERS).filter_map(named).take(MOST_HOLDERS);
    let holders: Vec<(NodeOrdinal, Slot)> = holders.collect();
    holders.into_iter().find_map(|(holder, slot)| {
        let slot = around.inside.map_or(slot, |inside| slot.inside(inside));
        if e.is_new(holder) {
            return series_of_place(e, holder, around.with(slot, holder)?);
        }
        // Under a key that was not there before, a list is as long as it was made. Asked last: it is a
        // walk through all that a holder has.
        let is_new_key = |counts: &[u64]| {
            let has_key = || e.heap.collection_kind(holder).is_some() || around.has_key(e);
            matches!(counts, [0, _]) && has_key()
        };
        e.slot_series(slot, holder).filter(|(counts, _)| !is_new_key(counts))
    })
}

/// Whether a collection stood at other variables and properties when an earlier snapshot was taken: of
/// a window that is turned over (`previous = current`) each is full once. Then its own growth is not
/// that of the place where it stands now.
fn has_moved(e: &Evidence, node: NodeOrdinal) -> bool {
    let id = e.heap.node_id(node);
    let edges: Vec<Edge> = e.heap.retainers(node).take(MOST_RETAINERS).collect();
    let places =
        edges.iter().filter_map(|edge| Some((e.heap.node_id(edge.from), Slot::of(e.heap, edge)?)));
    let places: Vec<(NodeId, Slot)> = places.collect();
    let (_, earlier) = e.censuses.split_last().unzip();
    e.one_process
        && earlier.into_iter().flatten().any(|census: &Census| {
            // Of what was empty there is no number, as little as of the places where it stood.
            let entries = census.collections.get(&id);
            let mut then =
                places.iter().filter(|(holder, _)| e.was_there(*holder, census)).peekable();
            e.was_there(id, census)
                && then.peek().is_some()
                && then.all(|(_, slot)| census.slots.entries.get(slot) != entries)
        })
}

/// Adds what explains others, unused captures and slices of long texts, and puts the most important
/// first: warnings, then what grows most.
///
/// Bytes count once: what an unused capture explains no longer speaks for the collection that keeps
/// its closures, unless that is the louder one.
fn rank(e: &Evidence, suspects: Vec<Suspect>) -> Vec<Finding> {
    let mut explanations = Vec::new();
    if e.one_process {
        explanations.extend(unused_capture::find(e));
        explanations.extend(sliced_string_parent::find(e));
    }
    let mut ranked: Vec<(i64, Finding)> = Vec::new();
    for mut suspect in suspects {
        let accumulators: FxHashSet<_> = suspect.accumulators.iter().copied().collect();
        // They are all kept in one way; the newest stands for all.
        let keeps = |explanation: &&Explanation| {
            let keeps = |&keeper: &NodeOrdinal| {
                accumulators.contains(&keeper) || e.is_below(keeper, &accumulators)
            };
            explanation.finding.severity <= suspect.finding.severity
                && explanation.keepers.last().is_some_and(keeps)
        };
        if explanations.iter().any(|it| keeps(&it) && is_whole_of(e, it, &suspect)) {
            continue;
        }
        let explained: i64 = explanations.iter().filter(keeps).map(|it| weight(&it.finding)).sum();
        let left = weight(&suspect.finding) - explained;
        if suspect.finding.growth > 0 {
            suspect.finding.growth = left.max(0);
        }
        ranked.push((left, suspect.finding));
    }
    ranked.extend(explanations.into_iter().map(|it| (weight(&it.finding), it.finding)));
    ranked.sort_by(|(left_weight, left), (right_weight, right)| {
        let key = |weight: &i64, f: &Finding| (f.severity, std::cmp::Reverse(*weight));
        key(left_weight, left)
            .cmp(&key(right_weight, right))
            .then_with(|| left.fingerprint.cmp(&right.fingerprint))
    });
    ranked.truncate(MOST_FINDINGS);
    let mut findings: Vec<Finding> = ranked.into_iter().map(|(_, finding)| finding).collect();
    tell_apart(&mut findings);
    findings
}

/// Whether an unused capture is all that is to be said of closures that pile up: each is kept by the
/// variable in the scope of the next.
fn is_whole_of(e: &Evidence, capture: &Explanation, suspect: &Suspect) -> bool {
    let piles_up = matches!(suspect.finding.rule, Rule::LeakingClosure | Rule::LeakingInstances);
    let keepers: FxHashSet<_> = capture.keepers.iter().copied().collect();
    let in_row = || capture.keepers.iter().filter(|&&it| e.is_below(it, &keepers)).count();
    capture.finding.rule == Rule::UnusedCapture && piles_up && 2 * in_row() > capture.keepers.len()
}

/// By how many bytes a finding counts: those it gained, or those it keeps if nobody knows.
fn weight(finding: &Finding) -> i64 {
    if finding.growth > 0 {
        finding.growth
    } else {
        i64::try_from(finding.retained_size).unwrap_or(i64::MAX)
    }
}
