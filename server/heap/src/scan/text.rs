//! The section `strings`: where one ends, and the bytes of each into [`Strings`](crate::strings).

use super::columns::Columns;
use super::scanner::{STRETCH, Scanner, State};
use crate::bytes::Bytes;
use crate::error::LoadError;
use crate::limits;
use crate::strings::{Full, MAX_TEXT, Refusal};

impl Scanner {
    /// Makes room for the strings of a file of known length: as many as there may be beside what
    /// its header promises, or are left.
    pub(super) fn reserve_strings(&mut self) -> Result<(), LoadError> {
        let (Some(layout), Some(file)) = (&self.layout, self.total_bytes) else { return Ok(()) };
        let (nodes, edges) = Columns::promised(layout, self.most_bytes);
        let most = limits::strings(file, nodes, edges).min(file.saturating_sub(self.byte));
        self.strings.reserve(most, &mut self.budget)
    }

    /// Bytes of the strings' text so far.
    pub(crate) fn text_bytes(&self) -> u64 {
        self.strings.text_bytes()
    }

    /// Takes note that the strings will be about so long in all: refuses what cannot be kept before it
    /// is there, and makes room for the rest at once, so that it need not move.
    pub(crate) fn expect_text(&mut self, bytes: u64) -> Result<(), LoadError> {
        if bytes > MAX_TEXT {
            return Err(too_much_text(bytes));
        }
        self.budget.check(self.peak().saturating_add(bytes - self.text_bytes().min(bytes)))?;
        self.strings.reserve(bytes, &mut self.budget)
    }

    pub(super) fn string(&mut self, escaped: bool, bytes: &[u8]) -> Result<usize, LoadError> {
        if escaped {
            // Whatever it is, it does not end the string.
            self.state = State::String { escaped: false };
            return self.part_of_string(&bytes[..1], true);
        }
        match memchr::memchr2(b'"', b'\\', bytes) {
            None => self.part_of_string(bytes, true),
            Some(at) if bytes[at] == b'\\' => {
                self.state = State::String { escaped: true };
                self.part_of_string(&bytes[..=at], true)
            }
            Some(at) => {
                self.part_of_string(&bytes[..at], false)?;
                self.strings.end().map_err(|Full| too_much_text(self.text_bytes()))?;
                self.state = State::BetweenStrings;
                Ok(at + 1)
            }
        }
    }

    /// Adds to the string that is being read; returns how many bytes were used: all.
    fn part_of_string(&mut self, bytes: &[u8], is_to_come: bool) -> Result<usize, LoadError> {
        // Room is asked for little by little: it is the worst that the bytes may need.
        let mut start = 0;
        while bytes.len() - start > STRETCH {
            self.short_part_of_string(&bytes[start..start + STRETCH], start, true)?;
            start += STRETCH;
        }
        self.short_part_of_string(&bytes[start..], start, is_to_come)?;
        Ok(bytes.len())
    }

    /// The same for bytes that stand `start` bytes after the next one.
    fn short_part_of_string(
        &mut self,
        bytes: &[u8],
        start: usize,
        is_to_come: bool,
    ) -> Result<(), LoadError> {
        let begun = self.text.len();
        let first = self.byte + start as u64 - begun as u64;
        let Self { text, strings, budget, .. } = self;
        if begun > 0 {
            text.extend_from_slice(bytes);
        }
        let raw = if begun > 0 { text.as_slice() } else { bytes };
        strings.make_room(raw.len(), budget)?;
        let used = match strings.extend(raw, is_to_come) {
            Ok(used) => used,
            Err(Refusal::Full) => return Err(too_much_text(strings.text_bytes())),
            Err(Refusal::Damage { at, damage }) => {
                return Err(self.malformed_at("strings", first + at as u64, damage.to_string()));
            }
        };
        if begun > 0 {
            text.drain(..used);
        } else {
            text.extend_from_slice(&bytes[used..]);
        }
        Ok(())
    }
}

fn too_much_text(bytes: u64) -> LoadError {
    LoadError::TooMuchText { text: Bytes(bytes), most: Bytes(MAX_TEXT) }
}
