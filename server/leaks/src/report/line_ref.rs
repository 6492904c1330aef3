//! Marks for lines in sentences that are still strings; see [`crate::report::text`], which replaces them.

use std::path::{Path, PathBuf};

use heapmark_source::{Position, Range};

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

/// The words between marks, each with the place of the mark behind it.
pub(crate) fn split(sentence: &str) -> Vec<(String, Option<(PathBuf, Range)>)> {
    let mut pieces = Vec::new();
    let mut plain = String::new();
    let mut rest = sentence;
    while let Some((before, behind)) = rest.split_once(START) {
        plain.push_str(before);
        rest = behind;
        let Some((mark, behind)) = behind.split_once(END) else { continue };
        let Some((file, range)) = mark
            .split_once(BETWEEN)
            .and_then(|(file, range)| Some((PathBuf::from(file), read(range)?)))
        else {
            continue;
        };
        rest = behind;
        pieces.push((std::mem::take(&mut plain), Some((file, range))));
    }
    plain.push_str(rest);
    pieces.push((plain, None));
    pieces
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
    crate::report::Text::from(sentence).to_string()
}
