//! A decoded source map: what stands where, and where it came from.

use crate::text::position::{Position, Range};

/// One mapping: from here on in the generated code, until the next mapping of the line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Segment {
    /// Where it begins in the generated code.
    pub generated: Position,
    /// Where that was written. Means nothing without a source.
    pub original: Position,
    source: u32,
    name: u32,
}

/// Stands for no source and no name.
const NONE: u32 = u32::MAX;

impl Segment {
    pub(super) fn new(
        generated: Position,
        original: Position,
        source: Option<u32>,
        name: Option<u32>,
    ) -> Self {
        Self { generated, original, source: source.unwrap_or(NONE), name: name.unwrap_or(NONE) }
    }

    /// Index of the source; `None` for code that nobody wrote.
    pub fn source(&self) -> Option<u32> {
        (self.source != NONE).then_some(self.source)
    }

    /// Index of the name that the thing had where it was written.
    pub fn name(&self) -> Option<u32> {
        (self.name != NONE).then_some(self.name)
    }
}

/// One of the files that generated code was made from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MapSource {
    /// Path or URL, with the map's `sourceRoot` in front; empty if the map does not tell.
    pub name: String,
    /// Its text when the map was made, if the map has it.
    pub content: Option<Box<str>>,
    /// The map says that it is not the user's (`ignoreList`).
    pub is_ignored: bool,
}

/// A decoded source map.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SourceMap {
    /// By position in the generated code.
    segments: Vec<Segment>,
    sources: Vec<MapSource>,
    names: Vec<Box<str>>,
}

impl SourceMap {
    pub(super) fn new(
        mut segments: Vec<Segment>,
        sources: Vec<MapSource>,
        names: Vec<Box<str>>,
    ) -> Self {
        // Within a line they may come in any order, but nearly always come in this one.
        if !segments.is_sorted_by_key(|segment| segment.generated) {
            segments.sort_by_key(|segment| segment.generated);
        }
        Self { segments, sources, names }
    }

    /// All mappings, by position in the generated code.
    pub fn segments(&self) -> &[Segment] {
        &self.segments
    }

    /// The files that the code was made from.
    pub fn sources(&self) -> &[MapSource] {
        &self.sources
    }

    /// The name that the map gives for a mapping.
    pub fn name(&self, segment: &Segment) -> Option<&str> {
        self.names.get(segment.name()? as usize).map(AsRef::as_ref)
    }

    /// The mappings that begin in a range of the generated code.
    pub(super) fn within(&self, range: Range) -> std::ops::Range<usize> {
        let index = |position| self.segments.partition_point(|it| it.generated < position);
        let first = index(range.start);
        first..index(range.end).max(first)
    }

    /// Index of the mapping that a position in the generated code belongs to: the last one of its
    /// line that begins there or before.
    pub fn at(&self, generated: Position) -> Option<usize> {
        let behind = self.segments.partition_point(|segment| segment.generated <= generated);
        let index = behind.checked_sub(1)?;
        (self.segments[index].generated.line == generated.line).then_some(index)
    }
}
