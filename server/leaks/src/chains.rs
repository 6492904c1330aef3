//! Lists whose elements hold each other: linked lists, undo histories, the listeners of an
//! `EventTarget`, the reactions to a promise.
//!
//! Found by shape alone: elements of one class that lead to each other by one property. Whether a
//! list grows, and who holds it, is asked elsewhere.

use heapmark_heap::{Edge, EdgeType, NodeId, NodeOrdinal, NodeType, Snapshot, StringIndex};
use rustc_hash::{FxHashMap, FxHashSet};

/// A shorter list is not followed: it cannot have grown enough to matter.
const SHORTEST: usize = 4;

/// A list of one class.
#[derive(Debug)]
pub(crate) struct Chain {
    /// From the end that the others are reached from.
    pub(crate) members: Vec<NodeOrdinal>,
}

impl Chain {
    /// Names the list in every snapshot: whether a program adds in front or behind, what it added
    /// first stays.
    pub(crate) fn id(&self, snapshot: &Snapshot) -> NodeId {
        let ids = self.members.iter().map(|&member| snapshot.node_id(member));
        ids.min().expect("a list has members")
    }
}

/// Every list of objects. One that is linked both ways is found once.
pub(crate) fn chains(snapshot: &Snapshot) -> Vec<Chain> {
    let links = Links::of(snapshot);
    let mut chains: FxHashMap<NodeId, Chain> = FxHashMap::default();
    let mut seen: FxHashSet<(NodeOrdinal, StringIndex)> = FxHashSet::default();
    let mut starts: Vec<&(NodeOrdinal, StringIndex)> = links.next.keys().collect();
    // Beginnings first, in the order of the file; what is left are rings.
    starts.sort_unstable_by_key(|&&(node, link)| (links.leads_on_to(node, link), node, link));
    for &(start, link) in starts {
        let mut members = Vec::new();
        let mut at = Some(start);
        while let Some(node) = at.filter(|&node| seen.insert((node, link))) {
            members.push(node);
            at = links.next.get(&(node, link)).copied();
        }
        if members.len() >= SHORTEST {
            let chain = Chain { members };
            chains.entry(chain.id(snapshot)).or_insert(chain);
        }
    }
    let mut chains: Vec<Chain> = chains.into_values().collect();
    chains.sort_unstable_by_key(|chain| chain.members[0]);
    chains
}

/// Which object leads to which by which property, where both are of one kind and nothing else of
/// that kind leads there by that property.
struct Links {
    next: FxHashMap<(NodeOrdinal, StringIndex), NodeOrdinal>,
    targets: FxHashSet<(NodeOrdinal, StringIndex)>,
}

impl Links {
    fn of(snapshot: &Snapshot) -> Self {
        let plain = snapshot.find_string("Object");
        let prototype = snapshot.find_string("__proto__");
        let mut shapes = Shapes::of(snapshot);
        let mut next = FxHashMap::default();
        let mut arrivals: FxHashMap<(NodeOrdinal, StringIndex), u32> = FxHashMap::default();
        for node in snapshot.nodes() {
            if snapshot.node_type(node) != NodeType::Object {
                continue;
            }
            let name = snapshot.name_index(node);
            for edge in snapshot.edges(node).filter(|edge| edge.edge_type == EdgeType::Property) {
                let alike = edge.to != node
                    && snapshot.node_type(edge.to) == NodeType::Object
                    && snapshot.name_index(edge.to) == name;
                let Some(link) = snapshot.edge_name_index(&edge).filter(|_| alike) else {
                    continue;
                };
                // Plain objects are of one kind only if V8 gave them one shape.
                let mut same_kind =
                    || Some(name) != plain || shapes.get(node) == shapes.get(edge.to);
                if Some(link) != prototype && same_kind() {
                    next.insert((node, link), edge.to);
                    *arrivals.entry((edge.to, link)).or_default() += 1;
                }
            }
        }
        // Where several meet, as children at their parent, is no list.
        next.retain(|&(_, link), to| arrivals[&(*to, link)] == 1);
        let targets = next.iter().map(|(&(_, link), &to)| (to, link)).collect();
        Self { next, targets }
    }

    fn leads_on_to(&self, node: NodeOrdinal, link: StringIndex) -> bool {
        self.targets.contains(&(node, link))
    }
}

/// The shapes that V8 gave to objects. Remembers them: an object may be asked for once by each of the
/// million that it leads to, or that lead to it.
struct Shapes<'s> {
    snapshot: &'s Snapshot,
    map: Option<StringIndex>,
    /// By node: 0 if nobody has asked, else one more than the shape, the largest number for none.
    known: Vec<u32>,
}

impl<'s> Shapes<'s> {
    fn of(snapshot: &'s Snapshot) -> Self {
        let known = vec![0; snapshot.node_count()];
        Self { snapshot, map: snapshot.find_string("map"), known }
    }

