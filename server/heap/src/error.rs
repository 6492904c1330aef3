//! Why a file could not be loaded, in words for the person who chose the file.
//!
//! Messages go on where the file's name ends: "final.heapsnapshot" + " is cut off: …". They show
//! nothing from inside the heap.

use std::fmt;
use std::io;
use std::path::PathBuf;

use crate::bytes::Bytes;
use crate::monitor::{Cancelled, Oversize};

/// Why there is no [`Snapshot`](crate::Snapshot). Shown after the file's name and a blank.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoadError {
    /// The file cannot be opened or read.
    #[error("cannot be read: {source}")]
    Io {
        /// The file, or empty for a stream.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// There is not a single byte in it.
    #[error("is empty: not a byte of it was written")]
    Empty,
    /// The first character is not a JSON object's.
    #[error("is not a heap snapshot: it {looks_like}, and a snapshot is JSON that starts with {{")]
    NotJson {
        /// What it seems to be instead, as the end of a sentence: "looks like a web page".
        looks_like: &'static str,
    },
    /// JSON, but not a snapshot's.
    #[error("is not a heap snapshot: {looks_like}")]
    NotASnapshot {
        /// What it seems to be instead, or what is missing, as a sentence's end.
        looks_like: &'static str,
    },
    /// Not a sampling heap profile.
    #[error("is not a sampling heap profile: {problem}")]
    NotAProfile {
        /// What is wrong, as a clause.
        problem: String,
    },
    /// The file ends too early.
    #[error("is cut off: {}", cut_off(.section, *.got, *.expected, *.byte))]
    Truncated {
        /// The section in which it ends, as the file calls it; empty between sections.
        section: &'static str,
        /// Entries of the section that were read: numbers, or strings.
        got: u64,
        /// How many entries the header promised, if it did.
        expected: Option<u64>,
        /// Bytes read (uncompressed).
        byte: u64,
    },
    /// Something in it contradicts the format.
    #[error("is damaged: {}{problem} (byte {})", place(.section), thousands(*.byte))]
    Malformed {
        /// The section, as the file calls it; empty between sections.
        section: &'static str,
        /// What is wrong, as a clause.
        problem: String,
        /// Where (uncompressed).
        byte: u64,
    },
    /// The compressed data is damaged.
    #[error("is damaged: its {packing} data {problem} after byte {}", thousands(*.byte))]
    Compression {
        /// How it is packed: `gzip` or `zstd`.
        packing: &'static str,
        /// What is wrong, as the rest of a clause.
        problem: String,
        /// Bytes unpacked before.
        byte: u64,
        /// What the unpacker said.
        source: io::Error,
    },
    /// It is packed as no snapshot can be.
    #[error(
        "was not unpacked: from byte {} on it grows to more than {times} times its packed size, \
         which no snapshot does", thousands(*.byte)
    )]
    Expands {
        /// Bytes unpacked before.
        byte: u64,
        /// What is allowed.
        times: u64,
    },
    /// It is packed so that unpacking it takes more memory than allowed.
    #[error(
        "was not unpacked: it is packed with a window of {window}, and the memory here is enough for one of \
         {most}"
    )]
    Window {
        /// How far back its packed data looks.
        window: Bytes,
        /// How far it may.
        most: Bytes,
    },
    /// It takes more memory than allowed.
    #[error(
        "is too large: loading and analysing it takes about {needed} of memory, and the budget is \
         {budget}"
    )]
    TooLarge {
        /// What it would take at its peak.
        needed: Bytes,
        /// What it may take.
        budget: Bytes,
    },
    /// Its strings are longer than can be kept, or will be if they go on as they began.
    #[error(
        "is too large: its strings are about {text} of text together, and more than {most} cannot be \
         kept"
    )]
    TooMuchText {
        /// How long they are; of a packed file, how long they will be.
        text: Bytes,
        /// How long they may be.
        most: Bytes,
    },
    /// The monitor asked to stop.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
}

impl LoadError {
    /// How it is too large, if it was refused for its size alone.
    pub fn oversize(&self) -> Option<Oversize> {
        match *self {
            LoadError::TooLarge { needed, budget } => Some(Oversize::Memory { needed, budget }),
            LoadError::TooMuchText { .. } | LoadError::Expands { .. } => Some(Oversize::Always),
            _ => None,
        }
    }

    /// What the person can do about it, where there is something.
    pub fn help(&self) -> Option<&'static str> {
        match self {
            LoadError::Empty | LoadError::Truncated { .. } => Some(
                "V8 was probably killed before it was done: a snapshot takes several times the \
                 heap's size in free memory, and room on the disk. Make room and capture again",
            ),
            LoadError::NotJson { .. } | LoadError::NotASnapshot { .. } => Some(
                "a snapshot is what v8.writeHeapSnapshot(), node --heapsnapshot-signal, or \
                 `Take heap snapshot` in DevTools writes",
            ),
            LoadError::Malformed { .. } | LoadError::Compression { .. } => {
                Some("was it changed or copied incompletely? Capture or copy it again")
            }
            LoadError::Expands { .. } => Some(
                "it was made to exhaust memory, or is something else. If you trust it, unpack it \
                 with `gzip -d` or `zstd -d` and analyse the plain file",
            ),
            LoadError::Window { .. } => Some(
                "unpack it first, with `zstd -d --long=31`, and analyse the plain file; or pack it without `--long`",
            ),
            LoadError::TooLarge { .. } => Some(
                "close what else takes memory, or analyse it on a machine with more memory. A snapshot taken earlier in the program's life is smaller",
            ),
            LoadError::TooMuchText { .. } => Some(
                "a snapshot taken earlier in the program's life is smaller. Of a packed file this is an estimate: \
                 unpack it with `gzip -d` or `zstd -d` to be sure",
            ),
            LoadError::NotAProfile { .. } => Some(
                "a sampling heap profile is what node --heap-prof, or `Allocation sampling` in \
                 DevTools writes",
            ),
            LoadError::Io { .. } | LoadError::Cancelled(_) => None,
        }
    }
}

fn place(section: &str) -> String {
    if section.is_empty() { String::new() } else { format!("in its {section:?} section, ") }
}

fn cut_off(section: &str, got: u64, expected: Option<u64>, byte: u64) -> String {
    let unit = if section == "strings" { "strings" } else { "numbers" };
    // A header may promise less than there is.
    let expected = expected.filter(|&expected| expected >= got);
    let (got, byte) = (thousands(got), thousands(byte));
    match (section, expected) {
        ("snapshot", _) => format!("it ends inside its header (byte {byte})"),
        ("", _) => format!("it ends before its last section (byte {byte})"),
        (_, Some(expected)) => format!(
            "the {section:?} section ends after {got} of {} {unit} (byte {byte})",
            thousands(expected)
        ),
        (_, None) => format!("the {section:?} section ends after {got} {unit} (byte {byte})"),
    }
}

/// Where the parser stopped, in bytes from the start of the text.
pub(crate) fn byte_of(error: &serde_json::Error, json: &[u8]) -> u64 {
    let lines = json.split_inclusive(|&byte| byte == b'\n').take(error.line().saturating_sub(1));
    let before: usize = lines.map(<[u8]>::len).sum();
    (before + error.column().saturating_sub(1)) as u64
}

/// Writes 1234567 as 1,234,567.
pub(crate) fn thousands(number: u64) -> impl fmt::Display {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
