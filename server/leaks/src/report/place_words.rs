//! Places in sentences: `pages.js:12`.

use std::path::Path;

use heapmark_source::Range;

use crate::report::text::{self, Text, text};

/// The last part of a path, for sentences.
pub(crate) fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// `pages.js:12`, for sentences.
pub(crate) fn at(file: &Path, range: Range) -> Text {
    text![file_name(file), ":", text::line(file, range)]
}
