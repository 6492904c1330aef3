//! Edits of a text, and how positions follow them.
//!
//! A report speaks of the text as it was when the analysis began. The user types on: what stands
//! behind an edit moves with it, what was deleted is gone. The same rules that editors use for
//! their own squiggles. Nothing is parsed here.

use heapmark_source::{Position, Range};

/// One replacement: the text in `range` gave way to a text that ends at `new_end`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Edit {
    /// What was replaced, in positions before the edit.
    pub(crate) range: Range,
    /// Where the new text ends, in positions after the edit.
    pub(crate) new_end: Position,
}

impl Edit {
    /// The edit that replaces `range` by `text`.
    pub(crate) fn replace(range: Range, text: &str) -> Self {
        Self { range, new_end: advance(range.start, text) }
    }

    /// The smallest single edit that turns `old` into `new`; `None` if they are the same.
    pub(crate) fn between(old: &str, new: &str) -> Option<Self> {
        if old == new {
            return None;
        }
        let prefix = common_prefix(old, new);
        let (old_rest, new_rest) = (&old[prefix..], &new[prefix..]);
        let suffix = common_suffix(old_rest, new_rest);
        let start = advance(Position::default(), &old[..prefix]);
        let removed = &old_rest[..old_rest.len() - suffix];
        let added = &new_rest[..new_rest.len() - suffix];
        Some(Self::replace(Range::new(start, advance(start, removed)), added))
    }

    /// Where `range` stands after the edit; `None` if all of it was replaced.
    ///
    /// What is inserted at either end of a range stays outside; what is inserted within it
    /// stretches it.
    pub(crate) fn follow(&self, range: Range) -> Option<Range> {
        if range.end <= self.range.start {
            return Some(range);
        }
        if range.start >= self.range.end {
            return Some(Range::new(self.shift(range.start), self.shift(range.end)));
        }
        // They overlap: keep what of the range was not replaced.
        let start = if range.start < self.range.start { range.start } else { self.new_end };
        let end = if range.end > self.range.end { self.shift(range.end) } else { self.range.start };
        (start < end).then_some(Range::new(start, end))
    }

    /// Where a position at or behind the replaced text stands after the edit.
    fn shift(&self, position: Position) -> Position {
        if position.line == self.range.end.line {
            let behind = position.column - self.range.end.column;
            Position::new(self.new_end.line, self.new_end.column.saturating_add(behind))
        } else {
            let below = position.line - self.range.end.line;
            Position::new(self.new_end.line.saturating_add(below), position.column)
        }
    }
}

/// Where the cursor stands after `text` was typed at `from`. The protocol knows three line breaks:
/// `\n`, `\r\n` and `\r`.
fn advance(from: Position, text: &str) -> Position {
    let mut position = from;
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\r' if characters.peek() == Some(&'\n') => {}
            '\n' | '\r' => position = Position::new(position.line.saturating_add(1), 0),
            _ => {
                let width = character.len_utf16() as u32;
                position.column = position.column.saturating_add(width);
            }
        }
    }
    position
}

/// Bytes that both begin with, cut back to a character, and never between `\r` and `\n`.
fn common_prefix(left: &str, right: &str) -> usize {
    let same = left.bytes().zip(right.bytes()).take_while(|(l, r)| l == r).count();
    let mut end = same;
    while !left.is_char_boundary(end) || !right.is_char_boundary(end) || left[..end].ends_with('\r')
    {
        end -= 1;
    }
    end
}

