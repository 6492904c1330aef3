//! Lists whose elements hold each other: linked lists, undo histories, the listeners of an
//! `EventTarget`, the reactions to a promise; also those of pairs, `[item, rest]`.
//!
//! Found by shape alone: elements that lead to each other by one property, of one class or of a few
//! that come again and again. Whether a list grows, and who holds it, is asked elsewhere.

use std::hash::{Hash, Hasher};

use heapmark_heap::{
    Edge, EdgeName, EdgeType, NodeId, NodeOrdinal, NodeSet, NodeType, Snapshot, StringIndex,
};
use rustc_hash::{FxHashMap, FxHashSet, FxHasher};

/// A shorter list is not followed: it cannot have grown enough to matter.
const SHORTEST: usize = 4;

/// A list of several kinds of elements has each of them so often, on average.
const OFTEN: usize = 4;
/// An array with more elements is no pair.
const MAX_PAIR: usize = 4;

/// A list.
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

/// The names of the properties by which two neighbours in a list lead to each other.
pub(crate) fn links_between(
    snapshot: &Snapshot,
    one: NodeOrdinal,
    other: NodeOrdinal,
) -> Vec<String> {
    let by_property = |from, to| {
        let edges = snapshot.edges(from);
        edges.filter(move |edge| edge.edge_type == EdgeType::Property && edge.to == to)
    };
    let links = by_property(one, other).chain(by_property(other, one));
    let names = links.filter_map(|link| snapshot.edge_name_index(&link));
    names.map(|name| snapshot.string(name).into_owned()).collect()
}

/// Every list of objects. One that is linked both ways is found once.
pub(crate) fn chains(snapshot: &Snapshot) -> Vec<Chain> {
    let mut kinds = Kinds::of(snapshot);
    let links = links(snapshot, &mut kinds);
    let lead_on = |link: &Link| {
        links.binary_search_by_key(&(link.to, link.by), |next| (next.from, next.by)).ok()
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
        let by = links[start].by;
        let mut at = Some(start);
        while let Some(link) = at.filter(|&link| !std::mem::replace(&mut seen[link], true)) {
            members.push(links[link].from);
            at = next[link];
            if at.is_none() {
                members.push(links[link].to);
            }
        }
        let members = if members.len() < SHORTEST {
            members
        } else {
            alike(snapshot, &mut kinds, members, by)
        };
        if members.len() >= SHORTEST {
            let chain = Chain { members };
            chains.entry(chain.id(snapshot)).or_insert(chain);
        }
    }
    let mut chains: Vec<Chain> = chains.into_values().collect();
    chains.sort_unstable_by_key(|chain| chain.members[0]);
    chains
}

/// By what an element leads to the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum By {
    /// A property.
    Property(StringIndex),
    /// A place in a short array.
    Element(u32),
}

/// An object leads to another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Link {
    from: NodeOrdinal,
    by: By,
    to: NodeOrdinal,
}

/// All links, in order, of which nothing else leads to the same object in the same way: where several
/// meet, as children at their parent, is no list. Of several that do, one of the same kind counts: a
/// cursor is no element of the list that it stands in.
fn links(snapshot: &Snapshot, kinds: &mut Kinds) -> Vec<Link> {
    let array = snapshot.find_string("Array");
    let prototype = snapshot.find_string("__proto__");
    let objects = snapshot.nodes().filter(|&node| snapshot.node_type(node) == NodeType::Object);
    // Asked for the target of each property: a bit for each node is quickly looked up.
    let is_object = NodeSet::of(snapshot, objects);
    let properties = |from: NodeOrdinal| {
        let edges = snapshot.edges(from).filter(|edge| edge.edge_type == EdgeType::Property);
        let edges = edges.filter(|edge| edge.to != edge.from && is_object.contains(edge.to));
        edges.filter_map(|edge| Some((snapshot.edge_name_index(&edge)?, edge.to)))
    };
    let mut leading = Leading::default();
    for from in is_object.iter() {
        for (name, _) in properties(from).filter(|&(name, _)| Some(name) != prototype) {
            leading.insert(from, name);
        }
    }
    let mut same = Vec::new();
    let mut mixed = Vec::new();
    for from in is_object.iter() {
        if Some(snapshot.name_index(from)) == array {
            same.extend(rest_of_pair(snapshot, from, array));
        }
        for (name, to) in properties(from).filter(|&(name, _)| Some(name) != prototype) {
            let link = Link { from, by: By::Property(name), to };
            if kinds.are_same(from, to) {
                same.push(link);
            } else if leading.may_contain(to, name) && next_by(snapshot, to, name).is_some() {
                mixed.push(link);
            }
        }
    }
    same.sort_unstable_by_key(|link| (link.to, link.by));
    let is_met = |link: &Link| {
        same.binary_search_by_key(&(link.to, link.by), |same| (same.to, same.by)).is_ok()
    };
    mixed.retain(|link| !is_met(link));
    mixed.sort_unstable_by_key(|link| (link.to, link.by));
    let meeting = |one: &Link, two: &Link| (one.to, one.by) == (two.to, two.by);
    let alone = same.chunk_by(meeting).chain(mixed.chunk_by(meeting));
    let alone = alone.filter(|meeting| meeting.len() == 1);
    let mut alone: Vec<Link> = alone.flatten().copied().collect();
    alone.sort_unstable();
    alone
}

