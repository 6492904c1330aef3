//! Lists whose elements hold each other: linked lists, undo histories, the listeners of an
//! `EventTarget`, the reactions to a promise.
//!
//! Found by shape alone: elements of one class that lead to each other by one property. Whether a
//! list grows, and who holds it, is asked elsewhere.

use heapmark_heap::{EdgeType, NodeId, NodeOrdinal, NodeSet, NodeType, Snapshot, StringIndex};
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
    let links = links(snapshot);
    let lead_on = |link: &Link| {
        links.binary_search_by_key(&(link.to, link.name), |next| (next.from, next.name)).ok()
    };
    let next: Vec<Option<usize>> = links.iter().map(lead_on).collect();
    let mut is_led_to = vec![false; links.len()];
    for &next in next.iter().flatten() {
        is_led_to[next] = true;
    }
    // Beginnings first, in the order of the file; what is left are rings.
    let mut starts: Vec<usize> = (0..links.len()).collect();
    starts.sort_by_key(|&link| is_led_to[link]);
    let mut chains: FxHashMap<NodeId, Chain> = FxHashMap::default();
    let mut seen = vec![false; links.len()];
    for start in starts {
        let mut members = Vec::new();
        let mut at = Some(start);
        while let Some(link) = at.filter(|&link| !std::mem::replace(&mut seen[link], true)) {
            members.push(links[link].from);
            at = next[link];
            if at.is_none() {
                members.push(links[link].to);
            }
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

/// An object leads to another one of its kind by a property.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Link {
    from: NodeOrdinal,
    name: StringIndex,
    to: NodeOrdinal,
}

/// All links, in order, of which nothing else of that kind leads to the same object by that property:
/// where several meet, as children at their parent, is no list.
fn links(snapshot: &Snapshot) -> Vec<Link> {
    let plain = snapshot.find_string("Object");
    let prototype = snapshot.find_string("__proto__");
    let objects = snapshot.nodes().filter(|&node| snapshot.node_type(node) == NodeType::Object);
    // Asked for the target of each property: a bit for each node is quickly looked up.
    let is_object = NodeSet::of(snapshot, objects);
    let mut shapes = Shapes::of(snapshot);
    let mut links = Vec::new();
    for from in is_object.iter() {
        let class = snapshot.name_index(from);
        for edge in snapshot.edges(from).filter(|edge| edge.edge_type == EdgeType::Property) {
            let name = snapshot.edge_name_index(&edge).filter(|&name| Some(name) != prototype);
            let to = edge.to;
            let alike = to != from && is_object.contains(to) && snapshot.name_index(to) == class;
            let Some(name) = name.filter(|_| alike) else { continue };
            // Plain objects are of one kind only if V8 gave them one shape.
            if Some(class) != plain || shapes.get(from) == shapes.get(to) {
                links.push(Link { from, name, to });
            }
        }
    }
    links.sort_unstable_by_key(|link| (link.to, link.name));
    let meeting = |one: &Link, two: &Link| (one.to, one.name) == (two.to, two.name);
    let alone = links.chunk_by(meeting).filter(|meeting| meeting.len() == 1);
    let mut alone: Vec<Link> = alone.flatten().copied().collect();
    alone.sort_unstable();
    alone
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
            let shape = snapshot.child_named(node, EdgeType::Internal, *map);
            // There are fewer nodes than numbers of 32 bits.
            *known = shape.map_or(u32::MAX, |shape| shape.index() as u32 + 1);
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
