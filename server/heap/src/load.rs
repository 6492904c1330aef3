//! From a file or a stream to a snapshot: opening, unpacking, progress.

use std::cell::Cell;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use flate2::read::MultiGzDecoder;

use crate::error::LoadError;
use crate::monitor::{Monitor, Phase, Progress};
use crate::scan::Scanner;
use crate::snapshot::Snapshot;

/// A small buffer stays in the processor's cache: reading a 500 MB file this way is as fast as
/// mapping it, and survives that somebody truncates it meanwhile.
const CHUNK: usize = 256 << 10;

/// Snapshots shrink to a tenth or a twentieth. What unpacks to more than this many times its size,
/// and to more than a gigabyte, was made to exhaust memory.
const MOST_EXPANSION: u64 = 300;

impl Snapshot {
    /// Loads a `.heapsnapshot` or `.heaptimeline` file, plain or gzipped (its first bytes tell).
    pub fn open(path: &Path, monitor: &dyn Monitor) -> Result<Snapshot, LoadError> {
        let io = |source| LoadError::Io { path: path.to_owned(), source };
        let file = File::open(path).map_err(io)?;
        let bytes = file.metadata().map_err(io)?.len();
        Snapshot::read(file, Some(bytes), monitor).map_err(|error| match error {
            LoadError::Io { source, .. } => io(source),
            other => other,
        })
    }

    /// Loads a snapshot from a stream of `total_bytes` bytes, plain or gzipped.
    pub fn read(
        reader: impl Read,
        total_bytes: Option<u64>,
        monitor: &dyn Monitor,
    ) -> Result<Snapshot, LoadError> {
        let consumed = Cell::new(0);
        let mut reader = Counted { reader, consumed: &consumed };
        let mut magic = Vec::with_capacity(2);
        reader.by_ref().take(2).read_to_end(&mut magic).map_err(stream_error)?;
        let is_gzip = magic == [0x1F, 0x8B];
        let reader = magic.as_slice().chain(reader);
        let total = total_bytes.unwrap_or(0);
        let progress = Progress::start(monitor, Phase::Reading, total as usize)?;
        if is_gzip {
            // Memory is reserved step by step: a packed file's length says little.
            let scanner = Scanner::new(None);
            scan(MultiGzDecoder::new(reader), scanner, &progress, &consumed, true)
        } else {
            scan(reader, Scanner::new(total_bytes), &progress, &consumed, false)
        }
    }
}

fn scan(
    mut reader: impl Read,
    mut scanner: Scanner,
    progress: &Progress<'_>,
    consumed: &Cell<u64>,
    is_gzip: bool,
) -> Result<Snapshot, LoadError> {
    let mut buffer = vec![0; CHUNK];
    loop {
        let length = match reader.read(&mut buffer) {
            Ok(0) => break,
            Ok(length) => length,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            // Whatever follows a complete snapshot is none of ours, and one that is cut off is
            // better described by the scanner.
            Err(_) if is_gzip && scanner.is_done() => break,
            Err(error) if is_gzip && error.kind() == io::ErrorKind::UnexpectedEof => break,
            Err(source) if is_gzip && source.kind() != io::ErrorKind::Other => {
                return Err(LoadError::Compression { byte: scanner.bytes(), source });
            }
            Err(source) => return Err(stream_error(source)),
        };
        scanner.feed(&buffer[..length])?;
        progress.report(consumed.get())?;
        if is_gzip && scanner.bytes() > (1 << 30).max(consumed.get() * MOST_EXPANSION) {
            return Err(LoadError::NotASnapshot {
                looks_like: "it unpacks to hundreds of times its size, which no snapshot does",
            });
        }
    }
    scanner.finish()
}

fn stream_error(source: io::Error) -> LoadError {
    LoadError::Io { path: std::path::PathBuf::new(), source }
}

/// Counts what is read through it.
struct Counted<'c, R> {
    reader: R,
    consumed: &'c Cell<u64>,
}

impl<R: Read> Read for Counted<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.reader.read(buffer)?;
        self.consumed.set(self.consumed.get() + length as u64);
        Ok(length)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;
    use crate::Unmonitored;
    use crate::sketch::Sketch;

    fn packed(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(bytes).expect("memory takes everything");
        encoder.finish().expect("memory takes everything")
    }

    fn read(bytes: &[u8]) -> Result<usize, String> {
        Snapshot::read(bytes, Some(bytes.len() as u64), &Unmonitored)
            .map(|snapshot| snapshot.node_count())
            .map_err(|error| error.to_string())
    }

    #[test]
    fn unpacks_what_is_packed_whatever_its_name() {
        let file = Sketch::parse("root -> a").file();
        let folder = tempfile::tempdir().expect("a folder");
        for (name, bytes) in
            [("plain.gz", file.clone().into_bytes()), ("packed", packed(file.as_bytes()))]
        {
            let path = folder.path().join(name);
            std::fs::write(&path, bytes).expect("a file");
            let snapshot = Snapshot::open(&path, &Unmonitored).expect("a snapshot");
            assert_eq!(snapshot.node_count(), 2);
        }
    }

    #[test]
    fn says_when_there_is_no_file() {
        let folder = tempfile::tempdir().expect("a folder");
        let error = Snapshot::open(&folder.path().join("none"), &Unmonitored).expect_err("no file");
        assert!(matches!(&error, LoadError::Io { path, .. } if path.ends_with("none")));
        assert!(error.to_string().starts_with("cannot be read: "), "{error}");
    }

    #[test]
    fn says_when_a_packed_file_is_cut_off_or_damaged() {
        let file = Sketch::parse("root -> a").file();
        let mut bytes = packed(file.as_bytes());
        assert_eq!(read(&bytes), Ok(2));
        let end = bytes.len();
        // What follows the snapshot does not matter, not even its check sum.
        bytes[end - 8] ^= 1;
        assert_eq!(read(&bytes), Ok(2));
        let cut = read(&bytes[..end / 2]).expect_err("is cut off");
        assert!(cut.starts_with("is cut off: "), "{cut}");
        bytes[10] = 0xFF;
        let damaged = read(&bytes).expect_err("is damaged");
        assert!(damaged.starts_with("is damaged: its gzip data"), "{damaged}");
        assert_eq!(read(&packed(b"")), Err(LoadError::Empty.to_string()));
    }
}
