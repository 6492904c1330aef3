//! One replacement in a text.

use crate::text::Text;
use crate::text::position::{Position, Range};

/// A stretch of a text gives way to another text, as editors report it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// What is replaced, in positions before the edit. Behind the end of a line means its end.
    pub range: Range,
    /// What stands there afterwards.
    pub text: String,
}

impl Edit {
    /// The edit that replaces `range` by `text`.
    pub fn replace(range: Range, text: impl Into<String>) -> Edit {
        Edit { range, text: text.into() }
    }

    /// The smallest single edit that turns `old` into `new`; `None` if they are the same.
    pub fn between(old: &str, new: &str) -> Option<Edit> {
        if old == new {
            return None;
        }
        let prefix = common_prefix(old, new);
        let (old_rest, new_rest) = (&old[prefix..], &new[prefix..]);
        let suffix = common_suffix(old_rest, new_rest);
        let old = Text::new(old.to_owned());
        let mark = old.dropped_mark();
        let start = prefix.saturating_sub(mark) as u32;
        let end = (old.as_str().len() - suffix) as u32;
        let range = Range::new(old.position(start), old.position(end.max(start)));
        Some(Edit::replace(range, &new_rest[..new_rest.len() - suffix]))
    }

    /// Whether nothing changes.
    pub fn is_empty(&self) -> bool {
        self.range.start == self.range.end && self.text.is_empty()
    }

    /// The edit of the whole text, whatever it was.
    pub fn everything(text: impl Into<String>) -> Edit {
        let end = Position::new(u32::MAX, u32::MAX);
        Edit::replace(Range::new(Position::default(), end), text)
    }
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
