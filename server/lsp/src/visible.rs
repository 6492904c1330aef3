//! Text from a heap, a file or a client, as it may stand in what people read.
//!
//! What has a meaning in Markdown is the business of [`crate::markup`].

use heapmark_capture::is_unseen;

/// One line of visible characters, at most `most` of them: one that was cut ends in `…`. What is not seen,
/// or turns the direction of text around, becomes a replacement character.
pub(crate) fn visible(text: &str, most: usize) -> String {
    let mut out = String::with_capacity(text.len().min(most * 4));
    let mut characters = text.chars().enumerate();
    while let Some((index, character)) = characters.next() {
        if index + 1 == most && characters.clone().next().is_some() {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_cut_has_as_many_characters_as_it_may() {
        assert_eq!(visible("four", 4), "four");
        assert_eq!(visible("fivée", 4), "fiv…");
        assert_eq!(visible("", 4), "");
    }
}
