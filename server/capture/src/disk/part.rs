//! A snapshot on its way to disk, never half-written under its final name.
//!
//! A snapshot grows as `NAME.heapsnapshot.part` and is renamed when it is complete, so that an
//! editor that watches for `*.heapsnapshot` never reads a torn one. The `.part` file also reserves
//! the name, and is locked as long as somebody writes it. Whatever ends the capture early, the file
//! goes with it; if it is the end of our process, the next capture clears it away ([`super::stale`]).

use super::{
    folder::private_file,
    names::{EXTENSION, PART, SCRIPTS, is_taken, path},
    room, stale,
};
use crate::{error::CaptureError, sidecar::Sidecar};
use std::{
    ffi::OsString,
    fs, io,
    path::{Path, PathBuf},
};
use tokio::io::{AsyncWriteExt, BufWriter};

/// Chunks come in 100 kB; the disk is happier with more at once.
const WRITE_AT_ONCE: usize = 1 << 20;

/// What V8 begins and ends every snapshot with, without blanks.
const BEGINS: &[u8] = b"{\"snapshot\":{";
const ENDS: &[u8; 2] = b"]}";

/// A snapshot on its way to disk. Dropped before [`PartFile::complete`], it leaves nothing.
pub(crate) struct PartFile {
    file: BufWriter<tokio::fs::File>,
    folder: PathBuf,
    /// The name that is reserved, without extension.
    pub(super) stem: OsString,
    written: u64,
    /// When so much is written, the disk is looked at again.
    look_at: u64,
    /// The first bytes that are no blanks, as many as [`BEGINS`] has, and the last.
    first: Vec<u8>,
    last: [u8; ENDS.len()],
    completed: bool,
}

impl PartFile {
    /// With exactly this name, in a folder that is prepared; `None` if something has it.
    pub(super) fn with_stem(folder: &Path, stem: OsString) -> Result<Option<Self>, CaptureError> {
        let path = |ending| path(folder, &stem, ending);
        if is_taken(&path(EXTENSION)) || is_taken(&path(SCRIPTS)) {
            return Ok(None);
        }
        let part = path(PART);
        let file = match private_file(&part) {
            // One that is cleared away before it has its lock: that name is as good as taken.
            Ok(file) if stale::lock(&file).is_err() => return Ok(None),
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Ok(None),
            Err(reason) => return Err(CaptureError::Write { path: part, reason }),
        };
        let file = BufWriter::with_capacity(WRITE_AT_ONCE, tokio::fs::File::from_std(file));
        let part = Self {
            file,
            folder: folder.to_owned(),
            stem,
            written: 0,
            look_at: room::LOOK_EVERY,
            first: Vec::new(),
            last: Default::default(),
            completed: false,
        };
        part.look_at_disk()?;
        Ok(Some(part))
    }

    pub(crate) async fn write(&mut self, text: &str) -> Result<(), CaptureError> {
        let solid = |byte: &u8| !byte.is_ascii_whitespace();
        let missing = BEGINS.len() - self.first.len();
        self.first.extend(text.bytes().filter(solid).take(missing));
        for byte in
            text.bytes().rev().filter(solid).take(ENDS.len()).collect::<Vec<_>>().into_iter().rev()
        {
            self.last = [self.last[1], byte];
        }
        self.file.write_all(text.as_bytes()).await.map_err(|error| self.failed(error))?;
        self.written += text.len() as u64;
        if self.written >= self.look_at {
            self.look_at = self.written + room::LOOK_EVERY;
            self.look_at_disk()?;
        }
        Ok(())
    }

    /// Gives up before the disk is full.
    fn look_at_disk(&self) -> Result<(), CaptureError> {
        match room::free_bytes(&self.folder) {
            Some(free) if free < room::MIN_FREE => {
                Err(CaptureError::DiskLow { path: self.path(PART), free, written: self.written })
            }
            _ => Ok(()),
        }
    }

    /// Bytes written so far.
    pub(crate) fn written(&self) -> u64 {
        self.written
    }

    /// Whether what has come begins as V8 begins every snapshot.
    pub(crate) fn is_snapshot(&self) -> bool {
        self.first == BEGINS
    }

    /// Whether it ends as V8 ends every snapshot: with the list of strings.
    pub(crate) fn is_whole(&self) -> bool {
        self.is_snapshot() && self.last == *ENDS
    }

    /// Brings everything to disk: first the sidecar, so that who is woken by the snapshot finds
    /// it, then the snapshot under its name. Returns the paths of both.
    pub(crate) async fn complete(
        mut self,
        sidecar: &Sidecar,
    ) -> Result<(PathBuf, PathBuf), CaptureError> {
        self.file.flush().await.map_err(|error| self.failed(error))?;
        self.file.get_ref().sync_all().await.map_err(|error| self.failed(error))?;
        let scripts = self.path(SCRIPTS);
        let snapshot = self.path(EXTENSION);
        let write_scripts = || {
            let mut file = io::BufWriter::new(private_file(&scripts)?);
            serde_json::to_writer_pretty(&mut file, sidecar)?;
            io::Write::write_all(&mut file, b"\n")?;
            io::Write::flush(&mut file)
        };
        write_scripts().map_err(|error| self.failed(error))?;
        fs::rename(self.path(PART), &snapshot).map_err(|error| self.failed(error))?;
        self.completed = true;
        Ok((snapshot, scripts))
    }

    fn path(&self, ending: &str) -> PathBuf {
        path(&self.folder, &self.stem, ending)
    }

    fn failed(&self, reason: io::Error) -> CaptureError {
        let path = self.path(PART);
        match reason.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                CaptureError::DiskFull { path, written: self.written }
            }
            _ => CaptureError::Write { path, reason },
        }
    }
}

impl Drop for PartFile {
    fn drop(&mut self) {
        if !self.completed {
            // The sidecar is ours: the reserved name had none. Nothing can be done about a file
            // that cannot be removed, and nothing reads a `.part`.
            let _ = fs::remove_file(self.path(SCRIPTS));
            let _ = fs::remove_file(self.path(PART));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_called_so() {
        let folder = tempfile::tempdir().unwrap();
        // It needs no runtime until it writes.
        let part = PartFile::with_stem(folder.path(), "a".into()).unwrap().expect("it is free");
        let message = part.failed(io::ErrorKind::StorageFull.into()).to_string();
        assert!(message.starts_with("the disk is full: "), "{message}");
    }
}
