//! How much memory a snapshot may take, and how much it will: known from the header, before the
//! columns are allocated, so that too large a file is refused with the figures instead of the
//! program being killed.
//!
//! The estimate is that of the peak of loading *and* analysing, which is where the dominators are
//! computed. It counts the columns that are alive then:
//!
//! ```text
//! a node   15 snapshot │ 2 moved sizes │ 4 distances │ 20 dominators: order, number or idom, links
//!          │ 6 that searches have given back and the allocator not yet
//! an edge   9 snapshot │ 1/16 sources │ 1/8 essential │ 4 sources of back edges, at most
//! strings  their text and 4 bytes each: what the numbers leave of the file
//! ```
//!
//! What the columns take while they grow is the budget's business (`budget.rs`); beside both, loading
//! takes some 10 MB for the pieces of the file that are on their way, and unpacking zstd its window.
//!
//! `cargo xtask bench` shows the peaks. Of the 494 MB file of Node 24, 633 MB are estimated and 626 MB
//! taken. What questions about the heap take beside that, nobody can foretell: `memory_watch` looks at it, with
//! the same limit.

use crate::bytes::Bytes;
use crate::container;
use crate::error::LoadError;

/// What part of the memory that is free is left to others: one in so many bytes. A table of names that doubles
/// has taken twice its size before anybody can look, the system's own number is an estimate, and who takes all of
/// it takes the files that an editor is about to read out of memory. A heap that needs the last eighth is refused
/// for that, also if it would just fit.
const SPARE: u64 = 8;

/// What loading and analysing may cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of memory, for the snapshot and its analysis at their largest.
    pub memory: u64,
}

impl Limits {
    /// No limits: for those who would rather be killed than refused.
    pub const NONE: Limits = Limits { memory: u64::MAX };

    /// Seven eighths of the memory that is free on this machine now, or in this container if it has less.
    pub fn available() -> Self {
        let memory = sysinfo::MemoryRefreshKind::nothing().with_ram();
        let kind = sysinfo::RefreshKind::nothing().with_memory(memory);
        let system = sysinfo::System::new_with_specifics(kind);
        let free = match system.available_memory() {
            // Some systems do not tell.
            0 => u64::MAX,
            free => free,
        };
        Limits::of_free(container::free_memory().map_or(free, |container| container.min(free)))
    }

    /// What may be taken of so many free bytes.
    pub(crate) fn of_free(free: u64) -> Self {
        Limits { memory: free - free / SPARE }
    }

    /// Refuses what would take more.
    pub(crate) fn check(self, needed: u64) -> Result<(), LoadError> {
        if needed <= self.memory {
            Ok(())
        } else {
            Err(LoadError::TooLarge { needed: Bytes(needed), budget: Bytes(self.memory) })
        }
    }
}

impl Default for Limits {
    /// [`Limits::available`].
    fn default() -> Self {
        Limits::available()
    }
}

/// Bytes that loading and analysing a heap of this size take at their peak.
pub(crate) fn peak(nodes: u64, edges: u64, strings: u64) -> u64 {
    let for_nodes = nodes.saturating_mul(15 + 2 + 4 + 20 + 6);
    let for_edges = edges.saturating_mul(9 + 4).saturating_add(edges / 16 + edges / 8);
    for_nodes.saturating_add(for_edges).saturating_add(strings)
}

/// Bytes of strings that a file of this size can hold beside so many nodes and edges, in rows as
/// short as in a small heap.
pub(crate) fn strings(file: u64, nodes: u64, edges: u64) -> u64 {
    let numbers = nodes.saturating_mul(24).saturating_add(edges.saturating_mul(14));
    file.saturating_sub(numbers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_eighth_of_what_is_free_is_never_taken() {
        let limits = Limits::of_free(8_000_000_000);
        limits.check(7_000_000_000).expect("there is room");
        limits.check(7_000_000_001).expect_err("the rest is for others");
        assert!(Limits::of_free(u64::MAX).check(u64::MAX / 2).is_ok(), "nobody knows what is free");
    }
}
