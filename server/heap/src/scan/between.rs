//! What stands between the sections: keys, colons, commas, the header, and whatever is skipped.

use super::header::{self, Layout};
use super::nesting::Nesting;
use super::numbers::Digits;
use super::refusal::{looks_like, unexpected};
use super::section::Section;
use super::{Scanner, State};
use crate::error::LoadError;

/// A header is some thousand bytes; what claims to be a longer one is something else.
const MAX_HEADER: usize = 1 << 20;
/// Keys longer than this many bytes are none of ours.
const MAX_KEY: usize = 64;

impl Scanner {
    /// Nothing follows a snapshot, unless something else was written into the file, or a part of an
    /// older file was left in it: which of the two the user meant, nobody knows.
    pub(super) fn after_the_end(&self, bytes: &[u8]) -> Result<usize, LoadError> {
        match bytes.iter().position(|byte| !byte.is_ascii_whitespace()) {
            None => Ok(bytes.len()),
            Some(place) => {
                let problem = "more follows where the snapshot ends".to_owned();
                Err(self.malformed("", place, problem))
            }
        }
    }

    /// One byte between keys and values.
    pub(super) fn punctuation(&mut self, byte: u8) -> Result<(), LoadError> {
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

    pub(super) fn key(&mut self, mut escaped: bool, bytes: &[u8]) -> usize {
        for (index, &byte) in bytes.iter().enumerate() {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => {
                    self.state = State::BeforeColon;
                    return index + 1;
                }
                _ if self.text.len() < MAX_KEY => self.text.push(byte),
                _ => {}
            }
        }
        self.state = State::Key { escaped };
        bytes.len()
    }

    pub(super) fn header(
        &mut self,
        mut nesting: Nesting,
        bytes: &[u8],
    ) -> Result<usize, LoadError> {
        let (used, ended) = nesting.advance(bytes);
        if self.text.len() + used > MAX_HEADER {
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
            header::Problem::Malformed { problem, at } => {
                LoadError::Malformed { section: "snapshot", problem, byte: start + at }
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
}
