//! What tells one snapshot file from another, and from itself after a change, without reading it.

use std::hash::Hasher;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;
use std::time::UNIX_EPOCH;

use twox_hash::XxHash3_64;

/// How many blocks of the contents are looked at, spread evenly from the first to the last byte.
const BLOCKS: u64 = 16;
const BLOCK: u64 = 4 << 10;

/// A file's path, length, time of change, and a sum over some of its contents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Identity {
    /// A sum over the canonical path, from which the index has its name.
    pub(crate) path: u64,
    length: u64,
    nanoseconds: u64,
    contents: u64,
}

impl Identity {
    pub(crate) const WORDS: usize = 4;

    pub(crate) fn of(path: &Path) -> io::Result<Self> {
        let canonical = heapmark_files::canonicalize(path)?;
        let (mut file, metadata) = heapmark_files::open_with_metadata(&canonical)?;
        let (length, modified) = (metadata.len(), metadata.modified()?);
        // Times before 1970 are all the same to us: the contents are looked at, too.
        let age = modified.duration_since(UNIX_EPOCH).unwrap_or_default();
        let mut contents = XxHash3_64::with_seed(0);
        let mut block = Vec::with_capacity(BLOCK as usize);
        for index in 0..BLOCKS {
            let start = length.saturating_sub(BLOCK) as u128 * u128::from(index);
            file.seek(SeekFrom::Start((start / u128::from(BLOCKS - 1)) as u64))?;
            block.clear();
            file.by_ref().take(BLOCK).read_to_end(&mut block)?;
            contents.write(&block);
        }
        Ok(Self {
            path: XxHash3_64::oneshot(canonical.as_os_str().as_encoded_bytes()),
            length,
            nanoseconds: age.as_nanos() as u64,
            contents: contents.finish(),
        })
    }

    /// Of no file.
    #[cfg(any(test, feature = "fuzz"))]
    pub(crate) const NONE: Self = Self { path: 0, length: 0, nanoseconds: 0, contents: 0 };

    pub(crate) fn words(&self) -> [u64; Self::WORDS] {
        [self.path, self.length, self.nanoseconds, self.contents]
    }
}
