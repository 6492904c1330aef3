//! How sure it is that something stands where it is said to stand.

use std::path::PathBuf;
use std::sync::Arc;

use crate::file::SourceFile;
use crate::text::position::Position;

/// How well something that ran fits the text of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fit {
    /// The file has the text that ran, or a map leads from the one to the other.
    Exact,
    /// Nobody knows the text that ran, but it was another: this was found by its name.
    Moved,
}

/// Something in a file of the workspace that ran.
#[derive(Debug, Clone)]
pub struct Written<T> {
    /// The file that a person edits, with the text that ran if that is known.
    pub file: Arc<SourceFile>,
    /// What it is.
    pub what: T,
    /// How sure.
    pub fit: Fit,
    /// Where it ran, if what ran was made from this file.
    pub generated: Option<Generated>,
}

impl<T> Written<T> {
    pub(crate) fn map<U>(self, change: impl FnOnce(T) -> U) -> Written<U> {
        let Written { file, what, fit, generated } = self;
        Written { file, what: change(what), fit, generated }
    }
}

/// A place in generated code.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Generated {
    /// The file of the workspace, or the script's name if it is none.
    pub file: PathBuf,
    /// Where in it, as V8 counts.
    pub position: Position,
}

/// Whose code something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Origin {
    /// A file of the workspace.
    Own,
    /// A file under `node_modules`, what a source map calls a library, or what a compiler added.
    Dependency,
    /// Node's own code, or code that is no file.
    Builtin,
    /// A file that is not in the workspace, or that fits several.
    Elsewhere,
}
