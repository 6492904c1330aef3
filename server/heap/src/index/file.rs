//! One index file: its header, and its sections side by side.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::atomic::AtomicU64;
use std::thread;

use twox_hash::XxHash3_64;

use super::identity::Identity;
use super::section::{Failure, SectionReader, SectionSum, SectionWriter, Work};
use super::{ENGINE_VERSION, Stored};
use crate::analysis::Analysis;
use crate::limits::Limits;
use crate::monitor::{Monitor, Phase, Progress};
use crate::snapshot::{Edges, Snapshot};

const MAGIC: u64 = u64::from_le_bytes(*b"HEAPMARK");
const SECTIONS: usize = 3;
const HEADER_WORDS: usize = 2 + Identity::WORDS + 2 * SECTIONS + 1;
pub(super) const HEADER_BYTES: usize = 8 * HEADER_WORDS;

/// Writes an index of at most so many bytes.
pub(super) fn write(
    mut file: &File,
    identity: &Identity,
    analysis: &Analysis,
    most: u64,
    monitor: &dyn Monitor,
) -> Result<(), Failure> {
    let work = Work { monitor, done: AtomicU64::new(0), most };
    file.write_all(&[0; HEADER_BYTES])?;
    let mut sums = [SectionSum::default(); SECTIONS];
    let progress = Progress::start(monitor, Phase::WritingIndex, SECTIONS)?;
    for (index, sum) in sums.iter_mut().enumerate() {
        progress.report(index as u64)?;
        let mut section = SectionWriter::new(&mut file, &work);
        match index {
            0 => analysis.snapshot().edges.write(&mut section),
            1 => analysis.snapshot().write_without_edges(&mut section),
            _ => analysis.write_computed(&mut section),
        }?;
        *sum = section.finish()?;
    }
    file.seek(SeekFrom::Start(0))?;
    file.write_all(&header(identity, &sums))?;
    Ok(())
}

fn header(identity: &Identity, sums: &[SectionSum; SECTIONS]) -> Vec<u8> {
    let mut words = vec![MAGIC, u64::from(ENGINE_VERSION)];
    words.extend(identity.words());
    words.extend(sums.iter().flat_map(|sum| [sum.bytes, sum.checksum]));
    let mut bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
    bytes.extend(XxHash3_64::oneshot(&bytes).to_le_bytes());
    bytes
}

/// What the sections of a file are, if it is an index of this snapshot, by this engine, and whole.
fn sums(file: &mut File, identity: &Identity) -> Result<[SectionSum; SECTIONS], Failure> {
    let length = file.metadata()?.len();
    let mut bytes = [0; HEADER_BYTES];
    file.read_exact(&mut bytes)?;
    let mut sums = [SectionSum::default(); SECTIONS];
    let words = bytes.chunks_exact(8).map(|word| {
        let mut bytes = [0; 8];
        bytes.copy_from_slice(word);
        u64::from_le_bytes(bytes)
    });
    let words: Vec<u64> = words.collect();
    for (sum, words) in sums.iter_mut().zip(words[2 + Identity::WORDS..].chunks_exact(2)) {
        *sum = SectionSum { bytes: words[0], checksum: words[1] };
    }
    let total = sums.iter().try_fold(HEADER_BYTES as u64, |sum, part| sum.checked_add(part.bytes));
    if bytes[..] == header(identity, &sums) && total == Some(length) {
        Ok(sums)
    } else {
        Err(Failure::Damaged)
    }
}

/// Reads an index, if it is right in every respect.
pub(super) fn read(
    path: &Path,
    identity: &Identity,
    limits: Limits,
    monitor: &dyn Monitor,
) -> Result<Option<Analysis>, Failure> {
    let mut file = File::open(path)?;
    let sums = sums(&mut file, identity)?;
    let total: u64 = sums.iter().map(|sum| sum.bytes).sum();
    if limits.check(total).is_err() {
        return Ok(None);
    }
    let work = Work { monitor, done: AtomicU64::new(0), most: u64::MAX };
    let progress = Progress::start(monitor, Phase::ReadingIndex, total as usize)?;
    let mut starts = [HEADER_BYTES as u64; SECTIONS];
    for index in 1..SECTIONS {
        starts[index] = starts[index - 1] + sums[index - 1].bytes;
    }
    let section = |index: usize| (path, starts[index], sums[index]);
    let (edges, rest, computed) = thread::scope(|scope| {
        // Two halves of about the same size: more threads would only wait for memory.
        let other = scope.spawn(|| {
            let rest = part(section(1), &work, Snapshot::read_without_edges)?;
            Ok::<_, Failure>((rest, part(section(2), &work, Analysis::read_computed)?))
        });
        let edges = part(section(0), &work, Edges::read)?;
        progress.report(sums[0].bytes)?;
        let (rest, computed) = other.join().map_err(|_| Failure::Damaged)??;
        Ok::<_, Failure>((edges, rest, computed))
    })?;
    progress.report(total)?;
    let snapshot = rest.with_edges(edges).ok_or(Failure::Damaged)?;
    Analysis::from_parts(snapshot, computed).map(Some).ok_or(Failure::Damaged)
}

/// Reads one section through its own handle, so that several can be read at once.
fn part<T>(
    (path, start, sum): (&Path, u64, SectionSum),
    work: &Work<'_>,
    read: impl FnOnce(&mut SectionReader<'_>) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(start))?;
    let mut section = SectionReader::new(&mut file, sum, work);
    let part = read(&mut section)?;
    section.finish()?;
    Ok(part)
}

/// Makes the checksums of a changed index right again.
#[cfg(test)]
pub(super) fn forge(index: &mut [u8], identity: &Identity) {
    let mut start = HEADER_BYTES;
    let sums = [0, 1, 2].map(|section: usize| {
        let place = 8 * (2 + Identity::WORDS + 2 * section);
        let length = u64::from_le_bytes(std::array::from_fn(|byte| index[place + byte]));
        let part = &index[start..start + length as usize];
        start += length as usize;
        SectionSum { bytes: length, checksum: XxHash3_64::oneshot(part) }
    });
    index[..HEADER_BYTES].copy_from_slice(&header(identity, &sums));
}
