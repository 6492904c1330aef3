//! What a code frame shows of a file whose lines are too long for any screen, as bundlers and minifiers
//! write them: the text around what is marked.
//!
//! Only the text is cut here; [`crate::analyze`] draws the frame.

use std::ops::Range;

/// Characters: a longer line is cut,
const MAX_LINE_CHARS: usize = 240;
/// to so many bytes on either side of where a mark begins and ends.
const MAX_AROUND_BYTES: usize = 60;
/// Stands for what is left out.
const CUT: &str = "…";

/// A text with shorter lines.
pub(crate) struct Frame {
    pub(crate) text: String,
    kept: Vec<Kept>,
}

/// A piece of the whole text, and where it begins in the frame.
struct Kept {
    whole: Range<usize>,
    at: usize,
}

impl Frame {
    /// The text with every marked line cut that is too long. `None` if there is no such line.
    pub(crate) fn of(text: &str, marks: &[Range<usize>]) -> Option<Frame> {
        let mut frame = Frame { text: String::new(), kept: Vec::new() };
        let (mut is_cut, mut start) = (false, 0);
        for line in text.split_inclusive('\n') {
            let end = start + line.len();
            let is_long = line.len() > MAX_LINE_CHARS && line.chars().count() > MAX_LINE_CHARS;
            let is_marked = || marks.iter().any(|mark| mark.start < end && mark.end >= start);
            if !is_long || !is_marked() {
                frame.keep(text, start..end);
            } else {
                is_cut = true;
                frame.cut(text, start..end, marks);
            }
            start = end;
        }
        is_cut.then_some(frame)
    }

    fn cut(&mut self, text: &str, line: Range<usize>, marks: &[Range<usize>]) {
        let ends = marks.iter().flat_map(|mark| [mark.start, mark.end]);
        let mut ends: Vec<usize> = ends.filter(|end| line.contains(end)).collect();
        ends.sort_unstable();
        if ends.is_empty() {
            ends.push(line.start);
        }
        let mut windows: Vec<Range<usize>> = Vec::new();
        for end in ends {
            let from = boundary(text, end.saturating_sub(MAX_AROUND_BYTES).max(line.start));
            let to = boundary(text, (end + MAX_AROUND_BYTES).min(line.end));
            match windows.last_mut() {
                Some(last) if from <= last.end => last.end = to,
                _ => windows.push(from..to),
            }
        }
        let mut before = line.start;
        for window in windows {
            if window.start > before {
                self.text.push_str(CUT);
            }
            before = window.end;
            self.keep(text, window);
        }
        if before < line.end {
            self.text.push_str(CUT);
            self.text.push('\n');
        }
    }

    fn keep(&mut self, text: &str, whole: Range<usize>) {
        self.kept.push(Kept { whole: whole.clone(), at: self.text.len() });
        self.text.push_str(&text[whole]);
    }

    /// Where a mark is in the frame.
    pub(crate) fn mark(&self, mark: &Range<usize>) -> Option<Range<usize>> {
        let place = |offset: usize| {
            let kept = self.kept.iter().find(|kept| kept.whole.contains(&offset));
            // The end of the text is in no piece.
            let kept = kept.or_else(|| self.kept.last().filter(|kept| kept.whole.end == offset))?;
            Some(kept.at + offset - kept.whole.start)
        };
        Some(place(mark.start)?..place(mark.end)?)
    }
}

/// The nearest boundary of a character, from an offset on.
fn boundary(text: &str, offset: usize) -> usize {
    (offset..text.len()).find(|&at| text.is_char_boundary(at)).unwrap_or(text.len())
}

/// A place that stands in another column of the frame than in the file.
pub(crate) struct Moved {
    drawn: String,
    whole: String,
}

impl Moved {
    /// Of an offset in the frame and the one in the whole text.
    pub(crate) fn new(path: &str, (frame, at): (&str, usize), whole: (&str, usize)) -> Moved {
        let written = |(line, column)| format!("{path}:{line}:{column}");
        let (drawn, whole) = (line_and_column(frame, at), line_and_column(whole.0, whole.1));
        Moved { drawn: written(drawn), whole: written(whole) }
    }

    /// Writes the column in the file above the frame: the library knows only the text that it draws.
    pub(crate) fn put_right(&self, drawn: String) -> String {
        let Some(at) = drawn.find(&self.drawn) else { return drawn };
        let end = at + self.drawn.len();
        if drawn[end..].starts_with(|next: char| next.is_ascii_digit()) {
            return drawn;
        }
        format!("{}{}{}", &drawn[..at], self.whole, &drawn[end..])
    }
}

/// The line and the column, in characters from 1, of an offset.
fn line_and_column(text: &str, offset: usize) -> (usize, usize) {
    let before = &text[..offset];
    let start = before.rfind('\n').map_or(0, |end| end + 1);
    (before.matches('\n').count() + 1, before[start..].chars().count() + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The frame of a text whose marks stand in brackets, with the brackets put back.
    fn framed(text: &str) -> Option<String> {
        let (mut plain, mut marks) = (String::new(), Vec::new());
        for part in text.split_inclusive(['[', ']']) {
            plain.push_str(part.trim_end_matches(['[', ']']));
            match part.chars().last() {
                Some('[') => marks.push(plain.len()..plain.len()),
                Some(']') => marks.last_mut().expect("it was opened").end = plain.len(),
                _ => {}
            }
        }
        let frame = Frame::of(&plain, &marks)?;
        let mut ends: Vec<(usize, &str)> = Vec::new();
        for mark in &marks {
            let mark = frame.mark(mark).expect("what is marked is kept");
            ends.extend([(mark.start, "["), (mark.end, "]")]);
        }
        let mut text = frame.text;
        for (at, bracket) in ends.into_iter().rev() {
            text.insert_str(at, bracket);
        }
        Some(text)
    }

    #[test]
    fn a_line_that_is_too_long_is_cut_around_its_marks() {
        let (many, some) = ("é".repeat(200), "é".repeat(30));
        let text = format!("a\n{many}[one]{some}[two]{many}[three]{many}\nb [c]\n");
        let expected = format!("a\n…{some}[one]{some}[two]{some}…{some}[three]{some}…\nb [c]\n");
        assert_eq!(framed(&text), Some(expected));
        // The middle of a long mark, and all of a line without one.
        let text = format!("[{many}{many}]\n{many}{many}");
        assert_eq!(framed(&text), Some(format!("[{some}…{some}]\n{many}{many}")));
    }

    #[test]
    fn what_fits_on_a_screen_stays() {
        assert_eq!(framed(&format!("{}[b]\n", "é".repeat(200))), None);
        assert_eq!(line_and_column("a\nébc", 5), (2, 3));
        let moved = Moved::new("a.js", ("b\n…", 2), ("b\nécd", 5));
        assert_eq!(moved.put_right(" --> a.js:2:1\n".to_owned()), " --> a.js:2:3\n");
        assert_eq!(moved.put_right(" --> a.js:2:12\n".to_owned()), " --> a.js:2:12\n");
    }
}
