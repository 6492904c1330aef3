//! What stands at a place of a text, as far as a witness can compare it: names, joined by dots, and
//! literals by their values.
//!
//! Reads a few hundred bytes at most, wherever it is asked; what is longer is nothing it knows.

use std::borrow::Cow;

use super::near::word;

/// So many bytes are looked at. Longer names and literals tell nothing: so a hostile map costs no more
/// than a real one.
const LONGEST: usize = 400;
/// Of `a.b.c.…` so many names are looked at.
const LONGEST_CHAIN: usize = 4;

/// What a text begins with.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token<'a> {
    /// A name, or a word of the language; private ones without their `#`.
    Name(&'a str),
    /// A literal.
    Literal(Literal<'a>),
    /// A blank, or the end of the text.
    Nothing,
    /// Anything else.
    Other,
}

/// A literal, by its value.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Literal<'a> {
    Number(f64),
    /// A string, or a template without gaps.
    Text(Cow<'a, str>),
    /// A template with gaps: the pieces between them.
    Template(Vec<Cow<'a, str>>),
    /// As it is written.
    RegExp(&'a str),
}

impl<'a> Token<'a> {
    pub(super) fn of(text: &'a str) -> Self {
        let text = head(text);
        let text = text.strip_prefix('#').unwrap_or(text);
        match text.bytes().next() {
            None => Token::Nothing,
            Some(byte) if byte.is_ascii_whitespace() => Token::Nothing,
            Some(quote @ (b'\'' | b'"' | b'`')) => string(text, quote),
            Some(b'/') => reg_exp(text),
            Some(b'$') if text.starts_with("${") => Token::Other,
            Some(byte) if byte.is_ascii_digit() => number(text),
            Some(_) => word(text).map_or(Token::Other, Token::Name),
        }
    }
}

/// The names behind the first one of `text`: of `bus_1.bus?.#on` the names `bus` and `on`.
pub(super) fn members(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = head(text);
    rest = &rest[word(rest).map_or(0, str::len)..];
    let next = move || {
        let behind = rest.strip_prefix("?.").or_else(|| rest.strip_prefix('.'))?;
        let behind = behind.strip_prefix('#').unwrap_or(behind);
        let name = word(behind)?;
        rest = &behind[name.len()..];
        Some(name)
    };
    std::iter::from_fn(next).take(LONGEST_CHAIN)
}

/// Whether a literal is a part of something that is computed.
pub(super) fn is_operand(written: &str) -> bool {
    let end = match written.chars().next() {
        Some(quote @ ('\'' | '"' | '`')) => written[1..].find(quote).map(|end| end + 2),
        _ => written.find(|c: char| !c.is_alphanumeric() && !matches!(c, '_' | '$' | '.')),
    };
    let behind = written[end.unwrap_or(written.len())..].trim_start();
    behind.starts_with(['+', '-', '*', '/', '%', '&', '|', '^', '<', '>', '=', '!', '?'])
}

/// So much of a text as is looked at.
pub(super) fn head(text: &str) -> &str {
    let mut end = text.len().min(LONGEST);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

fn string(text: &str, quote: u8) -> Token<'_> {
    let mut pieces = Vec::new();
    let mut rest = &text[1..];
    while let Some((piece, behind)) = piece(rest, quote) {
        let Some(gap) = behind.strip_prefix("${") else {
            if pieces.is_empty() {
                return Token::Literal(Literal::Text(piece));
            }
            pieces.push(piece);
            return Token::Literal(Literal::Template(pieces));
        };
        pieces.push(piece);
        // What stands in it is asked about by itself; of what holds other literals only the start is
        // known.
        let mut depth = 0_u32;
        let end = gap.find(|c| match c {
            '{' => {
                depth += 1;
                false
            }
            '}' if depth > 0 => {
                depth -= 1;
                false
            }
            c => matches!(c, '}' | '\'' | '"' | '`'),
        });
        let Some(behind) = end.and_then(|end| gap[end..].strip_prefix('}')) else {
            return Token::Literal(Literal::Template(pieces));
        };
        rest = behind;
    }
    if pieces.is_empty() { Token::Other } else { Token::Literal(Literal::Template(pieces)) }
}

/// What a literal means from here to its end or next gap, and the text from that on.
fn piece(text: &str, quote: u8) -> Option<(Cow<'_, str>, &str)> {
    let mut value = Cow::Borrowed("");
    let mut rest = text;
    loop {
        let stop = |c: char| c == '\\' || c == quote as char || quote == b'`' && c == '$';
        let end = rest.find(stop)?;
        let (plain, behind) = rest.split_at(end);
        value = join(value, plain);
        match behind.as_bytes()[0] {
            b'\\' => {
                let (meant, behind) = escape(&behind[1..])?;
                value.to_mut().extend(meant);
                rest = behind;
            }
            b'$' if !behind.starts_with("${") => {
                value = join(value, "$");
                rest = &behind[1..];
            }
            _ => return Some((value, behind)),
        }
    }
}

fn join<'a>(mut value: Cow<'a, str>, more: &'a str) -> Cow<'a, str> {
    if value.is_empty() {
        return Cow::Borrowed(more);
    }
    value.to_mut().push_str(more);
    value
}

/// What an escape means, given behind its backslash, and what stands behind it. `None` if half a
/// character is meant, or nothing.
fn escape(text: &str) -> Option<(Option<char>, &str)> {
    let first = text.chars().next()?;
    let rest = &text[first.len_utf8()..];
    let hexadecimal = |digits: &str| char::from_u32(u32::from_str_radix(digits, 16).ok()?);
    let meant = match first {
        'n' => '\n',
        't' => '\t',
        'r' => '\r',
        'b' => '\u{8}',
        'f' => '\u{c}',
        'v' => '\u{b}',
        '0' if !rest.starts_with(|c: char| c.is_ascii_digit()) => '\0',
        '\n' => return Some((None, rest)),
        '\r' => return Some((None, rest.strip_prefix('\n').unwrap_or(rest))),
        'x' => return Some((Some(hexadecimal(rest.get(..2)?)?), &rest[2..])),
        'u' if rest.starts_with('{') => {
            let (digits, rest) = rest[1..].split_once('}')?;
            return Some((Some(hexadecimal(digits)?), rest));
        }
        'u' => {
            let unit = u16::from_str_radix(rest.get(..4)?, 16).ok()?;
            let rest = &rest[4..];
            let Some(second) = rest.strip_prefix("\\u") else {
                return Some((Some(char::from_u32(u32::from(unit))?), rest));
            };
            // Two halves of one character are escaped one by one.
            if let Some(whole) = char::from_u32(u32::from(unit)) {
                return Some((Some(whole), rest));
            }
            let low = u16::from_str_radix(second.get(..4)?, 16).ok()?;
            let whole = char::decode_utf16([unit, low]).next()?.ok()?;
            return Some((Some(whole), &second[4..]));
        }
        other => other,
    };
    Some((Some(meant), rest))
}

fn number(text: &str) -> Token<'_> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.');
    let mut end = text.find(|c| !is_part(c)).unwrap_or(text.len());
    let is_decimal = !text.starts_with("0x") && !text.starts_with("0X");
    if is_decimal && text[..end].ends_with(['e', 'E']) && text[end..].starts_with(['+', '-']) {
        let digits = &text[end + 1..];
        end += 1 + digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
    }
    let plain: String = text[..end].chars().filter(|c| *c != '_').collect();
    let plain = plain.strip_suffix('n').unwrap_or(&plain).to_ascii_lowercase();
    let radix = |prefix, radix| {
        let digits = plain.strip_prefix(prefix)?;
        Some(u64::from_str_radix(digits, radix).ok()? as f64)
    };
    let value = radix("0x", 16).or_else(|| radix("0o", 8)).or_else(|| radix("0b", 2));
    let value = value.or_else(|| plain.parse().ok());
    value.map_or(Token::Other, |value| Token::Literal(Literal::Number(value)))
}

/// A regular expression; neither a comment nor a division.
fn reg_exp(text: &str) -> Token<'_> {
    if text.starts_with("//") || text.starts_with("/*") {
        return Token::Other;
    }
    let (mut is_escaped, mut in_class) = (false, false);
    for (place, c) in text.char_indices().skip(1) {
        match c {
            '\n' | '\r' => return Token::Other,
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            '[' => in_class = true,
            ']' => in_class = false,
            '/' if !in_class => {
                let flags = word(&text[place + 1..]).map_or(0, str::len);
                return Token::Literal(Literal::RegExp(&text[..=place + flags]));
            }
            _ => {}
        }
    }
    Token::Other
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_value_is_written_in_many_ways() {
        for several in [
            &["'it\\'s'", "\"it's\"", "`it's`", r"'it\x27s'", r"'\u0069t\u{27}s'"][..],
            &["'🦀'", r"'\ud83e\udd80'", r"'\u{1f980}'"],
            &["1000", "1_000", "1e3", "1E+3", "0x3e8", "0b1111101000", "0o1750", "1000n", "1000.0"],
            &["`a$b`", "'a$b'", "`a\\$b`"],
            &["/a[/]b/g", "/a[/]b/g.test(x)"],
            &["name", "#name", "name.other"],
        ] {
            let first = Token::of(several[0]);
            assert!(!matches!(first, Token::Other), "{}", several[0]);
            for other in several {
                assert_eq!(Token::of(other), first, "{other}");
            }
        }
    }

    #[test]
    fn what_cannot_be_compared_is_said_to_be_so() {
        let pieces = |text| match Token::of(text) {
            Token::Literal(Literal::Template(pieces)) => pieces.join("|"),
            other => panic!("{other:?}"),
        };
        assert_eq!(pieces("`a ${b} c${{ d }.d}` e`"), "a | c|");
        assert_eq!(pieces("`a ${'}'} c`"), "a ");
        assert_eq!(pieces("`a ${b} c"), "a ");
        for text in ["", " a", "\n"] {
            assert_eq!(Token::of(text), Token::Nothing, "{text:?}");
        }
        let long = format!("'{}'", "x".repeat(500));
        for text in
            ["(a)", "${a}`", "'never closed", "// a", "/* a */", "/ 2;", r"'\ud83e'", &long, "0xg"]
        {
            assert_eq!(Token::of(text), Token::Other, "{text:?}");
        }
    }

    #[test]
    fn members_are_what_follows_dots() {
        let of = |text| members(text).collect::<Vec<_>>();
        assert_eq!(of("bus_1.bus.on('x')"), ["bus", "on"]);
        assert_eq!(of("this?.#count + 1"), ["count"]);
        assert_eq!(of("a"), [""; 0]);
        assert_eq!(of(""), [""; 0]);
        assert_eq!(of("a.b.c.d.e.f").len(), 4);
    }
}
