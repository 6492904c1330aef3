//! From the protocol's types to the house's own. The other direction is [`crate::to_proto`].

use std::path::PathBuf;

use heapmark_source::{Position, Range};

use crate::{escape, types};

/// The file that a `file:` URI names; other schemes (untitled, git, …) are no files of the
/// workspace.
pub(crate) fn file_path(uri: &types::Uri) -> Option<PathBuf> {
    if !uri.scheme().as_str().eq_ignore_ascii_case("file") {
        return None;
    }
    uri.to_file_path().map(std::borrow::Cow::into_owned)
}

/// The position; both sides count lines and UTF-16 units from 0.
pub(crate) fn position(position: types::Position) -> Position {
    Position::new(position.line, position.character)
}

/// The range, with its ends in order.
pub(crate) fn range(range: types::Range) -> Range {
    let (start, end) = (position(range.start), position(range.end));
    Range::new(start.min(end), start.max(end))
}

/// A file given as a path or as a `file:` URI, as people and clients write it in arguments.
pub(crate) fn path_or_uri(text: &str) -> Option<PathBuf> {
    if text.starts_with("file:") || text.contains("://") {
        return escape::escaped(text).parse().ok().as_ref().and_then(file_path);
    }
    (!text.is_empty()).then(|| PathBuf::from(text))
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn escapes_of_a_uri_are_undone_and_those_of_a_path_are_none() {
        let path = |text| path_or_uri(text).map(|path| path.to_string_lossy().into_owned());
        assert_eq!(path("file:///a%20b/%C3%A9.js").as_deref(), Some("/a b/é.js"));
        assert_eq!(path("file:///x/[id]/a b.js").as_deref(), Some("/x/[id]/a b.js"));
        assert_eq!(path("/a%20b.js").as_deref(), Some("/a%20b.js"));
        assert_eq!(path("a.js").as_deref(), Some("a.js"));
        assert_eq!(path("https://example.org/a.js"), None);
        assert_eq!(path("file://[broken"), None);
        assert_eq!(path(""), None);
    }
}
