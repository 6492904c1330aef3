//! Two texts of one file beside each other: the one that ran, and the one of now.
//!
//! Nothing is known of the edits in between, so everything that can be shown of either text is laid
//! beside everything of the other ([`piece`], [`pairing`]). What a [`Revision`] says is certain
//! enough to blame somebody for it:
//!
//! - what is written alike, in the same surroundings, is the same;
//! - what has a name is the same if it alone has that name in its surroundings, whatever was changed
//!   in it; a function or class also renamed, if what stands in it tells;
//! - what has none (a callback, a statement) is the same if it is called for with the same words and
//!   the same literal arguments: `bus.on("tick"` is not `bus.on("end"`;
//! - everything else is gone. A wrong function is worse than none.
//!
//! Not here: edits in an open editor, where each single change is known ([`crate::follow`]).

mod pairing;
mod piece;

use std::path::Path;

use rustc_hash::FxHashMap;
use tree_sitter::{InputEdit, Point, Tree};

use crate::follow::Edit;
use crate::language::Language;
use crate::subject::{Role, Subject};
use crate::text::{Span, Text};
use crate::{Range, SourceError};

/// What became of the places of a text.
#[derive(Debug)]
pub struct Revision {
    then: Text,
    tree: Tree,
    now: Text,
    /// From each mark of the text of then to that of now.
    marks: FxHashMap<(Span, Role), Span>,
}

impl Revision {
    /// Lays two texts of the file at `path` beside each other. Takes time in proportion to both.
    pub fn between(path: &Path, then: &str, now: &str) -> Result<Revision, SourceError> {
        let too_complex = || SourceError::TooComplex { path: path.to_path_buf() };
        let language = Language::of(path);
        let edit = Edit::between(then, now);
        let (then, now) = (Text::new(then.to_owned()), Text::new(now.to_owned()));
        let mut tree = language.parse(then.as_str()).ok_or_else(too_complex)?;
        let before = piece::pieces(&tree, &then);
        // Most of the text is the same: its syntax is taken over.
        let unedited = tree.clone();
        if let Some(edit) = edit {
            tree.edit(&input_edit(&then, &now, &edit));
        }
        let edited = language.parse_again(now.as_str(), &tree).ok_or_else(too_complex)?;
        let after = piece::pieces(&edited, &now);
        let pairs = pairing::pairs(&before, &after).into_iter().enumerate();
        let marks = pairs.filter_map(|(index, found)| {
            let (old, new) = (&before[index], &after[found? as usize]);
            Some(((old.mark, old.role), new.mark))
        });
        Ok(Revision { marks: marks.collect(), then, tree: unedited, now })
    }

    /// Where what stands at a range of the text of then stands now: the name of a function or of a
    /// declaration, the beginning of a call. `None` if it is gone, or nothing tells what became of it.
    pub fn carry(&self, range: Range) -> Option<Range> {
        let mark = (self.then.offset(range.start)?, self.then.offset(range.end)?);
        if mark.0 > mark.1 {
            return None;
        }
        let subject = Subject::at(&self.tree, &self.then, mark, &mut Vec::new())?;
        let found = self.marks.get(&(subject.mark, subject.role))?;
        Some(self.now.range(*found))
    }
}

/// The edit that made `now` of `then`, as the parser wants it.
fn input_edit(then: &Text, now: &Text, edit: &Edit) -> InputEdit {
    let point = |text: &Text, offset: u32| {
        let (row, column) = text.row_and_byte(offset);
        Point::new(row, column)
    };
    let start = then.nearest_offset(edit.range.start);
    let old_end = then.nearest_offset(edit.range.end).max(start);
    let new_end = (start + edit.text.len() as u32).min(now.as_str().len() as u32);
    InputEdit {
        start_byte: start as usize,
        old_end_byte: old_end as usize,
        new_end_byte: new_end as usize,
        start_position: point(then, start),
        old_end_position: point(then, old_end),
        new_end_position: point(now, new_end),
    }
}
