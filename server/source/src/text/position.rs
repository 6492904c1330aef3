//! Positions in source text as V8, source maps and the Language Server Protocol count them.
//!
//! Lines and columns are 0-based; columns are UTF-16 code units. Bytes and the 1-based numbers that
//! people see are conversions at the borders, not here.

use serde::{Deserialize, Serialize};

/// A point in a file: 0-based line and UTF-16 column.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
pub struct Position {
    /// 0-based line.
    pub line: u32,
    /// 0-based column in UTF-16 code units.
    pub column: u32,
}

impl Position {
    /// The point at this 0-based line and UTF-16 column.
    pub const fn new(line: u32, column: u32) -> Self {
        Self { line, column }
    }
}

/// A stretch of a file, from `start` up to but not including `end`.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
pub struct Range {
    /// The first point inside.
    pub start: Position,
    /// The first point after it.
    pub end: Position,
}

impl Range {
    /// The stretch from `start` up to `end`.
    pub const fn new(start: Position, end: Position) -> Self {
        Self { start, end }
    }

    /// Whether `position` lies inside, both ends counted as inside (as a cursor behind the last
    /// character of a name still is at that name).
    pub fn touches(&self, position: Position) -> bool {
        self.start <= position && position <= self.end
    }
}
