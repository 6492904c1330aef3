//! The comments that silence a finding: `// heapmark-ignore RULE: reason`.
//!
//! Read line by line and without a parser, so that what somebody types counts at once, also where the
//! syntax is broken at the moment. What looks like such a comment inside of a text that spans lines is
//! taken for one.

use heapmark_source::{Position, Range};

use crate::report::Rule;
use crate::rules::rule;

/// The word that makes a comment one of these.
pub(crate) const MARKER: &str = "heapmark-ignore";
/// Comments below one that silences, which may stand between it and its line of code.
const MAX_BETWEEN: usize = 20;
/// Lines of one comment; the end of a longer one is not looked for.
const MAX_BLOCK: usize = 200;

/// One comment that silences, or would if it were right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Comment {
    /// From the marker to the end of the reason.
    pub(crate) range: Range,
    /// The line of code that it is about, from 0.
    pub(crate) line: u32,
    /// What it silences.
    pub(crate) rules: Vec<Rule>,
    /// Names in the place of rules that are none.
    pub(crate) unknown: Vec<String>,
    /// Why; empty if it does not say.
    pub(crate) reason: String,
}

/// Every such comment of a text, from its beginning on.
///
/// One behind code is about that line. One that stands alone is about the next line that is not a
/// comment itself; a line without anything ends the search.
pub(crate) fn comments_in(text: &str) -> Vec<Comment> {
    if !text.contains(MARKER) {
        return Vec::new();
    }
    let lines: Vec<&str> = lines_of(text);
    let comments = lines.iter().enumerate().filter_map(|(index, _)| comment(&lines, index));
    comments.collect()
}

/// The lines without their ends, as editors count them.
fn lines_of(text: &str) -> Vec<&str> {
    let mut lines = Vec::new();
    let mut rest = text;
    while let Some(end) = rest.find(['\n', '\r']) {
        lines.push(&rest[..end]);
        let width = if rest[end..].starts_with("\r\n") { 2 } else { 1 };
        rest = &rest[end + width..];
    }
    lines.push(rest);
    lines
}

/// How a comment opens.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Opening {
    /// `//`
    Line,
    /// `/*`, or a later line of such a comment, that begins with `*`.
    Block,
}

fn comment(lines: &[&str], index: usize) -> Option<Comment> {
    let line = lines[index];
    let at = line.find(MARKER)?;
    let (opening, stands_alone) = opening(&line[..at])?;
    let said = &line[at + MARKER.len()..];
    // `heapmark-ignored` is another word.
    if !said.starts_with([' ', '\t', ':', '*']) && !said.is_empty() {
        return None;
    }
    let closed = if opening == Opening::Block { said.find("*/") } else { None };
    let said = closed.map_or(said, |end| &said[..end]);
    let (names, reason) = said.split_once(':').unwrap_or((said, ""));
    let names = names.split(',').map(str::trim).filter(|name| !name.is_empty());
    let (mut rules, mut unknown) = (Vec::new(), Vec::new());
    for name in names {
        match rule(name) {
            Some(rule) => rules.push(rule),
            None => unknown.push(name.to_owned()),
        }
    }

    let last = match (opening, closed) {
        (Opening::Block, None) => {
            let mut after = lines.iter().skip(index + 1).take(MAX_BLOCK);
            let after = after.position(|line| line.contains("*/"));
            after.map_or(index, |after| index + 1 + after)
        }
        _ => index,
    };
    let has_code_behind = closed.is_some_and(|end| {
        !line[at + MARKER.len() + end + 2..].trim_matches([' ', '\t', '}']).is_empty()
    });
    let about = if stands_alone && !has_code_behind {
        next_code(lines, last).unwrap_or(last)
    } else {
        last
    };
    let end = at + MARKER.len() + said.trim_end().len();
    let column = |byte: usize| line[..byte].encode_utf16().count() as u32;
    let here = index as u32; // a text that is read has fewer lines
    Some(Comment {
        range: Range::new(Position::new(here, column(at)), Position::new(here, column(end))),
        line: about as u32,
        rules,
        unknown,
        reason: reason.trim().to_owned(),
    })
}

/// How the comment opens in which the marker stands, and whether nothing stands before it. `None` if
/// the marker stands in no comment.
fn opening(before: &str) -> Option<(Opening, bool)> {
    let before = before.trim_end();
    let stars = before.trim_end_matches('*');
    // `/**` and the later lines of a block; of a block, the star belongs to `/*`.
    if stars.len() < before.len() && stars.ends_with('/') {
        let code = &stars[..stars.len() - 1];
        // In JSX, a comment stands in braces.
        let alone = matches!(code.trim(), "" | "{");
        return (!in_string(code)).then_some((Opening::Block, alone));
    }
    if stars.len() < before.len() && stars.trim().is_empty() {
        return Some((Opening::Block, true));
    }
    let code = before.strip_suffix("//").map(|code| code.trim_end_matches('/'))?;
    (!in_string(code)).then_some((Opening::Line, code.trim().is_empty()))
}

