//! What reaches the terminal besides findings: errors, and text made harmless.
//!
//! Names in a heap snapshot are somebody's data and may hold escape sequences; nothing from a
//! snapshot is printed without [`plain`].

use std::borrow::Cow;

use annotate_snippets::{Group, Level, Renderer};
use heapmark_leaks::AnalyzeError;

/// Replaces control characters (escape sequences, carriage returns, bidirectional overrides) by a
/// visible stand-in.
pub(crate) fn plain(text: &str) -> Cow<'_, str> {
    let harmful =
        |c: char| c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    if text.contains(harmful) {
        Cow::Owned(text.replace(harmful, "\u{fffd}"))
    } else {
        Cow::Borrowed(text)
    }
}

/// Prints an error to standard error as one sentence, with what to do about it if that is known.
pub(crate) fn print_error(error: &anyhow::Error) {
    let sentence = error.chain().map(ToString::to_string).collect::<Vec<_>>().join(": ");
    let help = error.downcast_ref::<AnalyzeError>().and_then(AnalyzeError::help);
    let title = Group::with_title(Level::ERROR.primary_title(plain(&sentence)));
    anstream::eprintln!("{}", Renderer::styled().render(&[title]));
    if let Some(help) = help {
        anstream::eprintln!("  = help: {}", plain(&help));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escape_sequences_from_a_heap_do_not_reach_the_terminal() {
        assert_eq!(plain("cache"), "cache");
        assert_eq!(plain("\u{1b}[2Jgone\r\n"), "\u{fffd}[2Jgone\u{fffd}\u{fffd}");
        assert_eq!(plain("a\u{202e}b"), "a\u{fffd}b");
    }
}
