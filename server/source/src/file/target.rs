//! What can be asked about: a variable, a field, a property, an export.

use crate::syntax::function::Class;
use crate::syntax::scope::Declaration;

/// Something that can hold memory.
#[derive(Debug, Clone, Copy)]
pub enum Target<'a> {
    /// A variable, as [`SourceFile::declaration`](crate::SourceFile::declaration) found it.
    Variable(&'a Declaration),
    /// A field of a class: `this.name` in its instances, or `Class.name`.
    Field {
        /// The class that has it.
        class: &'a Class,
        /// The field's name, with `#` if it is private.
        name: &'a str,
        /// Whether it belongs to the class itself.
        is_static: bool,
    },
    /// A property of the object that a variable holds: `state.pending`.
    Property {
        /// The variable.
        variable: &'a Declaration,
        /// The property's name.
        name: &'a str,
    },
    /// A property further inside: `state.users.online`.
    Path {
        /// The variable.
        variable: &'a Declaration,
        /// The names of the properties, from the variable inwards.
        path: &'a [&'a str],
    },
    /// A global variable: `globalThis.name`, or a name that nothing declares.
    Global(&'a str),
    /// The global object itself: `globalThis[name]`.
    GlobalObject,
    /// What the global object has under the symbol that a variable holds: `globalThis[key]`.
    GlobalSymbol(&'a Declaration),
    /// What these properties lead to, wherever they begin: `req.app.locals.visits` and
    /// `app.locals.visits` for `locals`, `visits`.
    Anywhere(&'a [String]),
    /// An instance of a class itself, as what the class does to `this`: one that extends `Map`.
    Instance(&'a Class),
    /// What a module exports: `exports.name`, `module.exports = { name }`, `export const name`;
    /// with all that happens to the variable behind the name. See [`SourceFile::export`](crate::SourceFile::export).
    Export(&'a str),
    /// What is inside one of these, by the names of properties: `this.state.users`.
    Within {
        /// What it is inside of.
        of: &'a Target<'a>,
        /// The names of the properties, inwards.
        path: &'a [&'a str],
    },
    /// What another module exports, where it is imported.
    Imported {
        /// The names by which the module is asked for: `./store.js`.
        from: &'a [String],
        /// The exported name, and the properties from there inwards.
        path: &'a [&'a str],
    },
}

/// A step from what is held to what is inside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Inside {
    /// To an entry, under whatever key.
    Entry,
    /// To a property.
    Property(String),
}
