//! A column of byte sizes: 32 bits each, and a small table for the few that need more.

use rustc_hash::FxHashMap;

/// Marks a size that stands in the table of large ones.
const LARGE: u32 = u32::MAX;

/// Sizes in bytes, one a node.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sizes {
    small: Vec<u32>,
    large: FxHashMap<usize, u64>,
}

crate::index::stored!(Sizes { small, large });

impl Sizes {
    pub(crate) fn reserve(&mut self, rows: usize) {
        // A hint: without the memory, growing step by step fails later and more clearly.
        let _ = self.small.try_reserve_exact(rows);
    }

    pub(crate) fn shrink_to_fit(&mut self) {
        self.small.shrink_to_fit();
    }

    #[inline]
    pub(crate) fn push(&mut self, size: u64) {
        let index = self.small.len();
        self.small.push(0);
        self.set(index, size);
    }

    #[inline]
    pub(crate) fn get(&self, index: usize) -> u64 {
        match self.small[index] {
            LARGE => self.large[&index],
            small => u64::from(small),
        }
    }

    #[inline]
    pub(crate) fn set(&mut self, index: usize, size: u64) {
        if size < u64::from(LARGE) {
            self.small[index] = size as u32;
        } else {
            self.small[index] = LARGE;
            self.large.insert(index, size);
        }
    }

    /// Whether it has so many rows, and a large size for each that needs one.
    pub(crate) fn are_of(&self, rows: usize) -> bool {
        let marked = self.small.iter().filter(|&&small| small == LARGE).count();
        // Some of the table may be of no use any more.
        let known = self.large.keys().filter(|&&row| self.small.get(row) == Some(&LARGE)).count();
        self.small.len() == rows && marked == known
    }

    pub(crate) fn len(&self) -> usize {
        self.small.len()
    }

    pub(crate) fn sum(&self) -> u64 {
        (0..self.len()).fold(0, |sum: u64, index| sum.saturating_add(self.get(index)))
    }
}

impl FromIterator<u64> for Sizes {
    fn from_iter<T: IntoIterator<Item = u64>>(sizes: T) -> Self {
        let sizes = sizes.into_iter();
        let mut column = Sizes::default();
        column.reserve(sizes.size_hint().0);
        sizes.for_each(|size| column.push(size));
        column
    }
}
