//! Names for plain objects: those that look alike are called by their properties, `{id, name}`
//! (`DevTools`: `inferInterfaceDefinitions`, `applyInterfaceDefinitions`).
//!
//! An *interface* is a list of properties that at least two plain objects, and one in a thousand,
//! start with. Each plain object then gets the interface with the most properties of which it has
//! all; of several, the one that occurs most often.

use rustc_hash::{FxHashMap, FxHashSet};

use super::added_names::AddedNames;
use crate::kinds::{EdgeType, NodeType};
use crate::monitor::{Cancelled, Progress};
use crate::ordinals::{NodeOrdinal, StringIndex};
use crate::snapshot::Snapshot;

/// Properties are left out where the name would grow longer, in UTF-16 units.
const MAX_NAME_UNITS: usize = 120;

/// The properties of an interface, in the order in which its objects have them.
pub(super) type Interface = Box<[StringIndex]>;

/// Gives plain objects the class of their interface.
pub(super) fn apply(
    snapshot: &Snapshot,
    classes: &mut [u32],
    names: &mut AddedNames<'_>,
    progress: &Progress<'_>,
) -> Result<(), Cancelled> {
    let nodes = snapshot.node_count();
    let interfaces = infer(snapshot, &|node| progress.tick(nodes + node))?;
    let interface_classes: Vec<u32> =
        interfaces.iter().map(|interface| names.class(&name(snapshot, interface))).collect();
    classify(snapshot, &interfaces, &|node| progress.tick(2 * nodes + node), |node, interface| {
        if let Some(interface) = interface {
            classes[node.index()] = interface_classes[interface];
        }
    })
}

/// The interfaces of a snapshot, the most common first. `tick` is told of every node.
pub(super) fn infer(
    snapshot: &Snapshot,
    tick: &dyn Fn(usize) -> Result<(), Cancelled>,
) -> Result<Vec<Interface>, Cancelled> {
    let mut candidates = Candidates::new(snapshot, None);
    for node in plain_objects(snapshot, tick) {
        candidates.add(node?);
    }
    if candidates.is_thinned {
        // Too many to count all at once: now those that can be common.
        let frequent = candidates.by_properties.into_keys().collect();
        candidates = Candidates::new(snapshot, Some(frequent));
        for node in plain_objects(snapshot, tick) {
            candidates.add(node?);
        }
    }
    Ok(candidates.most_common())
}

/// Tells for every plain object which of the interfaces fits it best, if any does.
pub(super) fn classify(
    snapshot: &Snapshot,
    interfaces: &[Interface],
    tick: &dyn Fn(usize) -> Result<(), Cancelled>,
    mut tell: impl FnMut(NodeOrdinal, Option<usize>),
) -> Result<(), Cancelled> {
    let tree = Tree::build(interfaces);
    let mut properties = Vec::new();
    let mut matcher = Matcher::default();
    for node in plain_objects(snapshot, tick) {
        let node = node?;
        properties.clear();
        properties.extend(property_names(snapshot, node));
        properties.sort_unstable();
        tell(node, matcher.best(&tree, &properties));
    }
    Ok(())
}

fn plain_objects<'s>(
    snapshot: &'s Snapshot,
    tick: &'s dyn Fn(usize) -> Result<(), Cancelled>,
) -> impl Iterator<Item = Result<NodeOrdinal, Cancelled>> + 's {
    let object = snapshot.find_string("Object");
    snapshot.nodes().filter_map(move |node| {
        if let Err(cancelled) = tick(node.index()) {
            return Some(Err(cancelled));
        }
        let is_plain = snapshot.node_type(node) == NodeType::Object
            && Some(snapshot.name_index(node)) == object;
        is_plain.then_some(Ok(node))
    })
}

fn property_names(
    snapshot: &Snapshot,
    node: NodeOrdinal,
) -> impl Iterator<Item = StringIndex> + '_ {
    snapshot
        .edges(node)
        .filter(|edge| edge.edge_type == EdgeType::Property)
        .filter_map(|edge| snapshot.edge_name_index(&edge))
}

/// How many candidates are counted at once. A heap may be made of objects that are all different.
const MAX_CANDIDATES: usize = 1 << 16;

/// How often plain objects start with which properties.
struct Candidates<'s> {
    snapshot: &'s Snapshot,
    proto: Option<StringIndex>,
    empty: Option<StringIndex>,
    objects: usize,
    /// Index into `found`, by properties in their order. `DevTools` goes by the interface's name as
    /// it is written, where nothing shows that the first properties are called by the empty string.
    by_properties: FxHashMap<Interface, usize>,
    /// In order of first appearance, which decides between equally common ones.
    found: Vec<(Interface, usize)>,
    /// Lengths of names as they would be written.
    lengths: FxHashMap<StringIndex, usize>,
    properties: Vec<StringIndex>,
    /// The only ones that are counted, if not all are.
    only: Option<FxHashSet<Interface>>,
    /// Whether some were given up, and others count for less than they are.
    is_thinned: bool,
}

impl<'s> Candidates<'s> {
    fn new(snapshot: &'s Snapshot, only: Option<FxHashSet<Interface>>) -> Self {
        Self {
            snapshot,
            proto: snapshot.find_string("__proto__"),
            empty: snapshot.find_string(""),
            objects: 0,
            by_properties: FxHashMap::default(),
            found: Vec::new(),
            lengths: FxHashMap::default(),
            properties: Vec::new(),
            only,
            is_thinned: false,
        }
    }

