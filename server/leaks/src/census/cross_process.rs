//! Snapshots of different processes of one program: V8's ids say nothing there, so that what is
//! counted is compared by where it stands.
//!
//! ```text
//! script, function ─► scope ─variable→ thing ─property→ thing ─property→ …     (and statics, globals)
//! ```
//!
//! Only what stands at a place alone is compared: which of a thousand sessions is which, nobody can
//! say. What hangs in the entries of a collection has no place of its own.

use std::hash::{Hash, Hasher};

use heapmark_heap::{
    Edge, EdgeType, Location, NodeId, NodeOrdinal, NodeType, ScriptId, Snapshot, StringIndex,
};
use rustc_hash::{FxHashMap, FxHashSet, FxHasher};

use crate::census::Census;
use crate::census::identity::Identities;
use crate::census::slots::Slots;
use crate::v8::layouts::Shapes;
use crate::v8::sites::SiteKey;
use crate::verdict::thresholds::is_most;
use crate::verdict::thresholds::places::MAX_RECORD_PROPERTIES;

/// A budget: how many properties lead from a variable to a thing, at most.
const MAX_STEPS: usize = 6;
/// A budget: so many things of one snapshot are given a place.
const MAX_THINGS: usize = 2_000_000;

/// Where things stand in one snapshot.
pub(crate) struct Standing {
    /// The names of scripts that stand for one script each, hashed.
    scripts: FxHashMap<ScriptId, u64>,
    /// What stands at each place, if it stands there alone.
    things: FxHashMap<u64, NodeOrdinal>,
}

impl Standing {
    pub(crate) fn of(snapshot: &Snapshot) -> Self {
        let scripts = scripts(snapshot);
        let mut level: FxHashMap<NodeOrdinal, u64> = FxHashMap::default();
        for (thing, place) in anchors(snapshot, &scripts) {
            keep_least(&mut level, thing, place);
        }
        // Level by level, and of several ways to a thing the one with the least key: the order of
        // edges makes no difference.
        let mut known = level.clone();
        for _ in 0..MAX_STEPS {
            let mut next: FxHashMap<NodeOrdinal, u64> = FxHashMap::default();
            for (&node, &place) in &level {
                for edge in properties(snapshot, node) {
                    if !known.contains_key(&edge.to) && known.len() + next.len() < MAX_THINGS {
                        let name = snapshot.edge_name(&edge).to_string();
                        let class = snapshot.name(edge.to);
                        keep_least(&mut next, edge.to, hash(&(place, name, class)));
                    }
                }
            }
            known.extend(next.iter().map(|(&node, &place)| (node, place)));
            level = next;
        }
        let mut things: FxHashMap<u64, NodeOrdinal> = FxHashMap::default();
        let mut shared: FxHashSet<u64> = FxHashSet::default();
        for (node, place) in known {
            if things.insert(place, node).is_some() {
                shared.insert(place);
            }
        }
        things.retain(|place, _| !shared.contains(place));
        Self { scripts, things }
    }

    /// Whether both are of one program: most scripts of this one are in the other, too.
    pub(crate) fn is_of_same_program(&self, other: &Self) -> bool {
        let names: FxHashSet<u64> = other.scripts.values().copied().collect();
        let shared = self.scripts.values().filter(|name| names.contains(name)).count();
        is_most(shared as u64, self.scripts.len() as u64)
    }

    /// The counts of an older snapshot as if its things had the ids of this, newer one. What stands at
    /// no place has no count.
    pub(crate) fn translate(
        &self,
        snapshot: &Snapshot,
        newer: &Census,
        older: (&Snapshot, &Standing, Census),
    ) -> Census {
        let (older_snapshot, standing, census) = older;
        let by_id = |new: &FxHashMap<NodeId, u64>, old: &FxHashMap<NodeId, u64>| {
            let pairs = self.things.iter().filter_map(|(place, &node)| {
                let id = snapshot.node_id(node);
                let counted = standing.things.get(place).filter(|_| new.contains_key(&id))?;
                // What is too small to be counted is there all the same.
                let count = old.get(&older_snapshot.node_id(*counted)).copied().unwrap_or(0);
                Some((id, count))
            });
            pairs.collect::<FxHashMap<NodeId, u64>>()
        };
        let ids: FxHashMap<u64, ScriptId> =
            self.scripts.iter().map(|(&id, &name)| (name, id)).collect();
        let sites = census.sites.iter().filter_map(|(site, &count)| {
            let script = *ids.get(standing.scripts.get(&site.location.script)?)?;
            let location = Location { script, ..site.location };
            Some((SiteKey { kind: site.kind, location }, count))
        });
        Census {
            // Nothing in the newer one was born before anything.
            highest_id: NodeId(0),
            sites: sites.collect(),
            collections: by_id(&newer.collections, &census.collections),
            inner: by_id(&newer.inner, &census.inner),
            reactions: by_id(&newer.reactions, &census.reactions),
            slots: Slots::default(),
            entries: None,
            chains: FxHashMap::default(),
            lists: Vec::new(),
            identities: Identities::default(),
            classes: FxHashMap::default(),
            ..census
        }
    }
}

