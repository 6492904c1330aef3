//! A part of an index file, written and read in small pieces with a checksum over all of it.

use std::hash::Hasher;
use std::io::{self, Read, Write};
use std::sync::atomic::{AtomicU64, Ordering};

use twox_hash::XxHash3_64;

use super::item::Item;
use crate::monitor::{Cancelled, Monitor};

/// Bytes at a time: they stay in the processor's cache while they are summed up.
const PIECE: usize = 128 << 10;

/// Why an index cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    /// It is not what was written, or was written by another version.
    #[error("the index is damaged")]
    Damaged,
    #[error(transparent)]
    Io(#[from] io::Error),
    /// It is larger than the folder may be, or what is in it than the memory.
    #[error("the index is too large")]
    TooLarge,
}

/// What the header says of a section.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct SectionSum {
    pub(crate) bytes: u64,
    /// Bytes that its columns take in memory.
    pub(crate) memory: u64,
    pub(crate) checksum: u64,
}

/// Bytes done, over all threads that work on an index; asked whether to go on.
pub(crate) struct Work<'m> {
    pub(crate) monitor: &'m dyn Monitor,
    pub(crate) done: AtomicU64,
    /// How many bytes there may be.
    pub(crate) most: u64,
}

impl Work<'_> {
    fn advance(&self, bytes: usize) -> Result<(), Failure> {
        let done = self.done.fetch_add(bytes as u64, Ordering::Relaxed) + bytes as u64;
        if self.monitor.is_cancelled() {
            return Err(Cancelled.into());
        }
        if done > self.most {
            return Err(Failure::TooLarge);
        }
        Ok(())
    }
}

/// Writes a section.
pub(crate) struct SectionWriter<'w> {
    sink: &'w mut dyn Write,
    work: &'w Work<'w>,
    piece: Vec<u8>,
    sum: SectionSum,
    hasher: XxHash3_64,
}

impl<'w> SectionWriter<'w> {
    pub(crate) fn new(sink: &'w mut dyn Write, work: &'w Work<'w>) -> Self {
        Self {
            sink,
            work,
            piece: Vec::new(),
            sum: SectionSum::default(),
            hasher: XxHash3_64::with_seed(0),
        }
    }

    pub(crate) fn items<T: Item>(&mut self, items: &[T]) -> Result<(), Failure> {
        for items in items.chunks(PIECE / T::BYTES) {
            let start = self.piece.len();
            self.piece.resize(start + items.len() * T::BYTES, 0);
            for (item, bytes) in items.iter().zip(self.piece[start..].chunks_exact_mut(T::BYTES)) {
                item.put(bytes);
            }
            if self.piece.len() >= PIECE {
                self.flush()?;
            }
        }
        Ok(())
    }

    pub(crate) fn bytes(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        self.piece.extend_from_slice(bytes);
        if self.piece.len() >= PIECE { self.flush() } else { Ok(()) }
    }

    /// Notes what [`SectionReader::take_memory`] will be asked for.
    pub(crate) fn will_take_memory(&mut self, bytes: u64) {
        self.sum.memory = self.sum.memory.saturating_add(bytes);
    }

    fn flush(&mut self) -> Result<(), Failure> {
        self.hasher.write(&self.piece);
        self.sink.write_all(&self.piece)?;
        self.sum.bytes += self.piece.len() as u64;
        self.work.advance(self.piece.len())?;
        self.piece.clear();
        Ok(())
    }

    pub(crate) fn finish(mut self) -> Result<SectionSum, Failure> {
        self.flush()?;
        Ok(SectionSum { checksum: self.hasher.finish(), ..self.sum })
    }
}

/// Reads a section. Whatever is read is to be believed only after [`Self::finish`].
pub(crate) struct SectionReader<'r> {
    source: &'r mut dyn Read,
    work: &'r Work<'r>,
    /// Bytes that are not in `piece` yet.
    rest: u64,
    piece: Vec<u8>,
    /// Where in the piece the bytes begin that were not used yet, and where they end.
    used: usize,
    filled: usize,
    /// Bytes of memory that may still be taken.
    memory: u64,
    hasher: XxHash3_64,
    checksum: u64,
}

impl<'r> SectionReader<'r> {
    pub(crate) fn new(source: &'r mut dyn Read, sum: SectionSum, work: &'r Work<'r>) -> Self {
        Self {
            source,
            work,
            rest: sum.bytes,
            piece: vec![0; sum.bytes.min(PIECE as u64) as usize],
            used: 0,
            filled: 0,
            memory: sum.memory,
            hasher: XxHash3_64::with_seed(0),
            checksum: sum.checksum,
        }
    }

    pub(crate) fn items<T: Item>(&mut self, count: u64) -> Result<Vec<T>, Failure> {
        let mut items = self.room(count, T::BYTES)?;
        let count = count as usize;
        while items.len() < count {
            if self.filled - self.used < T::BYTES {
                self.refill()?;
            }
            let whole = (self.filled - self.used) / T::BYTES;
            let bytes = self.slice(whole.clamp(1, count - items.len()) * T::BYTES)?;
            items.extend(bytes.chunks_exact(T::BYTES).map(T::get));
        }
        Ok(items)
    }

    /// Room for so many values, if they may take the memory, and are there with at least so many
    /// bytes each.
    pub(crate) fn room<T>(&mut self, count: u64, bytes: usize) -> Result<Vec<T>, Failure> {
        let left = self.rest + (self.filled - self.used) as u64;
        if count.checked_mul(bytes as u64).is_none_or(|bytes| bytes > left) {
            return Err(Failure::Damaged);
        }
        self.take_memory(count.saturating_mul(size_of::<T>() as u64))?;
        let mut values = Vec::new();
        values.try_reserve_exact(count as usize).map_err(|_| Failure::TooLarge)?;
        Ok(values)
    }

    /// To be asked before so many bytes are allocated: all in all there are as many as the header
    /// says, which was compared with the limits.
    pub(crate) fn take_memory(&mut self, bytes: u64) -> Result<(), Failure> {
        self.memory = self.memory.checked_sub(bytes).ok_or(Failure::Damaged)?;
        Ok(())
    }

    /// The next bytes, as many as are wanted; less than [`PIECE`].
    #[inline]
    pub(crate) fn slice(&mut self, bytes: usize) -> Result<&[u8], Failure> {
        if self.filled - self.used < bytes {
            self.refill()?;
        }
        let end = self.used + bytes;
        let slice = self.piece[..self.filled].get(self.used..end).ok_or(Failure::Damaged)?;
        self.used = end;
        Ok(slice)
    }

    #[inline]
    pub(crate) fn array<const N: usize>(&mut self) -> Result<&[u8; N], Failure> {
        self.slice(N)?.first_chunk().ok_or(Failure::Damaged)
    }

    /// Fills the piece, with what is left of it in front.
    fn refill(&mut self) -> Result<(), Failure> {
        self.piece.copy_within(self.used..self.filled, 0);
        self.filled -= self.used;
        self.used = 0;
        let more = self.rest.min((self.piece.len() - self.filled) as u64) as usize;
        let new = &mut self.piece[self.filled..self.filled + more];
        self.source.read_exact(new)?;
        self.hasher.write(new);
        self.filled += more;
        self.rest -= more as u64;
        self.work.advance(more)
    }

    /// Whether what was read is all there is, and what was written.
    pub(crate) fn finish(self) -> Result<(), Failure> {
        let is_whole = self.rest == 0 && self.used == self.filled;
        if is_whole && self.hasher.finish() == self.checksum {
            Ok(())
        } else {
            Err(Failure::Damaged)
        }
    }
}
