//! Functions and classes of a file, as people name them and as V8 points at them.

use crate::syntax::scope::{DeclarationIndex, ScopeIndex};
use crate::text::Span;
use crate::text::position::{Position, Range};

/// What kind of function it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FunctionKind {
    /// Declared or written with `function`; also generators.
    Function,
    /// `=>`.
    Arrow,
    /// A method of a class or an object literal.
    Method,
    /// `get name()`.
    Getter,
    /// `set name(value)`.
    Setter,
    /// The `constructor` of a class.
    Constructor,
}

/// A function with a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Function {
    /// As people say it: `Session.onTick`, `handleRequest > callback of bus.on("tick")`.
    pub name: String,
    /// What kind of function it is.
    pub kind: FunctionKind,
    /// What to underline: the name, or for a function without one the line up to its body.
    pub name_range: Range,
    /// The whole function.
    pub range: Range,
    /// Where V8 points: `(` of the parameters; an arrow's first token. In editor's counting.
    pub anchor: Position,
    pub(crate) index: u32,
    /// The scope that the function's own scope lies in.
    pub(crate) outer_scope: ScopeIndex,
    pub(crate) span: Span,
    /// First byte of the body: before it stand name and parameters.
    pub(crate) body: u32,
    pub(crate) parent: Option<u32>,
    /// Whether the user named it.
    pub(crate) is_named: bool,
    /// What V8 calls it; `None` if that is not known.
    pub(crate) runtime_name: Option<String>,
    /// The names that its parameters bind, in order.
    pub(crate) parameters: Vec<Span>,
}

/// A class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Class {
    /// The class's name, or that of the variable it is assigned to.
    pub name: String,
    /// What to underline: the name, or the word `class`.
    pub name_range: Range,
    /// The whole class.
    pub range: Range,
    /// Where V8 points for the class and its instances: the word `class`, or the `(` after
    /// `constructor` if there is one. In editor's counting.
    pub anchor: Position,
    /// What stands behind `extends`, in short.
    pub superclass: Option<String>,
    pub(crate) index: u32,
    pub(crate) span: Span,
    /// First byte of the body: before it stand name and superclass.
    pub(crate) body: u32,
    /// What V8 calls it; `None` if that is not known.
    pub(crate) runtime_name: Option<String>,
    /// The variables that hold the class.
    pub(crate) declarations: Vec<DeclarationIndex>,
    /// The class it extends, if that is in the same file.
    pub(crate) base: Option<u32>,
}