fn keep_least(places: &mut FxHashMap<NodeOrdinal, u64>, node: NodeOrdinal, place: u64) {
    let least = places.entry(node).or_insert(place);
    *least = place.min(*least);
}

/// The scripts that come from files, without those that share their name with others.
fn scripts(snapshot: &Snapshot) -> FxHashMap<ScriptId, u64> {
    let scripts = snapshot.scripts();
    let mut count: FxHashMap<&str, usize> = FxHashMap::default();
    for script in scripts {
        *count.entry(&script.name).or_default() += 1;
    }
    let is_file = |name: &str| !name.is_empty() && !name.starts_with("node:");
    let named = scripts.iter().filter(|it| is_file(&it.name) && count[it.name.as_str()] == 1);
    named.map(|script| (script.id, hash(&script.name))).collect()
}

/// The things at variables, statics and globals, each with its place.
fn anchors(snapshot: &Snapshot, scripts: &FxHashMap<ScriptId, u64>) -> Vec<(NodeOrdinal, u64)> {
    let mut anchors = Vec::new();
    let mut scopes: FxHashMap<NodeOrdinal, u64> = FxHashMap::default();
    for &(node, location) in snapshot.locations() {
        let Some(script) = scripts.get(&location.script) else { continue };
        if snapshot.node_type(node) != NodeType::Closure {
            continue;
        }
        let function = hash(&(script, location.line, location.column));
        for edge in properties(snapshot, node) {
            let name = snapshot.edge_name(&edge).to_string();
            anchors.push((edge.to, hash(&("static", function, name))));
        }
        // A scope is known by the first of the functions that were made in it.
        if let Some(scope) = snapshot.child(node, EdgeType::Internal, "context") {
            keep_least(&mut scopes, scope, function);
        }
    }
    for (scope, place) in scopes {
        for (index, (name, edge)) in snapshot.context_variables(scope).into_iter().enumerate() {
            let name: Option<StringIndex> = name;
            let name = name.map(|name| snapshot.string(name).into_owned());
            anchors.push((edge.to, hash(&("variable", place, name, index))));
        }
    }
    let shapes = Shapes::of(snapshot);
    for node in snapshot.nodes().filter(|&node| shapes.is_global(node)) {
        for edge in snapshot.edges(node).filter(|edge| is_property(snapshot, edge)) {
            anchors.push((edge.to, hash(&("global", snapshot.edge_name(&edge).to_string()))));
        }
    }
    anchors
}

/// The properties of an object that is no dictionary.
fn properties(snapshot: &Snapshot, node: NodeOrdinal) -> Vec<Edge> {
    let properties = snapshot.edges(node).filter(|edge| is_property(snapshot, edge));
    let properties: Vec<Edge> = properties.take(MAX_RECORD_PROPERTIES + 1).collect();
    if properties.len() > MAX_RECORD_PROPERTIES { Vec::new() } else { properties }
}

fn is_property(snapshot: &Snapshot, edge: &Edge) -> bool {
    edge.edge_type == EdgeType::Property
        && snapshot.node_type(edge.to) == NodeType::Object
        && !matches!(
            snapshot.edge_name(edge).to_string().as_str(),
            "__proto__" | "prototype" | "constructor"
        )
}

fn hash(value: &impl Hash) -> u64 {
    let mut hasher = FxHasher::default();
    value.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use heapmark_heap::sketch::Sketch;

    use super::*;

    /// What stands at the place at which `label` stands in `one`, by its label in the `other`.
    fn same_place(one: &Sketch, other: &Sketch, label: &str) -> Option<String> {
        let (mine, theirs) = (one.snapshot(), other.snapshot());
        let (standing, others) = (Standing::of(&mine), Standing::of(&theirs));
        let node = mine.nodes().find(|&node| one.label(node) == label)?;
        let (place, _) = standing.things.iter().find(|&(_, &thing)| thing == node)?;
        others.things.get(place).map(|&node| other.label(node).to_owned())
    }

    const GLOBAL: &str = "
        root --element 1--> g
        g: object global
        g --property store--> s
        s: object Store
    ";

    #[test]
    fn a_thing_is_known_by_the_properties_that_lead_to_it() {
        let one = Sketch::parse(&format!("{GLOBAL}\ns --property items--> a\na: object Array"));
        // Another order, other neighbours, and a longer way to the same thing.
        let other = "
            s --property name--> n
            n: object Name
            n --property items--> b
            s --property items--> b
            b: object Array
        ";
        let other = Sketch::parse(&format!("{GLOBAL}{other}"));
        assert_eq!(same_place(&one, &other, "a").as_deref(), Some("b"));
        assert_eq!(same_place(&one, &other, "s").as_deref(), Some("s"));
    }

    #[test]
    fn what_is_in_a_list_has_no_place() {
        let list = "
            s --property items--> a
            a: object Array
            a --element 0--> x
            x: object Session
        ";
        let one = Sketch::parse(&format!("{GLOBAL}{list}"));
        assert_eq!(same_place(&one, &one, "a").as_deref(), Some("a"));
        assert_eq!(same_place(&one, &one, "x"), None);
    }
}
