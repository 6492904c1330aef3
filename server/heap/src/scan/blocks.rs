//! The fast way through an array of numbers: 64 bytes at a time, as bit masks.
//!
//! ```text
//! bytes      , 1 2 , 4 5 6 \n , 7 …
//! digits     0 1 1 0 1 1 1 0  0 1 …
//! starts     0 1 0 0 1 0 0 0  0 1 …    a digit after no digit
//! ends       0 0 0 1 0 0 0 1  0 0 …    no digit after a digit
//! ```
//!
//! Where numbers begin and end is so known without looking at bytes one after the other, each waiting
//! for the one before. Anything but digits, commas and line ends is left to
//! [`Digits`](super::numbers::Digits).
//! The idea is that of Langdale, Lemire: Parsing Gigabytes of JSON per Second (2019).

use super::digits::{POWERS, digits_value};

const BLOCK: usize = 64;

/// Numbers on their way to somebody. Keeps its memory, so that none is cleared twice.
#[derive(Debug, Default)]
pub(super) struct Numbers {
    buffer: Vec<u64>,
    count: usize,
}

impl Numbers {
    pub(super) fn as_slice(&self) -> &[u64] {
        &self.buffer[..self.count]
    }

    pub(super) fn clear(&mut self) {
        self.count = 0;
    }

    #[inline]
    pub(super) fn push(&mut self, number: u64) {
        if self.count == self.buffer.len() {
            self.buffer.push(0);
        }
        self.buffer[self.count] = number;
        self.count += 1;
    }

    /// Makes room for the numbers of so many bytes, and of a block more.
    fn make_room(&mut self, bytes: usize) {
        let needed = self.count + bytes / 2 + BLOCK;
        if self.buffer.len() < needed {
            self.buffer.resize(needed, 0);
        }
    }
}

/// Reads numbers from the start of `bytes`, where none is open. Returns how many bytes were taken:
/// up to the first block that holds anything else, but never the beginning of a number.
pub(super) fn read(bytes: &[u8], numbers: &mut Numbers) -> usize {
    let mut start = 0;
    let mut is_open = false;
    let mut base = 0;
    numbers.make_room(bytes.len());
    // A number is read by eight bytes from its start on, so there must be some after the last block.
    while bytes.len() >= base + BLOCK + 8
        && let Some(block) = bytes[base..].first_chunk::<BLOCK>()
    {
        let Some(digits) = digits(block) else { break };
        let after_digit = digits << 1 | u64::from(is_open);
        let mut starts = digits & !after_digit;
        let mut ends = !digits & after_digit;
        let first = base + starts.trailing_zeros() as usize;
        if !is_open {
            start = first;
            starts &= starts.wrapping_sub(1);
        }
        let count = ends.count_ones() as usize;
        for value in &mut numbers.buffer[numbers.count..][..count] {
            let end = base + ends.trailing_zeros() as usize;
            ends &= ends.wrapping_sub(1);
            *value = number(bytes, start, end);
            start = base + starts.trailing_zeros() as usize;
            starts &= starts.wrapping_sub(1);
        }
        numbers.count += count;
        is_open = digits >> (BLOCK - 1) != 0;
        base += BLOCK;
    }
    if is_open { start } else { base }
}

/// The number that stands between two places.
#[inline]
fn number(bytes: &[u8], start: usize, end: usize) -> u64 {
    let length = end - start;
    if length <= 8
        && let Some(word) = bytes[start..].first_chunk::<8>()
    {
        return digits_value(u64::from_le_bytes(*word) ^ ZEROS, length);
    }
    bytes[start..end].chunks(8).fold(0, |value: u64, part| {
        let mut word = [0; 8];
        word[..part.len()].copy_from_slice(part);
        let part_value = digits_value(u64::from_le_bytes(word) ^ ZEROS, part.len());
        value.saturating_mul(POWERS[part.len()]).saturating_add(part_value)
    })
}

