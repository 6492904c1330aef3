//! Places of findings, and the steps of their paths.

use std::fmt;
use std::path::PathBuf;

use heapmark_source::{Generated, Range};

use crate::report::text::Text;

/// What a place has to do with its finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Role {
    /// The function or class whose closures or instances pile up.
    Leaked,
    /// The declaration of the variable, field or static that keeps them.
    Holder,
    /// The statement that adds.
    Grows,
    /// The nearest place in the user's own code, when the blame falls in a dependency.
    User,
}

impl Role {
    /// The name as it stands in reports.
    pub fn name(self) -> &'static str {
        match self {
            Role::Leaked => "leaked",
            Role::Holder => "holder",
            Role::Grows => "grows",
            Role::User => "user",
        }
    }
}

/// How well a heap position fits the text of the file. What fits several functions, or none for
/// certain, has no place at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Match {
    /// The text is what V8 ran.
    Exact,
    /// The file was edited since, the function was found again.
    Moved,
}

impl Match {
    /// The name as it stands in reports.
    pub fn name(self) -> &'static str {
        match self {
            Match::Exact => "exact",
            Match::Moved => "moved",
        }
    }
}

impl From<heapmark_source::Fit> for Match {
    fn from(fit: heapmark_source::Fit) -> Self {
        match fit {
            heapmark_source::Fit::Exact => Match::Exact,
            heapmark_source::Fit::Moved => Match::Moved,
        }
    }
}

/// A place in a source file of the workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// What it has to do with the finding.
    pub role: Role,
    /// The name a person would say: `entries`, `RenderedPage`, `bus.on("tick", …)`.
    pub name: String,
    /// Absolute path of the file.
    pub file: PathBuf,
    /// What to underline.
    pub range: Range,
    /// How well it fits the file's text.
    pub matched: Match,
    /// Where it ran, if what ran was made from the file; not known of statements.
    pub generated: Option<Generated>,
    /// A few words that stand under the code frame: `holds 1,800 entries; nothing removes any`.
    pub label: Text,
    /// The whole message for a diagnostic at this place, if it is not the primary one.
    pub message: Text,
    /// It is the first place of a finding that is told with this one: if all before it are mended, that
    /// one stays.
    pub leads: bool,
}

/// Where code of a finding stands that is not in the workspace: `/srv/app/audit.js:5`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outside {
    /// The script, as V8 names it; empty if it never was a file.
    pub script: String,
    /// Of the script, or of the source that it was made from.
    pub name: String,
    /// From 1.
    pub line: u32,
}

impl fmt::Display for Outside {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.name, self.line)
    }
}

/// One step of a retaining path.
#[derive(Debug, Clone, PartialEq)]
pub struct Hop {
    /// What the step arrives at, as people say it: `Map`, `Session`, `module scope of cache.js`.
    pub node: String,
    /// V8's id of that node.
    pub id: u32,
    /// The edge that leads there: a property or variable name, `[3]`, or V8's internal name.
    pub edge: String,
    /// V8's edge type: `property`, `context`, `element`, `internal`, …
    pub edge_type: &'static str,
    /// Where that node's code stands, if it stands in the workspace.
    pub place: Option<HopPlace>,
    /// Whether the step lies between the holder and the leaked thing; those before only say why the
    /// holder itself is alive.
    pub below_holder: bool,
}

/// Where the code of a hop stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HopPlace {
    /// The name a person would say.
    pub name: String,
    /// Absolute path of the file.
    pub file: PathBuf,
    /// What to underline.
    pub range: Range,
}
