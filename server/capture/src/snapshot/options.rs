//! What is asked for when a snapshot is taken, and what it came to.

use crate::{
    disk::{Destination, IGNORE_FILE},
    sidecar::FilesBehind,
    text::plain,
};
use std::{path::PathBuf, time::Duration};

/// Bytes of a snapshot: V8 describes a byte of its heap in two, the largest heaps have 16 GB.
const MAX_BYTES: u64 = 32 << 30;

/// What to take, and where to put it.
#[derive(Debug, Clone)]
pub struct CaptureOptions {
    /// Where to put the snapshot.
    pub destination: Destination,
    /// Collects garbage first (the default), in two rounds: the callbacks of finalization
    /// registries run between them and let go of more. Taking a snapshot collects once anyhow.
    pub collect_garbage: bool,
    /// What the snapshot is in its series: `baseline`, `target`, `final`.
    pub role: Option<String>,
    /// Longest silence of the target while it collects garbage or prepares the snapshot. A heap
    /// of gigabytes on a busy machine is silent for minutes.
    pub silence_limit: Duration,
    /// Most bytes that the snapshot may have.
    pub size_limit: u64,
    /// Who tells the files that the program's scripts were made from; without it, none are written
    /// down.
    pub files_behind: Option<FilesBehind>,
}

impl CaptureOptions {
    /// The usual options for `destination`.
    pub fn new(destination: Destination) -> Self {
        Self {
            destination,
            collect_garbage: true,
            role: None,
            silence_limit: Duration::from_secs(300),
            size_limit: MAX_BYTES,
            files_behind: None,
        }
    }
}

/// A snapshot on disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Captured {
    /// `NAME.heapsnapshot`
    pub file: PathBuf,
    /// `NAME.scripts.json`
    pub scripts_file: PathBuf,
    /// Size of the snapshot.
    pub bytes: u64,
    /// From the first request to the complete file.
    pub elapsed: Duration,
    /// Snapshots with the same value share V8's object ids and can be compared by them.
    pub identity: String,
    /// `process.pid`, of a Node.js process.
    pub process_id: Option<u32>,
    /// Worker threads that ran, whose heaps the snapshot does not show; `None` if that is not known.
    pub workers: Option<u32>,
    /// Child processes that the program keeps running, which are programs of their own; `None` if that is
    /// not known.
    pub children: Option<u32>,
    /// Git may take up the file, because somebody else's `.gitignore` lies in `.heapmark`.
    pub may_show_in_git: bool,
}

impl Captured {
    /// What a person must know of the folder that the snapshot is in, a sentence: snapshots hold passwords,
    /// and what Git takes up others will read.
    pub fn git_warning(&self) -> Option<String> {
        let folder = self.file.parent().filter(|_| self.may_show_in_git)?;
        Some(format!(
            "{} was not written by Heapmark and does not ignore everything, so that Git may take up the \
             snapshots, which hold secrets: write `*` into it.",
            plain(&folder.join(IGNORE_FILE).to_string_lossy())
        ))
    }
}
