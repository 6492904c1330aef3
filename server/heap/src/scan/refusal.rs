//! Why a file is refused, and what it seems to be instead.

use super::{Scanner, State};
use crate::error::LoadError;

impl Scanner {
    pub(super) fn cut_off(&self) -> LoadError {
        let expected = |section| self.layout.as_ref().and_then(|layout| layout.numbers(section));
        let truncated = |section, got, expected| LoadError::Truncated {
            section,
            got,
            expected,
            byte: self.byte,
        };
        match self.state {
            State::BeforeObject if self.byte == 0 => LoadError::Empty,
            State::BeforeObject => {
                LoadError::NotASnapshot { looks_like: "there is nothing in it but blanks" }
            }
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

    pub(super) fn not_a_snapshot(&self) -> LoadError {
        let looks_like =
            self.looks_like.unwrap_or("it is JSON, but without a snapshot's header (\"snapshot\")");
        LoadError::NotASnapshot { looks_like }
    }

    /// Something contradicts the format, `used` bytes after those that were taken in.
    pub(super) fn malformed(
        &self,
        section: &'static str,
        used: usize,
        problem: String,
    ) -> LoadError {
        self.malformed_at(section, self.byte + used as u64, problem)
    }

    /// The same at a byte of the file.
    pub(super) fn malformed_at(
        &self,
        section: &'static str,
        byte: u64,
        problem: String,
    ) -> LoadError {
        if self.layout.is_none() {
            return self.not_a_snapshot();
        }
        LoadError::Malformed { section, problem, byte }
    }
}

/// Names what was found without showing more of the file than one ASCII character.
pub(super) fn unexpected(byte: u8, wanted: &str) -> String {
    if byte.is_ascii_graphic() {
        format!("{:?} stands where {wanted} should be", char::from(byte))
    } else {
        format!("the byte {byte} stands where {wanted} should be")
    }
}

pub(super) fn looks_like(first: u8) -> &'static str {
    match first {
        b'<' => "looks like a web page or XML",
        b'P' => "looks like a zip archive or text",
        0x28 => "looks like zstd-compressed data",
        0x00..=0x08 | 0x0E..=0x1F | 0x7F..=0xFF => "looks like binary data",
        _ => "looks like text",
    }
}
