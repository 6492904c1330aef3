//! What the censuses of older snapshots say of [slots](crate::census::slots::Entries), asked of the newest
//! one itself: there are few questions, and a table of all slots would be large.

use heapmark_heap::{Edge, EdgeType, NodeOrdinal, NodeSet, NodeType, StringIndex};
use rustc_hash::FxHashMap;

use crate::census::parts_of_state::Inherited;
use crate::evidence::run::Evidence;
use crate::verdict::thresholds::places::{MAX_INSIDE, MAX_WAYS};

/// The objects around collections in the newest snapshot.
pub(super) struct Parts<'e> {
    pub(super) e: &'e Evidence<'e>,
    /// The class of plain objects.
    plain: Option<StringIndex>,
    collections: NodeSet,
    inherited: Inherited,
    /// How many objects there may be around a collection that an older census knows.
    around: usize,
    has_few_ways: FxHashMap<NodeOrdinal, bool>,
    has_few_inside: FxHashMap<(NodeOrdinal, usize), bool>,
}

impl<'e> Parts<'e> {
    pub(super) fn of(e: &'e Evidence<'e>) -> Self {
        let around = e.censuses.iter().filter_map(|census| Some(census.entries.as_ref()?.around));
        Self {
            e,
            plain: e.heap.find_string("Object"),
            collections: NodeSet::of(e.heap, e.newest_census().nodes.iter().copied()),
            inherited: Inherited::of(e.heap),
            around: around.min().unwrap_or(0),
            has_few_ways: FxHashMap::default(),
            has_few_inside: FxHashMap::default(),
        }
    }

    /// Whether what `edge` leads to is known as inside of what it comes from: a collection, or if there are
    /// objects around that already, `depth` of them, the outermost of these.
    pub(super) fn is_inside(&mut self, edge: &Edge, depth: usize) -> bool {
        depth < self.around
            && self.is_property(edge)
            && (depth == 0
                || self.is_part(edge.to, edge.from) && self.has_few_inside(edge.from, depth))
    }

    /// Whether `edge` leads to a prototype: of that, nothing is known as inside.
    pub(super) fn is_inherited(&self, edge: &Edge) -> bool {
        self.inherited.is(self.e.heap, edge)
    }

    /// Whether `edge` is a property of the object itself.
    fn is_property(&self, edge: &Edge) -> bool {
        edge.edge_type == EdgeType::Property && !self.is_inherited(edge)
    }

    /// Whether an object is a part of the plain one around it, and of few others.
    fn is_part(&mut self, part: NodeOrdinal, whole: NodeOrdinal) -> bool {
        self.is_plain(whole) && self.has_few_ways(part)
    }

    fn is_plain(&self, node: NodeOrdinal) -> bool {
        let heap = self.e.heap;
        heap.node_type(node) == NodeType::Object && self.plain == Some(heap.name_index(node))
    }

    fn has_few_ways(&mut self, part: NodeOrdinal) -> bool {
        if let Some(&known) = self.has_few_ways.get(&part) {
            return known;
        }
        let is_way = |edge: &Edge| self.is_property(edge) && self.is_plain(edge.from);
        let ways = self.e.heap.retainers(part).filter(is_way).take(MAX_WAYS + 1).count();
        self.has_few_ways.insert(part, ways <= MAX_WAYS);
        ways <= MAX_WAYS
    }

    fn has_few_inside(&mut self, object: NodeOrdinal, depth: usize) -> bool {
        if let Some(&known) = self.has_few_inside.get(&(object, depth)) {
            return known;
        }
        let is_few = self.count_inside(object, depth) <= MAX_INSIDE;
        self.has_few_inside.insert((object, depth), is_few);
        is_few
    }

    /// How many collections are inside of an object with `depth` objects between; of very many, more than
    /// [`MAX_INSIDE`].
    fn count_inside(&mut self, object: NodeOrdinal, depth: usize) -> usize {
        let heap = self.e.heap;
        if depth == 0 {
            let inside = |edge: &Edge| self.is_property(edge) && self.collections.contains(edge.to);
            return heap.edges(object).filter(inside).count();
        }
        let mut inside = 0;
        for edge in heap.edges(object) {
            if self.is_property(&edge) && self.is_part(edge.to, object) {
                let of_part = self.count_inside(edge.to, depth - 1);
                // Of what has very many, none are known.
                inside += if depth > 1 && of_part > MAX_INSIDE { 0 } else { of_part };
            }
            if inside > MAX_INSIDE {
                break;
            }
        }
        inside
    }
}

#[cfg(test)]
mod tests {
    use heapmark_heap::sketch::Sketch;
    use proptest::prelude::*;

    use super::*;
    use crate::census::slots::Slot;
    use crate::testing::ask_of_drawn;
    use crate::verdict::thresholds::places::MAX_AROUND;

    /// What is known of a list by each way to it, by the slots that an older census would have.
    fn compare(e: &Evidence, way: &[Edge], inside: Option<Slot>, is_known: bool) {
        let table = &e.newest_census().entries.as_ref().expect("it is counted as an older one").of;
        let node = way.last().map(|edge| edge.from);
        let Some(node) = node.or_else(|| e.newest_census().nodes.first().copied()) else { return };
        for edge in e.heap.retainers(node).filter(|edge| edge.edge_type == EdgeType::Property) {
            let mut parts = Parts::of(e);
            let slot = Slot::of(e.heap, &edge).expect("a property has a name");
            let slot = inside.map_or(slot, |inside| slot.inside(inside));
            let is_known = is_known && (inside.is_none() || !parts.is_inherited(&edge));
            assert_eq!(table.contains_key(&slot), is_known, "{way:?} {edge:?}");
            let leads_on = is_known && parts.is_inside(&edge, way.len());
            if way.len() < MAX_AROUND {
                compare(e, &[way, &[edge]].concat(), Some(slot), leads_on);
            }
        }
    }

    proptest! {
        #[test]
        fn the_newest_snapshot_says_what_a_table_would(
            links in prop::collection::vec((0..8_usize, 0..9_usize, prop::bool::weighted(0.2)), 1..24),
        ) {
            let mut drawing = "list: object Array 16 @5\nlist --internal elements--> store\n\
                store: array \"(object elements)\" 80 @7\n".to_owned();
            for item in 0..6 {
                drawing.extend([format!("list --element {item}--> m{item}\nm{item}: object Item 24\n")]);
            }
            for holder in 0..8 {
                let class = if holder < 6 { "Object" } else { "Store" };
                drawing.extend([format!("root --element {holder}--> h{holder}\nh{holder}: object {class} 24\n")]);
            }
            let mut inherits = [false; 8];
            for (number, (from, to, is_prototype)) in links.into_iter().enumerate() {
                let to = if to == 8 { "list".to_owned() } else { format!("h{to}") };
                // Each property has a name of its own: of two of one name a table has only one.
                let is_prototype = is_prototype && !std::mem::replace(&mut inherits[from], true);
                let name = if is_prototype { "__proto__".to_owned() } else { format!("p{number}") };
                drawing.extend([format!("h{from} --property {name}--> {to}\n")]);
            }
            ask_of_drawn(&[&Sketch::parse(&drawing)], |e| {
                compare(e, &[], None, true);
            });
        }
    }
}
