//! Text for a hover: Markdown, or plain text for clients that cannot show it.
//!
//! Names come from a heap or from source code and are somebody's data. Whatever they contain, they
//! are shown as they are: no link, picture, HTML or formatting of theirs comes to life.

use std::fmt::Write as _;
use std::path::Path;

use crate::to_proto;
use crate::types::{MarkupContent, MarkupKind};
use crate::visible::visible;

/// No piece of foreign text is shown longer than this many characters.
const MAX_CHARS: usize = 400;

/// How the client shows text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Markup {
    /// Markdown.
    Markdown,
    /// As it is.
    Plain,
}

impl Markup {
    /// Wraps a finished text for the protocol.
    pub(crate) fn content(self, value: String) -> MarkupContent {
        let kind = match self {
            Self::Markdown => MarkupKind::Markdown,
            Self::Plain => MarkupKind::PlainText,
        };
        MarkupContent { kind, value }
    }

    /// Foreign text in bold.
    pub(crate) fn bold(self, text: &str) -> String {
        match self {
            Self::Markdown => format!("**{}**", escape(&tame(text))),
            Self::Plain => tame(text),
        }
    }

    /// A sentence of ours with foreign names in backticks: the names become code, the rest is
    /// shown as it stands.
    pub(crate) fn prose(self, text: &str) -> String {
        let text = tame(text);
        if self == Self::Plain {
            return text;
        }
        let mut out = String::new();
        let mut rest = text.as_str();
        while let Some((before, after)) = rest.split_once('`') {
            let Some((name, behind)) = after.split_once('`').filter(|(name, _)| !name.is_empty())
            else {
                break;
            };
            out.push_str(&escape(before));
            // A space at each end is taken away again by the reader: for names that end in one.
            let padding = if name.starts_with(' ') && name.ends_with(' ') { " " } else { "" };
            let _ = write!(out, "`{padding}{name}{padding}`");
            rest = behind;
        }
        out.push_str(&escape(rest));
        guard_start(&out)
    }

    /// A link to a line of a file, named after it: `cache.ts:9`.
    pub(crate) fn link(self, file: &Path, line: u32) -> String {
        let line = line.saturating_add(1);
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        let label = tame(&format!("{name}:{line}"));
        match (self, to_proto::uri(file)) {
            // The URI has none but unreserved characters, `/`, `:` and `%`.
            (Self::Markdown, Some(uri)) => {
                format!("[{}]({}#L{line})", escape(&label), uri.as_str())
            }
            _ => label,
        }
    }

    /// What separates two paragraphs about different things.
    pub(crate) fn rule(self) -> &'static str {
        match self {
            Self::Markdown => "\n\n---\n\n",
            Self::Plain => "\n\n",
        }
    }

    /// What breaks a line within a paragraph.
    pub(crate) fn line_break(self) -> &'static str {
        match self {
            Self::Markdown => "  \n",
            Self::Plain => "\n",
        }
    }
}

/// One line of visible characters, not too long.
fn tame(text: &str) -> String {
    visible(text, MAX_CHARS)
}

/// Takes the meaning from every character that has one within a line of (GitHub's) Markdown,
/// including bare addresses that readers turn into links.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for (index, character) in text.char_indices() {
        let special = match character {
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '<' | '>' | '#' | '|' | '&' | '~'
            | '@' | '$' | '!' | '^' => true,
            ':' => text[index..].starts_with("://") || text[index..].starts_with(":\\"),
            '.' => ends_with_www(&text[..index]),
            _ => false,
        };
        if special {
            out.push('\\');
        }
        out.push(character);
    }
    out
}

fn ends_with_www(text: &str) -> bool {
    let mut last = text.chars().rev();
    (0..3).all(|_| last.next().is_some_and(|character| character.eq_ignore_ascii_case(&'w')))
}

/// At the start of a line some more characters mean something: lists, headings, rules.
fn guard_start(text: &str) -> String {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let marker = match text.as_bytes().get(digits) {
        Some(b'-' | b'+' | b'=') if digits == 0 => 0,
        Some(b'.' | b')') if digits > 0 => digits,
        _ => return text.trim_start().to_owned(),
    };
    format!("{}\\{}", &text[..marker], &text[marker..])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_in_backticks_become_code_and_nothing_else_means_anything() {
        let text = "`a*b` keeps <img src=x> growing: [1] https://x.y, *4.1 MB*";
        assert_eq!(
            Markup::Markdown.prose(text),
            r"`a*b` keeps \<img src=x\> growing: \[1\] https\://x.y, \*4.1 MB\*"
        );
        assert_eq!(Markup::Plain.prose(text), text);
    }

    #[test]
    fn a_lone_backtick_is_shown() {
        assert_eq!(Markup::Markdown.prose("it`s `fine"), r"it`s `fine");
        assert_eq!(Markup::Markdown.prose("it's `fine"), r"it's \`fine");
        assert_eq!(Markup::Markdown.prose("``"), r"\`\`");
    }

    #[test]
    fn numbers_and_dashes_at_the_start_are_no_list() {
        assert_eq!(Markup::Markdown.prose("1. a"), r"1\. a");
        assert_eq!(Markup::Markdown.prose("- a"), r"\- a");
        assert_eq!(Markup::Markdown.prose("2,000 `onTick`"), "2,000 `onTick`");
    }

    #[test]
    fn lines_controls_and_turned_text_stay_in_their_place() {
        assert_eq!(
            Markup::Markdown.bold("a\n\n# b\u{1b}[2J\u{202e}"),
            "**a  \\# b\u{fffd}\\[2J\u{fffd}**"
        );
        assert_eq!(
            Markup::Plain.prose("a\u{61c}\u{180e}\u{200b}\u{200d}\u{e0041}b"),
            "a\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}b"
        );
        assert_eq!(Markup::Plain.prose(&"x".repeat(5000)).chars().count(), MAX_CHARS);
    }

    #[test]
    fn a_link_goes_to_the_line() {
        let path = Path::new("/app/my [x](y) \u{202e}.ts");
        assert_eq!(
            Markup::Markdown.link(path, 8),
            "[my \\[x\\](y) \u{fffd}.ts:9](file:///app/my%20%5Bx%5D%28y%29%20%E2%80%AE.ts#L9)"
        );
        assert_eq!(Markup::Plain.link(path, 8), "my [x](y) \u{fffd}.ts:9");
    }

    proptest! {
        /// Outside code spans every special character is behind a backslash, whatever comes in.
        #[test]
        fn foreign_text_never_comes_to_life(text in "[`*<>\\[\\]\\\\_!&a\n\r\u{0}😀 ]{0,40}") {
            let shown = Markup::Markdown.prose(&text);
            let mut characters = shown.chars();
            let mut in_code = false;
            while let Some(character) = characters.next() {
                match character {
                    '\\' if !in_code => { prop_assert!(characters.next().is_some()); }
                    '`' => in_code = !in_code,
                    '<' | '[' | '*' | '_' | '!' | '&' => prop_assert!(in_code, "{shown:?}"),
                    _ => prop_assert!(!character.is_control(), "{shown:?}"),
                }
            }
            prop_assert!(!in_code, "{shown:?}");
        }
    }
}
