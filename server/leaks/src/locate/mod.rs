//! From nodes of the heap to places in the user's source.
//!
//! Joins what the heap knows (script ids, names of scripts and variables) with what the workspace
//! knows (files, functions, declarations). Says for each place how well it fits; guesses nothing.

mod behind_import;
pub(crate) mod block_variables;
pub(crate) mod build_tools;
mod context;
mod declared;
pub(crate) mod development;
pub(crate) mod handing_over;
pub(crate) mod holder;
pub(crate) mod known_caches;
mod known_scopes;
mod locator;
pub(crate) mod packages;
mod program;
mod recorded;
pub(crate) mod sidecar;
pub(crate) mod source_files;
mod spot;
pub(crate) mod statements;

pub(crate) use heapmark_source::Origin;

pub(crate) use holder::{DeclaredIn, Holder, HolderOf};
pub(crate) use locator::Locator;
pub(crate) use program::OfGlobalObject;
pub(crate) use spot::{Spot, is_plain_name};
