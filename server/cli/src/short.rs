//! What a report says, on a terminal: no control characters, and nothing longer than anybody reads. A name
//! in a heap may have a million characters; JSON has it whole.

use heapmark_capture::plain;
use heapmark_leaks::report::{Span, Text};

/// Characters of a name, as in the editor's hovers.
const MAX_NAME_CHARS: usize = 400;
/// Characters of a line, as in the editor's diagnostics.
const MAX_LINE_CHARS: usize = 2_000;

/// A text with its names cut.
pub(crate) fn text(text: &Text) -> String {
    let mut short = Text::default();
    for span in text.spans() {
        match span {
            Span::Name(name) => short.push(format!("`{}`", cut(name, MAX_NAME_CHARS))),
            other => short.push(Text::from(other.clone())),
        }
    }
    line(&short.to_string())
}

/// A name or a path that stands alone.
pub(crate) fn name(name: &str) -> String {
    plain(&cut(name, MAX_NAME_CHARS))
}

/// A line of words and names.
pub(crate) fn line(line: &str) -> String {
    plain(&cut(line, MAX_LINE_CHARS))
}

/// At most so many characters; what was cut ends in `…`.
fn cut(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        None => text.to_owned(),
        Some(_) => text.chars().take(most - 1).chain(['…']).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_names_and_lines_are_cut() {
        assert_eq!(name("a\u{1b}b"), plain("a\u{1b}b"));
        let long = name(&"é".repeat(15_000));
        assert_eq!(long.chars().count(), MAX_NAME_CHARS);
        assert!(long.ends_with('…'));
        assert_eq!(name(&"x".repeat(MAX_NAME_CHARS)), "x".repeat(MAX_NAME_CHARS));
        assert_eq!(line(&"x".repeat(15_000)).chars().count(), MAX_LINE_CHARS);
    }
}
