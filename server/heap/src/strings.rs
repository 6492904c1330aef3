//! The snapshot's strings: one long text, decoded as it is read.
//!
//! ```text
//! text   <dummy>(GC roots)café…
//!        └──────┘└───────┘└───┘
//! ends          7        16   21 …
//! ```
//!
//! A name may be used by every node of the heap: whoever looks gets a piece of the text and pays
//! nothing for its length. Decoding forgives: a lone surrogate, which V8 writes and JSON forbids,
//! becomes U+FFFD.

use crate::budget::Budget;
use crate::error::LoadError;
use crate::ordinals::StringIndex;

/// All strings of one snapshot.
#[derive(Debug, Default)]
pub(crate) struct Strings {
    text: String,
    ends: Vec<u32>,
}

crate::index::stored!(Strings { text, ends });

/// There is no room for more text: ends are 32-bit numbers.
#[derive(Debug)]
pub(crate) struct Full;

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
    pub(crate) fn make_room(&mut self, raw: &[u8], budget: &mut Budget) -> Result<(), LoadError> {
        // A byte that is no Unicode becomes a character of three.
        let most = if raw.is_ascii() { raw.len() } else { 3 * raw.len() };
        budget.make_room(&mut self.text, most)?;
        budget.make_room(&mut self.ends, 1)
    }

    /// Makes room for so many bytes of text in all.
    pub(crate) fn reserve(&mut self, bytes: usize, budget: &mut Budget) -> Result<(), LoadError> {
        budget.grow(&mut self.text, bytes)
    }

    /// Memory that they take.
    pub(crate) fn bytes(&self) -> u64 {
        (self.text.len() + 4 * self.ends.len()) as u64
    }

    /// Adds to the string that is being read. Returns how many of the raw bytes were used: all, or
    /// if more of the string `is_to_come`, all but the beginning of a character.
    pub(crate) fn extend(&mut self, raw: &[u8], is_to_come: bool) -> Result<usize, Full> {
        let used = append(&mut self.text, raw, is_to_come);
        if u32::try_from(self.text.len()).is_ok() { Ok(used) } else { Err(Full) }
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
        (0..self.len()).map(StringIndex::new).find(|&index| self.is(index, text))
    }

    /// Whether the string reads exactly `text`.
    #[inline]
    pub(crate) fn is(&self, index: StringIndex, text: &str) -> bool {
        self.get(index) == text
    }
}

/// Undoes JSON's escapes in bytes of a JSON string (without its quotes). Returns how many were used,
/// see [`Strings::extend`].
fn append(text: &mut String, raw: &[u8], is_to_come: bool) -> usize {
    let mut at = 0;
    while at < raw.len() {
        let rest = &raw[at..];
        let used = if rest[0] == b'\\' {
            append_escape(text, rest, is_to_come)
        } else {
            let plain = memchr::memchr(b'\\', rest).unwrap_or(rest.len());
            append_plain(text, &rest[..plain], is_to_come && plain == rest.len())
        };
        if used == 0 {
            break;
        }
        at += used;
    }
    at
}

fn append_plain(text: &mut String, raw: &[u8], is_to_come: bool) -> usize {
    if let Ok(plain) = str::from_utf8(raw) {
        text.push_str(plain);
        return raw.len();
    }
    let mut used = 0;
    for part in raw.utf8_chunks() {
        let (valid, invalid) = (part.valid(), part.invalid());
        text.push_str(valid);
        used += valid.len() + invalid.len();
        if is_to_come && used == raw.len() && is_beginning(invalid) {
            return used - invalid.len();
        }
        if !invalid.is_empty() {
            text.push(char::REPLACEMENT_CHARACTER);
        }
    }
    used
}

/// Whether the bytes may become a character with those that follow.
fn is_beginning(raw: &[u8]) -> bool {
    str::from_utf8(raw).is_err_and(|error| error.error_len().is_none())
}

