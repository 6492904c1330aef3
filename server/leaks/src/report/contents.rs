//! What fills the heap of the newest snapshot, whether it grows or not: plain data beside the findings. Its words are
//! in [`crate::words::contents`].

use crate::report::growth::HeldBy;
use crate::report::package::Package;

/// What fills the heap.
#[derive(Debug, Clone, PartialEq)]
pub struct Contents {
    /// Bytes of all of it.
    pub size: u64,
    /// Bytes that it may have at most, before V8 ends the program; if that was written down.
    pub limit: Option<u64>,
    /// It has nearly as much as it may have.
    pub is_nearly_full: bool,
    /// Who holds much of it, the largest part first. No byte is in two rows.
    pub rows: Vec<ContentsRow>,
    /// The row of which one asks whether it grows: the largest one, if it is a large part of the heap and not
    /// usually complete.
    pub suspect: Option<usize>,
    /// All of it by whose code holds it, the largest part first.
    pub by_code: Vec<CodeRow>,
}

/// What one declaration of the program holds.
#[derive(Debug, Clone, PartialEq)]
pub struct ContentsRow {
    /// Who holds it.
    pub holder: HeldBy,
    /// How many entries it has, if it is one collection.
    pub entries: Option<u64>,
    /// Bytes that are held by it and by nothing else.
    pub retained: u64,
    /// It is a package's, and nothing in it is made by the user's own code: such tables are usually complete.
    pub is_packages_own: bool,
}

/// What the code of one owner holds.
#[derive(Debug, Clone, PartialEq)]
pub struct CodeRow {
    /// Whose code it is.
    pub whose: CodeOf,
    /// Bytes that are held by its variables and functions, and by nobody's further inside.
    pub retained: u64,
    /// Those of them that came after the first snapshot.
    pub gained: u64,
}

/// Whose code holds something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CodeOf {
    /// The user's own.
    User,
    /// A package's of others.
    Package(Package),
    /// That of Node.js.
    Node,
    /// Nobody's: compiled code, V8's own tables, and what hangs on its roots.
    Engine,
}

impl CodeOf {
    /// Its name for other tools.
    pub fn name(&self) -> &'static str {
        match self {
            CodeOf::User => "own",
            CodeOf::Package(_) => "package",
            CodeOf::Node => "node",
            CodeOf::Engine => "v8",
        }
    }
}
