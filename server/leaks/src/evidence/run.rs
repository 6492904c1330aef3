//! Everything the rules look at: the newest snapshot whole, a census of each one, and the sources.
//!
//! Shared questions that more than one rule asks stand here; verdicts do not.

use std::sync::OnceLock;

use heapmark_heap::{Analysis, CollectionKind, Edge, NodeId, NodeOrdinal, NodeSet};
use rustc_hash::FxHashMap;

use crate::census::Census;
use crate::census::slots::Slot;
use crate::evidence::watch::Watch;
use crate::locate::Locator;
use crate::v8::bindings::Bindings;
use crate::v8::layouts::Shapes;
use crate::v8::members::all_members;
use crate::v8::module_exports::Modules;
use crate::v8::sites::SiteKey;
use crate::verdict::thresholds::census::MIN_ENTRIES;
use crate::verdict::thresholds::trend::LARGE;
use crate::verdict::trend::{Trend, may_grow, may_grow_if_large, seen, seen_of_large};

/// Properties: a plain object with more is a dictionary, for `heap` as for DevTools, and was counted.
const MAX_UNCOUNTED: usize = 15;

/// The numbers, 0 for those that nobody knows, and how those that are known grow.
fn grown(series: impl Iterator<Item = Option<u64>>) -> Option<(Vec<u64>, Trend)> {
    grown_if_large(series, || false)
}

/// The same of things of which a few are worth a word if they `are_large`.
fn grown_if_large(
    series: impl Iterator<Item = Option<u64>>,
    are_large: impl FnOnce() -> bool,
) -> Option<(Vec<u64>, Trend)> {
    let series: Vec<Option<u64>> = series.collect();
    // Nearly all of very many do not grow.
    let mut known = series.iter().copied().flatten();
    let first = known.next()?;
    let last = known.next_back().unwrap_or(first);
    if !may_grow_if_large(first, last) {
        return None;
    }
    let known = || series.iter().copied().flatten().collect::<Vec<u64>>();
    let seen = if may_grow(first, last) {
        seen(&known())?
    } else {
        seen_of_large(&known()).filter(|_| are_large())?
    };
    Some((series.into_iter().map(Option::unwrap_or_default).collect(), seen))
}

/// The evidence of one run.
pub(crate) struct Evidence<'a> {
    /// The newest snapshot, with every number computed.
    pub(crate) heap: &'a Analysis,
    /// How to read it.
    pub(crate) shapes: &'a Shapes<'a>,
    /// One census a snapshot, oldest first; the last is of `heap`.
    pub(crate) censuses: &'a [Census],
    /// Whether all snapshots are of one process. If not, the older censuses speak of what
    /// [stands](crate::census::cross_process) at the same places, and nobody knows when a thing was born.
    pub(crate) one_process: bool,
    /// Seconds from the first snapshot to the last, as far as their files tell; 0 if they do not.
    pub(crate) seconds: u64,
    /// From nodes to places in source.
    pub(crate) locator: &'a Locator<'a>,
    /// What modules export.
    pub(crate) modules: &'a Modules,
    /// Whether anybody still wants to know.
    pub(crate) watch: &'a Watch<'a>,
    /// What was born after the first snapshot, once somebody asked: most rules ask of very many nodes.
    pub(crate) new: OnceLock<NodeSet>,
}