const ZEROS: u64 = 0x3030_3030_3030_3030;

/// Which bytes are digits; nothing if one is neither a digit nor a comma nor a line end.
#[inline]
fn digits(block: &[u8; BLOCK]) -> Option<u64> {
    const HIGH: u64 = 0x8080_8080_8080_8080;
    // The high bit of each byte that is not zero.
    let non_zero = |word: u64| (((word & !HIGH) + !HIGH) | word) & HIGH;
    // One bit a byte, instead of eight.
    let packed = |high: u64| (high >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56;
    let (mut digits, mut other) = (0, 0);
    for (index, word) in block.as_chunks::<8>().0.iter().enumerate() {
        let word = u64::from_le_bytes(*word);
        let value = word ^ ZEROS;
        let beyond_nine = (((value & !HIGH) + 0x7676_7676_7676_7676) | value) & HIGH;
        let no_comma = non_zero(word ^ 0x2C2C_2C2C_2C2C_2C2C);
        let no_line_end = non_zero(word ^ 0x0A0A_0A0A_0A0A_0A0A);
        digits |= packed(!beyond_nine & HIGH) << (8 * index);
        other |= beyond_nine & no_comma & no_line_end;
    }
    (other == 0).then_some(digits)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::numbers::{Digits, Stop};
    use super::*;

    /// The same numbers, byte by byte.
    fn slowly(bytes: &[u8]) -> Vec<u64> {
        let mut numbers = Vec::new();
        for byte in bytes.split(|byte| !byte.is_ascii_digit()).filter(|number| !number.is_empty()) {
            let text = str::from_utf8(byte).expect("digits");
            numbers.push(text.parse().unwrap_or(u64::MAX));
        }
        numbers
    }

    proptest! {
        #[test]
        fn reads_what_a_slow_reader_reads(
            numbers in prop::collection::vec(
                prop_oneof![8 => 0..20_u64, 4 => 0..5_000_000_u64, 1 => any::<u64>()], 0..120),
            separators in prop::collection::vec(prop_oneof![9 => Just(","), 1 => Just("\n,")], 120),
            other in prop_oneof![4 => Just(None), 1 => (0..600_usize).prop_map(Some)],
        ) {
            let mut text = String::new();
            for (number, comma) in numbers.iter().zip(separators) {
                text += &number.to_string();
                text += comma;
            }
            if let Some(place) = other && place < text.len() {
                text.replace_range(place..=place, " ");
            }
            let bytes = text.as_bytes();
            let mut found = Numbers::default();
            let taken = read(bytes, &mut found);
            prop_assert_eq!(found.as_slice(), slowly(&bytes[..taken]));
            // What is left begins with a whole number.
            let mut digits = Digits::default();
            let stop = digits.read(&bytes[taken..], |number| { found.push(number); Ok(()) });
            prop_assert!(matches!(stop, Stop::EndOfBytes));
            prop_assert_eq!(found.as_slice(), slowly(bytes));
        }

        #[test]
        fn masks_say_where_the_digits_are(block in prop::collection::vec(
            prop_oneof![6 => b'0'..=b'9', 2 => Just(b','), 1 => Just(b'\n')], BLOCK),
            odd in prop_oneof![3 => Just(None), 1 => (0..BLOCK, any::<u8>()).prop_map(Some)]) {
            let mut bytes: [u8; BLOCK] = block.try_into().expect("64 bytes");
            if let Some((place, byte)) = odd {
                bytes[place] = byte;
            }
            let naive = bytes.iter().rev().fold(0_u64, |mask, byte| {
                mask << 1 | u64::from(byte.is_ascii_digit())
            });
            let is_plain = |byte: &u8| byte.is_ascii_digit() || matches!(byte, b',' | b'\n');
            let expected = bytes.iter().all(is_plain).then_some(naive);
            prop_assert_eq!(digits(&bytes), expected);
        }
    }
}
