//! From a file or a stream to a snapshot: opening, unpacking, progress.
//!
//! Three threads hand each other pieces of the file, so that two cores are busy:
//!
//! ```text
//! reads, unpacks ──piece──► reads its numbers ahead ──piece──► scans, builds the columns
//!       ▲                                                                 │
//!       └────────────────────────── piece, empty ─────────────────────────┘
//! ```

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread;

use crate::error::LoadError;
use crate::limits::Limits;
use crate::monitor::{Monitor, Phase, Progress};
use crate::scan::{ReadAhead, Scanner};
use crate::snapshot::Snapshot;
use crate::unpack::{self, Packing};

/// A small buffer stays in the processor's cache: reading a 500 MB file this way is as fast as
/// mapping it, and survives that somebody truncates it meanwhile.
const CHUNK: usize = 256 << 10;

/// Pieces on their way: one for each thread, and some between them.
const PIECES: usize = 6;

/// Snapshots shrink to a tenth or a twentieth. What unpacks to more than this many times its size,
/// and to more than a gigabyte, was made to exhaust memory.
const MOST_EXPANSION: u64 = 300;

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
        let file = File::open(path).map_err(io)?;
        let bytes = file.metadata().map_err(io)?.len();
        Snapshot::read_within(file, Some(bytes), limits, monitor).map_err(|error| match error {
            LoadError::Io { source, .. } => io(source),
            other => other,
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
        let mut reader = Counted { reader, consumed: &consumed };
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
                scan(packing.unpack(reader), scanner, &progress, &consumed, Some(packing))
            }
            None => scan(reader, Scanner::within(total_bytes, limits), &progress, &consumed, None),
        }
    }
}

/// Some bytes of the file, unpacked, and what is known of them.
struct Piece {
    bytes: Vec<u8>,
    length: usize,
    /// How many bytes of the file have been read with it.
    consumed: u64,
    ahead: ReadAhead,
}

fn scan(
    reader: impl Read + Send,
    mut scanner: Scanner,
    progress: &Progress<'_>,
    consumed: &AtomicU64,
    packing: Option<Packing>,
) -> Result<Snapshot, LoadError> {
    thread::scope(|scope| {
        let (give_back, empty) = sync_channel(PIECES);
        let (give_full, full) = sync_channel::<io::Result<Piece>>(PIECES);
        let (give_ready, ready) = sync_channel(PIECES);
        for _ in 0..PIECES {
            let bytes = vec![0; CHUNK];
            let piece = Piece { bytes, length: 0, consumed: 0, ahead: ReadAhead::default() };
            // There is room for all of them.
            let _ = give_back.send(piece);
        }
        scope.spawn(move || read_pieces(reader, empty, &give_full, consumed));
        scope.spawn(move || {
            for mut piece in full {
                if let Ok(piece) = &mut piece {
                    piece.ahead.read(&piece.bytes[..piece.length]);
                }
                if give_ready.send(piece).is_err() {
                    break;
                }
            }
        });
        for piece in ready {
            let piece = match piece {
                Ok(piece) => piece,
                // Whatever follows a complete snapshot is none of ours.
                Err(_) if packing.is_some() && scanner.is_done() => break,
                Err(source) => match (packing, unpack::input_error(&source)) {
                    (None, _) => return Err(stream_error(source)),
                    (Some(packing), None) => {
                        let (packing, byte) = (packing.as_str(), scanner.bytes());
                        return Err(LoadError::Compression { packing, byte, source });
                    }
                    // The scanner knows better what a file that is cut off lacks.
                    (_, Some(input)) if input.kind() == io::ErrorKind::UnexpectedEof => break,
                    (_, Some(input)) => {
                        let source = input.raw_os_error().map(io::Error::from_raw_os_error);
                        return Err(stream_error(source.unwrap_or(io::ErrorKind::Other.into())));
                    }
                },
            };
            scanner.feed_read_ahead(&piece.bytes[..piece.length], &piece.ahead)?;
            progress.report(piece.consumed)?;
            if packing.is_some() && scanner.bytes() > most_unpacked(piece.consumed) {
                return Err(LoadError::NotASnapshot {
                    looks_like: "it unpacks to hundreds of times its size, which no snapshot does",
                });
            }
            // The reader may have come to the end and be gone.
            let _ = give_back.send(piece);
        }
        scanner.finish()
    })
}

