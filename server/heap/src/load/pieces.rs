//! The bytes of a file on their way to the scanner.
//!
//! Three threads hand each other pieces of the file, so that two cores are busy:
//!
//! ```text
//! reads, unpacks ──piece──► reads its numbers ahead ──piece──► scans, builds the columns
//!       ▲                                                                 │
//!       └────────────────────────── piece, empty ─────────────────────────┘
//! ```

use std::io::{self, Read};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread;

use crate::bytes::Bytes;
use crate::error::LoadError;
use crate::load::expansion::{Expansion, Packed};
use crate::load::foretold::Foretold;
use crate::monitor::Progress;
use crate::scan::{ReadAhead, Scanner};
use crate::snapshot::Snapshot;
use crate::unpack::{self, Fault, Packing};

/// A small buffer stays in the processor's cache: reading a 500 MB file this way is as fast as
/// mapping it, and survives that somebody truncates it meanwhile.
const CHUNK: usize = 256 << 10;

/// Pieces on their way: one for each thread, and some between them.
const PIECES: usize = 6;

/// Some bytes of the file, unpacked, and what is known of them.
struct Piece {
    bytes: Vec<u8>,
    length: usize,
    /// How many bytes of the file have been read with it.
    consumed: u64,
    ahead: ReadAhead,
}

/// Reads and scans all of a file; `consumed` counts what is read of it.
pub(super) fn scan(
    reader: impl Read + Send,
    mut scanner: Scanner,
    progress: &Progress<'_>,
    consumed: &AtomicU64,
    packed: Option<Packed>,
) -> Result<Snapshot, LoadError> {
    let packing = packed.map(|packed| packed.packing);
    let mut foretold = Foretold::of(packed);
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
        let mut expansion = Expansion::default();
        for piece in ready {
            let piece = match piece {
                Ok(piece) => piece,
                Err(source) => match failed(source, packing, &scanner) {
                    Some(error) => return Err(error),
                    // The scanner knows better what a file that is cut off lacks.
                    None => break,
                },
            };
            scanner.feed_read_ahead(&piece.bytes[..piece.length], &piece.ahead)?;
            progress.report(piece.consumed)?;
            if packing.is_some() {
                expansion.check(scanner.bytes(), piece.consumed)?;
                if let Some(text) = foretold.text(scanner.text_bytes(), piece.consumed) {
                    scanner.expect_text(text)?;
                }
            }
            // The reader may have come to the end and be gone.
            let _ = give_back.send(piece);
        }
        scanner.finish()
    })
}

/// What it means that the reader failed; none if the file ends there, too early.
fn failed(source: io::Error, packing: Option<Packing>, scanner: &Scanner) -> Option<LoadError> {
    let Some(packing) = packing else { return Some(stream_error(source)) };
    let (is_done, byte) = (scanner.is_done(), scanner.bytes());
    let damaged = |problem: String, source| {
        Some(LoadError::Compression { packing: packing.as_str(), problem, byte, source })
    };
    match unpack::input_error(&source) {
        Some(input) if input.kind() == io::ErrorKind::UnexpectedEof && is_done => {
            damaged("ends before its checksum".to_owned(), source)
        }
        Some(input) if input.kind() == io::ErrorKind::UnexpectedEof => None,
        Some(input) => {
            let source = input.raw_os_error().map(io::Error::from_raw_os_error);
            Some(stream_error(source.unwrap_or(io::ErrorKind::Other.into())))
        }
        None => {
            let fault = match Fault::of(&source) {
                Some(Fault::Window { requested, most }) => {
                    let [window, most] = [requested, most].map(Bytes);
                    return Some(LoadError::Window { window, most });
                }
                Some(fault) => fault.to_string(),
                // The snapshot is whole, and so is all that it was unpacked from.
                None if is_done => Fault::Checksum.to_string(),
                None => "cannot be unpacked".to_owned(),
            };
            damaged(fault, source)
        }
    }
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

/// The stream failed; whoever knows its path puts that in.
pub(super) fn stream_error(source: io::Error) -> LoadError {
    LoadError::Io { path: std::path::PathBuf::new(), source }
}

/// Counts what is read through it.
pub(super) struct Counted<'c, R> {
    reader: R,
    consumed: &'c AtomicU64,
}

impl<'c, R> Counted<'c, R> {
    /// `consumed` has the number of bytes so far.
    pub(super) fn by(reader: R, consumed: &'c AtomicU64) -> Self {
        Self { reader, consumed }
    }
}

impl<R: Read> Read for Counted<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.reader.read(buffer)?;
        self.consumed.fetch_add(length as u64, Ordering::Relaxed);
        Ok(length)
    }
}
