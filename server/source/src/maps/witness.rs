//! Whether the texts on both sides of a map are the ones that it was made from: what is a name or a
//! literal on one side must be the same on the other.
//!
//! A map without `sourcesContent` does not say which text it was made from. If the source was edited
//! since, the map still leads somewhere; the words there tell ([`super::pair`]).

use std::sync::Arc;

use super::SourceMap;
use super::pair::Pair;
use crate::file::SourceFile;
use crate::syntax::function::Function;
use crate::text::position::{Position, Range};
use crate::text::{Span, Text};

/// What all mappings into one source say.
pub(super) struct Witness {
    /// The source, with all that stands in it.
    file: Arc<SourceFile>,
    /// Where in the source a mapping leads to the same as in the generated text, or to something
    /// else: byte offsets, in order.
    told: Vec<(u32, bool)>,
    /// A mapping leads behind the end of the text, or of a line.
    leads_outside: bool,
    is_whole: bool,
}

impl Witness {
    /// Asks every mapping into `source`, whose text may be `original`.
    pub(super) fn of(
        map: &SourceMap,
        source: u32,
        generated: Option<&Text>,
        original: Arc<SourceFile>,
    ) -> Self {
        let pair = Pair::new(map, source, generated, original.text());
        let ask = || {
            let (mut told, mut leads_outside) = (Vec::new(), false);
            for segment in map.segments().iter().filter(|it| it.source() == Some(source)) {
                match place(&original, segment.original) {
                    None => leads_outside = true,
                    Some(offset) => {
                        told.extend(pair.agrees(segment, offset).map(|it| (offset, it)));
                    }
                }
            }
            (told, leads_outside)
        };
        let first = ask();
        let (mut told, leads_outside) = if pair.knows_more() { ask() } else { first };
        told.sort_unstable();
        let is_whole = !leads_outside && !told.is_empty() && told.iter().all(|told| told.1);
        Witness { file: original, told, leads_outside, is_whole }
    }

    /// Whether nothing tells anything.
    pub(super) fn is_silent(&self) -> bool {
        self.told.is_empty() && !self.leads_outside
    }

    /// Whether everything agrees, and anything does: it is the text that was built.
    pub(super) fn is_whole(&self) -> bool {
        self.is_whole
    }

    /// Whether what stands at a position is as it was built: something there tells so, and nothing
    /// there tells otherwise, nor in the heads of the classes around it.
    pub(super) fn confirms(&self, position: Position) -> bool {
        if self.is_whole {
            return true;
        }
        let is_there = stretch(&self.file, position).is_some_and(|stretch| {
            let told = self.within(stretch);
            !told.is_empty() && told.iter().all(|told| told.1)
        });
        is_there && {
            let around = self.file.classes_around(position);
            around.into_iter().all(|it| self.within((it.span.0, it.body)).iter().all(|told| told.1))
        }
    }

    fn within(&self, (start, end): Span) -> &[(u32, bool)] {
        let first = self.told.partition_point(|told| told.0 < start);
        let behind = self.told.partition_point(|told| told.0 < end);
        self.told.get(first..behind).unwrap_or_default()
    }
}

/// The stretch of a source that must be as it was built for what stands at a position to be known:
/// the function in whose head that is, or which is around it, with the outermost function around that
/// or the call that it is written into; of a class its head; else the declaration. Each with what
/// stands before it on its line.
fn stretch(file: &SourceFile, position: Position) -> Option<Span> {
    let offset = place(file, position)?;
    let span = match (file.function_headed(position), file.class_headed(position)) {
        (Some(function), _) => with_call(file, function),
        (None, Some(class)) => (class.span.0, class.body),
        (None, None) => match (file.declaration_at(position), file.enclosing_function(position)) {
            (Some(declaration), _) => span_of(file, declaration.range),
            (None, Some(function)) => with_call(file, function),
            (None, None) => (offset, offset),
        },
    };
    let text = file.text();
    let line = |at: u32| text[..at as usize].rfind('\n').map_or(0, |end| end as u32 + 1);
    let end = text[span.1 as usize..].find('\n').map_or(text.len(), |end| span.1 as usize + end);
    Some((line(span.0), if span.0 == span.1 { end as u32 } else { span.1 }))
}

fn with_call(file: &SourceFile, function: &Function) -> Span {
    let mut outermost = function;
    while let Some(parent) = outermost.parent {
        outermost = &file.functions()[parent as usize];
    }
    let call = file.handed_over(outermost.range);
    call.map_or(outermost.span, |call| span_of(file, call.range))
}

fn span_of(file: &SourceFile, range: Range) -> Span {
    let offset = |position| file.offset(position).unwrap_or_default() as u32;
    (offset(range.start), offset(range.end))
}

/// The byte offset of a position that the text really has.
fn place(file: &SourceFile, position: Position) -> Option<u32> {
    let offset = file.offset(position)?;
    (file.position(offset) == position).then_some(offset as u32)
}
