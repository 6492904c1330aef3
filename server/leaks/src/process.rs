//! Were two snapshots taken in one process?
//!
//! Inside one process V8 never gives an object another id, so objects that share an id also share
//! type and name. Two runs of one program agree on most of V8's start-up objects, but not on all:
//! measured on Node 20, 22 and 24, one process agrees on every shared id and two runs of one tiny
//! script on 93 %.

use std::hash::{Hash, Hasher};

use heapmark_heap::{NodeType, Snapshot};
use rustc_hash::{FxHashMap, FxHasher};

/// The share of shared ids that must be the same thing in both.
const AGREEMENT: f64 = 0.995;
/// Fewer shared ids than this prove nothing.
const FEWEST_SHARED: usize = 50;
/// About how many objects a sample holds.
const SAMPLE_SIZE: usize = 20_000;

/// A sample of a snapshot's objects: id, and a hash of type and name.
pub(crate) struct Sample {
    objects: FxHashMap<u32, u32>,
    /// Only ids that are divisible by this are in the sample.
    stride: u32,
}

impl Sample {
    pub(crate) fn of(snapshot: &Snapshot) -> Self {
        // A power of two, so that the coarser of two samples is part of the finer one.
        let stride = (snapshot.node_count() / SAMPLE_SIZE + 1).next_power_of_two() as u32;
        let objects = snapshot
            .nodes()
            .filter_map(|node| {
                let id = snapshot.node_id(node).0;
                // Even ids are the embedder's and are given anew each time.
                let sampled = id % 2 == 1 && (id / 2).is_multiple_of(stride);
                // V8 re-types hidden things at will, and numbers appear anew in every snapshot.
                let told_apart =
                    !matches!(snapshot.node_type(node), NodeType::Hidden | NodeType::Number);
                (sampled && told_apart).then(|| {
                    let mut hasher = FxHasher::default();
                    (snapshot.node_type(node) as u8).hash(&mut hasher);
                    snapshot.name(node).hash(&mut hasher);
                    (id, hasher.finish() as u32)
                })
            })
            .collect();
        Self { objects, stride }
    }

    /// Whether both samples are of one process.
    pub(crate) fn same_process(&self, other: &Sample) -> bool {
        let (finer, coarser) =
            if self.stride <= other.stride { (self, other) } else { (other, self) };
        let mut shared = 0usize;
        let mut equal = 0usize;
        for (id, hash) in &coarser.objects {
            if let Some(found) = finer.objects.get(id) {
                shared += 1;
                equal += usize::from(found == hash);
            }
        }
        shared >= FEWEST_SHARED && equal as f64 >= AGREEMENT * shared as f64
    }
}

#[cfg(test)]
mod tests {
    use heapmark_heap::sketch::Sketch;

    use super::*;

    /// A heap of `count` objects; each whose number is divisible by `other` has another name.
    fn sample(count: usize, other: usize) -> Sample {
        let lines = (0..count).map(|number| {
            let name = if number % other == 0 { "Other" } else { "Session" };
            format!("root --element {number}--> n{number}\nn{number}: object {name} 24")
        });
        let drawing = lines.collect::<Vec<_>>().join("\n");
        Sample::of(&Sketch::parse(&drawing).analysis())
    }

    #[test]
    fn one_process_agrees_on_what_its_ids_are() {
        assert!(sample(400, 7).same_process(&sample(400, 7)));
        assert!(sample(400, 7).same_process(&sample(900, 7)), "also when it grew");
    }

    #[test]
    fn two_processes_disagree_somewhere() {
        assert!(!sample(400, 7).same_process(&sample(400, 20)));
    }

    #[test]
    fn a_few_shared_ids_prove_nothing() {
        assert!(!sample(30, 7).same_process(&sample(30, 7)));
    }

    #[test]
    fn a_large_heap_is_sampled_more_coarsely_and_still_compared() {
        let small = sample(400, 7);
        let large = sample(SAMPLE_SIZE * 2, 7);
        assert!(large.stride > small.stride);
        assert!(small.same_process(&large) && large.same_process(&small));
    }
}
