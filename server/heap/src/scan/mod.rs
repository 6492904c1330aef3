//! Reads a snapshot piece by piece: [`Scanner::feed`] takes bytes in chunks of any size, as they
//! come from a file, an unpacker or a socket, and [`Scanner::finish`] gives the snapshot.
//!
//! It is a tokenizer of just as much JSON as a snapshot needs, without any I/O. It asks nothing of
//! the order of keys, of line breaks, or of where the chunks end; it keeps what it knows and skips
//! the rest. Beyond the columns that it builds, it holds only the header and one row.
//!
//! ```text
//! {"snapshot":{"meta":…},"nodes":[9,1,1,0,5,0,…],"edges":[…],"locations":[…],"strings":["…",…]}
//!  key        header      blocks, numbers ──► columns::Columns                  Strings
//! ```

mod blocks;
mod columns;
mod header;
mod nesting;
mod numbers;
mod read_ahead;
mod tables;
#[cfg(test)]
mod tests;

use crate::budget::Budget;
use crate::error::LoadError;
use crate::limits::{self, Limits};
use crate::snapshot::Snapshot;
use crate::strings::{Full, Strings};
use blocks::Numbers;
use columns::{Columns, Refused};
use header::Layout;
use nesting::Nesting;
use numbers::{Digits, Stop};
pub(crate) use read_ahead::ReadAhead;

/// A header is some thousand bytes; what claims to be a longer one is something else.
const LONGEST_HEADER: usize = 1 << 20;
/// Numbers go into their columns after so many bytes: before they leave the processor's cache.
const STRETCH: usize = 8 << 10;
/// Keys longer than this are none of ours.
const LONGEST_KEY: usize = 64;

/// The parts of the file that are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Section {
    Nodes,
    Edges,
    Locations,
    TraceFunctions,
    TraceTree,
    Samples,
    Scopes,
    ScopeVariables,
    ScopeUses,
}

