//! Index files: analyses kept on disk, so that a snapshot that was analysed before opens at once.
//!
//! ```text
//! header    magic, engine's version │ the snapshot's identity │ rows of its tables
//!           │ length, memory and checksum of each section │ checksum
//! sections  edges │ nodes │ the rest of the snapshot │ what was computed, or nothing
//! ```
//!
//! All columns are in it, the computed ones and the scanned ones: reading the snapshot's text takes
//! about as long as analysing it, so an index with the computed columns alone could never be 15 times
//! as fast. Not in it is what is made on demand: retainers, the dominator tree's other direction.
//!
//! Two threads read the sections, piece by piece while the processor's cache has them. Half of that
//! time goes to the system, which hands out the columns' memory. The file is not mapped: nothing that
//! happens to the index later can change, or harm, what was read.
//!
//! An index is only a memory of work done. Whatever is wrong with it (cut off, damaged, of another
//! engine, of the file before it changed), it is removed and the snapshot analysed anew. Lengths and
//! ordinals are checked beyond the checksums, so that not even a forged one makes anything panic,
//! turn in circles, or take more memory than allowed; the fuzz target `index` sees to that.

mod file;
mod folder;
mod identity;
mod opened;
mod parts;
#[cfg(test)]
mod tests;

pub use folder::{IndexFolder, RelativeFolder};
pub use opened::OpenedSnapshot;

use std::path::Path;

use crate::analysis::Analysis;
use crate::error::LoadError;
use crate::limits::Limits;
use crate::monitor::Monitor;
#[cfg(any(test, feature = "fuzz"))]
use identity::Identity;

/// The index of an analysis of no file.
#[cfg(test)]
pub(crate) fn index_of(analysis: &Analysis) -> Vec<u8> {
    let file = tempfile::NamedTempFile::new().expect("a file");
    let (snapshot, computed) = (analysis.snapshot(), Some(analysis.computed()));
    let (file_, none, all) = (file.as_file(), &Identity::NONE, u64::MAX);
    file::write(file_, none, snapshot, computed, all, &crate::Unmonitored).expect("room");
    std::fs::read(file.path()).expect("a file")
}

/// The analysis in these bytes, as if they were an index with the right checksums.
#[cfg(any(test, feature = "fuzz"))]
pub(crate) fn read_forged(mut bytes: Vec<u8>, limits: Limits) -> Option<Analysis> {
    file::forge(&mut bytes, &Identity::NONE);
    let read = file::read(&bytes.as_slice(), &Identity::NONE, limits, &crate::Unmonitored);
    let (snapshot, computed) = read.ok()?;
    match computed {
        Some(computed) => Some(computed.with(snapshot)),
        None => Analysis::new(snapshot, &crate::Unmonitored).ok(),
    }
}

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
        Ok(OpenedSnapshot::open(path, limits, Some(indexes), monitor)?.analyze(monitor)?)
    }
}
