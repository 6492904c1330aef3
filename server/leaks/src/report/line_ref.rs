//! Lines in sentences.
//!
//! A sentence is written about the text that ran, and read beside the text of now. So a line in it is
//! left open: a mark that names the place. The report carries the place to the text of now
//! ([`crate::output::to_current_text`]), an editor follows it from there, and whoever shows the sentence has the number
//! put in ([`Report::settle_lines`](crate::Report::settle_lines)). The marks are characters that
//! Unicode keeps for such uses; what else has them, a name in a heap, is at worst taken for a line.

use std::path::{Path, PathBuf};

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

/// The sentence about the text of now. What is gone keeps the line that ran.
pub(crate) fn carried(sentence: &str, now: impl Fn(&Path, Range) -> Now) -> String {
    replaced(sentence, |file, then| match now(file, then) {
        Now::Same => line(file, then),
        Now::At(range) => line(file, range),
        Now::Gone => gone(then),
    })
}

/// The sentence with the numbers of the lines where its places are now.
pub(crate) fn settled(sentence: &str, now: impl Fn(&Path, Range) -> Option<Range>) -> String {
    replaced(sentence, |file, then| {
        now(file, then).map_or_else(|| gone(then), |range| (range.start.line + 1).to_string())
    })
}

/// The places that a sentence names by their lines.
pub(crate) fn places(sentence: &str) -> Vec<(PathBuf, Range)> {
    let mut places = Vec::new();
    replaced(sentence, |file, range| {
        places.push((file.to_owned(), range));
        String::new()
    });
    places
}

fn gone(then: Range) -> String {
    format!("{} as it ran", then.start.line + 1)
}

/// The sentence with something else for each line that is open.
fn replaced(sentence: &str, mut put: impl FnMut(&Path, Range) -> String) -> String {
    let mut replaced = String::with_capacity(sentence.len());
    let mut rest = sentence;
    while let Some((before, behind)) = rest.split_once(START) {
        replaced.push_str(before);
        rest = behind;
        let Some((mark, behind)) = behind.split_once(END) else { continue };
        let Some((file, range)) = mark
            .split_once(BETWEEN)
            .and_then(|(file, range)| Some((Path::new(file), read(range)?)))
        else {
            continue;
        };
        rest = behind;
        replaced.push_str(&put(file, range));
    }
    replaced.push_str(rest);
    replaced
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
    settled(sentence, |_, range| Some(range))
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
        let told = |now: Now, typed: Option<u32>| {
            let carried = carried(&sentence, |file, asked| {
                assert_eq!((file, asked), (Path::new("/w/a.js"), range(11)));
                now
            });
            settled(&carried, |_, at| typed.map(|lines| range(at.start.line + lines)))
        };
        assert_eq!(told(Now::Same, Some(0)), "adds to it (a.js:12) and nothing.");
        assert_eq!(told(Now::At(range(20)), Some(0)), "adds to it (a.js:21) and nothing.");
        assert_eq!(told(Now::At(range(20)), Some(3)), "adds to it (a.js:24) and nothing.");
        assert_eq!(told(Now::At(range(20)), None), "adds to it (a.js:21 as it ran) and nothing.");
        assert_eq!(told(Now::Gone, Some(3)), "adds to it (a.js:12 as it ran) and nothing.");
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
