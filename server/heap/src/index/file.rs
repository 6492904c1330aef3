//! One index file: its header, and its sections side by side.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::atomic::AtomicU64;
use std::thread;

use twox_hash::XxHash3_64;

use super::identity::Identity;
use super::parts::{NodesPart, Rest, counts};
use crate::analysis::Computed;
use crate::limits::Limits;
use crate::monitor::{Monitor, Phase, Progress};
use crate::snapshot::{Edges, Snapshot};
use crate::storage::{
    Counts, Failure, SectionReader, SectionSum, SectionWriter, Stored, Work, ensure,
};

/// To be increased with every change of what is computed, or of how it is kept.
pub(super) const ENGINE_VERSION: u32 = 5;

const MAGIC: u64 = u64::from_le_bytes(*b"HEAPMARK");
const SECTIONS: usize = 4;
const HEADER_WORDS: usize = 2 + Identity::WORDS + Counts::WORDS + 3 * SECTIONS + 1;
const SUMS_FROM: usize = HEADER_WORDS - 1 - 3 * SECTIONS;
pub(super) const HEADER_BYTES: usize = 8 * HEADER_WORDS;

/// Writes an index of at most so many bytes.
pub(super) fn write(
    mut file: &File,
    identity: &Identity,
    snapshot: &Snapshot,
    computed: Option<&Computed>,
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
            0 => snapshot.edges.write(&mut section),
            1 => NodesPart::write(snapshot, &mut section),
            2 => Rest::write(snapshot, &mut section),
            _ => computed.map_or(Ok(()), |computed| computed.write(&mut section)),
        }?;
        *sum = section.finish()?;
    }
    file.seek(SeekFrom::Start(0))?;
    file.write_all(&header(identity, counts(snapshot), &sums))?;
    Ok(())
}

fn header(identity: &Identity, counts: Counts, sums: &[SectionSum; SECTIONS]) -> Vec<u8> {
    let mut words = vec![MAGIC, u64::from(ENGINE_VERSION)];
    words.extend(identity.words());
    words.extend(counts.words());
    words.extend(sums.iter().flat_map(|sum| [sum.bytes, sum.memory, sum.checksum]));
    let mut bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
    bytes.extend(XxHash3_64::oneshot(&bytes).to_le_bytes());
    bytes
}

/// What the header says of the rows and the sections, whether or not it is to be believed.
fn parts(header: &[u8; HEADER_BYTES]) -> (Counts, [SectionSum; SECTIONS]) {
    let word =
        |place: usize| u64::from_le_bytes(std::array::from_fn(|byte| header[8 * place + byte]));
    let counts = std::array::from_fn(|index| word(2 + Identity::WORDS + index));
    let sums = std::array::from_fn(|index| SectionSum {
        bytes: word(SUMS_FROM + 3 * index),
        memory: word(SUMS_FROM + 3 * index + 1),
        checksum: word(SUMS_FROM + 3 * index + 2),
    });
    (Counts::from_words(counts), sums)
}

/// An index, opened anew for each section, so that several can be read at once.
pub(super) trait Source: Sync {
    fn length(&self) -> io::Result<u64>;
    fn open_at(&self, start: u64) -> io::Result<impl Read>;
}

impl Source for &Path {
    fn length(&self) -> io::Result<u64> {
        Ok(self.metadata()?.len())
    }

    fn open_at(&self, start: u64) -> io::Result<impl Read> {
        let mut file = heapmark_files::open(self)?;
        file.seek(SeekFrom::Start(start))?;
        Ok(file)
    }
}

#[cfg(any(test, feature = "fuzz"))]
impl Source for &[u8] {
    fn length(&self) -> io::Result<u64> {
        Ok(self.len() as u64)
    }

    fn open_at(&self, start: u64) -> io::Result<impl Read> {
        Ok(&self[start as usize..])
    }
}

