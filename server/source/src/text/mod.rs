//! One file's text with its lines, and the one place that converts between ways to count.
//!
//! Three countings meet here: bytes (the parser), lines and UTF-16 columns as editors count them
//! (LF, CR and CRLF end a line), and V8's, for which U+2028 and U+2029 end a line as well. Until
//! something has made V8 note a script's lines (a debugger, a stack trace), it counts those of LF
//! alone, and so do the locations of a heap snapshot. These differ only with a character that is
//! rare, so V8's lines are kept only then.
//!
//! ```text
//! text    "a\r\né\u{2028}b"        bytes 0..10
//! lines   [0, 3]                  first byte of each line, for editors
//! v8      [0, 3, 8]               the same for V8, only if it differs
//! utf16   [0]                     UTF-16 units before each block of 256 bytes
//! ```

pub(crate) mod comment_form;
mod excess;
pub(crate) mod language;
pub(crate) mod limits;
pub(crate) mod position;
pub(crate) mod prefix;
#[cfg(test)]
mod tests;

use crate::text::position::{Position, Range};

/// Bytes between two notes of the UTF-16 offset. A conversion counts at most this many bytes, so
/// that a minified file of one line of megabytes stays cheap.
const BLOCK: usize = 256;

/// Text with what is needed to find lines and columns in it. Without a byte order mark: editors drop
/// it, so columns do not count it. Node drops it too, except before a module of CommonJS.
#[derive(Debug, Clone)]
pub(crate) struct Text {
    content: String,
    had_mark: bool,
    lines: Vec<u32>,
    v8_lines: Option<Vec<u32>>,
    newline_lines: Option<Vec<u32>>,
    utf16: Vec<u32>,
}

impl Text {
    /// Takes over `content`; at most 4 GiB, which the callers' size cap guarantees.
    pub(crate) fn new(mut content: String) -> Self {
        let had_mark = content.starts_with('\u{feff}');
        if had_mark {
            content.drain(..'\u{feff}'.len_utf8());
        }
        let utf16 = utf16_blocks(&content);
        let LineStarts { lines, v8_lines, newline_lines } = line_starts(&content);
        Self { content, had_mark, lines, v8_lines, newline_lines, utf16 }
    }

    /// Bytes of the byte order mark that the content had and this text has not.
    pub(crate) fn dropped_mark(&self) -> usize {
        if self.had_mark { '\u{feff}'.len_utf8() } else { 0 }
    }

    /// Puts another text in the place of a stretch.
    pub(crate) fn replace(&mut self, (start, end): Span, with: &str) {
        self.content.replace_range(start as usize..end as usize, with);
        let LineStarts { lines, v8_lines, newline_lines } = line_starts(&self.content);
        (self.lines, self.v8_lines, self.newline_lines) = (lines, v8_lines, newline_lines);
        self.utf16 = utf16_blocks(&self.content);
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.content
    }

    pub(crate) fn slice(&self, (start, end): Span) -> &str {
        self.content.get(start as usize..end as usize).unwrap_or("")
    }

    pub(crate) fn line_count(&self) -> usize {
        self.lines.len()
    }

    /// The line without its end; empty behind the last line.
    pub(crate) fn line(&self, line: u32) -> &str {
        let Some(&start) = self.lines.get(line as usize) else { return "" };
        let end = self.lines.get(line as usize + 1).map_or(self.content.len(), |&end| end as usize);
        self.content[start as usize..end].trim_end_matches(['\r', '\n'])
    }

    /// The editor's position of a byte offset; offsets inside a character or behind the end are
    /// moved back to where one can be.
    pub(crate) fn position(&self, offset: u32) -> Position {
        let line = self.lines.partition_point(|&start| start <= offset) - 1;
        let column = self.utf16_offset(offset) - self.utf16_offset(self.lines[line]);
        Position::new(line as u32, column)
    }

    pub(crate) fn range(&self, (start, end): Span) -> Range {
        Range::new(self.position(start), self.position(end))
    }

    /// The byte offset of an editor's position, if the text has it.
    pub(crate) fn offset(&self, position: Position) -> Option<u32> {
        self.offset_in(&self.lines, position)
    }

