//! The answers: which function or class of a file is meant, and how sure that is. Not here: finding it.

use rustc_hash::FxHashMap;

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
pub(super) enum Item {
    Function(u32),
    Class(u32),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    Exact(Item),
    Moved(Item),
}

/// Where each function of a script that ran stands in a file. Holds for the very [`SourceFile`]
/// that made it.
#[derive(Debug, Default)]
pub struct Anchors {
    pub(super) outcomes: FxHashMap<Position, Outcome>,
    pub(super) is_whole: bool,
}

impl Anchors {
    /// Whether the whole text is the one that ran, as far as all of its functions tell.
    pub fn is_whole(&self) -> bool {
        self.is_whole
    }
}

impl SourceFile {
    pub(super) fn found(&self, item: Item) -> Found<'_> {
        match item {
            Item::Function(index) => Found::Function(&self.index.functions[index as usize]),
            Item::Class(index) => Found::Class(&self.index.classes[index as usize]),
        }
    }

    /// What stands where V8 points, a class before the function that is its constructor.
    pub(super) fn item_at(&self, v8: Position) -> Option<Item> {
        let class = self.class_at(v8).map(|class| Item::Class(class.index));
        class.or_else(|| self.function_at(v8).map(|function| Item::Function(function.index)))
    }
}
