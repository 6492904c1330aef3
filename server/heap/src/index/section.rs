//! A part of an index file, written and read in small pieces with a checksum over all of it.

use std::hash::Hasher;
use std::io::{self, Read, Write};
use std::sync::atomic::{AtomicU64, Ordering};

use twox_hash::XxHash3_64;

use super::column::Item;
use crate::monitor::{Cancelled, Monitor};

/// Bytes at a time: they stay in the processor's cache while they are summed up and put in place.
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
}

/// What the header says of a section.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct SectionSum {
    pub(crate) bytes: u64,
    pub(crate) checksum: u64,
}

/// Bytes done, over all threads that work on an index; asked whether to go on.
pub(crate) struct Work<'m> {
    pub(crate) monitor: &'m dyn Monitor,
    pub(crate) done: AtomicU64,
    /// How much there may be.
    pub(crate) most: u64,
}

impl Work<'_> {
    fn advance(&self, bytes: usize) -> Result<(), Failure> {
        let done = self.done.fetch_add(bytes as u64, Ordering::Relaxed) + bytes as u64;
        if self.monitor.is_cancelled() {
            return Err(Cancelled.into());
        }
        if done > self.most {
            return Err(io::Error::from(io::ErrorKind::FileTooLarge).into());
        }
        Ok(())
    }
}

/// Writes a section.
pub(crate) struct SectionWriter<'w> {
    sink: &'w mut dyn Write,
    work: &'w Work<'w>,
    piece: Vec<u8>,
    bytes: u64,
    hasher: XxHash3_64,
}

impl<'w> SectionWriter<'w> {
    pub(crate) fn new(sink: &'w mut dyn Write, work: &'w Work<'w>) -> Self {
        Self { sink, work, piece: Vec::new(), bytes: 0, hasher: XxHash3_64::with_seed(0) }
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

    fn flush(&mut self) -> Result<(), Failure> {
        self.hasher.write(&self.piece);
        self.sink.write_all(&self.piece)?;
        self.bytes += self.piece.len() as u64;
        self.work.advance(self.piece.len())?;
        self.piece.clear();
        Ok(())
    }

    pub(crate) fn finish(mut self) -> Result<SectionSum, Failure> {
        self.flush()?;
        Ok(SectionSum { bytes: self.bytes, checksum: self.hasher.finish() })
    }
}

/// Reads a section. Whatever is read is to be believed only after [`Self::finish`].
pub(crate) struct SectionReader<'r> {
    source: &'r mut dyn Read,
    work: &'r Work<'r>,
    /// What is not in `piece` yet.
    rest: u64,
    piece: Vec<u8>,
    /// How much of the piece was used.
    used: usize,
    hasher: XxHash3_64,
    checksum: u64,
}

impl<'r> SectionReader<'r> {
    pub(crate) fn new(source: &'r mut dyn Read, sum: SectionSum, work: &'r Work<'r>) -> Self {
        Self {
            source,
            work,
            rest: sum.bytes,
            piece: Vec::new(),
            used: 0,
            hasher: XxHash3_64::with_seed(0),
            checksum: sum.checksum,
        }
    }

    pub(crate) fn item<T: Item>(&mut self) -> Result<T, Failure> {
        self.items::<T>(1)?.pop().ok_or(Failure::Damaged)
    }

    pub(crate) fn items<T: Item>(&mut self, count: u64) -> Result<Vec<T>, Failure> {
        let left = self.rest + (self.piece.len() - self.used) as u64;
        if count > left / T::BYTES as u64 {
            return Err(Failure::Damaged);
        }
        let count = count as usize;
        let mut items = Vec::with_capacity(count);
        while items.len() < count {
            if self.piece.len() - self.used < T::BYTES {
                self.refill()?;
            }
            let whole = (self.piece.len() - self.used) / T::BYTES;
            let bytes = whole.min(count - items.len()) * T::BYTES;
            let part = &self.piece[self.used..self.used + bytes];
            items.extend(part.chunks_exact(T::BYTES).map(T::get));
            self.used += bytes;
        }
        Ok(items)
    }

    fn refill(&mut self) -> Result<(), Failure> {
        self.piece.drain(..self.used);
        self.used = 0;
        let start = self.piece.len();
        let more = self.rest.min(PIECE as u64) as usize;
        if more == 0 {
            return Err(Failure::Damaged);
        }
        self.piece.resize(start + more, 0);
        self.source.read_exact(&mut self.piece[start..])?;
        self.hasher.write(&self.piece[start..]);
        self.rest -= more as u64;
        self.work.advance(more)
    }

    /// Whether what was read is all there is, and what was written.
    pub(crate) fn finish(self) -> Result<(), Failure> {
        let is_whole = self.rest == 0 && self.used == self.piece.len();
        if is_whole && self.hasher.finish() == self.checksum {
            Ok(())
        } else {
            Err(Failure::Damaged)
        }
    }
}
