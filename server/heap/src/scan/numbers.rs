//! Unsigned decimal numbers out of a JSON array, across chunk boundaries and whatever stands between
//! them. Long stretches of nothing but numbers go through [`blocks`](super::blocks).

use super::blocks::{self, Numbers};
use super::digits::{POWERS, digits_value, leading_digits};

/// Why [`Digits::read`] returned.
pub(super) enum Stop {
    /// All bytes were taken.
    EndOfBytes,
    /// The array's `]` is the last byte that was taken.
    EndOfArray(usize),
    /// The byte at this place has no business in an array of numbers.
    Unexpected(usize),
    /// The receiver refused the number that ends before this place.
    Refused(usize, &'static str),
}

impl Stop {
    /// The same, `offset` bytes later.
    fn after(self, offset: usize) -> Self {
        match self {
            Stop::EndOfBytes => Stop::EndOfBytes,
            Stop::EndOfArray(place) => Stop::EndOfArray(offset + place),
            Stop::Unexpected(place) => Stop::Unexpected(offset + place),
            Stop::Refused(place, problem) => Stop::Refused(offset + place, problem),
        }
    }
}

/// The number that is being read.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Digits {
    value: u64,
    open: bool,
}

impl Digits {
    /// Reads numbers, long stretches of them at once.
    pub(super) fn read_all(&mut self, bytes: &[u8], numbers: &mut Numbers) -> Stop {
        let mut emit = |number| {
            numbers.push(number);
            Ok(())
        };
        let mut at = 0;
        if self.open {
            let length = bytes.iter().take_while(|byte| byte.is_ascii_digit()).count();
            // With the byte that ends the number.
            at = bytes.len().min(length + 1);
            match self.read(&bytes[..at], &mut emit) {
                Stop::EndOfBytes => {}
                stop => return stop,
            }
        }
        at += blocks::read(&bytes[at..], numbers);
        self.read(&bytes[at..], |number| {
            numbers.push(number);
            Ok(())
        })
        .after(at)
    }

    /// The place of the byte that ends the number of this index, when reading goes on from here.
    pub(super) fn place_of(mut self, index: usize, bytes: &[u8]) -> usize {
        let mut left = index;
        match self.read(bytes, |_| match left.checked_sub(1) {
            Some(less) => {
                left = less;
                Ok(())
            }
            None => Err(""),
        }) {
            Stop::Refused(place, _) => place,
            _ => bytes.len(),
        }
    }

    /// Reads numbers and hands each to `emit`.
    ///
    /// Signs are ignored, as `DevTools` does: old V8 writes -1 for what is 4294967295 elsewhere.
    /// Numbers past 64 bits stay at their maximum and are refused by whoever receives them.
    #[inline]
    pub(super) fn read(
        &mut self,
        bytes: &[u8],
        mut emit: impl FnMut(u64) -> Result<(), &'static str>,
    ) -> Stop {
        let mut at = 0;
        while at < bytes.len() {
            // The byte that ends the number.
            let end = if let Some(word) = bytes[at..].first_chunk::<8>() {
                let word = u64::from_le_bytes(*word) ^ 0x3030_3030_3030_3030;
                let length = leading_digits(word);
                if length > 0 {
                    let value = digits_value(word, length);
                    self.value = if self.open {
                        self.value.saturating_mul(POWERS[length]).saturating_add(value)
                    } else {
                        value
                    };
                    self.open = true;
                    at += length;
                    if length == 8 {
                        continue;
                    }
                    ((word >> (8 * length)) as u8) ^ b'0'
                } else {
                    bytes[at]
                }
            } else {
                let byte = bytes[at];
                if byte.is_ascii_digit() {
                    let digit = u64::from(byte - b'0');
                    self.value = if self.open {
                        self.value.saturating_mul(10).saturating_add(digit)
                    } else {
                        digit
                    };
                    self.open = true;
                    at += 1;
                    continue;
                }
                byte
            };
            if self.open {
                self.open = false;
                if let Err(problem) = emit(self.value) {
                    return Stop::Refused(at, problem);
                }
            }
            match end {
                b',' | b'\n' | b' ' | b'\r' | b'\t' | b'-' => at += 1,
                b']' => return Stop::EndOfArray(at + 1),
                _ => return Stop::Unexpected(at),
            }
        }
        Stop::EndOfBytes
    }
}
