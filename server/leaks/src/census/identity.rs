//! Is what has an id in the newest snapshot what had it in an older one of the same process?
//!
//! V8 knows an object by its address, and gives the id of a dead one to what it makes directly where that
//! lay: code, and objects of which it saw that they live long. So a census keeps of each id one byte of
//! what an object cannot change, its type with its class or text. What differs there is another thing,
//! born since. A second object of the same class nobody can tell from the first, nor one of 254 others:
//! this takes evidence away, it proves nothing.
//!
//! Where both snapshots are the first of their heap, it does. V8 numbers a heap's objects from 1 on when
//! the first snapshot is taken, so that no number is missing there; later ones lack what has died, at
//! least eight objects in 140 recordings on Node 20 and 22. Only Node 18, when nothing at all happens in
//! between, takes a second snapshot without a gap, and then the first is the beginning of it.

use std::hash::{Hash, Hasher};

use heapmark_heap::{NodeId, NodeOrdinal, NodeType, Snapshot};
use rustc_hash::FxHasher;

/// Nothing had the id, or nobody can tell what.
const UNKNOWN: u8 = 0;
/// V8's own: it calls these now so, now so, but none of them becomes an object of the program's.
const INTERNAL: u8 = 1;
/// The others, by type and name.
const FIRST_NAMED: u8 = 2;
/// Where ids have more gaps, those of the last ones are not kept: bytes for each node of the snapshot.
const MAX_GAPS: usize = 16;

/// What had each id.
#[derive(Default, PartialEq)]
pub(crate) struct Identities {
    /// By half the id: those of a process' own objects are odd.
    marks: Vec<u8>,
    /// No object is missing that was numbered: mostly, the heap's first snapshot.
    has_no_gap: bool,
}

impl Identities {
    pub(crate) fn of(snapshot: &Snapshot) -> Self {
        let highest = snapshot.highest_object_id().0 as usize;
        let length = (highest / 2 + 1).min(MAX_GAPS * snapshot.node_count());
        let mut marks = vec![UNKNOWN; length];
        let mut names = Names { snapshot, known: Vec::new() };
        let mut odd = 0;
        for node in snapshot.nodes() {
            let id = snapshot.node_id(node);
            odd += (id.0 % 2) as usize;
            if let Some(mark) = marks.get_mut(id.0 as usize / 2).filter(|_| id.0 % 2 == 1) {
                *mark = match snapshot.node_type(node) {
                    // When a program asks for its characters, V8 makes a whole text of it, there.
                    NodeType::ConcatenatedString => UNKNOWN,
                    NodeType::Object
                    | NodeType::Closure
                    | NodeType::RegExp
                    | NodeType::Symbol
                    | NodeType::BigInt
                    | NodeType::String
                    | NodeType::SlicedString => names.mark(node),
                    _ => INTERNAL,
                };
            }
        }
        Self { marks, has_no_gap: odd == highest / 2 + 1 }
    }

    /// Whether what had this id here may be what has it in a `newer` snapshot.
    pub(crate) fn may_be_same(&self, newer: &Self, id: NodeId) -> bool {
        let mark = |of: &Self| of.marks.get(id.0 as usize / 2).copied().unwrap_or(UNKNOWN);
        may_be_one(mark(self), mark(newer)) || id.0.is_multiple_of(2)
    }

    /// Of how many ids both snapshots have, but not the same thing.
    pub(crate) fn disagreements(&self, other: &Self) -> usize {
        let both = self.marks.iter().zip(&other.marks);
        both.filter(|&(one, other)| !may_be_one(*one, *other)).count()
    }

    /// Whether both are the first of their heap, so that they are of two: worker threads and restarted
    /// programs that do the same may have the same ids for thousands of functions.
    pub(crate) fn contradicts(&self, other: &Self) -> bool {
        self.has_no_gap && other.has_no_gap && self.disagreements(other) > 0
    }
}

fn may_be_one(before: u8, now: u8) -> bool {
    before == UNKNOWN || now == UNKNOWN || before == now
}

/// The marks of one snapshot's names, each text read once.
struct Names<'s> {
    snapshot: &'s Snapshot,
    /// Hashes by the name's index; 0 is not read yet.
    known: Vec<u32>,
}

