//! The snapshot's strings: one long text, decoded as it is read.
//!
//! ```text
//! text   <dummy>(GC roots)café…
//!        └──────┘└───────┘└───┘
//! ends          7        16   21 …
//! ```
//!
//! A name may be used by every node of the heap: whoever looks gets a piece of the text and pays
//! nothing for its length.
//!
//! V8 writes strings in ASCII and escapes the rest, since 2012 at least; others write UTF-8. A lone
//! surrogate, which V8 writes where JavaScript has one, becomes U+FFFD. Control characters as they
//! are, what is no UTF-8, and escapes that JSON does not have were written by nobody: such a file was
//! damaged, and its other bytes can be trusted no more than these.

use crate::budget::Budget;
use crate::error::LoadError;
use crate::ordinals::StringIndex;

/// All strings of one snapshot.
#[derive(Debug, Default)]
pub(crate) struct Strings {
    text: String,
    ends: Vec<u32>,
}

crate::storage::stored!(Strings { text, ends });

/// Bytes of text that all strings of a snapshot may have together: their ends are 32-bit numbers.
pub(crate) const MAX_TEXT: u64 = u32::MAX as u64;

/// There is no room for more text: ends are 32-bit numbers.
#[derive(Debug)]
pub(crate) struct Full;

/// Why bytes are not taken.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// See [`Full`].
    Full,
    /// They are no part of a JSON string, from this place on.
    Damage { at: usize, damage: Damage },
}

/// What cannot stand in a JSON string.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Damage {
    #[error("a string has the control character U+{0:04X}, which is always written as an escape")]
    Control(u8),
    #[error("a string has the byte {0}, which is not valid UTF-8 there")]
    NoUnicode(u8),
    #[error("a string has an escape that JSON does not know")]
    Escape,
}

impl Strings {
    /// Whether each string's text is there.
    pub(crate) fn are_whole(&self) -> bool {
        self.ends.is_sorted()
            // Also false for what lies past the text.
            && self.ends.iter().all(|&end| self.text.is_char_boundary(end as usize))
    }

    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// Makes room for the text of so many raw bytes of a string, and for its end.
    pub(crate) fn make_room(&mut self, raw: usize, budget: &mut Budget) -> Result<(), LoadError> {
        // No text is longer than it is written.
        budget.make_room(&mut self.text, raw)?;
        budget.make_room(&mut self.ends, 1)
    }

    /// Makes room for so many bytes of text in all, or as many as may be.
    pub(crate) fn reserve(&mut self, bytes: u64, budget: &mut Budget) -> Result<(), LoadError> {
        let bytes = bytes.min(MAX_TEXT) as usize;
        if bytes <= self.text.capacity() { Ok(()) } else { budget.grow(&mut self.text, bytes) }
    }

    /// Bytes of text.
    pub(crate) fn text_bytes(&self) -> u64 {
        self.text.len() as u64
    }

    /// Memory that they take.
    pub(crate) fn bytes(&self) -> u64 {
        (self.text.len() + 4 * self.ends.len()) as u64
    }

    /// Adds to the string that is being read. Returns how many of the raw bytes were used: all, or
    /// if more of the string `is_to_come`, all but the beginning of a character.
    pub(crate) fn extend(&mut self, raw: &[u8], is_to_come: bool) -> Result<usize, Refusal> {
        let used = append(&mut self.text, raw, is_to_come)
            .map_err(|(at, damage)| Refusal::Damage { at, damage })?;
        if u32::try_from(self.text.len()).is_ok() { Ok(used) } else { Err(Refusal::Full) }
    }

    /// Ends the string that is being read.
    pub(crate) fn end(&mut self) -> Result<(), Full> {
        let end = u32::try_from(self.text.len()).map_err(|_| Full)?;
        if self.ends.len() == u32::MAX as usize {
            return Err(Full);
        }
        self.ends.push(end);
        Ok(())
    }

    pub(crate) fn shrink_to_fit(&mut self) {
        self.text.shrink_to_fit();
        self.ends.shrink_to_fit();
    }

    /// Empty if there is no such string.
    #[inline]
    pub(crate) fn get(&self, index: StringIndex) -> &str {
        let Some(&end) = self.ends.get(index.index()) else { return "" };
        let start = if index.index() == 0 { 0 } else { self.ends[index.index() - 1] };
        &self.text[start as usize..end as usize]
    }

    /// The first string that reads exactly `text`.
    pub(crate) fn find(&self, text: &str) -> Option<StringIndex> {
        let mut start = 0;
        let is_it = |&end: &u32| {
            let range = start as usize..end as usize;
            start = end;
            // Nearly all differ in length: that is told without a look at the text.
            range.len() == text.len() && self.text.as_bytes()[range] == *text.as_bytes()
        };
        self.ends.iter().position(is_it).map(StringIndex::new)
    }