    /// Whether the text has a position, and it is not within a word.
    pub(crate) fn begins_at(&self, position: Position) -> bool {
        let is_part = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || "_$".contains(c));
        self.offset(position).is_some_and(|offset| {
            let (before, behind) = self.content.split_at(offset as usize);
            let is_gap = behind.starts_with("${");
            let is_within =
                !is_gap && is_part(before.chars().next_back()) && is_part(behind.chars().next());
            !is_within && self.position(offset) == position
        })
    }

    /// The byte offset of an editor's position as the Language Server Protocol reads it: behind the
    /// end of a line it is that end, behind the last line the end of the text, and within a
    /// character its start.
    pub(crate) fn nearest_offset(&self, position: Position) -> u32 {
        let Some(&start) = self.lines.get(position.line as usize) else {
            return self.content.len() as u32;
        };
        let end = start + self.line(position.line).len() as u32;
        let wanted = self.utf16_offset(start).saturating_add(position.column);
        if wanted >= self.utf16_offset(end) {
            return end;
        }
        // Within a surrogate pair there is no offset; one unit before there is.
        let found = self.byte_offset(wanted).or_else(|| self.byte_offset(wanted.checked_sub(1)?));
        found.unwrap_or(end)
    }

    /// The 0-based row of a byte offset, and how many bytes of that row are before it.
    pub(crate) fn row_and_byte(&self, offset: u32) -> (usize, usize) {
        let row = self.lines.partition_point(|&start| start <= offset) - 1;
        (row, (offset - self.lines[row]) as usize)
    }

    /// The byte offset of a position as V8 counts, if the text has it.
    pub(crate) fn v8_offset(&self, position: Position) -> Option<u32> {
        self.offset_in(self.v8_lines.as_ref().unwrap_or(&self.lines), position)
    }

    /// Every byte offset that a position of V8's may mean: whichever line ends it knew, and whether
    /// or not it saw the byte order mark that the file begins with.
    pub(crate) fn v8_offsets(&self, position: Position) -> impl Iterator<Item = u32> + '_ {
        let lines =
            [Some(self.v8_lines.as_ref().unwrap_or(&self.lines)), self.newline_lines.as_ref()];
        let behind_mark = position.column.checked_sub(1).filter(|_| self.had_mark);
        let behind_mark = behind_mark.filter(|_| position.line == 0);
        let behind_mark = behind_mark.map(|column| Position::new(0, column));
        let positions = [Some(position), behind_mark].into_iter().flatten();
        positions.flat_map(move |position| {
            lines.into_iter().flatten().filter_map(move |lines| self.offset_in(lines, position))
        })
    }

    fn offset_in(&self, lines: &[u32], position: Position) -> Option<u32> {
        let start = *lines.get(position.line as usize)?;
        let end = lines.get(position.line as usize + 1).copied();
        let end = end.unwrap_or(self.content.len() as u32);
        let wanted = self.utf16_offset(start).checked_add(position.column)?;
        let offset = self.byte_offset(wanted)?;
        (offset <= end).then_some(offset)
    }

    fn utf16_offset(&self, offset: u32) -> u32 {
        let mut offset = (offset as usize).min(self.content.len());
        while !self.content.is_char_boundary(offset) {
            offset -= 1;
        }
        let block = offset / BLOCK;
        if self.is_ascii(block) {
            return self.utf16[block] + (offset % BLOCK) as u32;
        }
        let bytes = &self.content.as_bytes()[block * BLOCK..offset];
        self.utf16[block] + bytes.iter().copied().map(utf16_units).sum::<u32>()
    }

    /// Whether a block is full, and each of its bytes is a UTF-16 unit: of nearly all source text.
    fn is_ascii(&self, block: usize) -> bool {
        let next = self.utf16.get(block + 1);
        next.is_some_and(|next| (next - self.utf16[block]) as usize == BLOCK)
    }

    fn byte_offset(&self, utf16_offset: u32) -> Option<u32> {
        let block = self.utf16.partition_point(|&before| before <= utf16_offset) - 1;
        let mut units = self.utf16[block];
        let mut offset = block * BLOCK;
        if self.is_ascii(block) {
            return Some(offset as u32 + (utf16_offset - units));
        }
        let bytes = self.content.as_bytes();
        while units < utf16_offset {
            units += utf16_units(*bytes.get(offset)?);
            offset += 1;
        }
        while !self.content.is_char_boundary(offset) {
            offset += 1;
        }
        (units == utf16_offset).then_some(offset as u32)
    }
}

/// A stretch of bytes: first, and first behind.
pub(crate) type Span = (u32, u32);

/// UTF-16 units that the character starting with this byte has; 0 for a byte inside a character.
fn utf16_units(byte: u8) -> u32 {
    match byte {
        0x80..=0xBF => 0,
        0xF0.. => 2,
        _ => 1,
    }
}

/// The units before each multiple of [`BLOCK`] bytes that the text reaches.
fn utf16_blocks(content: &str) -> Vec<u32> {
    let mut blocks = vec![0];
    let mut units = 0;
    for block in content.as_bytes().chunks_exact(BLOCK) {
        units += block.iter().copied().map(utf16_units).sum::<u32>();
        blocks.push(units);
    }
    blocks
}

/// Where lines start: for editors, and for V8 if it counts otherwise.
struct LineStarts {
    lines: Vec<u32>,
    /// By V8's `IsLineTerminatorSequence`.
    v8_lines: Option<Vec<u32>>,
    /// By LF alone.
    newline_lines: Option<Vec<u32>>,
}

fn line_starts(content: &str) -> LineStarts {
    let bytes = content.as_bytes();
    let mut lines = vec![0];
    let mut separators = Vec::new();
    let mut has_lone_return = false;
    for (index, &byte) in bytes.iter().enumerate() {
        match byte {
            b'\n' => lines.push(index as u32 + 1),
            b'\r' if bytes.get(index + 1) != Some(&b'\n') => {
                has_lone_return = true;
                lines.push(index as u32 + 1);
            }
            // U+2028 and U+2029 are E2 80 A8 and E2 80 A9.
            0xE2 if matches!(bytes.get(index + 1..index + 3), Some([0x80, 0xA8 | 0xA9])) => {
                separators.push(index as u32 + 3);
            }
            _ => {}
        }
    }
    let v8_lines = (!separators.is_empty()).then(|| {
        let mut all = [separators.as_slice(), &lines].concat();
        all.sort_unstable();
        all
    });
    let newline_lines = (has_lone_return || v8_lines.is_some()).then(|| {
        let ends = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n');
        std::iter::once(0).chain(ends.map(|(index, _)| index as u32 + 1)).collect()
    });
    LineStarts { lines, v8_lines, newline_lines }
}