impl Evidence<'_> {
    /// What tells who holds a thing.
    pub(crate) fn bindings(&self) -> Bindings<'_> {
        let Self { heap, shapes, modules, locator, .. } = self;
        Bindings { heap, shapes, modules, blocks: *locator }
    }

    /// How many snapshots there are.
    pub(crate) fn snapshots(&self) -> usize {
        self.censuses.len()
    }

    /// The counts of one place, oldest first.
    pub(crate) fn site_series(&self, key: SiteKey) -> Vec<u64> {
        self.censuses.iter().map(|c| c.sites.get(&key).copied().unwrap_or(0)).collect()
    }

    /// One of the numbers that each census has by id, oldest first, and how it grows. `None` if it does
    /// not, or if the thing was born after the first snapshot and has not grown since: from nothing to
    /// full is how every collection begins.
    pub(crate) fn series(
        &self,
        id: NodeId,
        numbers: impl Fn(&Census) -> &FxHashMap<NodeId, u64>,
    ) -> Option<(Vec<u64>, Trend)> {
        grown(self.censuses.iter().map(|census| {
            let number = || numbers(census).get(&id).copied();
            self.known_of(id, census, number)
        }))
    }

    /// The numbers of entries of a collection, oldest first, and how they grow; see
    /// [`Evidence::series`]. A collection with very few entries was not counted then, nor was a plain object
    /// with few properties: that it had them is told by those that it still has and that were there.
    pub(crate) fn entries_series(&self, node: NodeOrdinal) -> Option<(Vec<u64>, Trend)> {
        let id = self.heap.node_id(node);
        let is_object = self.heap.collection_kind(node) == Some(CollectionKind::Dictionary);
        let uncounted = if is_object { MAX_UNCOUNTED } else { MIN_ENTRIES as usize - 1 };
        let mut members: Option<Vec<NodeId>> = None;
        let series = self.censuses.iter().map(|census| {
            let known = census.collections.get(&id).copied();
            let known = known.filter(|_| self.may_be_same(id, census));
            known.or_else(|| {
                let before = |&member: &NodeId| member.0 % 2 == 1 && self.was_there(member, census);
                self.was_there(id, census).then(|| {
                    if !self.one_process {
                        return 0;
                    }
                    let ids = || {
                        let values = self.heap.members(node).into_iter();
                        values.filter_map(|it| Some(self.heap.node_id(it.value?))).collect()
                    };
                    let all = members.get_or_insert_with(ids);
                    all.iter().filter(|member| before(member)).take(uncounted).count() as u64
                })
            })
        });
        grown_if_large(series, || self.gained_large(node))
    }

    /// Whether what a collection gained since the first snapshot takes many bytes.
    fn gained_large(&self, collection: NodeOrdinal) -> bool {
        let gained = || {
            let members = all_members(self.heap, collection).into_iter();
            members.filter(|&member| self.is_new(member)).collect::<Vec<NodeOrdinal>>()
        };
        self.heap.retained_size(collection) >= LARGE && self.are_large(&gained())
    }

    /// Whether a few things take so many bytes together that it matters.
    pub(crate) fn are_large(&self, things: &[NodeOrdinal]) -> bool {
        // One may retain the others: what each retains is only the most that it can be.
        let most: u64 = things.iter().map(|&thing| self.heap.retained_size(thing)).sum();
        most >= LARGE && self.retained_by(things) >= LARGE
    }

    /// The numbers of entries of whatever stands in `slot`, oldest first, and how they grow. `holder`
    /// has the slot, and in it so many entries now.
    pub(crate) fn slot_series(
        &self,
        slot: Slot,
        holder: NodeOrdinal,
        now: u64,
    ) -> Option<(Vec<u64>, Trend)> {
        let holder = self.heap.node_id(holder);
        let (_, earlier) = self.censuses.split_last()?;
        let then = earlier.iter().map(|census| {
            let number = || census.entries.as_ref()?.of.get(&slot).copied();
            self.known_of(holder, census, number)
        });
        grown(then.chain([Some(now)]))
    }

    /// The bytes of the text or buffer that stands where `edge` leads from, oldest first, and how they
    /// grow, by the thousand.
    pub(crate) fn bytes_series(
        &self,
        edge: &Edge,
        of: impl Fn(&Census) -> &FxHashMap<Slot, u64>,
    ) -> Option<(Vec<u64>, Trend)> {
        let slot = Slot::of(self.heap, edge)?;
        let holder = self.heap.node_id(edge.from);
        let bytes = |census: &Census| {
            let known = of(census).get(&slot).copied();
            known.filter(|_| self.may_be_same(holder, census)).unwrap_or(0)
        };
        let bytes: Vec<u64> = self.censuses.iter().map(bytes).collect();
        let thousands: Vec<u64> = bytes.iter().map(|bytes| bytes / 1000).collect();
        Some((bytes, seen(&thousands)?))
    }

    /// The counts of the newest snapshot.
    pub(crate) fn newest_census(&self) -> &Census {
        &self.censuses[self.censuses.len() - 1] // there is one for `heap`
    }

    /// The collections of the newest snapshot with their numbers of entries.
    pub(crate) fn collections_of_newest(&self) -> impl Iterator<Item = (NodeOrdinal, u64)> + '_ {
        let census = self.newest_census();
        census.nodes.iter().filter_map(|&node| {
            let entries = *census.collections.get(&self.heap.node_id(node))?;
            Some((node, entries))
        })
    }

    /// Whether a node was born after the first snapshot. With one snapshot, nothing is new.
    ///
    /// Node's own native objects (even ids) are numbered anew each time, so their birth is unknown.
    pub(crate) fn is_new(&self, node: NodeOrdinal) -> bool {
        self.new_nodes().contains(node)
    }

    /// All that [is new](Evidence::is_new).
    pub(crate) fn new_nodes(&self) -> &NodeSet {
        self.new.get_or_init(|| {
            let Some(first) = self.censuses.first().filter(|_| self.snapshots() > 1) else {
                return NodeSet::new(self.heap);
            };
            let is_new = |&node: &NodeOrdinal| {
                let id = self.heap.node_id(node);
                id.0 % 2 == 1 && !self.was_there(id, first)
            };
            NodeSet::of(self.heap, self.heap.nodes().filter(is_new))
        })
    }

    /// Between which snapshots a thing was born: 0 is before the first, 1 between the first and the
    /// second. `None` for what has no birth of its own; see [`Evidence::is_new`].
    pub(crate) fn birth(&self, node: NodeOrdinal) -> Option<usize> {
        let id = self.heap.node_id(node);
        let was_not_there = |census: &Census| !self.was_there(id, census);
        let last = || self.censuses.iter().rposition(was_not_there);
        (id.0 % 2 == 1).then(|| last().map_or(0, |last| last + 1))
    }

    /// Whether what has this id now was there when an earlier snapshot was taken.
    pub(crate) fn was_there(&self, id: NodeId, census: &Census) -> bool {
        census.had(id, self.newest_census())
    }

    /// Whether what an earlier snapshot tells of this id may be of what has it now.
    pub(crate) fn may_be_same(&self, id: NodeId, census: &Census) -> bool {
        census.identities.may_be_same(&self.newest_census().identities, id)
    }

    /// A number that a census has of the thing with this id; 0 if it had none then, but was there.
    fn known_of(
        &self,
        id: NodeId,
        census: &Census,
        number: impl FnOnce() -> Option<u64>,
    ) -> Option<u64> {
        let known = number().filter(|_| self.may_be_same(id, census));
        known.or_else(|| self.was_there(id, census).then_some(0))
    }

    /// The share of `retained` that belongs to those of `things` that were born after the first
    /// snapshot.
    pub(crate) fn growth(&self, things: &[NodeOrdinal], retained: u64) -> i64 {
        if things.is_empty() {
            return 0;
        }
        let new = things.iter().filter(|&&thing| self.is_new(thing)).count();
        (retained as f64 * new as f64 / things.len() as f64) as i64
    }

    /// Bytes that would be freed if all of the nodes went. Of a run that is cancelled meanwhile, none:
    /// nothing comes of that, see [`Watch`].
    pub(crate) fn retained_by(&self, nodes: &[NodeOrdinal]) -> u64 {
        self.heap.retained_by_set(nodes, self.watch).unwrap_or_default()
    }

    /// Everything that would still be reachable if `barriers` went. Of a run that is cancelled meanwhile,
    /// nothing: see [`Watch`].
    pub(crate) fn reachable_without(
        &self,
        barriers: impl IntoIterator<Item = NodeOrdinal>,
    ) -> NodeSet {
        let barriers = NodeSet::of(self.heap, barriers);
        let reached = self.heap.reachable_without(&barriers, self.watch);
        reached.unwrap_or_else(|_| NodeSet::new(self.heap))
    }

    /// Adds to `below` everything that one of `suspects` dominates, without the suspects themselves.
    ///
    /// Down the tree and not up from each node: in a leaking list every node lies below all others.
    pub(crate) fn add_below(
        &self,
        below: &mut NodeSet,
        suspects: impl IntoIterator<Item = NodeOrdinal>,
    ) {
        let mut open: Vec<NodeOrdinal> = suspects.into_iter().collect();
        while let Some(node) = open.pop() {
            open.extend(self.heap.dominated(node).filter(|&child| below.insert(child)));
        }
    }

    /// Whether `node` or something that dominates it is one of `suspects`.
    pub(crate) fn is_below(
        &self,
        node: NodeOrdinal,
        suspects: &rustc_hash::FxHashSet<NodeOrdinal>,
    ) -> bool {
        let mut at = node;
        loop {
            let above = self.heap.dominator(at);
            if above == at {
                return false;
            }
            if suspects.contains(&above) {
                return true;
            }
            at = above;
        }
    }
}