/// Fills pieces until the reader ends or fails, or nobody wants them any more.
fn read_pieces(
    mut reader: impl Read,
    empty: impl IntoIterator<Item = Piece>,
    give: &SyncSender<io::Result<Piece>>,
    consumed: &AtomicU64,
) {
    for mut piece in empty {
        let read = loop {
            match reader.read(&mut piece.bytes) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                other => break other,
            }
        };
        let (is_last, outcome) = match read {
            Ok(0) => break,
            Ok(length) => {
                piece.length = length;
                piece.consumed = consumed.load(Ordering::Relaxed);
                (false, Ok(piece))
            }
            Err(error) => (true, Err(error)),
        };
        if give.send(outcome).is_err() || is_last {
            break;
        }
    }
}

fn most_unpacked(packed: u64) -> u64 {
    packed.saturating_mul(MOST_EXPANSION).max(1 << 30)
}

fn stream_error(source: io::Error) -> LoadError {
    LoadError::Io { path: std::path::PathBuf::new(), source }
}

/// Counts what is read through it.
struct Counted<'c, R> {
    reader: R,
    consumed: &'c AtomicU64,
}

impl<R: Read> Read for Counted<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.reader.read(buffer)?;
        self.consumed.fetch_add(length as u64, Ordering::Relaxed);
        Ok(length)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;
    use ruzstd::encoding::{CompressionLevel, compress_to_vec};

    use super::*;
    use crate::Unmonitored;
    use crate::sketch::Sketch;

    const PACKINGS: [Packing; 2] = [Packing::Gzip, Packing::Zstd];

    fn packed(packing: Packing, bytes: &[u8]) -> Vec<u8> {
        match packing {
            Packing::Gzip => {
                let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
                encoder.write_all(bytes).expect("memory takes everything");
                encoder.finish().expect("memory takes everything")
            }
            Packing::Zstd => compress_to_vec(bytes, CompressionLevel::Fastest),
        }
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
        for (name, bytes) in [
            ("plain.gz", file.clone().into_bytes()),
            ("gzip", packed(Packing::Gzip, file.as_bytes())),
            ("zstd", packed(Packing::Zstd, file.as_bytes())),
        ] {
            let path = folder.path().join(name);
            std::fs::write(&path, bytes).expect("a file");
            let snapshot = Snapshot::open(&path, &Unmonitored).expect("a snapshot");
            assert_eq!(snapshot.node_count(), 2);
        }
    }

    #[test]
    fn unpacks_files_of_several_parts() {
        let file = Sketch::parse("root -> a").file();
        let (first, second) = file.as_bytes().split_at(file.len() / 2);
        for packing in PACKINGS {
            let bytes = [packed(packing, first), packed(packing, second)].concat();
            assert_eq!(read(&bytes), Ok(2), "{packing:?}");
        }
        // Frames of zstd that hold no data stand before, between and after the others.
        let note = [&[0x5A, 0x2A, 0x4D, 0x18, 3, 0, 0, 0][..], b"abc"].concat();
        let [first, second] = [first, second].map(|part| packed(Packing::Zstd, part));
        assert_eq!(read(&[&note[..], &first, &note, &second, &note].concat()), Ok(2));
    }

    #[test]
    fn says_when_there_is_no_file() {
        let folder = tempfile::tempdir().expect("a folder");
        let error = Snapshot::open(&folder.path().join("none"), &Unmonitored).expect_err("no file");
        assert!(matches!(&error, LoadError::Io { path, .. } if path.ends_with("none")));
        assert!(error.to_string().starts_with("cannot be read: "), "{error}");
    }

    #[test]
    fn says_when_a_packed_file_is_cut_off() {
        // Long enough to have the header, and some nodes, in an earlier block than the end.
        let mut sketch = Sketch::default();
        for node in 0..20_000 {
            sketch.edge("root", crate::EdgeType::Property, "p", &format!("n{node}"));
        }
        let file = sketch.file();
        for packing in PACKINGS {
            let bytes = packed(packing, file.as_bytes());
            assert_eq!(read(&bytes), Ok(20_001));
            let cut = read(&bytes[..bytes.len() * 3 / 4]).expect_err("is cut off");
            assert!(cut.starts_with("is cut off: "), "{packing:?} {cut}");
            assert_eq!(read(&packed(packing, b"")), Err(LoadError::Empty.to_string()));
        }
    }

    #[test]
    fn says_when_a_packed_file_is_damaged() {
        let file = Sketch::parse("root -> a").file();
        let mut bytes = packed(Packing::Gzip, file.as_bytes());
        let end = bytes.len();
        // What follows the snapshot does not matter, not even its check sum.
        bytes[end - 8] ^= 1;
        assert_eq!(read(&bytes), Ok(2));
        bytes[10] = 0xFF;
        let damaged = read(&bytes).expect_err("is damaged");
        assert!(damaged.starts_with("is damaged: its gzip data"), "{damaged}");

        let mut bytes = packed(Packing::Zstd, file.as_bytes());
        // A block of the type that the format reserves.
        bytes[4..].fill(0xFF);
        let damaged = read(&bytes).expect_err("is damaged");
        assert!(damaged.starts_with("is damaged: its zstd data"), "{damaged}");
    }

    #[test]
    fn what_the_disk_reports_is_no_damage() {
        struct Failing;
        impl Read for Failing {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(io::Error::from_raw_os_error(5))
            }
        }
        for packing in PACKINGS {
            let bytes = packed(packing, Sketch::parse("root -> a").file().as_bytes());
            let reader = bytes[..bytes.len() / 2].chain(Failing);
            let error = Snapshot::read(reader, None, &Unmonitored).expect_err("fails");
            assert!(matches!(error, LoadError::Io { .. }), "{packing:?} {error}");
        }
    }

    #[test]
    fn refuses_what_unpacks_to_hundreds_of_times_its_size() {
        // A frame with a window of 1 MB: six bytes as they are, then 8300 times "128 kB of `x`".
        let mut bytes = vec![0x28, 0xB5, 0x2F, 0xFD, 0x00, 0x50, 6 << 3, 0x00, 0x00];
        bytes.extend(br#"{"x":""#);
        bytes.extend([0x02, 0x00, 0x10, b'x'].repeat(8300));
        let error = read(&bytes).expect_err("a bomb");
        assert!(error.contains("unpacks to hundreds of times its size"), "{error}");
    }

    #[test]
    fn refuses_what_takes_more_memory_than_allowed_before_it_is_taken() {
        let limits = Limits { memory: 1 << 30 };
        let mut file = Sketch::parse("root -> a").json();
        file["snapshot"]["node_count"] = serde_json::json!(20_000_000);
        file["snapshot"]["edge_count"] = serde_json::json!(60_000_000);
        let text = crate::sketch::in_order(&file);
        // So large a file may hold so many nodes; this one ends before them.
        let large = Some(2_000_000_000);
        let error = Snapshot::read_within(text.as_bytes(), large, limits, &Unmonitored);
        insta::assert_snapshot!(error.expect_err("too large"), @"is too large: loading and analysing it takes about 2.4 GB of memory, and the budget is 1.1 GB");
        // What the header says of a small file is not believed.
        let small = Some(text.len() as u64);
        Snapshot::read_within(text.as_bytes(), small, limits, &Unmonitored).expect("a snapshot");
    }

    #[test]
    fn refuses_a_heap_that_grows_beyond_what_its_header_says() {
        let mut sketch = Sketch::default();
        for node in 0..5_000 {
            sketch.edge("root", crate::EdgeType::Property, "p", &format!("n{node}"));
        }
        let mut file = sketch.json();
        file["snapshot"]["node_count"] = serde_json::json!(2);
        file["snapshot"]["edge_count"] = serde_json::json!(1);
        let bytes = packed(Packing::Gzip, crate::sketch::in_order(&file).as_bytes());
        let limits = Limits { memory: 100_000 };
        let error = Snapshot::read_within(bytes.as_slice(), None, limits, &Unmonitored);
        assert!(matches!(error, Err(LoadError::TooLarge { .. })), "{error:?}");
    }
}
