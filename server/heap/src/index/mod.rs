//! Index files: analyses kept on disk, so that a snapshot that was analysed before opens at once.
//!
//! ```text
//! header    magic, engine's version │ the snapshot's identity │ length and checksum of each section │ checksum
//! sections  edges │ the rest of the snapshot │ what was computed
//! ```
//!
//! All columns are in it, the computed ones and the scanned ones: what dominates the first opening of
//! a 500 MB file is reading its text (0.8 s) and analysing it (1.7 s); an index with the computed
//! columns alone could never be 15 times as fast. The sections are of about the same size and are
//! read side by side, each into its columns, without a map of the file: nothing that happens to the
//! index later can change, or harm, what was read.
//!
//! An index is only a memory of work done. Whatever is wrong with it (cut off, damaged, of another
//! engine, of the file before it changed), it is removed and the snapshot analysed anew. Lengths and
//! ordinals are checked beyond the checksums, so that not even a forged one makes anything panic.

mod column;
mod file;
mod folder;
mod identity;
mod section;
#[cfg(test)]
mod tests;

pub(crate) use column::{Stored, are_below, are_ranges, stored};
pub use folder::IndexFolder;
pub(crate) use section::{Failure, SectionReader, SectionWriter};

use std::path::Path;

use crate::analysis::Analysis;
use crate::error::LoadError;
use crate::limits::Limits;
use crate::monitor::Monitor;
use crate::snapshot::Snapshot;
use identity::Identity;

/// To be increased with every change of what is computed, or of how it is kept.
const ENGINE_VERSION: u32 = 2;

impl Analysis {
    /// Loads and analyses a file, or takes both from its index in the folder if it has one; makes one
    /// if it has none. An index that cannot be written is no error.
    pub fn open(
        path: &Path,
        indexes: &IndexFolder,
        monitor: &dyn Monitor,
    ) -> Result<Analysis, LoadError> {
        Analysis::open_within(path, Limits::available(), indexes, monitor)
    }

    /// [`Self::open`] with a memory budget of the caller's.
    pub fn open_within(
        path: &Path,
        limits: Limits,
        indexes: &IndexFolder,
        monitor: &dyn Monitor,
    ) -> Result<Analysis, LoadError> {
        // Without an identity there is no index, and loading says better what is wrong.
        let identity = Identity::of(path).ok();
        if let Some(identity) = &identity
            && let Some(analysis) = indexes.load(identity, limits, monitor)?
        {
            return Ok(analysis);
        }
        let snapshot = Snapshot::open_within(path, limits, monitor)?;
        let analysis = Analysis::new(snapshot, monitor)?;
        // A file that changed while it was read has no index that would be right.
        if let Some(identity) = identity
            && Identity::of(path).is_ok_and(|now| now == identity)
        {
            indexes.store(&identity, &analysis, monitor)?;
        }
        Ok(analysis)
    }
}
