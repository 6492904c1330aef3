//! A source file as it is on disk at one moment. Not here: what follows from that, see [`crate::sources`].

use std::io;
use std::path::Path;
use std::time::SystemTime;

use heapmark_source::LARGEST_FILE;

/// Tells one state of a file on disk from another.
pub(crate) type Stamp = (Option<SystemTime>, u64);

/// One file as it is on disk now.
pub(crate) struct OnDisk {
    /// Why not, if it cannot be read.
    pub(crate) text: io::Result<String>,
    pub(crate) stamp: Option<Stamp>,
}

impl OnDisk {
    /// Reads it: not for the runtime's threads.
    pub(crate) fn of(file: &Path) -> Self {
        let metadata = heapmark_files::metadata(file).ok();
        let stamp = metadata.map(|it| (it.modified().ok(), it.len()));
        let bytes = heapmark_files::read(file, LARGEST_FILE);
        // As the analysis reads it.
        Self { text: bytes.map(|it| String::from_utf8_lossy(&it).into_owned()), stamp }
    }
}