impl Names<'_> {
    fn mark(&mut self, node: NodeOrdinal) -> u8 {
        let name = self.snapshot.name_index(node);
        if self.known.len() <= name.index() {
            self.known.resize(name.index() + 1, 0);
        }
        let known = &mut self.known[name.index()];
        if *known == 0 {
            let text = self.snapshot.string(name);
            // A scope is an object in some versions; how V8 calls it depends on what is in it.
            *known =
                if text.starts_with("system / ") { OF_INTERNAL } else { hash(&*text) | 1 << 31 };
        }
        if *known == OF_INTERNAL {
            return INTERNAL;
        }
        let kind = match self.snapshot.node_type(node) {
            NodeType::SlicedString => NodeType::String,
            kind => kind,
        };
        let mark = hash((kind as u8, *known)) % u32::from(u8::MAX - FIRST_NAMED + 1);
        FIRST_NAMED + mark as u8 // less than 254
    }
}

/// In place of the hash of a name.
const OF_INTERNAL: u32 = 1;

fn hash(value: impl Hash) -> u32 {
    let mut hasher = FxHasher::default();
    value.hash(&mut hasher);
    (hasher.finish() >> 32) as u32
}

#[cfg(test)]
mod tests {
    use heapmark_heap::sketch::Sketch;

    use super::*;

    /// Whether what is drawn as `before` may be what is drawn as `now`, with one id.
    fn may_be(before: &str, now: &str) -> bool {
        let of = |facts: &str| {
            let drawing = format!("root --element 0--> x\nx: {facts} 24 @11");
            Identities::of(&Sketch::parse(&drawing).snapshot())
        };
        of(before).may_be_same(&of(now), NodeId(11))
    }

    #[test]
    fn what_is_of_another_class_is_another_thing() {
        assert!(may_be("object Page", "object Page"));
        assert!(!may_be("object Page", "object Item"));
        assert!(!may_be("object Page", "closure Page"));
        assert!(!may_be("string \"item 1\"", "string \"item 2\""));
        assert!(!may_be("array \"(object elements)\"", "object Page"));
    }

    #[test]
    fn what_v8_calls_otherwise_may_be_the_same() {
        assert!(may_be("code \"system / BytecodeArray\"", "code \"system / UncompiledData\""));
        assert!(may_be("hidden \"system / Context\"", "object \"system / Context\""));
        assert!(may_be("concatenated_string \"(concatenated string)\"", "string \"item 1\""));
        assert!(may_be("sliced_string \"item 1\"", "string \"item 1\""));
    }

    #[test]
    fn two_that_are_the_first_of_their_heap_are_of_two() {
        let of = |drawing: &str| Identities::of(&Sketch::parse(drawing).snapshot());
        let first = of("root -> a\na: object Page @3");
        let grown = of("root -> a\na: object Page @3\nroot -> b\nb: object Item @5");
        assert!(!first.contradicts(&first) && !first.contradicts(&grown), "nothing has changed");
        let other = of("root -> a\na: object Item @3\nroot -> b\nb: object Item @5");
        assert!(first.contradicts(&other) && other.contradicts(&first));
        // The number 5 is missing: something has died, and 3 may be its heir.
        let later = of("root -> a\na: object Item @3\nroot -> b\nb: object Item @7");
        assert!(!first.contradicts(&later) && !later.contradicts(&other));
        assert_eq!((first.disagreements(&later), other.disagreements(&later)), (1, 0));
    }

    #[test]
    fn of_an_id_that_nothing_had_nothing_is_known() {
        let empty = Identities::default();
        let other = Identities::of(&Sketch::parse("root -> a\na: object Page @9").snapshot());
        assert!(empty.may_be_same(&other, NodeId(9)) && other.may_be_same(&empty, NodeId(9)));
    }

    #[test]
    fn ids_with_wide_gaps_take_no_memory() {
        let far = Sketch::parse("root -> a\na: object Page @4000000001").snapshot();
        assert!(Identities::of(&far).marks.len() <= MAX_GAPS * far.node_count());
    }
}
