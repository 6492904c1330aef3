//! Whether a text can be a program at all, before it is parsed.
//!
//! The parser takes a hundred times the time and memory for text that is nested as deep as it is long.
//! Here brackets and operators are counted, outside of strings and comments; whether the syntax is
//! right is the parser's business. A quote in a regular expression may hide or show what it should
//! not: the limits are far enough from what people and tools write that it does not matter.

/// Deepest nesting of brackets. People nest 20 deep, tools some hundred.
const MAX_NESTING: usize = 2_000;

/// Most operators in one expression, without brackets, commas and semicolons between them: each one
/// nests the tree. Long texts that are put together have some thousand.
const MAX_OPERATORS: usize = 200_000;

/// Whether a text is nested deeper than any program.
pub(crate) fn is_excessive(text: &str) -> bool {
    let bytes = text.as_bytes();
    let (mut at, mut nesting, mut operators) = (0, 0_usize, 0_usize);
    while let Some(&byte) = bytes.get(at) {
        at += 1;
        match byte {
            b'"' | b'\'' | b'`' => at = behind_string(bytes, at, byte),
            b'/' if bytes.get(at) == Some(&b'/') => at = behind(bytes, at, b"\n"),
            b'/' if bytes.get(at) == Some(&b'*') => at = behind(bytes, at + 1, b"*/"),
            b'(' | b'[' | b'{' => (nesting, operators) = (nesting + 1, 0),
            b')' | b']' | b'}' => (nesting, operators) = (nesting.saturating_sub(1), 0),
            b';' | b',' => operators = 0,
            _ if byte.is_ascii_punctuation() && byte != b'_' && byte != b'$' => operators += 1,
            _ => {}
        }
        if nesting > MAX_NESTING || operators > MAX_OPERATORS {
            return true;
        }
    }
    false
}

/// Behind a string that begins before `at`: only a template goes on in the next line.
fn behind_string(bytes: &[u8], mut at: usize, mark: u8) -> usize {
    while let Some(&byte) = bytes.get(at) {
        at += 1;
        match byte {
            b'\\' => at += 1,
            b'\n' if mark != b'`' => break,
            _ if byte == mark => break,
            _ => {}
        }
    }
    at
}

/// Behind the first `end` from `at` on, or at the end of all.
fn behind(bytes: &[u8], at: usize, end: &[u8]) -> usize {
    let rest = bytes.get(at..).unwrap_or_default();
    let found = rest.windows(end.len()).position(|it| it == end);
    found.map_or(bytes.len(), |found| at + found + end.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_nested_as_deep_as_it_is_long_is_no_program() {
        assert!(is_excessive(&"[".repeat(5_000_000)));
        assert!(is_excessive(&"f(".repeat(3_000)));
        assert!(is_excessive(&format!("var q={}a", "a+".repeat(2_450_000))));
        assert!(is_excessive(&"!".repeat(300_000)));
    }

    #[test]
    fn long_programs_and_long_texts_in_them_are_no_excess() {
        for text in [
            "f(1,{b:[2,3]})+".repeat(320_000),
            "if (a) { b(); } else ".repeat(100_000),
            "let a = b + c;\n".repeat(300_000),
            format!("[{}]", "-1,".repeat(1_000_000)),
            format!("x = '{}'", "[+".repeat(1_000_000)),
            format!("x = `\n{}`", "[\n".repeat(1_000_000)),
            format!("// {}\n/* {} */", "[".repeat(1_000_000), "[\n".repeat(1_000_000)),
        ] {
            assert!(!is_excessive(&text), "{}…", &text[..20]);
        }
    }
}
