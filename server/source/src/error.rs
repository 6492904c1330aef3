//! Why a file of the workspace cannot be used.

use std::path::PathBuf;

/// Why a source file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// The file lies outside every workspace folder, after symbolic links are followed.
    #[error("{} is outside the workspace folders: it was not read", path.display())]
    OutsideWorkspace {
        /// The file that was asked for.
        path: PathBuf,
    },
    /// The file cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Unreadable {
        /// The file that was asked for.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The file is a folder, a pipe or a device.
    #[error("{} is not an ordinary file", path.display())]
    NotAFile {
        /// The path that was asked for.
        path: PathBuf,
    },
    /// The file is larger than what is parsed.
    #[error(
        "{} has {bytes} bytes, more than the {limit} that are parsed: point the program at a smaller build of it or at its sources",
        path.display()
    )]
    TooLarge {
        /// The file that was asked for.
        path: PathBuf,
        /// Its size in bytes.
        bytes: u64,
        /// The largest size in bytes that is parsed.
        limit: u64,
    },
    /// The parser gave up.
    #[error("{} takes too long to parse: it is probably not a program", path.display())]
    TooComplex {
        /// The file that was asked for.
        path: PathBuf,
    },
}