/// Bytes that both end with, cut back to a character, and never between `\r` and `\n`.
fn common_suffix(left: &str, right: &str) -> usize {
    let same = left.bytes().rev().zip(right.bytes().rev()).take_while(|(l, r)| l == r).count();
    let mut length = same;
    while !left.is_char_boundary(left.len() - length)
        || !right.is_char_boundary(right.len() - length)
        || left[left.len() - length..].starts_with('\n')
    {
        length -= 1;
    }
    length
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(line: u32, start: u32, end: u32) -> Range {
        Range::new(Position::new(line, start), Position::new(line, end))
    }

    #[test]
    fn what_stands_before_an_edit_stays() {
        let edit = Edit::replace(at(5, 0, 0), "line\nline\n");
        assert_eq!(edit.follow(at(4, 6, 13)), Some(at(4, 6, 13)));
    }

    #[test]
    fn what_stands_behind_moves_by_lines_and_on_the_same_line_by_columns() {
        let typed = Edit::replace(at(5, 0, 0), "line\nno");
        assert_eq!(typed.follow(at(9, 6, 13)), Some(at(10, 6, 13)));
        assert_eq!(typed.follow(at(5, 6, 13)), Some(at(6, 8, 15)));
        let joined = Edit::replace(Range::new(Position::new(4, 10), Position::new(5, 2)), "");
        assert_eq!(joined.follow(at(5, 6, 13)), Some(at(4, 14, 21)));
    }

    #[test]
    fn typing_within_a_name_stretches_it_and_typing_at_its_ends_does_not() {
        assert_eq!(Edit::replace(at(0, 8, 8), "xy").follow(at(0, 6, 13)), Some(at(0, 6, 15)));
        assert_eq!(Edit::replace(at(0, 13, 13), "xy").follow(at(0, 6, 13)), Some(at(0, 6, 13)));
        assert_eq!(Edit::replace(at(0, 6, 6), "xy").follow(at(0, 6, 13)), Some(at(0, 8, 15)));
    }

    #[test]
    fn what_was_replaced_is_gone_and_what_was_cut_keeps_its_rest() {
        assert_eq!(Edit::replace(at(0, 6, 13), "").follow(at(0, 6, 13)), None);
        assert_eq!(Edit::replace(at(0, 0, 20), "new").follow(at(0, 6, 13)), None);
        assert_eq!(Edit::replace(at(0, 0, 8), "").follow(at(0, 6, 13)), Some(at(0, 0, 5)));
        assert_eq!(Edit::replace(at(0, 10, 20), "").follow(at(0, 6, 13)), Some(at(0, 6, 10)));
    }

    #[test]
    fn the_edit_between_two_texts_is_the_smallest() {
        let edit = Edit::between("let a;\nlet b;\n", "let a;\nlet 😀c;\nlet b;\n").unwrap();
        assert_eq!(edit.range.start, edit.range.end, "nothing was removed");
        assert_eq!(edit.follow(at(1, 4, 5)), Some(at(2, 4, 5)));
        assert_eq!(Edit::between("same", "same"), None);
    }

    #[test]
    fn line_breaks_are_never_taken_apart() {
        let edit = Edit::between("a\nb", "a\r\nb").unwrap();
        assert_eq!(edit.range, Range::new(Position::new(0, 1), Position::new(1, 0)));
        assert_eq!(edit.new_end, Position::new(1, 0));
        let edit = Edit::between("a\r\nb", "a\r\r\nb").unwrap();
        assert_eq!(edit.follow(at(1, 0, 1)), Some(at(2, 0, 1)));
    }

    /// The naive twin works on the characters themselves: a range is the characters in it.
    mod twin {
        use super::super::*;

        pub(super) fn position(text: &[char], index: usize) -> Position {
            let before: String = text[..index].iter().collect();
            advance(Position::default(), &before)
        }

        pub(super) fn range(text: &[char], start: usize, end: usize) -> Range {
            Range::new(position(text, start), position(text, end))
        }

        /// Marks each character with whether it is in the range, edits, and looks which still are;
        /// what was put between two that still are belongs to it as well.
        pub(super) fn follow(
            length: usize,
            range: (usize, usize),
            edit: (usize, usize),
            added: usize,
        ) -> Option<(usize, usize)> {
            let mut marks: Vec<bool> =
                (0..length).map(|at| range.0 <= at && at < range.1).collect();
            marks.splice(edit.0..edit.1, std::iter::repeat_n(false, added));
            let first = marks.iter().position(|&mark| mark)?;
            let last = marks.iter().rposition(|&mark| mark)?;
            Some((first, last + 1))
        }
    }

    /// Texts of characters of every width and of line breaks.
    fn text(most: usize) -> impl Strategy<Value = Vec<char>> {
        proptest::collection::vec(
            prop_oneof![Just('a'), Just('b'), Just('\n'), Just('é'), Just('😀')],
            0..most,
        )
    }

    proptest! {
        #[test]
        fn positions_follow_as_characters_do(
            old in text(40),
            added in text(6),
            cuts in proptest::array::uniform4(any::<prop::sample::Index>()),
        ) {
            let mut at = cuts.map(|cut| cut.index(old.len() + 1));
            at[..2].sort_unstable();
            at[2..].sort_unstable();
            let [start, end, from, to] = at;
            prop_assume!(start < end);
            let edit = Edit::replace(twin::range(&old, from, to), &added.iter().collect::<String>());
            let mut new = old.clone();
            new.splice(from..to, added.iter().copied());
            let expected = twin::follow(old.len(), (start, end), (from, to), added.len())
                .map(|(start, end)| twin::range(&new, start, end));
            prop_assert_eq!(edit.follow(twin::range(&old, start, end)), expected);
        }

        #[test]
        fn the_edit_between_two_texts_leads_from_one_to_the_other(old in text(30), new in text(30)) {
            let (before, after) = (old.iter().collect::<String>(), new.iter().collect::<String>());
            let end = twin::position(&old, old.len());
            match Edit::between(&before, &after) {
                None => prop_assert_eq!(before, after),
                Some(edit) => {
                    prop_assert!(edit.range.start <= edit.range.end && edit.range.end <= end);
                    prop_assert_eq!(edit.shift(end), twin::position(&new, new.len()));
                }
            }
        }
    }
}
