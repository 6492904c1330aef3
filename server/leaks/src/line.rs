//! Lines in sentences.
//!
//! A sentence is written about the text that ran, and read beside the text of now. So a line in it is
//! left open: a mark that names the place, for which the number is put in when the report is done
//! ([`crate::carry`]). The marks are characters that Unicode keeps for such uses; what else has them,
//! a name in a heap, is at worst taken for a line.

use std::fmt::Write as _;
use std::path::Path;

use heapmark_source::{Now, Position, Range};

const START: char = '\u{fdd0}';
const BETWEEN: char = '\u{fdd1}';
const END: char = '\u{fdd2}';

/// The number of the line where a range of a file begins, left open.
pub(crate) fn line(file: &Path, range: Range) -> String {
    let Range { start, end } = range;
    format!(
        "{START}{}{BETWEEN}{} {} {} {}{END}",
        file.display(),
        start.line,
        start.column,
        end.line,
        end.column
    )
}

/// The sentence with the numbers that `now` tells. What is gone keeps the line that ran.
pub(crate) fn settled(sentence: &str, now: impl Fn(&Path, Range) -> Now) -> String {
    let mut settled = String::with_capacity(sentence.len());
    let mut rest = sentence;
    while let Some((before, behind)) = rest.split_once(START) {
        settled.push_str(before);
        rest = behind;
        let Some((mark, behind)) = behind.split_once(END) else { continue };
        let Some((file, range)) = mark
            .split_once(BETWEEN)
            .and_then(|(file, range)| Some((Path::new(file), read(range)?)))
        else {
            continue;
        };
        rest = behind;
        let then = range.start.line + 1;
        let _ = match now(file, range) {
            Now::Same => write!(settled, "{then}"),
            Now::At(range) => write!(settled, "{}", range.start.line + 1),
            Now::Gone => write!(settled, "{then} as it ran"),
        };
    }
    settled.push_str(rest);
    settled
}

fn read(range: &str) -> Option<Range> {
    let mut numbers = range.split(' ').map(|number| number.parse::<u32>().ok());
    let mut next = || numbers.next().flatten();
    let start = Position::new(next()?, next()?);
    let range = Range::new(start, Position::new(next()?, next()?));
    // What a name in a heap says is no line.
    (range.start.line < u32::MAX).then_some(range)
}

/// As if nothing had changed since.
#[cfg(test)]
pub(crate) fn plain(sentence: &str) -> String {
    settled(sentence, |_, _| Now::Same)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(line: u32) -> Range {
        Range::new(Position::new(line, 4), Position::new(line, 9))
    }

    #[test]
    fn a_line_is_that_of_now() {
        let sentence =
            format!("adds to it (a.js:{}) and nothing.", line(Path::new("/w/a.js"), range(11)));
        let told = |now: Now| {
            settled(&sentence, |file, asked| {
                assert_eq!((file, asked), (Path::new("/w/a.js"), range(11)));
                now
            })
        };
        assert_eq!(told(Now::Same), "adds to it (a.js:12) and nothing.");
        assert_eq!(told(Now::At(range(20))), "adds to it (a.js:21) and nothing.");
        assert_eq!(told(Now::Gone), "adds to it (a.js:12 as it ran) and nothing.");
    }

    #[test]
    fn what_looks_like_a_line_and_is_none_stays_text() {
        for text in [
            "\u{fdd0}",
            "a\u{fdd0}b\u{fdd2}c",
            "\u{fdd0}f\u{fdd1}1 x\u{fdd2}",
            "\u{fdd0}f\u{fdd1}4294967295 0 0 0\u{fdd2}",
        ] {
            assert_eq!(plain(text).replace('\u{fdd0}', ""), text.replace('\u{fdd0}', ""));
        }
    }
}
