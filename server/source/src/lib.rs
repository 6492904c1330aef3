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
mod error;
mod file;
mod follow;
mod index;
mod maps;
mod memo;
mod ran;
mod revision;
mod script;
mod statements;
mod syntax;
mod text;
mod workspace;

pub use anchor::{Anchored, Anchors, Found, Ran, RanSite};
pub use error::SourceError;
pub use file::SourceFile;
pub use file::clearing::Leaves;
pub use file::handed::Handed;
pub use file::making::{Given, Making};
pub use file::runs::Runs;
pub use file::target::{Inside, Target};
pub use follow::{Edit, PlaceId, Trail};
pub use maps::{
    FileBehind, MAX_BUILT_FILE, MapError, MapProblem, MapSource, RunningScript, Segment, SourceMap,
    decode as decode_map, files_behind,
};
pub use memo::Memo;
pub use ran::behind::Behind;
pub use ran::fit::{Fit, Generated, Origin, Written};
pub use ran::importers::Importers;
pub use ran::ran_script::RanScript;
pub use ran::thing::{Thing, Wanted};
pub use ran::{AsItRan, Now, Refusal};
pub use revision::Revision;
pub use script::Script;
pub use statements::call::Call;
pub use statements::form::MutationForm;
pub use statements::mutation::{Callback, Expiry, LimitAt, Mutation, MutationKind};
pub use statements::number::{Argument, Limit, Number, NumberFrom};
pub use syntax::function::{Class, Function, FunctionKind};
pub use syntax::scope::{Declaration, DeclarationKind, Siblings};
pub use text::comment_form::CommentForm;
pub use text::language::Language;
pub use text::limits::LARGEST_FILE;
pub use text::position::{Position, Range};
pub use text::prefix::begins_as_ran;
pub use workspace::path_mapping::{PathMapping, PathMappingError};
pub use workspace::script_name::{local_path, same_script};
pub use workspace::{Resolution, Workspace, normalised};
