//! Whether a text is the one V8 ran, as far as a snapshot tells.
//!
//! A snapshot holds only the beginning of a script's source, at most 1024 UTF-16 units, and V8
//! damages it on the way out: of a character beyond U+FFFF only the low 16 bits of the code point
//! are written, NUL becomes a space, and a lone surrogate becomes `???`. The same damage is done
//! to the file's text before both are compared.
//!
//! Git and editors change the ends of lines, which keeps every place in its line and column: only what
//! stands in the lines counts.
//!
//! Node changes a source before V8 sees it, in ways that keep every place where it was: it leaves
//! the byte order mark before a module of CommonJS, blanks out the types of TypeScript, and says
//! behind the end where the source came from. These differences are none.

use std::borrow::Cow;

use rustc_hash::FxHashSet;

/// UTF-16 units of a string that V8 writes (`--heap-snapshot-string-limit`).
const STRING_LIMIT: usize = 1024;

/// What Node puts behind a TypeScript file, before its address.
const ORIGIN: &str = "\n\n//# sourceURL=";

/// Whether `text`, the whole of it, can be what ran as a script of which a snapshot has this beginning.
pub fn begins_as_ran(text: &str, source_prefix: &str) -> bool {
    matches_prefix(text.strip_prefix('\u{feff}').unwrap_or(text), source_prefix, false)
}

/// Whether `text` begins with what V8 wrote as `source_prefix`. A prefix that is shorter than V8's
/// limit is the whole source, so then nothing may follow. With `has_types`, Node may have blanked
/// out the types.
pub(crate) fn matches_prefix(text: &str, source_prefix: &str, has_types: bool) -> bool {
    let marked = source_prefix.strip_prefix('\u{feff}');
    let mut units = usize::from(marked.is_some());
    let rest = marked.unwrap_or(source_prefix);
    let text = with_line_ends_of(rest, text);
    let mut written = Written { rest, before: '\n', is_damaged: true };
    for character in text.chars() {
        units += character.len_utf16();
        if units > STRING_LIMIT {
            // The pair that straddles the limit: V8 has cut it, and what it made of its first half
            // is not worth a verdict.
            return written.rest.is_empty() || character.len_utf16() == 2;
        }
        if !(written.takes(character) || has_types && written.takes_type(character)) {
            return false;
        }
        if units == STRING_LIMIT {
            return written.rest.is_empty();
        }
    }
    names_origin(written.rest, STRING_LIMIT - units)
}

/// Whether `source`, the whole source as V8 has it, is that of `text`: with `has_types`, Node may have
/// blanked out the types.
pub(crate) fn is_source_of(text: &str, source: &str, has_types: bool) -> bool {
    let unmarked = |text| str::strip_prefix(text, '\u{feff}').unwrap_or(text);
    let text = with_line_ends_of(source, unmarked(text));
    let mut written = Written { rest: unmarked(source), before: '\n', is_damaged: false };
    let is_taken =
        |character| written.takes(character) || has_types && written.takes_type(character);
    text.chars().all(is_taken) && names_origin(written.rest, usize::MAX)
}

/// Whether somebody blanked types out of an earlier version of `text`: a line of what ran is one of its lines
/// with blanks for types. What a compiler prints anew has none in their place.
pub(crate) fn blanks_types_of(text: &str, source_prefix: &str) -> bool {
    let lines: FxHashSet<&str> = text.lines().collect();
    let mut ran: Vec<&str> = source_prefix.lines().collect();
    if !is_all(source_prefix) {
        ran.pop();
    }
    let is_blanked = |ran: &str| {
        !ran.trim_matches(is_blank).is_empty()
            && !lines.contains(ran)
            && lines.iter().any(|line| line.len() >= ran.len() && is_source_of(line, ran, true))
    };
    ran.into_iter().any(is_blanked)
}

/// Whether a beginning that V8 wrote is all of the source.
pub(crate) fn is_all(source_prefix: &str) -> bool {
    source_prefix.encode_utf16().count() < STRING_LIMIT
}

/// Where Node says it has a source from whose types it blanked out.
pub(crate) fn origin_of(source: &str) -> Option<&str> {
    source.rsplit_once(ORIGIN).map(|(_, address)| address)
}

