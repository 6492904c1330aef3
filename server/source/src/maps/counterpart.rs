//! Which function or class of a source a function or class of generated code was made from.
//!
//! V8 points at a function's `(`, or at the first token of an arrow, and not all tools map that: the
//! last mapping before it may be that of an argument, of a call, or of the line, which lie in the
//! function around. So only mappings count that are the function's own:
//!
//! ```text
//! bus.on( 'tick', () => { seen.add(id) })
//!         ^       head    ^ code
//!         before
//!
//! head     leads into the head of the function that it was made from
//! before   with the next one behind it, if one function begins between the two on either side
//! code     all of it, without the functions inside, leads into the code of one function
//! ```
//!
//! Not here: whether the source's text is the one that was built.

use std::ops::Range;

use super::near::headed;
use super::{Segment, SourceMap};
use crate::file::SourceFile;
use crate::ran::thing::{Thing, Wanted};
use crate::syntax::function::{Function, FunctionKind};
use crate::text::Span;
use crate::text::position::Position;

/// So many mappings of a function's own code are asked.
const MAX_ASKED: usize = 64;
/// So many mappings are looked at to find them; others lie in the functions inside.
const MAX_LOOKED_AT: usize = 1_000;

/// A function or class of generated code, with the map that leads to the sources.
pub(super) struct Made<'a> {
    map: &'a SourceMap,
    generated: &'a SourceFile,
    thing: Thing,
    wanted: Wanted,
}

impl<'a> Made<'a> {
    /// What stands at V8's position.
    pub(super) fn at(
        map: &'a SourceMap,
        generated: &'a SourceFile,
        v8: Position,
        wanted: Wanted,
    ) -> Option<Self> {
        let thing = Thing::at(generated, v8, wanted)?;
        Some(Self { map, generated, thing, wanted })
    }

    /// The mappings within it.
    pub(super) fn mappings(&self) -> Range<usize> {
        let (start, _, end) = self.parts();
        self.index(start)..self.index(end)
    }

    /// What it was made from.
    pub(super) fn written(&self, source: u32, original: &SourceFile) -> Option<Thing> {
        let is_there = |segment: &&Segment| segment.source() == Some(source);
        let (start, body, end) = self.parts();
        let head = &self.map.segments()[self.index(start)..self.index(body)];
        let head = head.iter().take(MAX_LOOKED_AT);
        let mut head = head.filter(|segment| is_there(segment) && self.is_own(segment));
        let by_head = head.find_map(|it| headed(original, it.original, self.wanted));
        let by_name = || {
            let name = &self.map.segments()[self.index(self.binding(start))..self.index(start)];
            name.iter()
                .take(MAX_ASKED)
                .filter(is_there)
                .find_map(|it| original.named_at(it.original))
        };
        by_head
            .or_else(by_name)
            .or_else(|| self.between_neighbours(source, original))
            .or_else(|| match &self.thing {
                Thing::Function(function) => self.around_code(function, source, original),
                Thing::Class(_) => self.around_members((body, end), source, original),
            })
            .map(|found| self.as_wanted(found, original))
    }

    /// First byte, first byte of the body, and end.
    fn parts(&self) -> (u32, u32, u32) {
        match &self.thing {
            Thing::Function(function) => (function.span.0, function.body, function.span.1),
            Thing::Class(class) => (class.span.0, class.body, class.span.1),
        }
    }

    /// Whether a mapping within it is not within a function inside.
    fn is_own(&self, segment: &Segment) -> bool {
        let Thing::Function(made) = &self.thing else { return true };
        let around = self.generated.enclosing_function(segment.generated);
        around.is_some_and(|around| around.index == made.index)
    }

    /// Index of the first mapping that begins at a byte of the generated text or behind it.
    fn index(&self, offset: u32) -> usize {
        let position = self.generated.text.position(offset);
        self.map.segments().partition_point(|segment| segment.generated < position)
    }

    /// Where `name` begins in `name = ` or `name: ` before a byte; else that byte.
    fn binding(&self, start: u32) -> u32 {
        let before = self.generated.text()[..start as usize].trim_end();
        let Some(before) = before.strip_suffix(['=', ':']) else { return start };
        let before = before.trim_end();
        let name = before.trim_end_matches(|c: char| c.is_alphanumeric() || matches!(c, '_' | '$'));
        name.len() as u32
    }

