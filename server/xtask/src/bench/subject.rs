//! A snapshot to measure on.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use anyhow::Context;

/// V8 writes the header first, and it is shorter.
const HEADER_BYTES: u64 = 16_384;

pub(super) struct Subject {
    pub(super) file: PathBuf,
    /// What the table calls it.
    pub(super) title: String,
    /// Files of the same kind come one after the other, the smaller first.
    pub(super) family: String,
    pub(super) bytes: u64,
    pub(super) edges: u64,
}

impl Subject {
    pub(super) fn of(file: &Path, family: &str) -> anyhow::Result<Self> {
        let opened = File::open(file).with_context(|| format!("no {}", file.display()))?;
        let bytes = opened.metadata()?.len();
        let mut header = Vec::new();
        opened.take(HEADER_BYTES).read_to_end(&mut header)?;
        let edges = count_of(&String::from_utf8_lossy(&header), "\"edge_count\":")
            .with_context(|| format!("{} does not begin as V8's files do", file.display()))?;
        let name = file.file_stem().unwrap_or_default().to_string_lossy();
        Ok(Self {
            file: file.to_owned(),
            title: format!("{name}, {:.0} MB", bytes as f64 / 1e6),
            family: family.to_owned(),
            bytes,
            edges,
        })
    }
}

/// The number after the words.
fn count_of(header: &str, words: &str) -> Option<u64> {
    let (_, rest) = header.split_once(words)?;
    let digits = rest.split(|character: char| !character.is_ascii_digit()).next()?;
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_come_from_the_header() {
        // `edge_count` is also the name of a node's field.
        let header = r#"{"node_fields":["edge_count"]},"node_count":3,"edge_count":14,"trace"#;
        assert_eq!(count_of(header, "\"edge_count\":"), Some(14));
        assert_eq!(count_of(header, "\"string_count\":"), None);
    }
}
