//! The parts of the file that are kept, and what the file calls them.

/// A list of numbers at the top level of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Section {
    Nodes,
    Edges,
    Locations,
    TraceFunctions,
    TraceTree,
    Samples,
    Scopes,
    ScopeVariables,
    ScopeUses,
}

impl Section {
    const ALL: [Section; 9] = [
        Section::Nodes,
        Section::Edges,
        Section::Locations,
        Section::TraceFunctions,
        Section::TraceTree,
        Section::Samples,
        Section::Scopes,
        Section::ScopeVariables,
        Section::ScopeUses,
    ];

    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Section::Nodes => "nodes",
            Section::Edges => "edges",
            Section::Locations => "locations",
            Section::TraceFunctions => "trace_function_infos",
            Section::TraceTree => "trace_tree",
            Section::Samples => "samples",
            Section::Scopes => "scopes",
            Section::ScopeVariables => "scope_context_vars",
            Section::ScopeUses => "scope_uses",
        }
    }

    pub(super) fn from_key(key: &[u8]) -> Option<Self> {
        Self::ALL.into_iter().find(|section| section.as_str().as_bytes() == key)
    }
}
