//! Two texts of one file beside each other: the one that ran, and the one of now.
//!
//! Nothing is known of the edits in between, so everything that can be shown of either text is laid
//! beside everything of the other ([`piece`], [`pairing`]). What a [`Revision`] says is certain
//! enough to blame somebody for it:
//!
//! - what is written alike, in the same surroundings, is the same;
//! - what has a name is the same if it alone has that name in its surroundings, whatever was changed
//!   in it; a function or class also renamed, if what stands in it tells; a variable or field not if
//!   what was done with it is done with another one now ([`uses`]);
//! - what has none (a callback, a statement) is the same if it is called for with the same words and
//!   the same literal arguments: `bus.on("tick"` is not `bus.on("end"`;
//! - everything else is gone. A wrong function is worse than none.
//!
//! Not here: edits in an open editor, where each single change is known ([`crate::follow`]).

mod meaning;
mod pairing;
mod piece;
mod uses;

use std::path::Path;

use rustc_hash::FxHashMap;
use tree_sitter::Tree;

use self::piece::Content;
use crate::error::SourceError;
use crate::syntax::subject::{Role, Subject};
use crate::text::language::Language;
use crate::text::position::Range;
use crate::text::{Span, Text};

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
        let read = |text: &str| {
            let text = Text::new(text.to_owned());
            let tree = language.parse(text.as_str())?;
            let content = Content::of(&tree, &text);
            Some((text, tree, content))
        };
        // Reading takes most of the time, and neither text needs the other for it.
        let (before, after) = std::thread::scope(|scope| {
            let before = scope.spawn(|| read(then));
            let after = read(now);
            (before.join(), after)
        });
        let (then, tree, before) = before.ok().flatten().ok_or_else(too_complex)?;
        let (now, _, after) = after.ok_or_else(too_complex)?;
        let pairs = pairing::pairs(&before, &after).into_iter().enumerate();
        let marks = pairs.filter_map(|(index, found)| {
            let (old, new) = (&before.pieces[index], &after.pieces[found? as usize]);
            Some(((old.mark, old.role), new.mark))
        });
        Ok(Revision { marks: marks.collect(), then, tree, now })
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
