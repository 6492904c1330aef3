//! Reads a snapshot piece by piece: [`Scanner::feed`] takes bytes in chunks of any size, as they
//! come from a file, an unpacker or a socket, and [`Scanner::finish`] gives the snapshot.
//!
//! It is a tokenizer of just as much JSON as a snapshot needs, without any I/O. It asks nothing of
//! the order of keys, of line breaks, or of where the chunks end; it keeps what it knows and skips
//! the rest. Beyond the columns that it builds, it holds only the header and one row.
//!
//! ```text
//! {"snapshot":{"meta":…},"nodes":[9,1,1,0,5,0,…],"edges":[…],"locations":[…],"strings":["…",…]}
//!  key        header      arrays: numbers ──► columns, tables               text ──► Strings
//!  └───────┬────────┘
//!        between
//! ```
//!
//! Here is what goes where; how each part is read stands in its file.

mod arrays;
mod between;
mod blocks;
mod columns;
mod header;
mod nesting;
mod numbers;
mod read_ahead;
mod refusal;
mod rows;
mod section;
mod tables;
#[cfg(test)]
mod tests;
mod text;

use crate::budget::Budget;
use crate::error::LoadError;
use crate::limits::{self, Limits};
use crate::snapshot::Snapshot;
use crate::strings::Strings;
use blocks::Numbers;
use columns::Columns;
use header::Layout;
use nesting::Nesting;
use numbers::Digits;
pub(crate) use read_ahead::ReadAhead;
use section::Section;

/// Numbers go into their columns after so many bytes: before they leave the processor's cache.
const STRETCH: usize = 8 << 10;

/// Where in the JSON text the next byte stands.
#[derive(Debug, Clone, Copy)]
enum State {
    BeforeObject,
    BeforeKey,
    Key { escaped: bool },
    BeforeColon,
    BeforeValue,
    Header(Nesting),
    Numbers(Section),
    BeforeStrings,
    BetweenStrings,
    String { escaped: bool },
    Skipped(Nesting),
    SkippedScalar,
    AfterValue,
    Done,
}

/// Builds a [`Snapshot`] from the bytes of a `.heapsnapshot` file.
///
/// ```
/// # fn main() -> Result<(), heapmark_heap::LoadError> {
/// let mut scanner = heapmark_heap::Scanner::new(None);
/// for chunk in [&br#"{"snapshot":{"meta":{"node_fields":["type","name","id","self_size","edge_co"#[..],
///     br#"unt"],"node_types":[["synthetic"]],"edge_fields":["type","name_or_index","to_node"],"#,
///     br#""edge_types":[[]]}},"nodes":[0,0,1,0,0],"edges":[],"strings":["(root)"]}"#] {
///     scanner.feed(chunk)?;
/// }
/// let snapshot = scanner.finish()?;
/// assert_eq!(snapshot.node_count(), 1);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Scanner {
    state: State,
    /// Bytes consumed so far.
    byte: u64,
    /// The key or the header that is being read, or the beginning of a character of a string.
    text: Vec<u8>,
    digits: Digits,
    /// Numbers on their way into columns; kept for its memory.
    stretch: Numbers,
    layout: Option<Layout>,
    /// Numbers of sections that came before the header which explains them, one a section.
    early: Vec<(Section, Vec<u64>)>,
    columns: Columns,
    strings: Strings,
    saw_strings: bool,
    /// What the top-level keys tell about a file that is no snapshot.
    looks_like: Option<&'static str>,
    /// The length of the file, if it is known.
    total_bytes: Option<u64>,
    /// The most that the file can hold: what its header promises beyond is not believed.
    most_bytes: u64,
    budget: Budget,
}

impl Scanner {
    /// A scanner for a file of so many (uncompressed) bytes, if that is known. The header's counts
    /// are believed, as far as reserving memory goes, only up to what such a file can hold.
    pub fn new(total_bytes: Option<u64>) -> Self {
        Self::within(total_bytes, Limits::NONE)
    }

    /// The same with a memory budget: a larger heap is refused as soon as its header is read, and
    /// one whose header lies, when it grows past the budget.
    pub fn within(total_bytes: Option<u64>, limits: Limits) -> Self {
        Self {
            state: State::BeforeObject,
            byte: 0,
            text: Vec::new(),
            digits: Digits::default(),
            stretch: Numbers::default(),
            layout: None,
            early: Vec::new(),
            columns: Columns::default(),
            strings: Strings::default(),
            saw_strings: false,
            looks_like: None,
            total_bytes,
            most_bytes: total_bytes.unwrap_or(0),
            budget: Budget::new(limits),
        }
    }

