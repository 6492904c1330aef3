//! What people read, in pieces: words, names, sizes, and lines that move with the source.
//!
//! A sentence is written about the text that ran, and read beside the text of now. So a line in it is
//! left open: a place, which the report carries to the text of now, and which an editor follows from
//! there. Whoever shows a text has it written out ([`std::fmt::Display`]); nobody looks for things in
//! what is written.

use std::fmt;
use std::path::{Path, PathBuf};

use heapmark_source::{Now, Range};

use crate::report::units::size;

/// A sentence, a title or a label.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Text {
    spans: Vec<Span>,
}

/// A piece of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Span {
    /// Words as they are.
    Words(String),
    /// A name from the source or the heap, shown in backticks.
    Name(String),
    /// A number of bytes.
    Size(u64),
    /// The line where a range of a file begins.
    Line(Line),
    /// What is said in brackets.
    Aside(Text),
}

/// A line that is left open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Absolute path of the file.
    pub file: PathBuf,
    /// What begins there.
    pub range: Range,
}

/// A text of pieces in order: `text!["adds to ", name(it), " (", place, ")"]`.
macro_rules! text {
    ($($piece:expr),* $(,)?) => {
        $crate::report::Text::of([$($crate::report::Text::from($piece)),*])
    };
}
pub(crate) use text;

/// A name in backticks.
pub(crate) fn name(name: impl Into<String>) -> Text {
    Text { spans: vec![Span::Name(name.into())] }
}

/// A number of bytes in human units.
pub(crate) fn bytes(bytes: u64) -> Text {
    Text { spans: vec![Span::Size(bytes)] }
}

/// What is said in brackets: `(2 MB in all)`.
pub(crate) fn aside(said: Text) -> Text {
    Text { spans: vec![Span::Aside(said)] }
}

/// The number of the line where a range of a file begins.
pub(crate) fn line(file: &Path, range: Range) -> Text {
    Text { spans: vec![Span::Line(Line { file: file.to_owned(), range })] }
}

impl Text {
    /// Pieces in order.
    pub(crate) fn of<const N: usize>(pieces: [Text; N]) -> Self {
        Self { spans: pieces.into_iter().flat_map(|piece| piece.spans).collect() }
    }

    /// Adds a piece at the end.
    pub fn push(&mut self, piece: impl Into<Text>) {
        self.spans.extend(piece.into().spans);
    }

    /// Whether nothing is said.
    pub fn is_empty(&self) -> bool {
        self.spans.is_empty()
    }

    /// Its pieces, in order.
    pub fn spans(&self) -> &[Span] {
        &self.spans
    }

    /// The lines that are open.
    pub(crate) fn lines(&self) -> Vec<&Line> {
        let lines = self.spans.iter().flat_map(|span| match span {
            Span::Line(line) => vec![line],
            Span::Aside(said) => said.lines(),
            Span::Words(_) | Span::Name(_) | Span::Size(_) => Vec::new(),
        });
        lines.collect()
    }

    /// What is said after `beginning`, by itself: what joins the two is left out, and what follows in
    /// brackets stands without them. `None` if it does not begin so, or if nothing follows.
    pub(crate) fn after(&self, beginning: &Text) -> Option<Text> {
        let mut rest = self.spans.strip_prefix(&*beginning.spans)?.iter().cloned();
        let mut said = Text::default();
        while said.is_empty() {
            match rest.next()? {
                Span::Words(words) => said.push(words.trim_start_matches(['.', ';', ' '])),
                Span::Aside(inner) => said.push(inner),
                other => said.spans.push(other),
            }
        }
        said.spans.extend(rest);
        Some(said)
    }

    /// Makes it one about the text of now. What is gone keeps the line that ran.
    pub(crate) fn carry(&mut self, now: impl Fn(&Path, Range) -> Now) {
        self.each_line(&|Line { file, range }| match now(&file, range) {
            Now::Same => Span::Line(Line { file, range }),
            Now::At(range) => Span::Line(Line { file, range }),
            Now::Gone => Span::Words(as_it_ran(range)),
        });
    }

    /// Writes the lines into it: `now` tells where a place is, if anywhere.
    pub(crate) fn settle(&mut self, now: impl Fn(&Path, Range) -> Option<Range>) {
        self.each_line(&|Line { file, range }| {
            Span::Words(now(&file, range).map_or_else(|| as_it_ran(range), number))
        });
    }

    fn each_line(&mut self, put: &dyn Fn(Line) -> Span) {
        for span in &mut self.spans {
            match span {
                Span::Line(line) => *span = put(line.clone()),
                Span::Aside(said) => said.each_line(put),
                Span::Words(_) | Span::Name(_) | Span::Size(_) => {}
            }
        }
    }

