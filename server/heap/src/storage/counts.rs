//! How much there is, and whether what was read can be what was written.

use super::section::Failure;

/// How many rows the tables have: said in the header, so that the parts can be checked side by side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) nodes: usize,
    pub(crate) edges: usize,
    pub(crate) strings: usize,
}

impl Counts {
    pub(crate) const WORDS: usize = 3;

    pub(crate) fn words(self) -> [u64; Self::WORDS] {
        [self.nodes, self.edges, self.strings].map(|count| count as u64)
    }

    pub(crate) fn from_words(words: [u64; Self::WORDS]) -> Self {
        let [nodes, edges, strings] = words.map(|count| count as usize);
        Self { nodes, edges, strings }
    }

    /// Whether ordinals can count so many.
    pub(crate) fn are_possible(self) -> bool {
        self.words().iter().all(|&count| u32::try_from(count).is_ok())
    }
}

/// Refuses a part that cannot be what was written.
pub(crate) fn ensure(is_right: bool) -> Result<(), Failure> {
    if is_right { Ok(()) } else { Err(Failure::Damaged) }
}