    /// The same for a file of unknown length, but not more than `most_bytes`. No memory is reserved.
    pub(crate) fn packed(most_bytes: Option<u64>, limits: Limits) -> Self {
        Self { most_bytes: most_bytes.unwrap_or(0), ..Self::within(None, limits) }
    }

    /// Bytes taken in so far.
    pub fn bytes(&self) -> u64 {
        self.byte
    }

    /// Whether the file's JSON is complete: only white space may follow.
    pub fn is_done(&self) -> bool {
        matches!(self.state, State::Done)
    }

    /// Takes the next bytes of the file.
    pub fn feed(&mut self, chunk: &[u8]) -> Result<(), LoadError> {
        let mut rest = chunk;
        while !rest.is_empty() {
            let used = match self.state {
                State::Numbers(section) => self.numbers(section, rest)?,
                State::String { escaped } => self.string(escaped, rest)?,
                State::Key { escaped } => self.key(escaped, rest),
                State::Header(nesting) => self.header(nesting, rest)?,
                State::Skipped(mut nesting) => {
                    let (used, ended) = nesting.advance(rest);
                    self.state = if ended { State::AfterValue } else { State::Skipped(nesting) };
                    used
                }
                State::BeforeStrings => {
                    self.reserve_strings()?;
                    self.state = State::BetweenStrings;
                    0
                }
                State::Done => self.after_the_end(rest)?,
                _ => {
                    self.punctuation(rest[0])?;
                    usize::from(!matches!(self.state, State::Skipped(Nesting { depth: 0, .. })))
                }
            };
            self.byte += used as u64;
            rest = &rest[used..];
        }
        self.check()
    }

    /// Refuses what takes more memory than there is, and what will be refused in the end.
    fn check(&self) -> Result<(), LoadError> {
        if let Some((section, problem)) = self.columns.doubt() {
            return Err(self.malformed(section.as_str(), 0, problem));
        }
        self.budget.check(self.peak())?;
        self.budget.check_beside(self.columns.beside_buffers())
    }

    /// [`Self::feed`] with the numbers of the chunk, which somebody else has read meanwhile.
    pub(crate) fn feed_read_ahead(
        &mut self,
        chunk: &[u8],
        ahead: &ReadAhead,
    ) -> Result<(), LoadError> {
        let (before, rest) = chunk.split_at(ahead.from);
        self.feed(before)?;
        let (read, after) = rest.split_at(ahead.length);
        match self.state {
            State::Numbers(section) if section != Section::TraceTree && self.layout.is_some() => {
                self.make_room(section, ahead.numbers.as_slice().len())?;
                self.take(section, ahead.numbers.as_slice())
                    .map_err(|refused| self.refused(section, refused, Digits::default(), read))?;
                self.byte += ahead.length as u64;
            }
            _ => self.feed(read)?,
        }
        self.feed(after)
    }

    /// Bytes of memory that the heap takes at its peak, as far as can be told by now.
    fn peak(&self) -> u64 {
        let early: usize = self.early.iter().map(|(_, numbers)| numbers.len()).sum();
        let (nodes, edges) = self.columns.rows();
        let edges = edges.max(self.columns.claimed_edges());
        let strings = self.strings.bytes();
        let beside = self.columns.beside() + 8 * early as u64;
        let Some(layout) = &self.layout else {
            return limits::peak(nodes, edges, strings).saturating_add(beside);
        };
        let (promised_nodes, promised_edges) = Columns::promised(layout, self.most_bytes);
        let (nodes, edges) = (nodes.max(promised_nodes), edges.max(promised_edges));
        // Of a packed file nobody knows the length.
        let expected = self.total_bytes.map_or(0, |file| limits::strings(file, nodes, edges));
        limits::peak(nodes, edges, strings.max(expected)).saturating_add(beside)
    }

    /// Ends the file: checks that everything fits together.
    pub fn finish(mut self) -> Result<Snapshot, LoadError> {
        if !self.is_done() {
            return Err(self.cut_off());
        }
        let Some(layout) = self.layout.take() else {
            return Err(self.not_a_snapshot());
        };
        let byte = self.byte;
        self.strings.shrink_to_fit();
        self.columns
            .finish(&layout, self.strings)
            .map_err(|(section, problem)| LoadError::Malformed { section, problem, byte })
    }
}