    /// Its first letter large, as at the beginning of a sentence; a name stays as it is.
    pub(crate) fn capitalized(mut self) -> Self {
        if let Some(Span::Words(words)) = self.spans.first_mut()
            && let Some(first) = words.chars().next()
        {
            let rest = words.split_off(first.len_utf8());
            *words = first.to_uppercase().collect::<String>() + &rest;
        }
        self
    }
}

fn as_it_ran(range: Range) -> String {
    format!("{} as it ran", number(range))
}

/// Lines are counted from 1 by people.
fn number(range: Range) -> String {
    (range.start.line + 1).to_string()
}

/// As if nothing had changed since, where lines are open.
impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.spans.iter().try_for_each(|span| match span {
            Span::Words(words) => f.write_str(words),
            Span::Name(name) => write!(f, "`{name}`"),
            Span::Size(bytes) => f.write_str(&size(*bytes)),
            Span::Line(line) => f.write_str(&number(line.range)),
            Span::Aside(said) => write!(f, "({said})"),
        })
    }
}

impl From<&str> for Text {
    fn from(words: &str) -> Self {
        Self::from(words.to_owned())
    }
}

impl From<&String> for Text {
    fn from(words: &String) -> Self {
        Self::from(words.clone())
    }
}

impl From<String> for Text {
    fn from(words: String) -> Self {
        let spans = if words.is_empty() { Vec::new() } else { vec![Span::Words(words)] };
        Self { spans }
    }
}

impl From<Span> for Text {
    fn from(span: Span) -> Self {
        Self { spans: vec![span] }
    }
}

impl From<&Text> for Text {
    fn from(text: &Text) -> Self {
        text.clone()
    }
}

impl<T: Into<Text>> From<Option<T>> for Text {
    fn from(text: Option<T>) -> Self {
        text.map_or_else(Self::default, Into::into)
    }
}

#[cfg(test)]
mod tests {
    use heapmark_source::Position;

    use super::*;

    fn range(line: u32) -> Range {
        Range::new(Position::new(line, 4), Position::new(line, 9))
    }

    #[test]
    fn a_text_is_written_out_with_backticks_sizes_and_lines() {
        let at = line(Path::new("/w/a.js"), range(11));
        let told =
            text![name("add"), " adds to it (a.js:", at, "), ", bytes(2_000_000), " in all."];
        assert_eq!(told.to_string(), "`add` adds to it (a.js:12), 2.0 MB in all.");
        assert!(text!["", None::<Text>].is_empty());
        assert_eq!(text!["two are", " here"].capitalized().to_string(), "Two are here");
        assert_eq!(text![name("x"), " is"].capitalized().to_string(), "`x` is");
    }

    #[test]
    fn what_is_said_after_the_beginning_stands_by_itself() {
        let beginning = text![name("a"), " keeps growing"];
        let after = |more: Text| {
            let said = text![&beginning, more].after(&beginning);
            said.map(|said| said.to_string())
        };
        assert_eq!(after(text!["."]), None);
        assert_eq!(
            after(text![".", " Its size is checked."]).as_deref(),
            Some("Its size is checked.")
        );
        let size = || aside(text![bytes(2_000_000), " in all"]);
        assert_eq!(
            after(text![" ", size(), ". It waits."]).as_deref(),
            Some("2.0 MB in all. It waits.")
        );
        assert_eq!(
            after(text!["; each keeps a ", name("B"), " alive ", size(), "."]).as_deref(),
            Some("each keeps a `B` alive (2.0 MB in all).")
        );
        assert_eq!(text!["Others", "."].after(&beginning), None);
    }

    #[test]
    fn a_line_in_brackets_is_a_line() {
        let mut text = text!["it ", aside(text!["a.js:", line(Path::new("/w/a.js"), range(11))])];
        assert_eq!(text.lines().len(), 1);
        text.settle(|_, _| Some(range(20)));
        assert_eq!(text.to_string(), "it (a.js:21)");
    }

    #[test]
    fn a_line_is_that_of_now() {
        let told = |now: Now, typed: Option<u32>| {
            let mut text = text!["(a.js:", line(Path::new("/w/a.js"), range(11)), ")"];
            text.carry(|file, asked| {
                assert_eq!((file, asked), (Path::new("/w/a.js"), range(11)));
                now
            });
            text.settle(|_, at| typed.map(|lines| range(at.start.line + lines)));
            text.to_string()
        };
        assert_eq!(told(Now::Same, Some(0)), "(a.js:12)");
        assert_eq!(told(Now::At(range(20)), Some(0)), "(a.js:21)");
        assert_eq!(told(Now::At(range(20)), Some(3)), "(a.js:24)");
        assert_eq!(told(Now::At(range(20)), None), "(a.js:21 as it ran)");
        assert_eq!(told(Now::Gone, Some(3)), "(a.js:12 as it ran)");
    }
}
