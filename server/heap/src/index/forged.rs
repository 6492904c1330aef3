//! Indexes of no file, for the tests and the fuzzer.

use super::file;
use super::identity::Identity;
use crate::analysis::Analysis;
use crate::limits::Limits;
use crate::monitor::Unmonitored;

/// The index of an analysis of no file.
#[cfg(test)]
pub(crate) fn index_of(analysis: &Analysis) -> Vec<u8> {
    let file = tempfile::NamedTempFile::new().expect("a file");
    let (snapshot, computed) = (analysis.snapshot(), Some(analysis.computed()));
    let (file_, none, all) = (file.as_file(), &Identity::NONE, u64::MAX);
    file::write(file_, none, snapshot, computed, all, &Unmonitored).expect("room");
    std::fs::read(file.path()).expect("a file")
}

/// The analysis in these bytes, as if they were an index with the right checksums.
pub(crate) fn read_forged(mut bytes: Vec<u8>, limits: Limits) -> Option<Analysis> {
    file::forge(&mut bytes, &Identity::NONE);
    let read = file::read(&bytes.as_slice(), &Identity::NONE, limits, &Unmonitored);
    let (snapshot, computed) = read.ok()?;
    match computed {
        Some(computed) => Some(computed.with(snapshot)),
        None => Analysis::new(snapshot, &Unmonitored).ok(),
    }
}