/// What the sections of an index are, if it is one of this snapshot, by this engine, and whole.
fn checked_parts(
    source: &impl Source,
    identity: &Identity,
) -> Result<(Counts, [SectionSum; SECTIONS]), Failure> {
    let length = source.length()?;
    let mut bytes = [0; HEADER_BYTES];
    source.open_at(0)?.read_exact(&mut bytes)?;
    let (counts, sums) = parts(&bytes);
    let total = sums.iter().try_fold(HEADER_BYTES as u64, |sum, part| sum.checked_add(part.bytes));
    let is_intact = bytes[..] == header(identity, counts, &sums) && total == Some(length);
    ensure(is_intact && counts.are_possible())?;
    Ok((counts, sums))
}

/// Reads an index, if it is right in every respect.
pub(super) fn read(
    source: &impl Source,
    identity: &Identity,
    limits: Limits,
    monitor: &dyn Monitor,
) -> Result<(Snapshot, Option<Computed>), Failure> {
    let (counts, sums) = checked_parts(source, identity)?;
    let memory = sums.iter().fold(on_demand(counts), |sum, part| sum.saturating_add(part.memory));
    limits.check(memory).map_err(|_| Failure::TooLarge)?;
    let work = Work { monitor, done: AtomicU64::new(0), most: u64::MAX };
    let total: u64 = sums.iter().map(|sum| sum.bytes).sum();
    let progress = Progress::start(monitor, Phase::ReadingIndex, total as usize)?;
    let mut starts = [HEADER_BYTES as u64; SECTIONS];
    for index in 1..SECTIONS {
        starts[index] = starts[index - 1] + sums[index - 1].bytes;
    }
    let section = |index: usize| (source, starts[index], sums[index]);
    let (edges, nodes, rest, computed) = thread::scope(|scope| {
        // Two halves of about the same size: more threads would only wait for memory.
        let other = scope.spawn(|| {
            let nodes = part(section(1), &work, |part| NodesPart::read(part, counts))?;
            let computed = match sums[3].bytes {
                0 => None,
                _ => Some(part(section(3), &work, |part| Computed::read(part, counts))?),
            };
            Ok::<_, Failure>((nodes, computed))
        });
        let edges = part(section(0), &work, |part| Edges::read_checked(part, counts))?;
        progress.report(sums[0].bytes)?;
        let rest = part(section(2), &work, |part| Rest::read(part, counts))?;
        let (nodes, computed) = other.join().map_err(|_| Failure::Damaged)??;
        Ok::<_, Failure>((edges, nodes, rest, computed))
    })?;
    progress.report(total)?;
    Ok((rest.with(nodes, edges), computed))
}

/// Bytes that the first who asks for retainers, dominated nodes or instances will take.
fn on_demand(counts: Counts) -> u64 {
    let Counts { nodes, edges, strings: _ } = counts;
    (nodes as u64).saturating_mul(4 + 8 + 8).saturating_add((edges as u64).saturating_mul(4))
}

/// Reads one section.
fn part<T>(
    (source, start, sum): (&impl Source, u64, SectionSum),
    work: &Work<'_>,
    read: impl FnOnce(&mut SectionReader<'_>) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let mut source = source.open_at(start)?;
    let mut section = SectionReader::new(&mut source, sum, work);
    let part = read(&mut section)?;
    section.finish()?;
    Ok(part)
}

/// Makes an index of this snapshot of any bytes: with the right checksums, and sections that end
/// where the bytes do.
#[cfg(any(test, feature = "fuzz"))]
pub(super) fn forge(index: &mut Vec<u8>, identity: &Identity) {
    index.resize(index.len().max(HEADER_BYTES), 0);
    let Some((header_bytes, mut rest)) = index.split_first_chunk_mut::<HEADER_BYTES>() else {
        return;
    };
    let (counts, mut sums) = parts(header_bytes);
    for (index, sum) in sums.iter_mut().enumerate() {
        let is_last = index == SECTIONS - 1;
        let length = if is_last { rest.len() } else { rest.len().min(sum.bytes as usize) };
        let (section, after) = rest.split_at_mut(length);
        sum.bytes = length as u64;
        sum.checksum = XxHash3_64::oneshot(section);
        rest = after;
    }
    header_bytes.copy_from_slice(&header(identity, counts, &sums));
}
