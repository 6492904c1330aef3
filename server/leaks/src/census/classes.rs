//! How many things of each class one snapshot has, and how large they are by themselves: two of these tell by what
//! the heap grew. What V8 keeps for itself is one class.
//!
//! Classes are known across the snapshots of one process only: functions by their place.

use std::hash::{Hash, Hasher};

use heapmark_heap::{Location, NodeOrdinal, NodeType, Snapshot, StringIndex};
use rustc_hash::{FxHashMap, FxHasher};

/// V8's name of the memory behind buffers.
const BUFFER: &str = "system / JSArrayBufferData";
/// V8's name of what has the variables of a function that closures use.
const SCOPE: &str = "system / Context";
/// How the names of V8's own objects begin.
const OF_ENGINE: &str = "system / ";

/// What people would count together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Class {
    /// Objects whose constructor has a name with this hash.
    Instances(u64),
    /// The closures of a function.
    Closures(Location),
    Strings,
    /// Where arrays, maps and objects keep what is in them.
    Stores,
    Buffers,
    Scopes,
    /// Objects of Node.js itself that are not written in JavaScript.
    Natives,
    /// Compiled code, V8's description of objects, and all else that no program asks for.
    Engine,
}

/// How many, and how large.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) count: u64,
    /// Bytes, without what they refer to.
    pub(crate) bytes: u64,
}

/// Tells the class of each node of a snapshot.
pub(crate) struct Classifier<'s> {
    snapshot: &'s Snapshot,
    /// By name, what objects and natives of that name are.
    named: FxHashMap<(bool, StringIndex), Class>,
}

impl<'s> Classifier<'s> {
    pub(crate) fn new(snapshot: &'s Snapshot) -> Self {
        Self { snapshot, named: FxHashMap::default() }
    }

    pub(crate) fn class(&mut self, node: NodeOrdinal) -> Class {
        match self.snapshot.node_type(node) {
            NodeType::Object => self.named(node, false),
            NodeType::Native => self.named(node, true),
            // V8's own functions have no place.
            NodeType::Closure => {
                self.snapshot.location(node).map_or(Class::Engine, Class::Closures)
            }
            NodeType::String | NodeType::ConcatenatedString | NodeType::SlicedString => {
                Class::Strings
            }
            NodeType::Array => Class::Stores,
            _ => Class::Engine,
        }
    }

    fn named(&mut self, node: NodeOrdinal, is_native: bool) -> Class {
        let name = self.snapshot.name_index(node);
        *self.named.entry((is_native, name)).or_insert_with(|| {
            match (&*self.snapshot.string(name), is_native) {
                (BUFFER, _) => Class::Buffers,
                (_, true) => Class::Natives,
                (SCOPE, false) => Class::Scopes,
                (name, false) if name.starts_with(OF_ENGINE) => Class::Engine,
                (name, false) => Class::Instances(hash(name)),
            }
        })
    }
}

/// All classes of a snapshot.
pub(crate) fn classes(snapshot: &Snapshot) -> FxHashMap<Class, Tally> {
    let mut classifier = Classifier::new(snapshot);
    let mut tallies: FxHashMap<Class, Tally> = FxHashMap::default();
    // Most nodes are one of these, which need not be looked up.
    let (mut strings, mut stores, mut engine) = Default::default();
    for node in snapshot.nodes() {
        let tally: &mut Tally = match classifier.class(node) {
            Class::Strings => &mut strings,
            Class::Stores => &mut stores,
            Class::Engine => &mut engine,
            class => tallies.entry(class).or_default(),
        };
        tally.count += 1;
        tally.bytes += snapshot.raw_self_size(node);
    }
    let common = [(Class::Strings, strings), (Class::Stores, stores), (Class::Engine, engine)];
    tallies.extend(common.into_iter().filter(|(_, tally)| tally.count > 0));
    tallies
}

fn hash(name: &str) -> u64 {
    let mut hasher = FxHasher::default();
    name.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use heapmark_heap::sketch::Sketch;

    use super::*;

    #[test]
    fn things_are_counted_with_those_that_people_count_together() {
        let drawing = "
            root --element 1--> a
            root --element 2--> b
            root --element 3--> f
            root --element 4--> t
            root --element 5--> c
            root --element 6--> d
            a: object Session 32
            b: object Session 40
            f: closure onTick 64 at 7:3:9
            t: string text 24
            c: object \"system / Context\" 16
            d: native \"system / JSArrayBufferData\" 1000
        ";
        let snapshot = Sketch::parse(drawing).snapshot();
        let all = classes(&snapshot);
        let of = |class| all.get(&class).map(|it| (it.count, it.bytes));
        assert_eq!(of(Class::Instances(hash("Session"))), Some((2, 72)));
        assert_eq!(of(Class::Strings), Some((1, 24)));
        assert_eq!(of(Class::Scopes), Some((1, 16)));
        assert_eq!(of(Class::Buffers), Some((1, 1000)));
        let closures = all.iter().filter(|(class, _)| matches!(class, Class::Closures(_)));
        assert_eq!(closures.map(|(_, it)| (it.count, it.bytes)).collect::<Vec<_>>(), [(1, 64)]);
        let total: u64 = all.values().map(|it| it.bytes).sum();
        let sizes = snapshot.nodes().map(|node| snapshot.raw_self_size(node));
        assert_eq!(total, sizes.sum::<u64>(), "nothing is left out");
    }
}
