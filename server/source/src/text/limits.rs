//! How large a text may be to be parsed.

use std::path::Path;

use crate::error::SourceError;

/// Largest file that is parsed, in bytes: takes the parser a second or two.
pub const LARGEST_FILE: u64 = 5 << 20;

/// Whether a text is at most as large as `limit`, in bytes; else the error that says so.
pub(crate) fn check_size(path: &Path, bytes: u64, limit: u64) -> Result<(), SourceError> {
    if bytes > limit {
        return Err(SourceError::TooLarge { path: path.to_path_buf(), bytes, limit });
    }
    Ok(())
}

/// Nobody writes longer lines by hand, in bytes.
const LONG_LINE: usize = 500;

/// Whether most of a text stands in lines that nobody writes: a minifier made it.
pub(crate) fn has_long_lines(text: &str) -> bool {
    let long: usize = text.lines().map(str::len).filter(|&length| length > LONG_LINE).sum();
    2 * long > text.len()
}
