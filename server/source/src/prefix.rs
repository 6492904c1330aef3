//! Whether a text is the one V8 ran, as far as a snapshot tells.
//!
//! A snapshot holds only the beginning of a script's source, at most 1024 UTF-16 units, and V8
//! damages it on the way out: of a character beyond U+FFFF only the low 16 bits of the code point
//! are written, NUL becomes a space, and a lone surrogate becomes `???`. The same damage is done
//! to the file's text before both are compared.

/// UTF-16 units of a string that V8 writes (`--heap-snapshot-string-limit`).
const STRING_LIMIT: usize = 1024;

/// Whether `text` begins with what V8 wrote as `source_prefix`. A prefix that is shorter than V8's
/// limit is the whole source, so then nothing may follow.
pub(crate) fn matches_prefix(text: &str, source_prefix: &str) -> bool {
    let mut written = source_prefix.chars();
    let mut units = 0;
    for character in text.chars() {
        units += character.len_utf16();
        if units > STRING_LIMIT {
            // The pair that straddles the limit: V8 has cut it, and what it made of its first half
            // is not worth a verdict.
            return written.as_str().is_empty() || character.len_utf16() == 2;
        }
        if !takes(&mut written, character) {
            return false;
        }
        if units == STRING_LIMIT {
            break;
        }
    }
    written.next().is_none()
}

/// Takes what V8 writes for `character` off `written`, if that is what stands there.
fn takes(written: &mut std::str::Chars<'_>, character: char) -> bool {
    let code = u32::from(character);
    let expected = match code {
        0 => ' ',
        // The low 16 bits may be those of a surrogate, which is no character: a reader of the
        // snapshot has put U+FFFD or `???` there.
        0x1_0000.. => match char::from_u32(code & 0xFFFF) {
            Some('\0') => ' ',
            Some(low) => low,
            None => {
                let rest = written.as_str();
                let rest = rest.strip_prefix("???").or_else(|| rest.strip_prefix('\u{fffd}'));
                return rest.is_some_and(|rest| {
                    *written = rest.chars();
                    true
                });
            }
        },
        _ => character,
    };
    written.next() == Some(expected)
}

#[cfg(test)]
mod tests {
    use super::matches_prefix;

    #[test]
    fn a_short_source_must_agree_as_a_whole() {
        assert!(matches_prefix("let a = 1;", "let a = 1;"));
        assert!(!matches_prefix("let a = 1;", "let a = 2;"));
        assert!(!matches_prefix("let a = 1;", "let a = 1"));
        assert!(!matches_prefix("let a = 1", "let a = 1;"));
        assert!(matches_prefix("", ""));
        assert!(!matches_prefix("let a = 1;", ""));
    }

    #[test]
    fn of_a_long_source_the_first_1024_units_must_agree() {
        let source = "x".repeat(1024);
        assert!(matches_prefix(&format!("{source} and more"), &source));
        assert!(!matches_prefix(&format!("y{source}"), &source));
        assert!(!matches_prefix(&source[1..], &source));
    }

    #[test]
    fn what_v8_damages_still_agrees() {
        // U+1F600 loses its upper bits, NUL becomes a space.
        assert!(matches_prefix("'😀' + '\0'", "'\u{f600}' + ' '"));
        // U+1D800's low bits are a surrogate, which no reader can keep.
        assert!(matches_prefix("'\u{1d800}'", "'???'"));
        assert!(matches_prefix("'\u{1d800}'", "'\u{fffd}'"));
        assert!(!matches_prefix("'😀'", "'\u{f601}'"));
    }

    #[test]
    fn a_pair_counts_two_units_and_may_straddle_the_limit() {
        let pairs = "😀".repeat(512);
        assert!(matches_prefix(&format!("{pairs} and more"), &"\u{f600}".repeat(512)));
        let straddling = format!("{}😀 and more", "x".repeat(1023));
        for cut in ["", "\u{fffd}", "???"] {
            assert!(matches_prefix(&straddling, &format!("{}{cut}", "x".repeat(1023))));
        }
        assert!(!matches_prefix(&straddling, &"y".repeat(1023)));
    }
}