/// The elements of a list: without what stands at its ends and is of another kind, such as the object
/// that has its beginning; with the last one, which leads nowhere. Nothing if they are of too many
/// kinds.
fn alike(
    snapshot: &Snapshot,
    of: &mut Kinds,
    mut members: Vec<NodeOrdinal>,
    by: By,
) -> Vec<NodeOrdinal> {
    let mut kinds: FxHashMap<ElementKind, usize> = FxHashMap::default();
    for &member in &members {
        *kinds.entry(of.kind(member)).or_default() += 1;
    }
    if kinds.len() < 2 {
        return members;
    }
    if let By::Property(name) = by
        && let Some(end) = members.last().and_then(|&last| next_by(snapshot, last, name))
        && !members.contains(&end)
        && kinds.contains_key(&of.kind(end))
    {
        members.push(end);
    }
    let mut is_single = |member: NodeOrdinal| kinds.get(&of.kind(member)) == Some(&1);
    while members.last().is_some_and(|&last| is_single(last)) {
        members.pop();
    }
    let alone = members.iter().take_while(|&&member| is_single(member)).count();
    members.drain(..alone);
    let kinds: FxHashSet<ElementKind> = members.iter().map(|&member| of.kind(member)).collect();
    if kinds.len() > 1 && members.len() < OFTEN * kinds.len() { Vec::new() } else { members }
}

/// The short arrays in a short array: the `rest` of `[item, rest]`.
fn rest_of_pair(snapshot: &Snapshot, pair: NodeOrdinal, array: Option<StringIndex>) -> Vec<Link> {
    let elements = snapshot.edges(pair).filter(|edge| edge.edge_type == EdgeType::Element);
    let elements: Vec<Edge> = elements.take(MAX_PAIR + 1).collect();
    if elements.len() > MAX_PAIR {
        return Vec::new();
    }
    let is_rest = |edge: &Edge| {
        edge.to != pair
            && snapshot.node_type(edge.to) == NodeType::Object
            && Some(snapshot.name_index(edge.to)) == array
    };
    let rest = elements.into_iter().filter(is_rest);
    rest.filter_map(|edge| match snapshot.edge_name(&edge) {
        EdgeName::Index(index) if (index as usize) < MAX_PAIR => {
            Some(Link { from: pair, by: By::Element(index), to: edge.to })
        }
        _ => None,
    })
    .collect()
}

/// The object that a property leads to.
fn next_by(snapshot: &Snapshot, node: NodeOrdinal, name: StringIndex) -> Option<NodeOrdinal> {
    let to = snapshot.child_named(node, EdgeType::Property, Some(name))?;
    (to != node && snapshot.node_type(to) == NodeType::Object).then_some(to)
}

/// Which objects lead on by which properties, in so few bits that most others can be told from them
/// at once.
struct Leading {
    bits: Vec<u64>,
}

/// 2 MB.
const WORDS: usize = 1 << 18;

impl Default for Leading {
    fn default() -> Self {
        Self { bits: vec![0; WORDS] }
    }
}

impl Leading {
    fn insert(&mut self, node: NodeOrdinal, name: StringIndex) {
        let (word, bit) = place(node, name);
        self.bits[word] |= bit;
    }

    fn may_contain(&self, node: NodeOrdinal, name: StringIndex) -> bool {
        let (word, bit) = place(node, name);
        self.bits[word] & bit != 0
    }
}

fn place(node: NodeOrdinal, name: StringIndex) -> (usize, u64) {
    let mut hasher = FxHasher::default();
    (node, name).hash(&mut hasher);
    let hash = hasher.finish();
    ((hash >> 6) as usize % WORDS, 1 << (hash % 64))
}

/// What may be elements of one list: instances of one class, or plain objects of one shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum ElementKind {
    Class(StringIndex),
    Shape(u32),
}

/// The kinds of the objects of one snapshot.
struct Kinds<'s> {
    snapshot: &'s Snapshot,
    plain: Option<StringIndex>,
    shapes: Shapes<'s>,
}

impl<'s> Kinds<'s> {
    fn of(snapshot: &'s Snapshot) -> Self {
        Self { snapshot, plain: snapshot.find_string("Object"), shapes: Shapes::of(snapshot) }
    }

    fn are_same(&mut self, one: NodeOrdinal, other: NodeOrdinal) -> bool {
        let class = self.snapshot.name_index(one);
        // Plain objects are of one kind only if V8 gave them one shape.
        class == self.snapshot.name_index(other)
            && (Some(class) != self.plain || self.shapes.get(one) == self.shapes.get(other))
    }

    fn kind(&mut self, node: NodeOrdinal) -> ElementKind {
        let class = self.snapshot.name_index(node);
        if Some(class) == self.plain {
            ElementKind::Shape(self.shapes.get(node))
        } else {
            ElementKind::Class(class)
        }
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
    use std::fmt::Write as _;

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
    fn a_list_may_have_elements_of_a_few_classes() {
        let mut drawing = "doc: object Doc
            root --element 1--> doc
            doc --property top--> n0
            reader: object Reader
            root --element 2--> reader
            reader --property previous--> n2
            start: object Start
            n9 --property previous--> start
            start --property previous--> reader
            "
        .to_owned();
        for i in 0..10 {
            let class = if i % 3 == 0 { "Insert" } else { "Delete" };
            let _ = writeln!(drawing, "n{i}: object {class}");
            if i < 9 {
                let _ = writeln!(drawing, "n{i} --property previous--> n{}", i + 1);
            }
        }
        check(&drawing, &["n0 n1 n2 n3 n4 n5 n6 n7 n8 n9"]);
    }

    #[test]
    fn a_list_may_be_made_of_pairs() {
        let links = "
            root --element 1--> p
            p: object Array
            p --element 0--> item
            item: object Item
            p --element 1--> q
            q: object Array
            q --element 1--> r
            r: object Array
            r --element 1--> s
            s: object Array
        ";
        check(links, &["p q r s"]);
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