#[cfg(test)]
mod tests {
    use heapmark_heap::sketch::Sketch;

    use super::*;
    use crate::evidence::churn::churns;
    use crate::testing::ask_of_drawn;

    /// A list at id 5 with members of a class at these ids.
    fn list(kind: &str, class: &str, ids: impl IntoIterator<Item = usize>) -> Sketch {
        let members = ids.into_iter().enumerate().map(|(index, id)| {
            format!("elements --element {index}--> m{id}\nm{id}: object {class} 24 @{id}\n")
        });
        let list = format!(
            "root --element 1--> list\nlist: {kind} 16 @5\nlist --internal elements--> elements\n\
             elements: array \"(object elements)\" 80 @7\n"
        );
        // `Array` has its elements both ways.
        let drawing = list + &members.collect::<String>();
        let elements = drawing.lines().filter(|it| it.starts_with("elements --"));
        let elements: Vec<String> = elements.map(|it| it.replacen("elements", "list", 1)).collect();
        Sketch::parse(&(drawing.clone() + &elements.join("\n")))
    }

    fn births(older: &Sketch, newer: &Sketch) -> Vec<Option<usize>> {
        ask_of_drawn(&[older, newer], |e| {
            let ids = [5, 21, 23, 25].map(NodeId);
            let node = |id| e.heap.nodes().find(|&node| e.heap.node_id(node) == id);
            ids.into_iter().filter_map(node).map(|node| e.birth(node)).collect()
        })
    }

