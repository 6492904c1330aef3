//! The snapshot's strings: JSON's raw bytes in one long buffer, decoded when somebody looks.
//!
//! ```text
//! bytes  <dummy>(GC roots)caf\u00E9…
//!        └──────┘└────────┘└───────┘
//! ends          7        17       26 …
//! ```
//!
//! Decoding forgives: a lone surrogate, which V8 writes and JSON forbids, becomes U+FFFD.

use std::borrow::Cow;
use std::cmp::Ordering;

use crate::ordinals::StringIndex;

/// All strings of one snapshot.
#[derive(Debug, Default)]
pub(crate) struct Strings {
    bytes: Vec<u8>,
    ends: Vec<u32>,
}

crate::index::stored!(Strings { bytes, ends });

impl Strings {
    /// Whether each string's bytes are there.
    pub(crate) fn are_whole(&self) -> bool {
        self.ends.is_sorted()
            && self.ends.last().is_none_or(|&end| end as usize <= self.bytes.len())
    }

    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// Memory that they take.
    pub(crate) fn bytes(&self) -> u64 {
        (self.bytes.len() + 4 * self.ends.len()) as u64
    }

    /// Adds to the string that is being read.
    pub(crate) fn extend(&mut self, raw: &[u8]) {
        self.bytes.extend_from_slice(raw);
    }

    /// Ends the string that is being read. False if there is no room for so many bytes.
    #[must_use]
    pub(crate) fn end(&mut self) -> bool {
        let Ok(end) = u32::try_from(self.bytes.len()) else { return false };
        if self.ends.len() == u32::MAX as usize {
            return false;
        }
        self.ends.push(end);
        true
    }

    pub(crate) fn shrink_to_fit(&mut self) {
        self.bytes.shrink_to_fit();
        self.ends.shrink_to_fit();
    }

    /// What stands between the quotes in the file, empty if there is no such string.
    pub(crate) fn raw(&self, index: StringIndex) -> &[u8] {
        let Some(&end) = self.ends.get(index.index()) else { return &[] };
        let start = if index.index() == 0 { 0 } else { self.ends[index.index() - 1] };
        &self.bytes[start as usize..end as usize]
    }

    pub(crate) fn get(&self, index: StringIndex) -> Cow<'_, str> {
        decode(self.raw(index))
    }

    /// The first string that reads exactly `text`.
    pub(crate) fn find(&self, text: &str) -> Option<StringIndex> {
        (0..self.len()).map(StringIndex::new).find(|&index| self.is(index, text))
    }

    /// Whether the string reads exactly `text`.
    #[inline]
    pub(crate) fn is(&self, index: StringIndex, text: &str) -> bool {
        let raw = self.raw(index);
        match raw.len().cmp(&text.len()) {
            // Escapes only make a string longer (two characters of `\n` for one).
            Ordering::Less => false,
            Ordering::Equal => raw == text.as_bytes() && !raw.contains(&b'\\'),
            Ordering::Greater => raw.contains(&b'\\') && decode(raw) == text,
        }
    }
}

/// Undoes JSON's escapes in the bytes of a JSON string (without its quotes).
pub(crate) fn decode(raw: &[u8]) -> Cow<'_, str> {
    let Some(first) = memchr::memchr(b'\\', raw) else { return String::from_utf8_lossy(raw) };
    let mut text = String::with_capacity(raw.len());
    text.push_str(&String::from_utf8_lossy(&raw[..first]));
    let mut rest = &raw[first..];
    while let [b'\\', escape, after @ ..] = rest {
        rest = after;
        match escape {
            b'n' => text.push('\n'),
            b't' => text.push('\t'),
            b'r' => text.push('\r'),
            b'b' => text.push('\u{8}'),
            b'f' => text.push('\u{c}'),
            b'u' => {
                let (decoded, after) = decode_unit(rest);
                text.push(decoded);
                rest = after;
            }
            other => text.push_str(&String::from_utf8_lossy(std::slice::from_ref(other))),
        }
        let plain = memchr::memchr(b'\\', rest).unwrap_or(rest.len());
        text.push_str(&String::from_utf8_lossy(&rest[..plain]));
        rest = &rest[plain..];
    }
    Cow::Owned(text)
}

/// Reads the hexadecimal digits after `\u`, and the second half of a pair if one follows.
fn decode_unit(raw: &[u8]) -> (char, &[u8]) {
    const REPLACEMENT: char = char::REPLACEMENT_CHARACTER;
    let Some((unit, rest)) = hexadecimal(raw) else { return (REPLACEMENT, raw) };
    if let Some(character) = char::from_u32(unit) {
        return (character, rest);
    }
    if let (0xD800..=0xDBFF, [b'\\', b'u', after @ ..]) = (unit, rest)
        && let Some((low @ 0xDC00..=0xDFFF, after)) = hexadecimal(after)
    {
        let code_point = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
        return (char::from_u32(code_point).unwrap_or(REPLACEMENT), after);
    }
    (REPLACEMENT, rest)
}

fn hexadecimal(raw: &[u8]) -> Option<(u32, &[u8])> {
    let (digits, rest) = raw.split_first_chunk::<4>()?;
    let mut value = 0;
    for &digit in digits {
        value = value * 16 + char::from(digit).to_digit(16)?;
    }
    Some((value, rest))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
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
        ] {
            assert_eq!(decode(raw), text);
        }
    }

    #[test]
    fn finds_a_text_however_it_is_written() {
        let mut strings = Strings::default();
        for raw in [&b"a"[..], br"\u0061b", br"n\n", b"\xC3\xA9"] {
            strings.extend(raw);
            assert!(strings.end());
        }
        let find = |text| strings.find(text).map(StringIndex::index);
        assert_eq!(
            ["a", "ab", "n\n", "\u{e9}", r"n\n", ""].map(find),
            [Some(0), Some(1), Some(2), Some(3), None, None]
        );
    }
}
