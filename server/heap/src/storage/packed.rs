//! Columns of 32-bit numbers, in as few bytes each as their neighbours need.
//!
//! ```text
//! block of 1024 numbers   smallest │ width │ number - smallest, `width` bytes each
//! ```
//!
//! Of three bytes, the lower two of all numbers come first: so the processor can put several numbers
//! together at a time.
//!
//! Ordinals, sizes and distances are small or close together, block by block: an index is two thirds
//! of its columns' size, and is read in less time than those would be.

use super::section::{Failure, SectionReader, SectionWriter};

const BLOCK: usize = 1024;
/// The smallest number, and the width.
const HEADER: usize = 5;

pub(super) fn write(section: &mut SectionWriter<'_>, numbers: &[u32]) -> Result<(), Failure> {
    let mut bytes = Vec::with_capacity(HEADER + 4 * BLOCK);
    for block in numbers.chunks(BLOCK) {
        bytes.clear();
        pack(block, &mut bytes);
        section.bytes(&bytes)?;
    }
    Ok(())
}

pub(super) fn read(section: &mut SectionReader<'_>, count: u64) -> Result<Vec<u32>, Failure> {
    let mut numbers = section.room(count, 0)?;
    let count = count as usize;
    while numbers.len() < count {
        let &[a, b, c, d, width] = section.array()?;
        let smallest = u32::from_le_bytes([a, b, c, d]);
        let length = BLOCK.min(count - numbers.len());
        if width > 4 {
            return Err(Failure::Damaged);
        }
        let packed = section.slice(length * usize::from(width))?;
        unpack(smallest, width, packed, length, &mut numbers);
    }
    Ok(numbers)
}

fn pack(block: &[u32], bytes: &mut Vec<u8>) {
    let smallest = block.iter().copied().min().unwrap_or(0);
    let largest = block.iter().copied().max().unwrap_or(0);
    let width = (u32::BITS - (largest - smallest).leading_zeros()).div_ceil(8);
    bytes.extend(smallest.to_le_bytes());
    bytes.push(width as u8);
    let above = block.iter().map(|number| (number - smallest).to_le_bytes());
    match width {
        0 => {}
        1 => bytes.extend(above.map(|[a, ..]| a)),
        2 => above.for_each(|[a, b, ..]| bytes.extend([a, b])),
        3 => {
            above.clone().for_each(|[a, b, ..]| bytes.extend([a, b]));
            bytes.extend(above.map(|[_, _, c, _]| c));
        }
        _ => above.for_each(|number| bytes.extend(number)),
    }
}

/// Adds `length` numbers. Those of a forged block may wrap around: they are checked like all others.
fn unpack(smallest: u32, width: u8, packed: &[u8], length: usize, numbers: &mut Vec<u32>) {
    let add = |above: u32| smallest.wrapping_add(above);
    match width {
        0 => numbers.extend(std::iter::repeat_n(smallest, length)),
        1 => numbers.extend(packed.iter().map(|&a| add(u32::from(a)))),
        2 => {
            let above = packed.as_chunks().0.iter().map(|&number| u16::from_le_bytes(number));
            numbers.extend(above.map(u32::from).map(add));
        }
        3 => {
            let (lower, upper) = packed.split_at(2 * length);
            let lower = lower.as_chunks().0.iter().map(|&number| u16::from_le_bytes(number));
            let above = lower.zip(upper).map(|(lower, &c)| u32::from(lower) | u32::from(c) << 16);
            numbers.extend(above.map(add));
        }
        _ => numbers
            .extend(packed.as_chunks().0.iter().map(|&number| add(u32::from_le_bytes(number)))),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn numbers_come_back(
            smallest in any::<u32>(),
            above in prop::collection::vec(any::<u32>(), 1..BLOCK),
            zeros in 0..32_u32,
        ) {
            let block: Vec<u32> =
                above.iter().map(|above| smallest.saturating_add(above >> zeros)).collect();
            let mut bytes = Vec::new();
            pack(&block, &mut bytes);
            let mut back = Vec::new();
            let (header, packed) = bytes.split_at(HEADER);
            let smallest = u32::from_le_bytes(std::array::from_fn(|byte| header[byte]));
            unpack(smallest, header[4], packed, block.len(), &mut back);
            prop_assert_eq!(packed.len(), block.len() * usize::from(header[4]));
            prop_assert_eq!(back, block);
        }
    }

    #[test]
    fn neighbours_that_are_alike_take_little() {
        let width = |block: &[u32]| {
            let mut bytes = Vec::new();
            pack(block, &mut bytes);
            bytes[4]
        };
        let large = u32::MAX - 1;
        assert_eq!(width(&[large; 3]), 0);
        assert_eq!(width(&[large - 255, large]), 1);
        assert_eq!(width(&[256, 0]), 2);
        assert_eq!(width(&[1 << 16, 0]), 3);
        assert_eq!(width(&[1 << 24, 0]), 4);
    }
}
