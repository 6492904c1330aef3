//! The declaration behind what holds something. Where it is found is told in [`super::declared`].

use std::path::Path;

use heapmark_source::{Class, Declaration, Target};

use crate::locate::spot::Spot;
use crate::report::place_words::file_name;

/// The declaration that holds something, with what can be asked of the source about it.
#[derive(Clone)]
pub(crate) struct Holder {
    pub(crate) spot: Spot,
    pub(crate) declaration: Declaration,
    /// What declares it.
    pub(crate) of: HolderOf,
    pub(crate) declared_in: DeclaredIn,
}

/// What a declaration stands in, by its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum DeclaredIn {
    /// The top of a file.
    Module(String),
    /// A function.
    Function(String),
    /// A class.
    Class(String),
    /// The prototype of a class.
    Prototype(String),
    /// What a file exports.
    Exports(String),
    /// A file: the holder is a function or class.
    File(String),
    /// The global object.
    GlobalObject,
}

impl DeclaredIn {
    /// Where a variable of this file stands that is declared in a function, or in none.
    pub(crate) fn of_variable(file: &Path, in_function: Option<&String>) -> Self {
        match in_function {
            None => Self::Module(file_name(file)),
            Some(function) => Self::Function(function.clone()),
        }
    }

    /// A part of the fingerprints of leaks. It is never shown, and has to stay as it is, because accepted leaks are
    /// known by it.
    pub(crate) fn key(&self) -> String {
        match self {
            Self::Module(file) => format!("module scope of {file}"),
            Self::Function(function) => format!("scope of {function}"),
            Self::Class(class) => format!("class {class}"),
            Self::Prototype(class) => format!("prototype of {class}"),
            Self::Exports(file) => format!("exports of {file}"),
            Self::File(file) => file.clone(),
            Self::GlobalObject => "global object".to_owned(),
        }
    }
}

/// What a holder is declared by.
#[derive(Clone)]
pub(crate) enum HolderOf {
    /// A scope.
    Scope,
    /// A class: its instances, or itself if it is static.
    Class { class: Box<Class>, is_static: bool },
    /// A function, or whatever else a variable holds: its property.
    Property { variable: Box<Declaration> },
    /// A module's exports.
    Export,
    /// The global object.
    Global,
    /// The global object, under a symbol that this variable holds.
    Symbol { key: Box<Declaration> },
    /// Some object, by these properties: `locals`, `visits`.
    Path(Vec<String>),
}

impl Holder {
    /// What to ask the source file for the statements that add to or remove from it.
    pub(crate) fn target(&self) -> Target<'_> {
        let name = self.declaration.name.as_str();
        match &self.of {
            HolderOf::Scope => Target::Variable(&self.declaration),
            HolderOf::Class { class, is_static } => {
                Target::Field { class, name, is_static: *is_static }
            }
            HolderOf::Property { variable } => Target::Property { variable, name },
            HolderOf::Export => Target::Export(&self.spot.name),
            HolderOf::Global => Target::Global(name),
            HolderOf::Symbol { key } => Target::GlobalSymbol(key),
            HolderOf::Path(path) => Target::Anywhere(path),
        }
    }

    /// Whether it only stands for what another file of the program has: `const store =
    /// require("./store")`.
    pub(crate) fn is_import(&self) -> bool {
        self.spot.file.imported_from(&self.declaration).is_some()
    }

    /// Whether it was declared with what one call made: `const cache = new Cache({ … })`, and not with what is
    /// left at the end of several.
    pub(crate) fn is_made_by_one_call(&self) -> bool {
        let Some(value) = self.declaration.initializer else { return false };
        let value = self.spot.file.range_text(value);
        let Some((callee, arguments)) = value.split_once('(') else { return false };
        let callee = callee.trim_start_matches("await ").trim_start_matches("new ");
        if matches!(callee, "require" | "import") {
            return false;
        }
        let is_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '$' | '.' | '<' | '>');
        let mut depth = 1;
        let ends = arguments.char_indices().find(|(_, c)| {
            depth += match c {
                '(' => 1,
                ')' => -1,
                _ => 0,
            };
            depth == 0
        });
        callee.chars().all(is_name)
            && ends.is_some_and(|(at, _)| arguments[at + 1..].trim_matches([';', ' ']).is_empty())
    }

    /// Whether all that is known is the class: none of its statements says that it has the field, and no
    /// name in its file does.
    pub(crate) fn is_only_a_class(&self) -> bool {
        let HolderOf::Class { class, .. } = &self.of else { return false };
        let name = self.declaration.name.trim_start_matches('#');
        self.declaration.name_range == class.name_range
            && !self.spot.file.text().contains(&format!(".{name}"))
    }

    /// Whether the declaration is of the thing itself, and not of what has it at the end of a path.
    pub(crate) fn is_whole_path(&self) -> bool {
        matches!(self.of, HolderOf::Path(_))
    }
}
