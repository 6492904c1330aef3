//! Lists whose elements hold each other: linked lists, undo histories, the listeners of an
//! `EventTarget`, the reactions to a promise; also those of pairs, `[item, rest]`.
//!
//! Found by shape alone: elements that lead to each other by one property, of one class or of a few
//! that come again and again. Whether a list grows, and who holds it, is asked elsewhere.

use crate::v8::element_kinds::{ElementKind, Kinds};
use crate::verdict::thresholds::linked_lists::MIN_OF_A_KIND;
use std::hash::{Hash, Hasher};

use heapmark_heap::{
    Edge, EdgeName, EdgeType, NodeId, NodeOrdinal, NodeSet, NodeType, Snapshot, StringIndex,
};
use rustc_hash::{FxHashMap, FxHashSet, FxHasher};

/// No link.
const NONE: u32 = u32::MAX;

/// A budget: a shorter list is not followed. It cannot have grown by as much as is worth a word.
pub(super) const MIN_LENGTH: usize = 4;

/// A budget: among so many links that of a name is looked for each time it is asked for.
const FEW_EDGES: usize = 64;
/// Elements: an array with more is no `[item, rest]`, also with a key and a time beside them.
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
    // A heap may be one list: what is kept of a link is kept short.
    let next: Vec<u32> =
        links.iter().map(|link| lead_on(link).map_or(NONE, |next| next as u32)).collect();
    let mut is_led_to = vec![false; links.len()];
    for &next in next.iter().filter(|&&next| next != NONE) {
        is_led_to[next as usize] = true;
    }
    // Beginnings first, in the order of the file; what is left are rings.
    let beginnings = (0..links.len()).filter(|&link| !is_led_to[link]);
    let starts = beginnings.chain(0..links.len());
    let mut chains: FxHashMap<NodeId, Chain> = FxHashMap::default();
    let mut seen = vec![false; links.len()];
    for start in starts {
        let mut members = Vec::new();
        let by = links[start].by;
        let mut at = Some(start);
        while let Some(link) = at.filter(|&link| !std::mem::replace(&mut seen[link], true)) {
            members.push(links[link].from);
            at = Some(next[link] as usize).filter(|_| next[link] != NONE);
            if at.is_none() {
                members.push(links[link].to);
            }
        }
        let members = if members.len() < MIN_LENGTH {
            members
        } else {
            alike(snapshot, &mut kinds, members, by)
        };
        if members.len() >= MIN_LENGTH {
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
    let is_object = &NodeSet::of(snapshot, objects);
    let properties = |from: NodeOrdinal| {
        let edges = snapshot.edges(from).filter(|edge| edge.edge_type == EdgeType::Property);
        let named = edges.filter_map(|edge| Some((snapshot.edge_name_index(&edge)?, edge.to)));
        named.filter(move |&(name, to)| {
            Some(name) != prototype && to != from && is_object.contains(to)
        })
    };
    let has_many = |node: NodeOrdinal| snapshot.edges(node).len() > FEW_EDGES;
    let mut leading = Leading::default();
    let mut count = 0;
    for from in is_object.iter() {
        let (class, has_many) = (snapshot.name_index(from), has_many(from));
        for (name, _) in properties(from) {
            leading.insert((class, name));
            if has_many {
                leading.insert((from, name));
            }
            count += 1;
        }
    }
    let may_lead_on = |node: NodeOrdinal, name: StringIndex| {
        leading.may_contain((snapshot.name_index(node), name))
            && (!has_many(node) || leading.may_contain((node, name)))
    };
    // At most so many, and the system gives memory only for those that there are: a list that grows would
    // be there twice while it moves.
    let mut same = Vec::with_capacity(count);
    let mut mixed = Vec::new();
    for from in is_object.iter() {
        if Some(snapshot.name_index(from)) == array {
            same.extend(rest_of_pair(snapshot, from, array));
        }
        for (name, to) in properties(from) {
            let link = Link { from, by: By::Property(name), to };
            if kinds.are_same(from, to) {
                same.push(link);
            } else if may_lead_on(to, name) && next_by(snapshot, to, name).is_some() {
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
    keep_alone(&mut same);
    keep_alone(&mut mixed);
    let mut alone = same;
    alone.append(&mut mixed);
    alone.sort_unstable();
    alone
}

/// Of sorted links, those that are the only ones to lead to their object in their way.
fn keep_alone(links: &mut Vec<Link>) {
    let meet = |one: &Link, two: &Link| (one.to, one.by) == (two.to, two.by);
    let mut before: Option<Link> = None;
    let mut kept = 0;
    for at in 0..links.len() {
        let link = links[at];
        let is_alone = before.is_none_or(|before| !meet(&before, &link))
            && links.get(at + 1).is_none_or(|after| !meet(&link, after));
        before = Some(link);
        if is_alone {
            links[kept] = link;
            kept += 1;
        }
    }
    links.truncate(kept);
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
    if kinds.len() > 1 && members.len() < MIN_OF_A_KIND * kinds.len() {
        Vec::new()
    } else {
        members
    }
}

/// The short arrays in a short array: the `rest` of `[item, rest]`.
fn rest_of_pair(snapshot: &Snapshot, pair: NodeOrdinal, array: Option<StringIndex>) -> Vec<Link> {
    let elements = || snapshot.edges(pair).filter(|edge| edge.edge_type == EdgeType::Element);
    if elements().take(MAX_PAIR + 1).count() > MAX_PAIR {
        return Vec::new();
    }
    let is_rest = |edge: &Edge| {
        edge.to != pair
            && snapshot.node_type(edge.to) == NodeType::Object
            && Some(snapshot.name_index(edge.to)) == array
    };
    let rest = elements().filter(is_rest);
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

/// Instances of which classes lead on by which properties, and which objects that have many: in so few
/// bits that most others can be told from them at once. A class has few properties, so that all that is
/// asked of it stays at hand; only what has many is worth asking for by itself.
struct Leading {
    bits: Vec<u64>,
}

/// Words of 64 bits, 2 MB: they stay in a processor's cache, and a million links still leave most bits unset.
const WORDS: usize = 1 << 18;

impl Default for Leading {
    fn default() -> Self {
        Self { bits: vec![0; WORDS] }
    }
}

impl Leading {
    fn insert(&mut self, key: impl Hash) {
        let (word, bit) = place(key);
        self.bits[word] |= bit;
    }

    fn may_contain(&self, key: impl Hash) -> bool {
        let (word, bit) = place(key);
        self.bits[word] & bit != 0
    }
}

fn place(key: impl Hash) -> (usize, u64) {
    let mut hasher = FxHasher::default();
    key.hash(&mut hasher);
    let hash = hasher.finish();
    ((hash >> 6) as usize % WORDS, 1 << (hash % 64))
}

#[cfg(test)]
mod tests;