/// Whether a string that begins in `code` is still open at its end.
fn in_string(code: &str) -> bool {
    let mut open = None;
    let mut characters = code.chars();
    while let Some(character) = characters.next() {
        match (open, character) {
            (_, '\\') => {
                characters.next();
            }
            (None, '"' | '\'' | '`') => open = Some(character),
            (Some(quote), _) if quote == character => open = None,
            _ => {}
        }
    }
    open.is_some()
}

/// The line of code below a comment that ends in line `last`.
fn next_code(lines: &[&str], last: usize) -> Option<usize> {
    for (index, line) in lines.iter().enumerate().skip(last + 1).take(MAX_BETWEEN) {
        let line = line.trim();
        if line.is_empty() {
            return None;
        }
        let is_comment = line.starts_with("//")
            || line.starts_with('*')
            || line.starts_with("/*") && (line.ends_with("*/") || !line.contains("*/"));
        if !is_comment {
            return Some(index);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the comments of a text say: the line that each is about (from 1), rules, reason.
    fn said(text: &str) -> Vec<String> {
        let say = |comment: Comment| {
            let names = comment.rules.iter().map(|rule| rule.name().to_owned());
            let unknown = comment.unknown.iter().map(|name| format!("?{name}"));
            let names: Vec<String> = names.chain(unknown).collect();
            format!("{}: {} | {}", comment.line + 1, names.join(" "), comment.reason)
        };
        comments_in(text).into_iter().map(say).collect()
    }

    #[test]
    fn a_comment_alone_is_about_the_line_below_and_one_behind_code_about_its_own() {
        assert_eq!(
            said(
                "// heapmark-ignore growing-collection: one entry a country\nconst a = new Map();"
            ),
            ["2: growing-collection | one entry a country"]
        );
        assert_eq!(
            said(
                "const a = []; // heapmark-ignore growing-collection: bounded elsewhere\nconst b = [];"
            ),
            ["1: growing-collection | bounded elsewhere"]
        );
    }

    #[test]
    fn block_comments_say_the_same() {
        assert_eq!(
            said("/* heapmark-ignore growing-text: a log of one run */\nlet log = '';"),
            ["2: growing-text | a log of one run"]
        );
        assert_eq!(
            said("let log = ''; /* heapmark-ignore growing-text: short */"),
            ["1: growing-text | short"]
        );
        assert_eq!(
            said("/* heapmark-ignore growing-text: short */ let log = '';\nlet x;"),
            ["1: growing-text | short"]
        );
        let documented = "  /**\n   * All that were ever made.\n   * heapmark-ignore leaking-instances: few\n   */\n  static all = [];";
        assert_eq!(said(documented), ["5: leaking-instances | few"]);
        assert_eq!(
            said("  {/* heapmark-ignore leaking-closure: few */}\n  <Row onClick={() => go()} />"),
            ["2: leaking-closure | few"]
        );
    }

    #[test]
    fn other_comments_may_stand_between_but_no_empty_line() {
        let lint = "// heapmark-ignore growing-listeners: one a plugin\n// eslint-disable-next-line\nbus.on('x', f);";
        assert_eq!(said(lint), ["3: growing-listeners | one a plugin"]);
        let away = "// heapmark-ignore growing-listeners: one a plugin\n\nbus.on('x', f);";
        assert_eq!(said(away), ["1: growing-listeners | one a plugin"]);
    }

    #[test]
    fn several_rules_are_separated_by_commas_and_those_that_are_none_are_known_for_it() {
        assert_eq!(
            said("x(); // heapmark-ignore growing-collection, growing-maps : both"),
            ["1: growing-collection ?growing-maps | both"]
        );
        assert_eq!(said("x(); // heapmark-ignore *: all"), ["1: ?* | all"]);
        assert_eq!(said("x(); // heapmark-ignore"), ["1:  | "]);
        assert_eq!(said("x(); // heapmark-ignore growing-text"), ["1: growing-text | "]);
        assert_eq!(
            said("x(); // heapmark-ignore growing-text: a: b, c"),
            ["1: growing-text | a: b, c"]
        );
    }

    #[test]
    fn the_marker_alone_makes_no_comment() {
        for text in [
            "const text = '// heapmark-ignore growing-text: in a string';",
            "const text = `/* heapmark-ignore growing-text: in a string */`;",
            "heapmark-ignore growing-text: code",
            "// see heapmark-ignore growing-text",
            "// heapmark-ignored growing-text: another word",
            "// heapmark-ignore-file",
        ] {
            assert_eq!(said(text), Vec::<String>::new(), "{text}");
        }
        assert_eq!(
            said("const quote = '\\''; // heapmark-ignore growing-text: behind a string"),
            ["1: growing-text | behind a string"]
        );
    }

    #[test]
    fn the_range_is_that_of_the_words_in_utf16_units() {
        let text = "\r\n'😀'; // heapmark-ignore growing-text: why  \r\n";
        let range = comments_in(text)[0].range;
        assert_eq!((range.start, range.end), (Position::new(1, 9), Position::new(1, 42)));
    }

    #[test]
    fn a_comment_at_the_end_of_a_text_is_about_nothing_below() {
        assert_eq!(said("// heapmark-ignore growing-text: x"), ["1: growing-text | x"]);
        assert_eq!(said("/* heapmark-ignore growing-text: x"), ["1: growing-text | x"]);
    }
}
