//! How much a packed file may grow: what was made to exhaust memory is refused before it does.

use crate::error::LoadError;
use crate::unpack::Packing;

/// Snapshots shrink to a tenth or a twentieth, and no stretch of them to less than a hundredth. What
/// unpacks to more than so many times its size was made to exhaust memory, or time.
const MAX_EXPANSION: u64 = 150;

/// How many bytes may be unpacked before anybody looks at that: a short stretch of equal strings
/// shrinks to nearly nothing.
pub(super) const MIN_STRETCH: u64 = 128 << 20;

/// What is known of a packed file.
#[derive(Debug, Clone, Copy)]
pub(super) struct Packed {
    pub(super) packing: Packing,
    /// Bytes; a stream has none that is known.
    pub(super) length: Option<u64>,
}

/// Looks at how much a file grows while it is unpacked, stretch by stretch: a bomb may stand behind
/// an honest beginning.
#[derive(Debug, Default)]
pub(super) struct Expansion {
    /// Where the stretch began.
    unpacked: u64,
    packed: u64,
}

impl Expansion {
    /// After so many bytes in all, on both sides.
    pub(super) fn check(&mut self, unpacked: u64, packed: u64) -> Result<(), LoadError> {
        let grown = unpacked.saturating_sub(self.unpacked);
        if grown < MIN_STRETCH {
            return Ok(());
        }
        if grown > packed.saturating_sub(self.packed).saturating_mul(MAX_EXPANSION) {
            return Err(LoadError::Expands { byte: self.unpacked, times: MAX_EXPANSION });
        }
        *self = Self { unpacked, packed };
        Ok(())
    }
}

/// How many bytes a packed file may have that is as large as this.
pub(super) fn most_unpacked(packed: u64) -> u64 {
    packed.saturating_mul(MAX_EXPANSION).saturating_add(MIN_STRETCH)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bomb_behind_an_honest_beginning_is_one() {
        let mut expansion = Expansion::default();
        let honest = 100 * MIN_STRETCH;
        expansion.check(honest, honest / 10).expect("a tenth is honest");
        expansion.check(honest + MIN_STRETCH - 1, honest / 10).expect("too short to tell");
        expansion.check(honest + MIN_STRETCH, honest / 10 + 1000).expect_err("a bomb");
    }
}
