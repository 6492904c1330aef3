//! Places in sentences: `pages.js:12`.

use crate::report::line_ref::line;
use crate::report::place::Place;
use crate::report::text::{self, Text, text};
use heapmark_source::Range;
use std::path::Path;

/// `pages.js:12`, for sentences.
pub(crate) fn line_of(place: &Place) -> String {
    format!("{}:{}", file_name(&place.file), line(&place.file, place.range))
}

/// The last part of a path, for sentences.
pub(crate) fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// `pages.js:12`, for sentences.
pub(crate) fn at(file: &Path, range: Range) -> Text {
    text![file_name(file), ":", text::line(file, range)]
}
