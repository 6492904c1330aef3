//! From a file or a stream to a snapshot: opening it, and finding out how it is packed.
//!
//! How its bytes are handed on to the scanner is for [`pieces`], how much they may become for
//! [`expansion`].

mod expansion;
mod foretold;
mod pieces;

use std::io::Read;
use std::path::Path;
use std::sync::atomic::AtomicU64;

use crate::error::LoadError;
use crate::limits::Limits;
use crate::load::expansion::{Packed, most_unpacked};
use crate::load::pieces::{Counted, scan, stream_error};
use crate::monitor::{Monitor, Phase, Progress};
use crate::scan::Scanner;
use crate::snapshot::Snapshot;
use crate::unpack::{self, Packing};

impl Snapshot {
    /// Loads a `.heapsnapshot` or `.heaptimeline` file, plain or packed by gzip or zstd (its first
    /// bytes tell), if there is memory for it and its analysis.
    pub fn open(path: &Path, monitor: &dyn Monitor) -> Result<Snapshot, LoadError> {
        Snapshot::open_within(path, Limits::available(), monitor)
    }

    /// [`Self::open`] with a memory budget of the caller's.
    pub fn open_within(
        path: &Path,
        limits: Limits,
        monitor: &dyn Monitor,
    ) -> Result<Snapshot, LoadError> {
        let io = |source| LoadError::Io { path: path.to_owned(), source };
        let (file, metadata) = heapmark_files::open_with_metadata(path).map_err(io)?;
        Snapshot::read_within(file, Some(metadata.len()), limits, monitor).map_err(|error| {
            match error {
                LoadError::Io { source, .. } => io(source),
                other => other,
            }
        })
    }

    /// Loads a snapshot from a stream of `total_bytes` bytes, plain or packed.
    pub fn read(
        reader: impl Read + Send,
        total_bytes: Option<u64>,
        monitor: &dyn Monitor,
    ) -> Result<Snapshot, LoadError> {
        Snapshot::read_within(reader, total_bytes, Limits::available(), monitor)
    }

    /// [`Self::read`] with a memory budget of the caller's.
    pub fn read_within(
        reader: impl Read + Send,
        total_bytes: Option<u64>,
        limits: Limits,
        monitor: &dyn Monitor,
    ) -> Result<Snapshot, LoadError> {
        let consumed = AtomicU64::new(0);
        let mut reader = Counted::by(reader, &consumed);
        let mut magic = Vec::with_capacity(unpack::MAGIC_LENGTH);
        let first_bytes = &mut reader.by_ref().take(unpack::MAGIC_LENGTH as u64);
        first_bytes.read_to_end(&mut magic).map_err(stream_error)?;
        let packing = Packing::of(&magic);
        let reader = magic.as_slice().chain(reader);
        let total = total_bytes.unwrap_or(0);
        let progress = Progress::start(monitor, Phase::Reading, total as usize)?;
        match packing {
            Some(packing) => {
                let most_bytes = total_bytes.map(most_unpacked);
                let scanner = Scanner::packed(most_bytes, limits);
                let reader = packing.unpack(reader, limits.memory);
                let packed = Packed { packing, length: total_bytes };
                scan(reader, scanner, &progress, &consumed, Some(packed))
            }
            None => scan(reader, Scanner::within(total_bytes, limits), &progress, &consumed, None),
        }
    }
}

#[cfg(test)]
mod tests;
