//! How long the strings of a packed file will be, foretold while they are unpacked.

use crate::load::expansion::{MIN_STRETCH, Packed};

/// What part of a packed file its strings must have taken before their end is foretold.
const MIN_PART: u64 = 16;

/// Foretells how long the strings of a packed file will be, from how they unpacked so far: a file of 70 MB
/// may hold 4 GB of them, which nobody wants to have unpacked to be told that they are too long.
#[derive(Debug, Default)]
pub(super) struct Foretold {
    /// The packed file's bytes, if that is known.
    length: Option<u64>,
    /// Where the strings began in it.
    began: Option<u64>,
    /// What was said last.
    text: u64,
}

impl Foretold {
    pub(super) fn of(packed: Option<Packed>) -> Self {
        Self { length: packed.and_then(|packed| packed.length), ..Self::default() }
    }

    /// How many bytes of text there will be in all, now that so many are there, if it has not been said.
    pub(super) fn text(&mut self, text: u64, packed: u64) -> Option<u64> {
        let length = self.length.filter(|_| text > 0)?;
        let began = *self.began.get_or_insert(packed);
        let (used, all) = (packed.saturating_sub(began), length.saturating_sub(began));
        if text < MIN_STRETCH || used < all / MIN_PART || used == 0 || text < self.text {
            return None;
        }
        self.text =
            (u128::from(text) * u128::from(all) / u128::from(used)).max(u128::from(text)) as u64;
        Some(self.text)
    }
}
