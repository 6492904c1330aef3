//! A column of byte sizes: 16 bits each, which is enough for nearly all, and a small table for the
//! few that need more. Where they are not few, 32 bits each.

use rustc_hash::FxHashMap;

use crate::budget::Budget;
use crate::error::LoadError;
use crate::storage::{Failure, SectionReader, SectionWriter, Stored};

/// One size in so many may be large before the column becomes wide: then the table would take more
/// memory than it spares.
const LARGE_ONES: usize = 16;

/// Sizes in bytes, one a node.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sizes {
    small: Small,
    large: FxHashMap<usize, u64>,
}

/// The sizes that are small. The largest number marks one that stands in the table.
#[derive(Debug, Clone)]
enum Small {
    Narrow(Vec<u16>),
    Wide(Vec<u32>),
}

impl Default for Small {
    fn default() -> Self {
        Small::Narrow(Vec::new())
    }
}

impl Sizes {
    fn reserve(&mut self, rows: usize) {
        // A hint.
        let _ = match &mut self.small {
            Small::Narrow(small) => small.try_reserve_exact(rows),
            Small::Wide(small) => small.try_reserve_exact(rows),
        };
    }

    /// Makes room for so many more. The table of large ones is not counted, see [`Self::beside`].
    pub(crate) fn make_room(&mut self, more: usize, budget: &mut Budget) -> Result<(), LoadError> {
        match &mut self.small {
            Small::Narrow(small) => budget.make_room(small, more),
            Small::Wide(small) => budget.make_room(small, more),
        }
    }

    /// Bytes that are taken beside the buffer of small ones, or would be if it became wide now.
    pub(crate) fn beside(&self) -> u64 {
        let wide = match &self.small {
            Small::Narrow(small) => size_of::<u32>() * small.capacity(),
            Small::Wide(_) => 0,
        };
        // A table is half full at worst, and has twice as much beside it while it grows.
        let large = 3 * 2 * (size_of::<(usize, u64)>() + 1) * self.large.len();
        (wide + large) as u64
    }

    pub(crate) fn shrink_to_fit(&mut self) {
        match &mut self.small {
            Small::Narrow(small) => small.shrink_to_fit(),
            Small::Wide(small) => small.shrink_to_fit(),
        }
    }

    #[inline]
    pub(crate) fn push(&mut self, size: u64) {
        let index = self.len();
        match &mut self.small {
            Small::Narrow(small) => small.push(0),
            Small::Wide(small) => small.push(0),
        }
        self.set(index, size);
    }

    #[inline]
    pub(crate) fn get(&self, index: usize) -> u64 {
        match &self.small {
            Small::Narrow(small) if small[index] != u16::MAX => u64::from(small[index]),
            Small::Wide(small) if small[index] != u32::MAX => u64::from(small[index]),
            _ => self.large[&index],
        }
    }

    #[inline]
    pub(crate) fn set(&mut self, index: usize, size: u64) {
        match &mut self.small {
            Small::Narrow(small) if size < u64::from(u16::MAX) => small[index] = size as u16,
            Small::Wide(small) if size < u64::from(u32::MAX) => small[index] = size as u32,
            _ => self.set_large(index, size),
        }
    }

    #[cold]
    fn set_large(&mut self, index: usize, size: u64) {
        self.large.insert(index, size);
        match &mut self.small {
            Small::Narrow(small) => small[index] = u16::MAX,
            Small::Wide(small) => small[index] = u32::MAX,
        }
        // Few rows may all be large: what they take is nothing.
        if self.large.len() > 1024 + self.len() / LARGE_ONES {
            self.widen();
        }
    }

    /// Makes all sizes below 4 GB small ones.
    fn widen(&mut self) {
        let Small::Narrow(narrow) = &mut self.small else { return };
        let narrow = std::mem::take(narrow);
        let mut wide = Vec::new();
        let _ = wide.try_reserve_exact(narrow.capacity());
        wide.extend(narrow.into_iter().map(u32::from));
        let is_marked = |size: u32| size == u32::from(u16::MAX);
        self.large.retain(|&index, &mut size| {
            // Some of the table may be of no use any more.
            if !is_marked(wide[index]) {
                return false;
            }
            let small = u32::try_from(size).unwrap_or(u32::MAX);
            wide[index] = small;
            small == u32::MAX
        });
        self.small = Small::Wide(wide);
    }

    /// Whether it has so many rows, and a large size for each that needs one.
    pub(crate) fn are_of(&self, rows: usize) -> bool {
        let is_marked = |index: usize| match &self.small {
            Small::Narrow(small) => small.get(index) == Some(&u16::MAX),
            Small::Wide(small) => small.get(index) == Some(&u32::MAX),
        };
        let marked = match &self.small {
            Small::Narrow(small) => small.iter().filter(|&&size| size == u16::MAX).count(),
            Small::Wide(small) => small.iter().filter(|&&size| size == u32::MAX).count(),
        };
        let known = self.large.keys().filter(|&&index| is_marked(index)).count();
        self.len() == rows && marked == known
    }

    pub(crate) fn len(&self) -> usize {
        match &self.small {
            Small::Narrow(small) => small.len(),
            Small::Wide(small) => small.len(),
        }
    }

    pub(crate) fn sum(&self) -> u64 {
        (0..self.len()).fold(0, |sum: u64, index| sum.saturating_add(self.get(index)))
    }
}

impl Stored for Sizes {
    fn write(&self, section: &mut SectionWriter<'_>) -> Result<(), Failure> {
        match &self.small {
            Small::Narrow(small) => {
                false.write(section)?;
                small.write(section)?;
            }
            Small::Wide(small) => {
                true.write(section)?;
                small.write(section)?;
            }
        }
        self.large.write(section)
    }

    fn read(section: &mut SectionReader<'_>) -> Result<Self, Failure> {
        let small = if bool::read(section)? {
            Small::Wide(Stored::read(section)?)
        } else {
            Small::Narrow(Stored::read(section)?)
        };
        Ok(Self { small, large: Stored::read(section)? })
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn size() -> impl Strategy<Value = u64> {
        let edges = [0xFFFE, 0xFFFF, 0x1_0000, 0xFFFF_FFFE, 0xFFFF_FFFF, 0x1_0000_0000];
        prop_oneof![0..100_u64, prop::sample::select(edges.to_vec()), any::<u64>()]
    }

    proptest! {
        /// Some of these columns become wide on the way, by the sizes that are set last.
        #[test]
        fn keeps_every_size(
            pushed in prop::collection::vec(size(), 1..200),
            set in prop::collection::vec((any::<prop::sample::Index>(), size()), 0..200),
            many_large in any::<bool>(),
        ) {
            let mut expected = pushed;
            let mut sizes: Sizes = expected.iter().copied().collect();
            for (index, size) in set {
                let index = index.index(expected.len());
                expected[index] = size;
                sizes.set(index, size);
            }
            if many_large {
                for size in (70_000..).take(2_000) {
                    expected.push(size);
                    sizes.push(size);
                }
            }
            prop_assert_eq!(matches!(sizes.small, Small::Wide(_)), many_large);
            prop_assert!(sizes.are_of(expected.len()));
            let kept: Vec<u64> = (0..sizes.len()).map(|index| sizes.get(index)).collect();
            prop_assert_eq!(kept, expected);
        }
    }
}
