//! The types of the Language Server Protocol, under one short name.
//!
//! tower-lsp is its maintained line, the package tower-lsp-server; the types come with it.

pub(crate) use tower_lsp::ls_types::*;
