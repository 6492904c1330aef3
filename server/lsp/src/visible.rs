//! Text from a heap, a file or a client, as it may stand in what people read.
//!
//! What has a meaning in Markdown is the business of [`crate::markup`].

use heapmark_capture::is_unseen;

/// One line of visible characters, at most `most` of them. What is not seen, or turns the direction of
/// text around, becomes a replacement character.
pub(crate) fn visible(text: &str, most: usize) -> String {
    let mut out = String::with_capacity(text.len().min(most * 4));
    for (index, character) in text.chars().enumerate() {
        if index == most {
            out.push('…');
            break;
        }
        out.push(match character {
            '\n' | '\r' | '\t' | '\u{2028}' | '\u{2029}' => ' ',
            unseen if is_unseen(unseen) => '\u{FFFD}',
            other => other,
        });
    }
    out
}
