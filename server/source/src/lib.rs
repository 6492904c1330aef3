//! Where it was written: from script positions to the lines a person edits.
//!
//! Eight types carry the crate:
//!
//! - [`Workspace`]: the user's folders. Turns a script's name into a file, and reads files, never
//!   outside the folders.
//! - [`AsItRan`]: the same folders as one program saw them, with the texts that ran where they are
//!   known. What is found there is carried over to the texts of now in the end.
//! - [`Revision`]: two texts of one file beside each other, and where the things of the one stand in
//!   the other.
//! - [`Script`]: a script that ran. Leads from V8's positions in it to what a person wrote: in its
//!   own file, or through a source map in another one.
//! - [`SourceFile`]: one file's text with its functions, classes, scopes and the statements that
//!   change collections. Answers where V8 points, and who declares, fills and empties a holder.
//! - [`Importers`]: who imports whom, so that what other files do to an exported variable counts.
//! - [`Trail`]: the text of an open file with watched places, which follow their code through edits.
//! - [`Position`]: 0-based line and UTF-16 column, the counting of V8 and of editors.
//!
//! The way of a question: a snapshot says "script `file:///app/dist/cache.js`, line 8, column 14" →
//! [`Script::thing`] → [`Written`]: the function in `src/cache.ts`, and how sure that is ([`Fit`]) →
//! [`SourceFile::captured`] → [`SourceFile::mutations`] → [`AsItRan::now`]. Where nobody knows the text
//! that ran, functions are found again by their names: [`SourceFile::find_by_name`].
//!
//! Not here: anything about the heap, anything about a protocol, verdicts.

mod anchor;
mod as_it_ran;
mod call;
mod comment_form;
mod error;
mod excess;
mod export;
mod file;
mod fit;
mod follow;
mod function;
mod guard;
mod ignored;
mod importers;
mod index;
mod language;
mod linked;
mod listing;
mod maps;
mod mutation;
mod naming;
mod path_mapping;
mod position;
mod prefix;
mod print;
mod ran_script;
mod receiver;
mod revision;
mod roots;
mod scope;
mod script;
mod script_name;
mod sought;
mod subject;
mod syntax;
mod target;
mod text;
#[cfg(test)]
mod text_tests;
mod uses;
mod walk;
mod workspace;

pub use anchor::{Anchored, Anchors, Found, Ran, RanSite};
pub use as_it_ran::{AsItRan, Now, Refusal};
pub use call::Call;
pub use comment_form::CommentForm;
pub use error::SourceError;
pub use file::SourceFile;
pub use fit::{Fit, Generated, Origin, Written};
pub use follow::{Edit, PlaceId, Trail};
pub use function::{Class, Function, FunctionKind};
pub use importers::Importers;
pub use language::Language;
pub use maps::{
    FileBehind, MAX_BUILT_FILE, MapError, MapSource, RunningScript, Segment, SourceMap,
    decode as decode_map, files_behind,
};
pub use mutation::{Callback, Mutation, MutationKind};
pub use path_mapping::{PathMapping, PathMappingError};
pub use position::{Position, Range};
pub use prefix::begins_as_ran;
pub use ran_script::RanScript;
pub use revision::Revision;
pub use scope::{Declaration, DeclarationKind, Siblings};
pub use script::{Script, Thing, Wanted};
pub use script_name::{local_path, same_script};
pub use target::Target;
pub use workspace::{LARGEST_FILE, Resolution, Workspace};