/// Whether what follows the file's text is nothing, or where Node says it has it from; V8 has
/// written at most `most` units of it.
fn names_origin(rest: &str, most: usize) -> bool {
    match rest.strip_prefix(ORIGIN) {
        Some(address) => !address.contains(['\n', '\r']),
        None => rest.is_empty() || rest.len() == most && ORIGIN.starts_with(rest),
    }
}

/// `text` with lines that end as those of `sample` do.
fn with_line_ends_of<'a>(sample: &str, text: &'a str) -> Cow<'a, str> {
    match (sample.contains("\r\n"), text.contains("\r\n")) {
        (true, false) => text.replace('\n', "\r\n").into(),
        (false, true) => text.replace("\r\n", "\n").into(),
        (true, true) | (false, false) => text.into(),
    }
}

/// What is left of the source as V8 wrote it, and the character before.
struct Written<'a> {
    rest: &'a str,
    before: char,
    /// V8 wrote it into a snapshot.
    is_damaged: bool,
}

impl Written<'_> {
    /// Takes what V8 writes for `character` off, if that is what stands there.
    fn takes(&mut self, character: char) -> bool {
        let code = u32::from(character);
        let expected = match code {
            _ if !self.is_damaged => character,
            0 => ' ',
            // The low 16 bits may be those of a surrogate, which is no character: a reader of the
            // snapshot has put U+FFFD or `???` there.
            0x1_0000.. => match char::from_u32(code & 0xFFFF) {
                Some('\0') => ' ',
                Some(low) => low,
                None => return self.advance("???") || self.advance("\u{fffd}"),
            },
            _ => character,
        };
        self.advance(expected.encode_utf8(&mut [0; 4]))
    }

    /// Takes what stands for a `character` of a type: blanks of as many UTF-16 units, so that all
    /// that follows stays in its place. Where the syntax needs it, Node's type stripper (SWC)
    /// leaves a `;` at the start of a blanked statement, and moves a parenthesis into a type that
    /// runs over several lines, so that an arrow function stays one.
    fn takes_type(&mut self, character: char) -> bool {
        if is_line_end(character) {
            return false;
        }
        let mut next = self.rest.chars();
        let fits = match (next.next(), next.next()) {
            (Some(first), second) if is_blank(first) => {
                character.len_utf16() == 1 || second.is_some_and(is_blank)
            }
            (Some(';'), second) => second.is_none_or(is_blank),
            (Some('('), _) => character == '<',
            (Some(')'), _) => is_blank(self.before) || is_line_end(self.before),
            _ => false,
        };
        fits && {
            let taken = self.rest.chars().take(character.len_utf16()).map(char::len_utf8).sum();
            self.advance(&self.rest[..taken])
        }
    }

    fn advance(&mut self, expected: &str) -> bool {
        let Some(rest) = self.rest.strip_prefix(expected) else { return false };
        self.before = expected.chars().next_back().unwrap_or(self.before);
        self.rest = rest;
        true
    }
}

/// What SWC puts in the place of a type's characters, by their length in UTF-8.
fn is_blank(character: char) -> bool {
    matches!(character, ' ' | '\u{a0}' | '\u{2002}' | '\u{feff}')
}

fn is_line_end(character: char) -> bool {
    matches!(character, '\n' | '\r' | '\u{2028}' | '\u{2029}')
}

#[cfg(test)]
mod tests {
    /// Of a file without types.
    fn matches_prefix(text: &str, source_prefix: &str) -> bool {
        super::matches_prefix(text, source_prefix, false)
    }

    /// Of a TypeScript file.
    fn matches_stripped(text: &str, source_prefix: &str) -> bool {
        super::matches_prefix(text, source_prefix, true)
    }

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