    #[test]
    fn what_took_over_the_id_of_another_class_is_born_since() {
        let older = list("object Array", "Page", [21, 23]);
        let same = births(&older, &list("object Array", "Page", [21, 23, 25]));
        assert_eq!(same, [Some(0), Some(0), Some(0), Some(1)]);
        let other = births(&older, &list("object Array", "Item", [21, 23, 25]));
        assert_eq!(other, [Some(0), Some(1), Some(1), Some(1)]);
    }

    #[test]
    fn of_another_thing_at_an_id_no_number_is_taken_over() {
        let series = |now: &str| {
            let older = list("object Array", "Page", (21..61).step_by(2));
            let newer = list(now, "Page", (21..221).step_by(2));
            ask_of_drawn(&[&older, &newer], |e| {
                e.series(NodeId(5), |census| &census.collections).map(|(counts, _)| counts)
            })
        };
        assert_eq!(series("object Array"), Some(vec![20, 100]));
        assert_eq!(series("object Uint8Array"), None, "it was born since, and full at once");
    }

    #[test]
    fn members_whose_ids_went_to_others_have_not_stayed() {
        let churn = |class: &str| {
            let older = list("object Array", "Page", (21..61).step_by(2));
            let newer = list("object Array", class, (21..81).step_by(2));
            ask_of_drawn(&[&older, &newer], |e| {
                let is_member = |&node: &NodeOrdinal| e.heap.node_id(node) >= NodeId(21);
                let members: Vec<NodeOrdinal> = e.heap.nodes().filter(is_member).collect();
                churns(e, &members, &[20, 30])
            })
        };
        assert!(!churn("Page"));
        assert!(churn("Item"));
    }
}
