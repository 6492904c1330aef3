//! Names for plain objects: those that look alike are called by their properties, `{id, name}`
//! (`DevTools`: `inferInterfaceDefinitions`, `applyInterfaceDefinitions`).
//!
//! An *interface* is a list of properties that at least two plain objects, and one in a thousand,
//! start with. Each plain object then gets the interface with the most properties of which it has
//! all; of several, the one that occurs most often.

use rustc_hash::FxHashMap;

use super::classes::AddedNames;
use crate::kinds::{EdgeType, NodeType};
use crate::monitor::{Cancelled, Progress};
use crate::ordinals::{NodeOrdinal, StringIndex};
use crate::snapshot::Snapshot;

/// Properties are left out where the name would grow longer, in UTF-16 units.
const LONGEST_NAME: usize = 120;

/// Gives plain objects the class of their interface.
pub(super) fn apply(
    snapshot: &Snapshot,
    classes: &mut [u32],
    names: &mut AddedNames<'_>,
    progress: &Progress<'_>,
) -> Result<(), Cancelled> {
    let Some(object) = snapshot.find_string("Object") else { return Ok(()) };
    let nodes = snapshot.node_count();
    let is_plain = |node: NodeOrdinal| {
        snapshot.node_type(node) == NodeType::Object && snapshot.name_index(node) == object
    };
    let mut candidates = Candidates::new(snapshot);
    for node in snapshot.nodes() {
        progress.tick(nodes + node.index())?;
        if is_plain(node) {
            candidates.add(node);
        }
    }
    let tree = Tree::build(&candidates.most_common(), |properties| {
        names.class(&interface_name(snapshot, properties))
    });
    let mut properties = Vec::new();
    let mut matcher = Matcher::default();
    for node in snapshot.nodes() {
        progress.tick(2 * nodes + node.index())?;
        if is_plain(node) {
            properties.clear();
            properties.extend(property_names(snapshot, node));
            properties.sort_unstable();
            if let Some(class) = matcher.best(&tree, &properties) {
                classes[node.index()] = class;
            }
        }
    }
    Ok(())
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

/// How often plain objects start with which properties.
struct Candidates<'s> {
    snapshot: &'s Snapshot,
    proto: Option<StringIndex>,
    objects: usize,
    /// Index into `found`, by properties in their order.
    by_properties: FxHashMap<Box<[StringIndex]>, usize>,
    /// In order of first appearance, which decides between equally common ones.
    found: Vec<(Box<[StringIndex]>, usize)>,
    /// Lengths of names as they would be written.
    lengths: FxHashMap<StringIndex, usize>,
    properties: Vec<StringIndex>,
}

impl<'s> Candidates<'s> {
    fn new(snapshot: &'s Snapshot) -> Self {
        Self {
            snapshot,
            proto: snapshot.find_string("__proto__"),
            objects: 0,
            by_properties: FxHashMap::default(),
            found: Vec::new(),
            lengths: FxHashMap::default(),
            properties: Vec::new(),
        }
    }

    fn add(&mut self, node: NodeOrdinal) {
        self.objects += 1;
        self.properties.clear();
        let mut length = 1;
        for name in property_names(self.snapshot, node) {
            if Some(name) == self.proto {
                continue;
            }
            let name_length = *self
                .lengths
                .entry(name)
                .or_insert_with(|| written(&self.snapshot.string(name)).encode_utf16().count());
            if length > 1 && length + name_length > LONGEST_NAME {
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
        if let Some(&known) = self.by_properties.get(self.properties.as_slice()) {
            self.found[known].1 += 1;
        } else {
            let properties: Box<[_]> = self.properties.as_slice().into();
            self.by_properties.insert(properties.clone(), self.found.len());
            self.found.push((properties, 1));
        }
    }

    fn most_common(self) -> Vec<Box<[StringIndex]>> {
        let mut found = self.found;
        // At least two, and at least one in a thousand.
        found.retain(|&(_, count)| count >= 2 && count * 1000 >= self.objects);
        found.sort_by_key(|&(_, count)| std::cmp::Reverse(count));
        found.into_iter().map(|(properties, _)| properties).collect()
    }
}

fn interface_name(snapshot: &Snapshot, properties: &[StringIndex]) -> String {
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
fn written(name: &str) -> std::borrow::Cow<'_, str> {
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
    interface: Option<Interface>,
    /// The greatest property of a step from here.
    greatest_step: Option<StringIndex>,
}

#[derive(Clone, Copy)]
struct Interface {
    properties: usize,
    /// Its place among the most common ones.
    rank: usize,
    class: u32,
}

impl Tree {
    fn build(
        interfaces: &[Box<[StringIndex]>],
        mut class: impl FnMut(&[StringIndex]) -> u32,
    ) -> Self {
        let mut tree = Tree { places: vec![Place::default()], ..Tree::default() };
        for (rank, properties) in interfaces.iter().enumerate() {
            let class = class(properties);
            let mut sorted = properties.clone();
            sorted.sort_unstable();
            let mut at = 0;
            for &property in &sorted {
                let next = tree.places.len() as u32;
                let place = &mut tree.places[at as usize];
                place.greatest_step = place.greatest_step.max(Some(property));
                at = *tree.steps.entry((at, property)).or_insert(next);
                if at == next {
                    tree.places.push(Place::default());
                }
            }
            let interface = Interface { properties: sorted.len(), rank, class };
            tree.places[at as usize].interface.get_or_insert(interface);
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
    fn best(&mut self, tree: &Tree, sorted_properties: &[StringIndex]) -> Option<u32> {
        let mut best: Option<Interface> = None;
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
                            (found.properties, best.rank) > (best.properties, found.rank)
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
        best.map(|interface| interface.class)
    }
}
