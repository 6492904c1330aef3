//! The part of scanning that another thread can do before the scanner gets there.

use super::blocks::{self, Numbers};

/// The numbers of a chunk, read without knowing whether it is of an array of numbers at all: the part
/// of the work that needs nothing of what came before, so that another thread can do it.
#[derive(Debug, Default)]
pub(crate) struct ReadAhead {
    /// How many bytes of the chunk come before: the end of a number that began in an earlier one.
    pub(super) from: usize,
    /// How many bytes the numbers take.
    pub(super) length: usize,
    pub(super) numbers: Numbers,
}

impl ReadAhead {
    /// Reads the numbers that the chunk holds, up to the first byte that suits no list of numbers.
    pub(crate) fn read(&mut self, chunk: &[u8]) {
        self.numbers.clear();
        let in_number = chunk.iter().take_while(|byte| byte.is_ascii_digit()).count();
        // With the byte that ends it.
        self.from = chunk.len().min(in_number + 1);
        self.length = blocks::read(&chunk[self.from..], &mut self.numbers);
    }
}
