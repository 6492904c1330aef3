//! Where it was written: from script positions to the lines a person edits.

mod position;

pub use position::{Position, Range};
