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
mod ran;

use rustc_hash::FxHashMap;

pub use ran::{Ran, RanSite};

use crate::file::SourceFile;
use crate::syntax::function::{Class, Function};
use crate::text::position::{Position, Range};

/// A function or a class of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found<'a> {
    /// A function.
    Function(&'a Function),
    /// A class: its constructor, and what its instances point at.
    Class(&'a Class),
}

impl<'a> Found<'a> {
    /// As people say it: `Session.onTick`.
    pub fn name(self) -> &'a str {
        match self {
            Found::Function(function) => &function.name,
            Found::Class(class) => &class.name,
        }
    }

    /// What to underline.
    pub fn name_range(self) -> Range {
        match self {
            Found::Function(function) => function.name_range,
            Found::Class(class) => class.name_range,
        }
    }

    /// All of it.
    pub fn range(self) -> Range {
        match self {
            Found::Function(function) => function.range,
            Found::Class(class) => class.range,
        }
    }

    /// Where V8 would point in this file, in editor's counting. To ask
    /// [`SourceFile::function_at`] or [`SourceFile::class_at`] about what was found.
    pub fn anchor(self) -> Position {
        match self {
            Found::Function(function) => function.anchor,
            Found::Class(class) => class.anchor,
        }
    }
}

/// Where something that ran stands in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Anchored<'a> {
    /// V8's position holds: the text is the one that ran, and the thing that stands there has V8's
    /// name.
    Exact(Found<'a>),
    /// Another text, but this is the one: it was found by its name and surroundings.
    Moved(Found<'a>),
    /// The file has none that could be it.
    Stale,
}

impl<'a> Anchored<'a> {
    /// The one that is meant, if that is certain.
    pub fn certain(self) -> Option<Found<'a>> {
        match self {
            Anchored::Exact(found) | Anchored::Moved(found) => Some(found),
            Anchored::Stale => None,
        }
    }
}

/// A function or class by its index in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Item {
    Function(u32),
    Class(u32),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Exact(Item),
    Moved(Item),
}

/// Where each function of a script that ran stands in a file. Holds for the very [`SourceFile`]
/// that made it.
#[derive(Debug, Default)]
pub struct Anchors {
    outcomes: FxHashMap<Position, Outcome>,
    is_whole: bool,
}

impl Anchors {
    /// Whether the whole text is the one that ran, as far as all of its functions tell.
    pub fn is_whole(&self) -> bool {
        self.is_whole
    }
}

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

    fn found(&self, item: Item) -> Found<'_> {
        match item {
            Item::Function(index) => Found::Function(&self.index.functions[index as usize]),
            Item::Class(index) => Found::Class(&self.index.classes[index as usize]),
        }
    }

    /// What stands where V8 points, a class before the function that is its constructor.
    fn item_at(&self, v8: Position) -> Option<Item> {
        let class = self.class_at(v8).map(|class| Item::Class(class.index));
        class.or_else(|| self.function_at(v8).map(|function| Item::Function(function.index)))
    }
}