    /// Every string that begins with `text`.
    pub(crate) fn beginning_with(&self, text: &str) -> Vec<StringIndex> {
        let begins = |&index: &StringIndex| self.get(index).starts_with(text);
        (0..self.len()).map(StringIndex::new).filter(begins).collect()
    }

    /// Whether the string reads exactly `text`.
    #[inline]
    pub(crate) fn is(&self, index: StringIndex, text: &str) -> bool {
        self.get(index) == text
    }
}

/// Undoes JSON's escapes in bytes of a JSON string (without its quotes). Returns how many were used,
/// see [`Strings::extend`], or at which of them the damage begins.
fn append(text: &mut String, raw: &[u8], is_to_come: bool) -> Result<usize, (usize, Damage)> {
    let mut at = 0;
    while at < raw.len() {
        let rest = &raw[at..];
        let used = if rest[0] == b'\\' {
            append_escape(text, rest, is_to_come).ok_or((at, Damage::Escape))?
        } else {
            let plain = memchr::memchr(b'\\', rest).unwrap_or(rest.len());
            append_plain(text, &rest[..plain], is_to_come && plain == rest.len())
                .map_err(|(place, damage)| (at + place, damage))?
        };
        if used == 0 {
            break;
        }
        at += used;
    }
    Ok(at)
}

/// The smallest character that a JSON string may have as it is.
const MIN_PLAIN: u8 = b' ';

fn append_plain(text: &mut String, raw: &[u8], is_to_come: bool) -> Result<usize, (usize, Damage)> {
    // Without an early end, many are compared at a time.
    let has_control = raw.iter().fold(u8::MAX, |least, &byte| least.min(byte)) < MIN_PLAIN;
    let control = if has_control { raw.iter().position(|&byte| byte < MIN_PLAIN) } else { None };
    let before = &raw[..control.unwrap_or(raw.len())];
    let valid = match str::from_utf8(before) {
        Ok(valid) => valid,
        Err(error) => {
            let (valid, rest) = before.split_at(error.valid_up_to());
            let is_begun = is_to_come && control.is_none() && error.error_len().is_none();
            match str::from_utf8(valid) {
                Ok(valid) if is_begun => valid,
                _ => return Err((valid.len(), Damage::NoUnicode(rest[0]))),
            }
        }
    };
    text.push_str(valid);
    match control {
        Some(place) => Err((place, Damage::Control(raw[place]))),
        None => Ok(valid.len()),
    }
}

/// The escape that the bytes begin with. Uses none of them if it may go on; none is none of JSON's.
fn append_escape(text: &mut String, raw: &[u8], is_to_come: bool) -> Option<usize> {
    const UNIT: usize = br"\u0000".len();
    let Some(&escape) = raw.get(1) else { return is_to_come.then_some(0) };
    let character = match escape {
        b'n' => '\n',
        b't' => '\t',
        b'r' => '\r',
        b'b' => '\u{8}',
        b'f' => '\u{c}',
        b'"' | b'\\' | b'/' => char::from(escape),
        b'u' => {
            let Some(unit) = unit_of_escape(raw) else {
                return (is_to_come && raw.len() < UNIT).then_some(0);
            };
            let after = &raw[UNIT..];
            if !matches!(unit, 0xD800..=0xDBFF) {
                text.push(char::from_u32(unit).unwrap_or(char::REPLACEMENT_CHARACTER));
                return Some(UNIT);
            }
            if is_to_come && after.len() < UNIT {
                return Some(0);
            }
            let Some(low @ 0xDC00..=0xDFFF) = unit_of_escape(after) else {
                text.push(char::REPLACEMENT_CHARACTER);
                return Some(UNIT);
            };
            let code_point = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
            text.push(char::from_u32(code_point).unwrap_or(char::REPLACEMENT_CHARACTER));
            return Some(2 * UNIT);
        }
        _ => return None,
    };
    text.push(character);
    Some(2)
}