impl Section {
    const fn as_str(self) -> &'static str {
        match self {
            Section::Nodes => "nodes",
            Section::Edges => "edges",
            Section::Locations => "locations",
            Section::TraceFunctions => "trace_function_infos",
            Section::TraceTree => "trace_tree",
            Section::Samples => "samples",
            Section::Scopes => "scopes",
            Section::ScopeVariables => "scope_context_vars",
            Section::ScopeUses => "scope_uses",
        }
    }

    /// Whether it is one of [`tables`].
    const fn is_small(self) -> bool {
        !matches!(self, Section::Nodes | Section::Edges | Section::Locations)
    }

    const ALL: [Section; 9] = [
        Section::Nodes,
        Section::Edges,
        Section::Locations,
        Section::TraceFunctions,
        Section::TraceTree,
        Section::Samples,
        Section::Scopes,
        Section::ScopeVariables,
        Section::ScopeUses,
    ];

    fn from_key(key: &[u8]) -> Option<Self> {
        Self::ALL.into_iter().find(|section| section.as_str().as_bytes() == key)
    }
}

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

    /// Refuses what takes more memory than there is.
    fn check(&self) -> Result<(), LoadError> {
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
            State::Numbers(section @ (Section::Nodes | Section::Edges | Section::Locations))
                if self.layout.is_some() =>
            {
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

    fn cut_off(&self) -> LoadError {
        let expected = |section| self.layout.as_ref().and_then(|layout| layout.numbers(section));
        let truncated = |section, got, expected| LoadError::Truncated {
            section,
            got,
            expected,
            byte: self.byte,
        };
        match self.state {
            State::BeforeObject => LoadError::Empty,
            State::Header(_) => truncated("snapshot", 0, None),
            State::Numbers(section) if self.layout.is_some() => {
                truncated(section.as_str(), self.columns.numbers(section), expected(section))
            }
            State::BeforeStrings | State::BetweenStrings | State::String { .. } => {
                truncated("strings", self.strings.len() as u64, None)
            }
            _ if self.layout.is_none() => self.not_a_snapshot(),
            _ => truncated("", 0, None),
        }
    }

    fn not_a_snapshot(&self) -> LoadError {
        let looks_like =
            self.looks_like.unwrap_or("it is JSON, but without a snapshot's header (\"snapshot\")");
        LoadError::NotASnapshot { looks_like }
    }

    fn malformed(&self, section: &'static str, used: usize, problem: String) -> LoadError {
        if self.layout.is_none() {
            return self.not_a_snapshot();
        }
        LoadError::Malformed { section, problem, byte: self.byte + used as u64 }
    }

    /// Nothing follows a snapshot, unless something else was written into the file, or a part of an
    /// older file was left in it: which of the two the user meant, nobody knows.
    fn after_the_end(&self, bytes: &[u8]) -> Result<usize, LoadError> {
        match bytes.iter().position(|byte| !byte.is_ascii_whitespace()) {
            None => Ok(bytes.len()),
            Some(place) => {
                let problem = "more follows where the snapshot ends".to_owned();
                Err(self.malformed("", place, problem))
            }
        }
    }

    /// One byte between keys and values.
    fn punctuation(&mut self, byte: u8) -> Result<(), LoadError> {
        if byte.is_ascii_whitespace() {
            if matches!(self.state, State::SkippedScalar) {
                self.state = State::AfterValue;
            }
            return Ok(());
        }
        self.state = match (self.state, byte) {
            (State::BeforeObject, b'{')
            | (State::BeforeKey | State::AfterValue | State::SkippedScalar, b',') => {
                State::BeforeKey
            }
            // A byte order mark.
            (State::BeforeObject, 0xEF | 0xBB | 0xBF) if self.byte < 3 => State::BeforeObject,
            (State::BeforeObject, b'[') => {
                return Err(LoadError::NotASnapshot { looks_like: "it is a JSON array" });
            }
            (State::BeforeObject, _) => {
                return Err(LoadError::NotJson { looks_like: looks_like(byte) });
            }
            (State::BeforeKey, b'"') => {
                self.text.clear();
                State::Key { escaped: false }
            }
            (State::BeforeKey | State::AfterValue | State::SkippedScalar, b'}') => State::Done,
            (State::BeforeColon, b':') => State::BeforeValue,
            (State::BeforeValue, _) => self.value(byte),
            (State::BetweenStrings, b'"') => State::String { escaped: false },
            (State::BetweenStrings, b',') => State::BetweenStrings,
            (State::BetweenStrings, b']') => State::AfterValue,
            (State::BetweenStrings, _) => {
                return Err(self.malformed("strings", 0, unexpected(byte, "a string")));
            }
            (State::SkippedScalar, _) => State::SkippedScalar,
            _ => return Err(self.malformed("", 0, unexpected(byte, "a key or a comma"))),
        };
        Ok(())
    }

    /// The first byte of the value of the key in `self.text`.
    fn value(&mut self, byte: u8) -> State {
        self.digits = Digits::default();
        match (self.text.as_slice(), byte) {
            // A second header would change the meaning of what has been read.
            (b"snapshot", b'{') if self.layout.is_none() => {
                self.text.clear();
                self.text.push(b'{');
                State::Header(Nesting::inside())
            }
            (b"strings", b'[') if !self.saw_strings => {
                self.saw_strings = true;
                self.text.clear();
                State::BeforeStrings
            }
            (key, _) => {
                if let (b'[', Some(section)) = (byte, Section::from_key(key)) {
                    return State::Numbers(section);
                }
                self.looks_like = self.looks_like.or(match key {
                    b"head" | b"selfSize" => Some(
                        "it looks like a sampling heap profile (.heapprofile), which lists \
                         allocations, not what is alive",
                    ),
                    b"startTime" | b"timeDeltas" => Some("it looks like a CPU profile"),
                    b"traceEvents" => Some("it looks like a performance trace"),
                    b"mappings" => Some("it looks like a source map"),
                    b"schemaVersion" => Some("it looks like a report"),
                    _ => None,
                });
                match byte {
                    // The opening byte is read again, so that the nesting counts it.
                    b'{' | b'[' | b'"' => State::Skipped(Nesting::default()),
                    _ => State::SkippedScalar,
                }
            }
        }
    }

    fn key(&mut self, mut escaped: bool, bytes: &[u8]) -> usize {
        for (index, &byte) in bytes.iter().enumerate() {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => {
                    self.state = State::BeforeColon;
                    return index + 1;
                }
                _ if self.text.len() < LONGEST_KEY => self.text.push(byte),
                _ => {}
            }
        }
        self.state = State::Key { escaped };
        bytes.len()
    }

    fn header(&mut self, mut nesting: Nesting, bytes: &[u8]) -> Result<usize, LoadError> {
        let (used, ended) = nesting.advance(bytes);
        if self.text.len() + used > LONGEST_HEADER {
            return Err(LoadError::NotASnapshot { looks_like: "its header is far too long" });
        }
        self.text.extend_from_slice(&bytes[..used]);
        if !ended {
            self.state = State::Header(nesting);
            return Ok(used);
        }
        self.state = State::AfterValue;
        // The first byte inside the header, however the file was cut into pieces.
        let start = self.byte + 1 + used as u64 - self.text.len() as u64;
        let layout = Layout::parse(&self.text).map_err(|problem| match problem {
            header::Problem::NoSnapshot(looks_like) => LoadError::NotASnapshot { looks_like },
            header::Problem::Malformed(problem) => {
                LoadError::Malformed { section: "snapshot", problem, byte: start }
            }
        })?;
        self.layout = Some(layout);
        self.budget.check(self.peak())?;
        if let (Some(layout), Some(bytes)) = (&self.layout, self.total_bytes) {
            self.columns.reserve(layout, bytes, &mut self.budget)?;
        }
        for (section, numbers) in std::mem::take(&mut self.early) {
            self.make_room(section, numbers.len())?;
            self.take(section, &numbers).map_err(|refused| {
                self.malformed(section.as_str(), used, refused.problem.into())
            })?;
            self.budget.give_back(&numbers);
        }
        Ok(used)
    }

    fn numbers(&mut self, section: Section, bytes: &[u8]) -> Result<usize, LoadError> {
        let bytes = &bytes[..bytes.len().min(STRETCH)];
        let Self { digits, columns, layout, early, budget, .. } = self;
        if section.is_small() {
            columns.tables.make_room(section, bytes.len(), budget)?;
        }
        if let Some(numbers) = columns.tables.numbers_mut(section) {
            let stop = digits.read(bytes, |number| {
                numbers.push(number);
                Ok(())
            });
            return self.stopped(section, bytes, &stop);
        }
        if section == Section::TraceTree {
            let stop = digits.read(bytes, |number| columns.tables.trace_tree.push(number));
            return self.stopped(section, bytes, &stop);
        }
        if layout.is_none() {
            let known = early.iter().position(|(known, _)| *known == section);
            let place = known.unwrap_or_else(|| {
                early.push((section, Vec::new()));
                early.len() - 1
            });
            let numbers = &mut early[place].1;
            budget.make_room(numbers, bytes.len())?;
            let stop = digits.read(bytes, |number| {
                numbers.push(number);
                Ok(())
            });
            return self.stopped(section, bytes, &stop);
        }
        let before = *digits;
        let mut numbers = std::mem::take(&mut self.stretch);
        let stop = digits.read_all(bytes, &mut numbers);
        self.make_room(section, numbers.as_slice().len())?;
        let taken = self.take(section, numbers.as_slice());
        numbers.clear();
        self.stretch = numbers;
        taken.map_err(|refused| self.refused(section, refused, before, bytes))?;
        self.stopped(section, bytes, &stop)
    }

    /// Makes room for so many numbers of one of the large sections.
    fn make_room(&mut self, section: Section, numbers: usize) -> Result<(), LoadError> {
        let Self { columns, budget, layout: Some(layout), .. } = self else { return Ok(()) };
        match section {
            Section::Nodes => columns.nodes.make_room_for_numbers(numbers, &layout.nodes, budget),
            Section::Edges => columns.edges.make_room_for_numbers(numbers, &layout.edges, budget),
            _ => columns.locations.make_room_for_numbers(numbers, &layout.locations, budget),
        }
    }

    /// Makes room for the strings of a file of known length: as many as there may be beside what
    /// its header promises, or are left.
    fn reserve_strings(&mut self) -> Result<(), LoadError> {
        let (Some(layout), Some(file)) = (&self.layout, self.total_bytes) else { return Ok(()) };
        let (nodes, edges) = Columns::promised(layout, self.most_bytes);
        let most = limits::strings(file, nodes, edges).min(file.saturating_sub(self.byte));
        self.strings.reserve(most as usize, &mut self.budget)
    }

    /// Puts numbers of one of the large sections into its columns.
    fn take(&mut self, section: Section, numbers: &[u64]) -> Result<(), Refused> {
        let Some(layout) = &self.layout else { return Ok(()) };
        match section {
            Section::Nodes => self.columns.nodes.take(numbers, &layout.nodes),
            Section::Edges => self.columns.edges.take(numbers, &layout.edges),
            _ => self.columns.locations.take(numbers, &layout.locations),
        }
    }

    /// Says where among the bytes the number stands that completes a row that is none.
    fn refused(
        &self,
        section: Section,
        Refused { number, problem }: Refused,
        before: Digits,
        bytes: &[u8],
    ) -> LoadError {
        self.malformed(section.as_str(), before.place_of(number, bytes), problem.into())
    }

    /// How many of the bytes were used, and what comes next.
    fn stopped(&mut self, section: Section, bytes: &[u8], stop: &Stop) -> Result<usize, LoadError> {
        let is_tree = section == Section::TraceTree;
        let tree = &mut self.columns.tables.trace_tree;
        let (used, problem) = match *stop {
            Stop::EndOfBytes => return Ok(bytes.len()),
            Stop::EndOfArray(used) if is_tree => match tree.close() {
                Ok(is_end) => {
                    if is_end {
                        self.state = State::AfterValue;
                    }
                    return Ok(used);
                }
                Err(problem) => (used, problem.to_owned()),
            },
            Stop::EndOfArray(used) => {
                self.state = State::AfterValue;
                return Ok(used);
            }
            Stop::Unexpected(used) if is_tree && bytes[used] == b'[' => match tree.open() {
                Ok(()) => return Ok(used + 1),
                Err(problem) => (used, problem.to_owned()),
            },
            Stop::Unexpected(used) => (used, unexpected(bytes[used], "a whole number")),
            Stop::Refused(used, problem) => (used, problem.to_owned()),
        };
        Err(self.malformed(section.as_str(), used, problem))
    }

    fn string(&mut self, escaped: bool, bytes: &[u8]) -> Result<usize, LoadError> {
        if escaped {
            // Whatever it is, it does not end the string.
            self.state = State::String { escaped: false };
            return self.part_of_string(&bytes[..1], true);
        }
        match memchr::memchr2(b'"', b'\\', bytes) {
            None => self.part_of_string(bytes, true),
            Some(at) if bytes[at] == b'\\' => {
                self.state = State::String { escaped: true };
                self.part_of_string(&bytes[..=at], true)
            }
            Some(at) => {
                self.part_of_string(&bytes[..at], false)?;
                self.strings.end().map_err(|full| self.too_many_strings(full))?;
                self.state = State::BetweenStrings;
                Ok(at + 1)
            }
        }
    }

    /// Adds to the string that is being read; returns how many bytes were used: all.
    fn part_of_string(&mut self, bytes: &[u8], is_to_come: bool) -> Result<usize, LoadError> {
        // Room is asked for little by little: it is the worst that the bytes may need.
        let mut rest = bytes;
        while let Some((first, after)) = rest.split_at_checked(STRETCH)
            && !after.is_empty()
        {
            self.short_part_of_string(first, true)?;
            rest = after;
        }
        self.short_part_of_string(rest, is_to_come)?;
        Ok(bytes.len())
    }

    fn short_part_of_string(&mut self, bytes: &[u8], is_to_come: bool) -> Result<(), LoadError> {
        if self.text.is_empty() {
            self.strings.make_room(bytes, &mut self.budget)?;
            let used = self.strings.extend(bytes, is_to_come);
            let used = used.map_err(|full| self.too_many_strings(full))?;
            self.text.extend_from_slice(&bytes[used..]);
        } else {
            self.text.extend_from_slice(bytes);
            self.strings.make_room(&self.text, &mut self.budget)?;
            let used = self.strings.extend(&self.text, is_to_come);
            let used = used.map_err(|full| self.too_many_strings(full))?;
            self.text.drain(..used);
        }
        Ok(())
    }

    fn too_many_strings(&self, Full: Full) -> LoadError {
        self.malformed("strings", 0, "its strings are longer than 4 GB together".to_owned())
    }
}

/// Names what was found without showing more of the file than one ASCII character.
fn unexpected(byte: u8, wanted: &str) -> String {
    if byte.is_ascii_graphic() {
        format!("{:?} stands where {wanted} should be", char::from(byte))
    } else {
        format!("the byte {byte} stands where {wanted} should be")
    }
}

fn looks_like(first: u8) -> &'static str {
    match first {
        b'<' => "looks like a web page or XML",
        b'P' => "looks like a zip archive or text",
        0x28 => "looks like zstd-compressed data",
        0x00..=0x08 | 0x0E..=0x1F | 0x7F..=0xFF => "looks like binary data",
        _ => "looks like text",
    }
}