    /// The one function that begins between the mapping before it and the next one behind its
    /// beginning, if it is the only one there in the generated text, too.
    fn between_neighbours(&self, source: u32, original: &SourceFile) -> Option<Thing> {
        let Thing::Function(made) = &self.thing else { return None };
        let next = self.index(made.span.0);
        let segments = self.map.segments();
        let (before, behind) = (segments.get(next.checked_sub(1)?)?, segments.get(next)?);
        if [before, behind].iter().any(|segment| segment.source() != Some(source)) {
            return None;
        }
        only(self.generated.begun(before.generated, behind.generated)?)?;
        let written = only(original.begun(before.original, behind.original)?)?;
        // The next one is in it on either side, or behind it.
        let is_in = |file: &SourceFile, function: &Function, position| {
            let around = file.enclosing_function(position);
            around.is_some_and(|around| around.index == function.index)
        };
        let is_it = is_in(self.generated, made, behind.generated)
            == is_in(original, written, behind.original)
            && may_become(written.kind, made.kind);
        is_it.then(|| Thing::Function(written.clone()))
    }

    /// The function that all of its own code leads to.
    fn around_code(&self, made: &Function, source: u32, original: &SourceFile) -> Option<Thing> {
        let segments = &self.map.segments()[self.index(made.body)..self.index(made.span.1)];
        let own = segments.iter().take(MAX_LOOKED_AT).filter(|segment| self.is_own(segment));
        let own = own.filter(|segment| segment.source().is_some()).take(MAX_ASKED);
        let led = own.map(|segment| {
            let is_there = segment.source() == Some(source);
            is_there.then(|| original.enclosing_function(segment.original)).flatten()
        });
        let found = same(led, |one, two| one.index == two.index)?;
        Some(Thing::Function(found.clone()))
    }

    /// The class that all of its members lead to.
    fn around_members(
        &self,
        (start, end): Span,
        source: u32,
        original: &SourceFile,
    ) -> Option<Thing> {
        let segments = &self.map.segments()[self.index(start)..self.index(end)];
        let sourced = segments.iter().filter(|segment| segment.source().is_some());
        let led = sourced.take(MAX_ASKED).map(|segment| {
            let is_there = segment.source() == Some(source);
            is_there.then(|| original.class_around(segment.original)).flatten()
        });
        let found = same(led, |one, two| one.index == two.index)?;
        Some(Thing::Class(found.clone()))
    }

    /// A function that serves as a class, if that is wanted.
    fn as_wanted(&self, found: Thing, original: &SourceFile) -> Thing {
        let Thing::Function(function) = &found else { return found };
        let is_class = self.wanted == Wanted::Class;
        let class = is_class.then(|| original.class_at(function.anchor)).flatten();
        class.cloned().map_or(found, Thing::Class)
    }
}

impl SourceFile {
    /// The functions that begin between two positions.
    fn begun(&self, from: Position, to: Position) -> Option<&[Function]> {
        let (from, to) = (self.text.offset(from)?, self.text.offset(to)?);
        let first = self.functions().partition_point(|function| function.span.0 < from);
        let behind = self.functions().partition_point(|function| function.span.0 < to);
        self.functions().get(first..behind)
    }

    /// The function or class whose name stands at the position.
    fn named_at(&self, position: Position) -> Option<Thing> {
        let class = self.classes().iter().find(|class| class.name_range.start == position);
        let is_it = |it: &&Function| it.is_named && it.name_range.start == position;
        let function = || self.functions().iter().find(is_it).cloned().map(Thing::Function);
        class.cloned().map(Thing::Class).or_else(function)
    }
}

/// Whether those who make old or short JavaScript make the one kind of function of the other.
fn may_become(written: FunctionKind, made: FunctionKind) -> bool {
    use FunctionKind::{Arrow, Function, Method};
    match made {
        Function => true,
        Arrow => matches!(written, Arrow | Function | Method),
        Method => matches!(written, Function | Method),
        other => written == other,
    }
}

fn only<T>(all: &[T]) -> Option<&T> {
    let [one] = all else { return None };
    Some(one)
}

/// What all are, if there are any.
fn same<T: Copy>(
    mut all: impl Iterator<Item = Option<T>>,
    is_same: impl Fn(T, T) -> bool,
) -> Option<T> {
    let first = all.next()??;
    all.all(|next| next.is_some_and(|next| is_same(first, next))).then_some(first)
}
