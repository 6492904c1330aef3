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
