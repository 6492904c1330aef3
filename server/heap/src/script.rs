//! One script of the program, as a snapshot tells of it. How it is found there is in [`crate::scripts`].

use crate::ordinals::{NodeOrdinal, ScriptId};

/// A script, as far as a snapshot knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Script {
    /// The number that locations use.
    pub id: ScriptId,
    /// Its path or URL as V8 has it: `/app/main.js`, `file:///app/main.mjs`, `node:fs`, or empty
    /// (`eval`). Cut at 1024 UTF-16 units.
    pub name: String,
    /// What its `//# sourceURL=` comment says.
    pub source_url: Option<String>,
    /// What its `//# sourceMappingURL=` comment says, cut at 1024 units (an inline map always is).
    pub source_map_url: Option<String>,
    /// Its node.
    pub node: NodeOrdinal,
}
