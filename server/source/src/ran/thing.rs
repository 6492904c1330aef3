//! What stands at a place: a function or a class.

use crate::file::SourceFile;
use crate::syntax::function::{Class, Function};
use crate::text::position::{Position, Range};

/// What is asked for first at a place that may be both: a constructor is a function and stands for
/// its class.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// The function, of a closure.
    Function,
    /// The class, of an instance.
    Class,
}

/// A function or a class.
#[derive(Debug, Clone)]
pub enum Thing {
    /// A function.
    Function(Function),
    /// A class.
    Class(Class),
}

impl Thing {
    /// What stands at V8's position in a file.
    pub(crate) fn at(file: &SourceFile, v8: Position, wanted: Wanted) -> Option<Thing> {
        let function = || file.function_at(v8).cloned().map(Thing::Function);
        let class = || file.class_at(v8).cloned().map(Thing::Class);
        match wanted {
            Wanted::Function => function().or_else(class),
            Wanted::Class => class().or_else(function),
        }
    }

    /// As people say it.
    pub fn name(&self) -> &str {
        match self {
            Thing::Function(function) => &function.name,
            Thing::Class(class) => &class.name,
        }
    }

    /// Whether V8 calls it so.
    pub(crate) fn is_called(&self, name: &str) -> bool {
        let runtime_name = match self {
            Thing::Function(function) => &function.runtime_name,
            Thing::Class(class) => &class.runtime_name,
        };
        runtime_name.as_deref() == Some(name)
    }

    /// What to underline.
    pub fn name_range(&self) -> Range {
        match self {
            Thing::Function(function) => function.name_range,
            Thing::Class(class) => class.name_range,
        }
    }

    /// All of it.
    pub fn range(&self) -> Range {
        match self {
            Thing::Function(function) => function.range,
            Thing::Class(class) => class.range,
        }
    }
}