    /// A number for the shape.
    fn get(&mut self, node: NodeOrdinal) -> u32 {
        let Self { snapshot, map, known } = self;
        let known = &mut known[node.index()];
        if *known == 0 {
            let is_map = |edge: &Edge| {
                edge.edge_type == EdgeType::Internal && snapshot.edge_name_index(edge) == *map
            };
            let shape = snapshot.edges(node).find(is_map);
            // There are fewer nodes than numbers of 32 bits.
            *known = shape.map_or(u32::MAX, |edge| edge.to.index() as u32 + 1);
        }
        *known
    }
}

/// The reactions that wait for a promise to settle: what `then`, `catch`, `finally`, `await` and
/// `Promise.race` leave there. Empty for anything else, and for a promise that has settled.
///
/// ```text
/// Promise ─reactions_or_result→ PromiseReaction ─hidden→ PromiseReaction ─hidden→ …
/// ```
pub(crate) fn reactions(snapshot: &Snapshot, promise: NodeOrdinal) -> Vec<NodeOrdinal> {
    let first = snapshot.child(promise, EdgeType::Internal, "reactions_or_result");
    let is_reaction = |node: &NodeOrdinal| {
        matches!(snapshot.node_type(*node), NodeType::Hidden | NodeType::Object)
            && snapshot.name(*node) == "system / PromiseReaction"
    };
    let mut reactions = Vec::new();
    let mut seen = FxHashSet::default();
    let mut at = first.filter(is_reaction);
    while let Some(reaction) = at.filter(|&reaction| seen.insert(reaction)) {
        reactions.push(reaction);
        at = snapshot.edges(reaction).map(|edge| edge.to).find(|to| is_reaction(to));
    }
    reactions
}

/// How many reactions wait for each promise that has several.
pub(crate) fn reaction_counts(snapshot: &Snapshot) -> FxHashMap<NodeId, u64> {
    let Some(name) = snapshot.find_string("Promise") else { return FxHashMap::default() };
    let promises = snapshot.nodes().filter(|&node| {
        snapshot.node_type(node) == NodeType::Object && snapshot.name_index(node) == name
    });
    promises
        .map(|promise| (snapshot.node_id(promise), reactions(snapshot, promise).len()))
        .filter(|&(_, count)| count >= SHORTEST)
        .map(|(id, count)| (id, count as u64))
        .collect()
}

#[cfg(test)]
mod tests {
    use heapmark_heap::sketch::Sketch;

    use super::*;

    /// The lists in a drawing, by their members.
    #[track_caller]
    fn check(drawing: &str, expected: &[&str]) {
        let sketch = Sketch::parse(drawing);
        let snapshot = sketch.snapshot();
        let found: Vec<String> = chains(&snapshot)
            .iter()
            .map(|chain| {
                let members = chain.members.iter().map(|&member| sketch.label(member));
                members.collect::<Vec<_>>().join(" ")
            })
            .collect();
        assert_eq!(found, expected);
    }

    const ENTRIES: &str = "
        a: object Entry
        b: object Entry
        c: object Entry
        d: object Entry
        root --element 1--> a
    ";

    #[test]
    fn a_list_goes_from_its_beginning_to_its_end() {
        let links = "
            a --property next--> b
            b --property next--> c
            c --property next--> d
        ";
        check(&format!("{ENTRIES}{links}"), &["a b c d"]);
    }

    #[test]
    fn a_list_that_is_linked_both_ways_is_found_once() {
        let links = "
            a --property next--> b
            b --property next--> c
            c --property next--> d
            d --property previous--> c
            c --property previous--> b
            b --property previous--> a
        ";
        check(&format!("{ENTRIES}{links}"), &["a b c d"]);
    }

    #[test]
    fn a_ring_ends() {
        let links = "
            a --property next--> b
            b --property next--> c
            c --property next--> d
            d --property next--> a
        ";
        check(&format!("{ENTRIES}{links}"), &["a b c d"]);
    }

    #[test]
    fn a_tree_and_a_short_list_are_none() {
        let links = "
            a --property child--> b
            b --property parent--> a
            c --property parent--> a
            d --property parent--> a
        ";
        check(&format!("{ENTRIES}{links}"), &[]);
    }

    #[test]
    fn the_reactions_to_a_promise_are_counted() {
        let sketch = Sketch::parse(
            "
            root --element 1--> promise
            promise: object Promise
            promise --internal reactions_or_result--> r1
            r1: hidden \"system / PromiseReaction\"
            r1 --hidden 1--> r2
            r2: hidden \"system / PromiseReaction\"
            r2 --hidden 1--> r1
            ",
        );
        let snapshot = sketch.snapshot();
        let labels: Vec<&str> = reactions(&snapshot, sketch.ordinal("promise"))
            .iter()
            .map(|&reaction| sketch.label(reaction))
            .collect();
        assert_eq!(labels, ["r1", "r2"], "also if a damaged file makes a ring of them");
    }
}