/// The escape that the bytes begin with. Uses none of them if it may go on.
fn append_escape(text: &mut String, raw: &[u8], is_to_come: bool) -> usize {
    const UNIT: usize = br"\u0000".len();
    let Some(&escape) = raw.get(1) else { return usize::from(!is_to_come) };
    let character = match escape {
        b'n' => '\n',
        b't' => '\t',
        b'r' => '\r',
        b'b' => '\u{8}',
        b'f' => '\u{c}',
        b'u' => {
            let Some(unit) = unit_of_escape(raw) else {
                if is_to_come && raw.len() < UNIT {
                    return 0;
                }
                text.push(char::REPLACEMENT_CHARACTER);
                return 2;
            };
            let after = &raw[UNIT..];
            if !matches!(unit, 0xD800..=0xDBFF) {
                text.push(char::from_u32(unit).unwrap_or(char::REPLACEMENT_CHARACTER));
                return UNIT;
            }
            if is_to_come && after.len() < UNIT {
                return 0;
            }
            let Some(low @ 0xDC00..=0xDFFF) = unit_of_escape(after) else {
                text.push(char::REPLACEMENT_CHARACTER);
                return UNIT;
            };
            let code_point = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
            text.push(char::from_u32(code_point).unwrap_or(char::REPLACEMENT_CHARACTER));
            return 2 * UNIT;
        }
        // What is no escape stands for itself.
        other if other.is_ascii() => char::from(other),
        _ => return 1,
    };
    text.push(character);
    2
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

    fn decode(raw: &[u8]) -> String {
        let mut text = String::new();
        assert_eq!(append(&mut text, raw, false), raw.len(), "all of a whole string is used");
        text
    }

    proptest! {
        #[test]
        fn a_string_reads_the_same_in_pieces(
            raw in prop::collection::vec(prop_oneof![
                4 => any::<u8>(), 4 => Just(b'\\'), 2 => Just(b'u'), 4 => Just(b'd'), 2 => Just(b'8'),
                2 => Just(b'c'), 1 => Just(0xE2), 1 => Just(0x82)], 0..40),
            length in 1..8_usize,
        ) {
            let mut strings = Strings::default();
            let mut rest = Vec::new();
            for piece in raw.chunks(length) {
                rest.extend_from_slice(piece);
                let used = strings.extend(&rest, true).expect("room");
                rest.drain(..used);
                prop_assert!(rest.len() < 12, "an escaped pair is the longest character");
            }
            prop_assert_eq!(strings.extend(&rest, false).expect("room"), rest.len());
            prop_assert_eq!(strings.text, decode(&raw));
        }

        #[test]
        fn decodes_what_serde_json_encodes(text in any::<String>()) {
            let json = serde_json::Value::from(text.as_str()).to_string();
            prop_assert_eq!(decode(&json.as_bytes()[1..json.len() - 1]), text);
        }

        #[test]
        fn decodes_escaped_units(text in any::<String>()) {
            let units: Vec<_> = text.encode_utf16().map(|unit| format!("\\u{unit:04X}")).collect();
            let escaped = units.concat();
            prop_assert_eq!(decode(escaped.as_bytes()), text);
        }

        #[test]
        fn never_fails(raw in prop::collection::vec(prop_oneof![any::<u8>(), Just(b'\\'), Just(b'u')], 0..40)) {
            decode(&raw);
        }
    }

    #[test]
    fn replaces_what_is_no_unicode() {
        for (raw, text) in [
            (&br"a\uD83Db"[..], "a\u{FFFD}b"),
            (br"\uDE00", "\u{FFFD}"),
            (br"\uD83D\u0041", "\u{FFFD}A"),
            (br"\uD83D\uDE00", "\u{1F600}"),
            (br"\u12", "\u{FFFD}12"),
            (b"\xFF", "\u{FFFD}"),
            (br"\q\/", "q/"),
            (br"end\", "end"),
            (b"\\\xC3\xA9", "\u{e9}"),
        ] {
            assert_eq!(decode(raw), text);
        }
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
