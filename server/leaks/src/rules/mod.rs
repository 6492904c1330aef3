//! One file or folder a kind of leak: its shape on the heap. The words for it stand in [`crate::words`].
//!
//! A rule reads the evidence and yields [`Leak`](crate::rules::leak::Leak)s. The order in which
//! they run, and what one rule leaves for the next, is in [`crate::triage`].

pub(crate) mod async_local_storage;
pub(crate) mod detached_dom;
pub(crate) mod duplicate_strings;
pub(crate) mod external_memory;
pub(crate) mod growing_chain;
pub(crate) mod growing_collection;
pub(crate) mod growing_listeners;
pub(crate) mod growing_text;
pub(crate) mod leak;
pub(crate) mod leaking_instances;
pub(crate) mod lengthened;
pub(crate) mod module_reload;
pub(crate) mod open_handles;
pub(crate) mod pending_promises;
pub(crate) mod retained_after_close;
pub(crate) mod scene;
pub(crate) mod sliced_string_parent;
pub(crate) mod uncleared_timers;
pub(crate) mod unused_capture;