/// The UTF-16 unit that `\u` and four hexadecimal digits stand for.
fn unit_of_escape(raw: &[u8]) -> Option<u32> {
    let digits = raw.strip_prefix(br"\u")?.first_chunk::<4>()?;
    digits.iter().try_fold(0, |unit, &digit| Some(unit * 16 + char::from(digit).to_digit(16)?))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The text, or at which byte the damage is.
    fn decode(raw: &[u8]) -> Result<String, (usize, Damage)> {
        let mut text = String::new();
        let used = append(&mut text, raw, false)?;
        assert_eq!(used, raw.len(), "all of a whole string is used");
        Ok(text)
    }

    /// The same by pieces of the bytes.
    fn decode_in_pieces(raw: &[u8], length: usize) -> Result<String, (usize, Damage)> {
        let mut strings = Strings::default();
        let (mut rest, mut start) = (Vec::new(), 0);
        let mut add = |rest: &mut Vec<u8>, is_to_come| match strings.extend(rest, is_to_come) {
            Ok(used) => {
                rest.drain(..used);
                start += used;
                Ok(())
            }
            Err(Refusal::Damage { at, damage }) => Err((start + at, damage)),
            Err(Refusal::Full) => panic!("there is room"),
        };
        for piece in raw.chunks(length) {
            rest.extend_from_slice(piece);
            add(&mut rest, true)?;
            assert!(rest.len() < 12, "an escaped pair is the longest character");
        }
        add(&mut rest, false)?;
        assert!(rest.is_empty(), "all of a whole string is used");
        Ok(strings.text)
    }

    proptest! {
        #[test]
        fn a_string_reads_the_same_in_pieces(
            raw in prop::collection::vec(prop_oneof![
                1 => any::<u8>(), 4 => Just(b'\\'), 2 => Just(b'u'), 4 => Just(b'd'), 2 => Just(b'8'), 2 => Just(b'c'), 1 => Just(0xE2),
                1 => Just(0x82)], 0..40),
            length in 1..8_usize,
        ) {
            prop_assert_eq!(decode_in_pieces(&raw, length), decode(&raw));
        }

        #[test]
        fn a_sound_string_reads_the_same_in_pieces(
            parts in prop::collection::vec(prop_oneof![
                Just("a"), Just(r"\uD83D"), Just(r"\uDE00"), Just(r"\n"), Just("\u{e9}"),
                Just("\u{1F600}"), Just(r"\u0000")], 0..20),
            length in 1..8_usize,
        ) {
            let raw = parts.concat();
            let whole = decode(raw.as_bytes());
            prop_assert!(whole.is_ok());
            prop_assert_eq!(decode_in_pieces(raw.as_bytes(), length), whole);
        }

        #[test]
        fn decodes_what_serde_json_encodes(text in any::<String>()) {
            let json = serde_json::Value::from(text.as_str()).to_string();
            prop_assert_eq!(decode(&json.as_bytes()[1..json.len() - 1]), Ok(text));
        }

        #[test]
        fn decodes_escaped_units(text in any::<String>()) {
            let units: Vec<_> = text.encode_utf16().map(|unit| format!("\\u{unit:04X}")).collect();
            let escaped = units.concat();
            prop_assert_eq!(decode(escaped.as_bytes()), Ok(text));
        }

        /// Lone surrogates, which it refuses too, take more luck.
        #[test]
        fn refuses_what_serde_json_refuses(
            raw in prop::collection::vec(prop_oneof![
                2 => any::<u8>(), 6 => b'a'..=b'z', 1 => Just(b'\\'), 1 => Just(0xC3),
                1 => Just(0xA9)], 0..12),
        ) {
            prop_assume!(!raw.contains(&b'"'));
            let json = [b"\"", raw.as_slice(), b"\""].concat();
            let expected = serde_json::from_slice::<String>(&json);
            prop_assert_eq!(decode(&raw).ok(), expected.ok());
        }
    }

    #[test]
    fn a_lone_surrogate_is_replaced() {
        for (raw, text) in [
            (&br"a\uD83Db"[..], "a\u{FFFD}b"),
            (br"\uDE00", "\u{FFFD}"),
            (br"\uD83D\u0041", "\u{FFFD}A"),
            (br"\uD83D\uDE00", "\u{1F600}"),
        ] {
            assert_eq!(decode(raw), Ok(text.to_owned()));
        }
    }

    #[test]
    fn says_where_a_string_is_damaged() {
        for (raw, place, damage) in [
            (&b"ab\0"[..], 2, Damage::Control(0)),
            (b"a\nb", 1, Damage::Control(b'\n')),
            (b"a\\nb\x1F", 4, Damage::Control(0x1F)),
            (b"a\xFF", 1, Damage::NoUnicode(0xFF)),
            // The character is cut short by the escape, and by the string's end.
            (b"\xC3\\n", 0, Damage::NoUnicode(0xC3)),
            (b"a\xE2\x82", 1, Damage::NoUnicode(0xE2)),
            (br"a\q", 1, Damage::Escape),
            (br"\u12", 0, Damage::Escape),
            (br"\u12G4", 0, Damage::Escape),
            (b"\\\xC3\xA9", 0, Damage::Escape),
        ] {
            assert_eq!(decode(raw), Err((place, damage)), "{raw:?}");
            assert_eq!(decode_in_pieces(raw, 1), Err((place, damage)), "{raw:?}");
        }
        // What others than V8 may leave as it is.
        assert_eq!(decode("é\u{7F}/".as_bytes()), Ok("é\u{7F}/".to_owned()));
    }

    #[test]
    fn finds_a_text_however_it_is_written() {
        let mut strings = Strings::default();
        for raw in [&b"a"[..], br"\u0061b", br"n\n", b"\xC3\xA9"] {
            strings.extend(raw, false).expect("room");
            strings.end().expect("room");
        }
        let find = |text| strings.find(text).map(StringIndex::index);
        assert_eq!(
            ["a", "ab", "n\n", "\u{e9}", r"n\n", ""].map(find),
            [Some(0), Some(1), Some(2), Some(3), None, None]
        );
    }
}
