//! Which collections grow: each by itself, by the variable in which longer copies take turns, or by what is
//! inside it.

use heapmark_heap::{CollectionKind, Edge, EdgeType, NodeId, NodeOrdinal, NodeType};
use rustc_hash::FxHashMap;

use crate::census::Census;
use crate::census::slots::Slot;
use crate::evidence::churn::churns;
use crate::evidence::collection::{Form, GrowingCollection};
use crate::evidence::nested_growth::growing_inside;
use crate::evidence::parts::Parts;
use crate::evidence::run::Evidence;
use crate::v8::members::all_members;
use crate::verdict::thresholds::places::MAX_AROUND;
use crate::verdict::trend::Trend;

/// A budget: so many of those that hold a collection are asked for its series; few are held by more than two,
const MAX_HOLDERS: usize = 8;

/// and they are looked for among so many that lead to it: a shared one may have millions.
const MAX_RETAINERS: usize = 64;

/// Every collection that grows.
pub(crate) fn growing_collections(e: &Evidence) -> Vec<GrowingCollection> {
    let mut growing = Vec::new();
    let mut kinds: FxHashMap<NodeOrdinal, bool> = FxHashMap::default();
    let mut parts = Parts::of(e);
    for (node, entries) in e.collections_of_newest() {
        let found = e.entries_series(node).filter(|(counts, _)| {
            !churns(e, &all_members(e.heap, node), counts)
                && !has_moved(e, node)
                && !has_empty_end(e, node)
        });
        let mut inside = || {
            growing_inside(e, node, |it| {
                *kinds.entry(it).or_insert_with(|| e.heap.collection_kind(it).is_some())
            })
        };
        if let Some((counts, seen)) = found {
            // Of a table that has all its keys by now, what it has under them may go on.
            let is_full = counts.windows(2).last().is_some_and(|step| step[0] == step[1]);
            let goes_on = |inner: &GrowingCollection| {
                inner.counts.windows(2).last().is_some_and(|step| step[0] < step[1])
            };
            let inner = is_full.then(&mut inside).flatten().filter(goes_on);
            growing.push(inner.unwrap_or_else(|| GrowingCollection::new(node, counts, seen)));
        } else if let Some((counts, seen)) = replaced(&mut parts, node, entries) {
            growing.push(GrowingCollection { node, counts, seen, form: Form::Replaced });
        } else {
            growing.extend(inside());
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
fn replaced(parts: &mut Parts, node: NodeOrdinal, entries: u64) -> Option<(Vec<u64>, Trend)> {
    let e = parts.e;
    if !e.is_new(node) {
        return None;
    }
    let (counts, seen) = series_of_place(parts, node, entries, Around::default())?;
    // From nothing to full is how every list begins.
    if counts[0] == 0 && !matches!(seen, Trend::Growing { .. }) {
        return None;
    }
    let members = all_members(e.heap, node);
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
    objects: [Option<NodeOrdinal>; MAX_AROUND],
}

impl Around {
    /// One object more around a slot; `None` if there are too many.
    fn with(mut self, inside: Slot, object: NodeOrdinal) -> Option<Self> {
        let free = self.objects.iter_mut().find(|known| known.is_none())?;
        *free = Some(object);
        Some(Self { inside: Some(inside), ..self })
    }

    /// How many there are.
    fn depth(&self) -> usize {
        self.objects.iter().flatten().count()
    }

    /// Whether one of them is a collection, so that the way leads over a key.
    fn has_key(&self, e: &Evidence) -> bool {
        self.objects.iter().flatten().any(|&object| e.heap.collection_kind(object).is_some())
    }
}

/// The series of the variable or property that leads to `node` and lives on, or of one that leads to the
/// objects around it, which may be new each time, too. What is there now has so many `entries`.
fn series_of_place(
    parts: &mut Parts,
    node: NodeOrdinal,
    entries: u64,
    around: Around,
) -> Option<(Vec<u64>, Trend)> {
    let e = parts.e;
    let named = |edge: Edge| Some((edge, Slot::of(e.heap, &edge)?));
    let holders = e.heap.retainers(node).take(MAX_RETAINERS).filter_map(named).take(MAX_HOLDERS);
    let holders: Vec<(Edge, Slot)> = holders.collect();
    holders.into_iter().find_map(|(edge, slot)| {
        let holder = edge.from;
        let slot = around.inside.map_or(slot, |inside| slot.inside(inside));
        if e.is_new(holder) {
            let outer = around.with(slot, holder)?;
            let leads_on = parts.is_inside(&edge, around.depth());
            return leads_on.then(|| series_of_place(parts, holder, entries, outer))?;
        }
        if around.inside.is_some() && parts.is_inherited(&edge) {
            return None;
        }
        // Under a key that was not there before, a list is as long as it was made. Asked last: it is a
        // walk through all that a holder has.
        let is_new_key = |counts: &[u64]| {
            let is_key = || e.heap.collection_kind(holder).is_some() && !has_events(e, holder);
            matches!(counts, [0, _]) && (is_key() || around.has_key(e))
        };
        e.slot_series(slot, holder, entries).filter(|(counts, _)| !is_new_key(counts))
    })
}

/// Whether an object has the lists of an emitter's listeners, one for each event: the first listener makes
/// the list, and each has come by itself.
fn has_events(e: &Evidence, object: NodeOrdinal) -> bool {
    let mut holders = e.heap.retainers(object).take(MAX_RETAINERS);
    holders.any(|edge| edge.edge_type == EdgeType::Property && edge.is_named(e.heap, "_events"))
}

/// Whether a collection stood at other variables and properties when an earlier snapshot was taken: of
/// a window that is turned over (`previous = current`) each is full once. Then its own growth is not
/// that of the place where it stands now.
fn has_moved(e: &Evidence, node: NodeOrdinal) -> bool {
    let id = e.heap.node_id(node);
    let edges: Vec<Edge> = e.heap.retainers(node).take(MAX_RETAINERS).collect();
    let places =
        edges.iter().filter_map(|edge| Some((e.heap.node_id(edge.from), Slot::of(e.heap, edge)?)));
    let places: Vec<(NodeId, Slot)> = places.collect();
    let (_, earlier) = e.censuses.split_last().unzip();
    e.one_process
        && earlier.into_iter().flatten().any(|census: &Census| {
            // An empty collection is in no census, and neither is the place where it was.
            let entries = census.collections.get(&id);
            let mut then =
                places.iter().filter(|(holder, _)| e.was_there(*holder, census)).peekable();
            e.was_there(id, census)
                && then.peek().is_some()
                && then.all(|(_, slot)| {
                    census.entries.as_ref().and_then(|it| it.of.get(slot)) != entries
                })
        })
}
