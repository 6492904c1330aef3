//! Scopes of the program's text with the variables that closures capture in them, in files of V8
//! after 15.3: the sections `scopes`, `scope_context_vars` and `scope_uses`.
//!
//! They tell which function uses which captured variable, and so which captured values nobody can
//! reach any more. No V8 that could be run writes them yet; the format is that of `DevTools`' reader
//! (`ContextAnalyzer.ts`).

use crate::ordinals::NodeOrdinal;
use crate::storage::{items, stored};

/// The three tables.
#[derive(Debug, Default)]
pub(crate) struct ScopeTables {
    pub(crate) all: Vec<DeclaredScope>,
    /// Strings' indexes.
    pub(crate) variables: Vec<u32>,
    pub(crate) uses: Vec<ScopeUse>,
}

stored!(ScopeTables { all, variables, uses });

/// A function's or block's scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeclaredScope {
    /// The node of the script that it is part of.
    pub script: NodeOrdinal,
    /// Its number within the script; closures' shared functions and scope infos have an internal
    /// edge `scope_id` with it.
    pub id: u32,
    /// How many scopes of the script it is in. Scopes come in the order in which they open, so its
    /// parent is the last one before it that is one less deep.
    pub depth: u32,
    /// From where to where in the table of variables.
    pub(crate) variables: [u32; 2],
    pub(crate) uses: [u32; 2],
}

/// That a scope's own code reads or writes a captured variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ScopeUse {
    /// The [id](DeclaredScope::id) of the scope that declares the variable, in the same script.
    pub scope: u32,
    /// The variable's place in [`Snapshot::scope_variables`](crate::Snapshot::scope_variables) of that scope.
    pub slot: u32,
}

items! {
    DeclaredScope: (((NodeOrdinal, u32), u32), ([u32; 2], [u32; 2])),
        |s| (((s.script, s.id), s.depth), (s.variables, s.uses)),
        |(((script, id), depth), (variables, uses))| {
            DeclaredScope { script, id, depth, variables, uses }
        };
    ScopeUse: (u32, u32), |used| (used.scope, used.slot), |(scope, slot)| ScopeUse { scope, slot };
}
