//! How V8 and Node lay things out on the heap: contexts, tables, lists, modules, bindings. It knows no
//! census, no source and no verdict.

pub(crate) mod backing_stores;
pub(crate) mod bindings;
pub(crate) mod dom;
mod element_kinds;
pub(crate) mod events;
pub(crate) mod global_object;
pub(crate) mod layouts;
pub(crate) mod linked_lists;
pub(crate) mod members;
pub(crate) mod module_copies;
pub(crate) mod module_exports;
pub(crate) mod open_handles;
pub(crate) mod promise_reactions;
pub(crate) mod repeated_strings;
pub(crate) mod retainer_walk;
pub(crate) mod scope_tables;
pub(crate) mod sites;
pub(crate) mod weak_map_entries;
pub(crate) mod workers;
