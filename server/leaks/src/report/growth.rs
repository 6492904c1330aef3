//! By what the heap grew, whoever is to blame: plain data beside the findings. Its words are in
//! [`crate::words::growth`].

use crate::report::package::Package;
use crate::report::place::HopPlace;

/// By what the heap grew from the first snapshot to the last.
#[derive(Debug, Clone, PartialEq)]
pub struct Growth {
    /// Bytes by which all of the heap grew.
    pub bytes: u64,
    /// Those that the findings account for.
    pub explained: u64,
    /// It is much, it went on from snapshot to snapshot, and the findings account for little of it.
    pub is_unexplained: bool,
    /// What grew most, the largest first.
    pub rows: Vec<GrowthRow>,
}

/// Things of one class.
#[derive(Debug, Clone, PartialEq)]
pub struct GrowthRow {
    /// What they are.
    pub what: Things,
    /// Where that class or function stands, if in the workspace.
    pub place: Option<HopPlace>,
    /// How many there were in each snapshot, oldest first.
    pub counts: Vec<u64>,
    /// How large they were together, in bytes and without what they refer to, in each snapshot.
    pub sizes: Vec<u64>,
    /// Who holds most of those that came, if one does.
    pub holder: Option<HeldBy>,
}

impl GrowthRow {
    /// Bytes by which they grew.
    pub fn growth(&self) -> u64 {
        let of = |size: Option<&u64>| size.copied().unwrap_or(0);
        of(self.sizes.last()).saturating_sub(of(self.sizes.first()))
    }
}

/// What people count together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Things {
    /// Instances of a class, by its name.
    Instances(String),
    /// Closures of a function, by its name.
    Closures(String),
    /// Texts.
    Strings,
    /// Where arrays, maps and objects keep what is in them.
    Stores,
    /// The memory behind buffers.
    Buffers,
    /// The variables that closures use.
    Scopes,
    /// What Node.js has of its own.
    OfNode,
    /// What V8 has of its own: compiled code and the like.
    OfEngine,
}

impl Things {
    /// Their name for other tools.
    pub fn name(&self) -> &'static str {
        match self {
            Things::Instances(_) => "instances",
            Things::Closures(_) => "closures",
            Things::Strings => "strings",
            Things::Stores => "stores",
            Things::Buffers => "buffers",
            Things::Scopes => "scopes",
            Things::OfNode => "node",
            Things::OfEngine => "v8",
        }
    }
}

/// Who holds something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldBy {
    /// As people would call it: `cache`, `app.locals.visits`.
    pub name: String,
    /// Its declaration, if in the workspace.
    pub place: Option<HopPlace>,
    /// The package of others that it belongs to.
    pub package: Option<Package>,
    /// Of what belongs to a package, the user's own declaration through which it is held.
    pub user: Option<HopPlace>,
}

impl HeldBy {
    /// The declaration that a person would look at: the user's own, if there is one.
    pub fn told_at(&self) -> Option<&HopPlace> {
        self.user.as_ref().or(self.place.as_ref())
    }
}
