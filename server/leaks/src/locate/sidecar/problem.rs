//! Why what a companion says is passed over. What a person is told of it stands in [`crate::words::sidecar`].

use std::io;

use serde_json::error::Category;

/// Why there is a companion, and nothing of it is taken. They are told in this order.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Problem {
    /// It has more than [`MAX_BYTES`](super::MAX_BYTES).
    TooLarge,
    /// It was not read: what the system says, a clause.
    Unread(String),
    /// It is a link that leads out of where its snapshot belongs.
    Away,
    /// It is cut off, no JSON, or something else.
    Damaged(Damage),
    /// It is of a version that is not known.
    OtherVersion(u64),
    /// It says of its snapshot that it has another size.
    OtherSnapshot,
}

/// What is wrong with the text of a companion.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Damage {
    /// It does not say of which version it is.
    NoVersion,
    CutOff,
    Empty,
    NoJson,
    NoText,
    /// It is JSON of something else.
    Foreign,
}

impl Problem {
    pub(super) fn unread(error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::FileTooLarge => Self::TooLarge,
            io::ErrorKind::InvalidData => Self::Damaged(Damage::NoText),
            _ => Self::Unread(error.to_string()),
        }
    }

    /// Without the words of the error, which may quote the file, and without its line: three that were cut
    /// off have one problem.
    pub(super) fn damaged(error: &serde_json::Error) -> Self {
        Self::Damaged(match error.classify() {
            Category::Eof => Damage::CutOff,
            Category::Data => Damage::Foreign,
            Category::Io | Category::Syntax => Damage::NoJson,
        })
    }
}
