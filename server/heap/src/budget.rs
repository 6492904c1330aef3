//! The memory that columns take while they grow: asked for before it is taken.
//!
//! A vector that grows by itself doubles, and holds three times its contents while it moves. Here
//! buffers grow by a half, and what all of them hold during the move is compared with the limits
//! first. Not here: what the analysis will take on top (`limits::peak`).

use std::collections::TryReserveError;

use crate::bytes::Bytes;
use crate::error::LoadError;
use crate::limits::Limits;

/// How much has been taken of how much there is.
#[derive(Debug)]
pub(crate) struct Budget {
    limits: Limits,
    /// Bytes of all buffers that grew by [`Self::make_room`], at the capacity that they have.
    taken: u64,
}

impl Budget {
    pub(crate) fn new(limits: Limits) -> Self {
        Self { limits, taken: 0 }
    }

    /// Makes room for so many more items.
    #[inline]
    pub(crate) fn make_room(
        &mut self,
        buffer: &mut impl Buffer,
        more: usize,
    ) -> Result<(), LoadError> {
        if buffer.capacity() - buffer.len() >= more {
            return Ok(());
        }
        let length = buffer.len();
        self.grow(buffer, length.saturating_add(more.max(length / 2)))
    }

    /// Makes room for exactly so many items in all.
    #[cold]
    pub(crate) fn grow(
        &mut self,
        buffer: &mut impl Buffer,
        capacity: usize,
    ) -> Result<(), LoadError> {
        let before = buffer.bytes(buffer.capacity());
        let after = buffer.bytes(capacity);
        // Where it was and where it will be: both are there while it moves.
        let moving = self.taken.saturating_add(after);
        self.check(moving)?;
        if buffer.grow_to(capacity).is_err() {
            // The system does not give what it said it had.
            return Err(LoadError::TooLarge { needed: Bytes(moving), budget: Bytes(self.taken) });
        }
        self.taken = self.taken.saturating_add(after).saturating_sub(before);
        Ok(())
    }

    /// Takes note that a buffer goes.
    pub(crate) fn give_back(&mut self, buffer: &impl Buffer) {
        self.taken = self.taken.saturating_sub(buffer.bytes(buffer.capacity()));
    }

    /// Refuses what takes so much in all.
    pub(crate) fn check(&self, needed: u64) -> Result<(), LoadError> {
        self.limits.check(needed)
    }

    /// The same for what takes so much beside the buffers.
    pub(crate) fn check_beside(&self, more: u64) -> Result<(), LoadError> {
        self.check(self.taken.saturating_add(more))
    }
}

/// What grows.
pub(crate) trait Buffer {
    fn len(&self) -> usize;
    fn capacity(&self) -> usize;
    /// Bytes of so many items.
    fn bytes(&self, items: usize) -> u64;
    fn grow_to(&mut self, capacity: usize) -> Result<(), TryReserveError>;
}

impl<T> Buffer for Vec<T> {
    fn len(&self) -> usize {
        self.len()
    }

    fn capacity(&self) -> usize {
        self.capacity()
    }

    fn bytes(&self, items: usize) -> u64 {
        (items as u64).saturating_mul(size_of::<T>() as u64)
    }

    fn grow_to(&mut self, capacity: usize) -> Result<(), TryReserveError> {
        self.try_reserve_exact(capacity.saturating_sub(self.len()))
    }
}

impl Buffer for String {
    fn len(&self) -> usize {
        self.len()
    }

    fn capacity(&self) -> usize {
        self.capacity()
    }

    fn bytes(&self, items: usize) -> u64 {
        items as u64
    }

    fn grow_to(&mut self, capacity: usize) -> Result<(), TryReserveError> {
        self.try_reserve_exact(capacity.saturating_sub(self.len()))
    }
}