    /// Sources as Node 24 made them.
    #[test]
    fn blanked_types_agree() {
        for (text, ran) in [
            ("const a: Map<K, V> = new Map<K, V>();", "const a            = new Map      ();"),
            (
                "interface Y { é: '日本😀' }\n",
                "              \u{a0}   \u{2002}\u{2002} \u{feff}   \n",
            ),
            ("let a\r\ntype X = 1\r\n[1]", "let a\r\n;         \r\n[1]"),
            ("const f = async <\nT\n>(a: T) => a;", "const f = async (\n \n  a   ) => a;"),
            (
                "(a: number):\n Promise<{a:\n number}> => a;",
                "(a          \n            \n        ) => a;",
            ),
        ] {
            assert!(matches_stripped(text, ran), "{text}");
            assert!(!matches_prefix(text, ran), "only TypeScript has types: {text}");
            assert!(matches_stripped(text, &format!("{ran}\n\n//# sourceURL=file:///app/a.ts")));
        }
    }

    #[test]
    fn typescript_that_was_edited_does_not_agree() {
        let ran = "const a            = new Map      ();\nlet b = 1;";
        assert!(matches_stripped("const a: Map<K, V> = new Map<K, V>();\nlet b = 1;", ran));
        for edited in [
            "const c: Map<K, V> = new Map<K, V>();\nlet b = 1;",
            "const a: Map<K, V> = new Set<K, V>();\nlet b = 1;",
            "const a: Map<K, V> = new Map<K, VV>();\nlet b = 1;",
            "\nconst a: Map<K, V> = new Map<K, V>();\nlet b = 1;",
            "const a: Map<K, V> = new Map<K, V>();\n\nlet b = 1;",
            "const a: Map<K, V> = new Map<K, V>();\nlet b = 1;\nlet c;",
            "const a: Map<K, V> = new Map<K, V>();",
        ] {
            assert!(!matches_stripped(edited, ran), "{edited}");
        }
    }

    #[test]
    fn types_that_were_blanked_are_known_in_a_text_that_was_edited() {
        let now = "// A word.\nconst a: Map<K, V> = new Map<K, V>();\n\nlet b = 1;\n";
        let blanks = |ran: &str| super::blanks_types_of(now, ran);
        assert!(blanks("const a            = new Map      ();\n\nlet b = 1;\n"));
        assert!(!blanks("const a = new Map();\nlet b = 1;\n"), "a compiler's");
        assert!(!blanks("let b = 1;\n"));
    }

    #[test]
    fn the_origin_may_follow_the_end_and_may_be_cut() {
        let origin = "\n\n//# sourceURL=file:///app/a.js";
        assert!(matches_prefix("let a;", &format!("let a;{origin}")));
        assert!(!matches_prefix("let a;", &format!("let a;{origin}\nlet b;")));
        assert!(!matches_prefix("let a;", "let a;\n\n//# source"));
        for length in [1000, 1015, 1023] {
            let text = "x".repeat(length);
            assert!(matches_prefix(&text, &format!("{text}{origin}")[..1024]));
        }
    }

    #[test]
    fn the_ends_of_lines_are_no_difference() {
        assert!(matches_prefix("let a;\r\nlet b;\r\n", "let a;\nlet b;\n"));
        assert!(matches_prefix("let a;\nlet b;\n", "let a;\r\nlet b;\r\n"));
        assert!(!matches_prefix("let a;\r\nlet b;\r\n", "let a;\n\nlet b;\n"));
        assert!(!matches_prefix("let a;\r\n let b;\r\n", "let a;\nlet b;\n"));
        let line = "let a = 1;\r\n";
        let text = line.repeat(300);
        assert!(matches_prefix(&text, &text.replace('\r', "")[..1024]));
        assert!(matches_prefix(&text.replace('\r', ""), &text[..1024]));
        assert!(matches_stripped("let a: X;\r\nlet b;", "let a   ;\nlet b;"));
        assert!(super::is_source_of("let a: X;\r\nlet b;", "let a   ;\nlet b;", true));
    }

    #[test]
    fn a_byte_order_mark_counts_one_unit() {
        assert!(matches_prefix("let a;", "\u{feff}let a;"));
        assert!(!matches_prefix("let a;", "\u{feff}let b;"));
        let text = "x".repeat(2000);
        assert!(matches_prefix(&text, &format!("\u{feff}{}", &text[..1023])));
        assert!(!matches_prefix(&text[..1022], &format!("\u{feff}{}", &text[..1023])));
    }
}