    fn add(&mut self, node: NodeOrdinal) {
        self.objects += 1;
        self.properties.clear();
        if self.lengths.len() > MAX_CANDIDATES {
            self.lengths.clear();
        }
        let mut length = 1;
        for name in property_names(self.snapshot, node) {
            if Some(name) == self.proto {
                continue;
            }
            let name_length = *self
                .lengths
                .entry(name)
                .or_insert_with(|| written(&self.snapshot.string(name)).encode_utf16().count());
            if length > 1 && length + name_length > MAX_NAME_UNITS {
                break;
            }
            if length != 1 {
                length += ", ".len();
            }
            length += name_length;
            self.properties.push(name);
        }
        if self.properties.is_empty() {
            return;
        }
        let written = shown(&self.properties, self.empty);
        if let Some(&known) = self.by_properties.get(written) {
            self.found[known].1 += 1;
        } else if self.only.as_ref().is_none_or(|only| only.contains(written)) {
            self.by_properties.insert(written.into(), self.found.len());
            self.found.push((self.properties.as_slice().into(), 1));
            if self.found.len() > MAX_CANDIDATES {
                self.thin();
            }
        }
    }

    /// Gives up the less common half, and takes from all others what the most common of those had. Who is
    /// common loses less than a part in `MAX_CANDIDATES / 2` of all objects so, and stays: Misra, Gries:
    /// Finding repeated elements (1982).
    fn thin(&mut self) {
        let mut counts: Vec<usize> = self.found.iter().map(|&(_, count)| count).collect();
        let middle = counts.len() / 2;
        let (_, &mut median, _) = counts.select_nth_unstable(middle);
        self.found.retain_mut(|(_, count)| {
            *count = count.saturating_sub(median);
            *count > 0
        });
        let known = self.found.iter().enumerate();
        let known =
            known.map(|(index, (properties, _))| (shown(properties, self.empty).into(), index));
        self.by_properties = known.collect();
        self.is_thinned = true;
    }

    fn most_common(self) -> Vec<Interface> {
        let mut found = self.found;
        // At least two, and at least one in a thousand.
        found.retain(|&(_, count)| count >= 2 && count * 1000 >= self.objects);
        found.sort_by_key(|&(_, count)| std::cmp::Reverse(count));
        found.into_iter().map(|(properties, _)| properties).collect()
    }
}

/// The properties that the interface's name shows.
fn shown(properties: &[StringIndex], empty: Option<StringIndex>) -> &[StringIndex] {
    let unseen = properties.iter().take_while(|&&name| Some(name) == empty).count();
    &properties[unseen..]
}

/// What `DevTools` calls an interface.
pub(super) fn name(snapshot: &Snapshot, properties: &[StringIndex]) -> String {
    let mut name = String::from("{");
    for &property in properties {
        if name.len() > 1 {
            name.push_str(", ");
        }
        name.push_str(&written(&snapshot.string(property)));
    }
    name.push('}');
    name
}

/// The property's name, in quotes if it could be taken for more than a name.
pub(super) fn written(name: &str) -> std::borrow::Cow<'_, str> {
    if name.contains([',', '\'', '"', '{', '}']) {
        // A string can always be written as JSON.
        serde_json::Value::from(name).to_string().into()
    } else {
        name.into()
    }
}

/// Where a set of sorted properties leads: a step adds one property.
#[derive(Default)]
struct Tree {
    steps: FxHashMap<(u32, StringIndex), u32>,
    places: Vec<Place>,
}

#[derive(Default, Clone)]
struct Place {
    /// The interface with exactly the properties that lead here.
    interface: Option<Rank>,
    /// The greatest property of a step from here.
    greatest_step: Option<StringIndex>,
}

#[derive(Clone, Copy)]
struct Rank {
    properties: usize,
    /// Its place among the most common ones.
    place: usize,
}

impl Tree {
    fn build(interfaces: &[Interface]) -> Self {
        let mut tree = Tree { places: vec![Place::default()], ..Tree::default() };
        for (place, properties) in interfaces.iter().enumerate() {
            let mut sorted = properties.clone();
            sorted.sort_unstable();
            let mut at = 0;
            for &property in &sorted {
                let next = tree.places.len() as u32;
                let from = &mut tree.places[at as usize];
                from.greatest_step = from.greatest_step.max(Some(property));
                at = *tree.steps.entry((at, property)).or_insert(next);
                if at == next {
                    tree.places.push(Place::default());
                }
            }
            let rank = Rank { properties: sorted.len(), place };
            tree.places[at as usize].interface.get_or_insert(rank);
        }
        tree
    }
}

/// Finds the best interface; keeps its buffer between objects.
#[derive(Default)]
struct Matcher {
    /// All places that some of the properties so far lead to.
    places: Vec<u32>,
}

impl Matcher {
    /// The place in the list of the interface that fits best.
    fn best(&mut self, tree: &Tree, sorted_properties: &[StringIndex]) -> Option<usize> {
        let mut best: Option<Rank> = None;
        self.places.clear();
        self.places.push(0);
        let mut previous = None;
        for &property in sorted_properties {
            // Each place is reached in one way only, so it cannot be there yet, unless the object
            // has two properties of one name: a private one beside a public one.
            let is_repeated = previous.replace(property) == Some(property);
            let mut kept = 0;
            let known = self.places.len();
            for at in 0..known {
                let place = self.places[at];
                if let Some(&next) = tree.steps.get(&(place, property))
                    && !(is_repeated && self.places.contains(&next))
                {
                    self.places.push(next);
                    if let Some(found) = tree.places[next as usize].interface
                        && best.is_none_or(|best| {
                            (found.properties, best.place) > (best.properties, found.place)
                        })
                    {
                        best = Some(found);
                    }
                }
                // A place that no later property can leave is of no use any more.
                if tree.places[place as usize].greatest_step > Some(property) {
                    self.places[kept] = place;
                    kept += 1;
                }
            }
            self.places.drain(kept..known);
        }
        best.map(|rank| rank.place)
    }
}
