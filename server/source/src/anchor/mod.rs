//! Finding functions again in a text that is not the one that ran.
//!
//! A location of V8 is a point in the text that ran. The file may be another text by now: edited
//! since, or compiled in memory on its way to V8 (tsx, ts-node, `--experimental-transform-types`).
//! What survives both is what the functions are called, so all
//! functions of a script are laid beside all functions of the file at once:
//!
//! ```text
//! Ran (from the heap)                    SourceFile
//!   1:803  Base                            class Base       ─ same name, only one each: moved
//!   1:1020 Registry                        class Registry   ─
//!   1:1128 add                             Registry.add     ─
//!   1:1171 ""                              callback of …      nothing tells whether it is this one
//! ```
//!
//! A name that fits once on both sides is certain. Everything else is stale: a heap knows only the
//! functions that live, so neither order nor number tell which one is meant. It is never the nearest
//! guess: a wrong function is worse than none.
//!
//! This is the last resort. Where the text that ran is known, [`crate::ran::AsItRan`] answers in it, and
//! nothing has to be found again.
//!
//! Here: [`Ran`], the question; [`Anchors`], the answer for each position; [`runtime_name`](crate::syntax::runtime_name), what
//! V8 calls a function. Not here: which text ran (source maps, [`SourceFile::matches_prefix`]), and
//! following edits made in an open editor, where each single change is known.

mod align;
mod found;
mod kept;
mod ran;

pub use found::{Anchored, Anchors, Found};
pub use ran::{Ran, RanSite};

use crate::file::SourceFile;
use crate::text::position::{Position, Range};
use found::{Item, Outcome};

impl SourceFile {
    /// Finds the functions and classes of a script again in this file, all at once. Made once for a
    /// script and file, then asked with [`SourceFile::anchored_at`].
    ///
    /// Takes time in proportion to the functions of both.
    pub fn find_again(&self, ran: &Ran) -> Anchors {
        let prefix = ran.source_prefix.as_deref();
        align::align(self, ran, prefix.is_none_or(|prefix| self.matches_prefix(prefix)))
    }

    /// The same in a text that is known to be another: by names alone.
    pub fn find_by_name(&self, ran: &Ran) -> Anchors {
        align::align(self, ran, false)
    }

    /// The same of a script of which the text is known, `own`: each goes to where it stands in this
    /// file, if `carry` knows that of a range.
    pub(crate) fn find_carried(
        &self,
        ran: &Ran,
        own: &SourceFile,
        carry: impl Fn(Range) -> Option<Range>,
    ) -> Anchors {
        let outcomes = ran.sites().filter_map(|(site, _)| {
            let found = own.found(own.item_at(site)?);
            let name_range = carry(found.name_range())?;
            let item = self.item_named_at(name_range, matches!(found, Found::Class(_)))?;
            Some((site, Outcome::Moved(item)))
        });
        Anchors { outcomes: outcomes.collect(), is_whole: false }
    }

    fn item_named_at(&self, name_range: Range, is_class: bool) -> Option<Item> {
        if is_class {
            let class = self.classes().iter().find(|class| class.name_range == name_range)?;
            return Some(Item::Class(class.index));
        }
        let function = self.functions().iter().find(|it| it.name_range == name_range)?;
        Some(Item::Function(function.index))
    }

    /// Where the function or class at `v8`, a position in the text that ran, stands in this file.
    pub fn anchored_at(&self, anchors: &Anchors, v8: Position) -> Anchored<'_> {
        match anchors.outcomes.get(&v8) {
            Some(Outcome::Exact(item)) => Anchored::Exact(self.found(*item)),
            Some(Outcome::Moved(item)) => Anchored::Moved(self.found(*item)),
            None => Anchored::Stale,
        }
    }
}
