//! One file a kind of leak: its shape on the heap, and the words for it.
//!
//! A rule reads the evidence and yields [`Suspect`](crate::suspect::Suspect)s. The order in which
//! they run, and what one rule leaves for the next, is in [`crate::detect`].

pub(crate) mod agents;
pub(crate) mod captures;
pub(crate) mod chains;
mod collection_words;
pub(crate) mod collections;
pub(crate) mod detached;
mod done;
pub(crate) mod duplicates;
pub(crate) mod event_targets;
pub(crate) mod external;
mod in_source;
mod keys;
pub(crate) mod listeners;
pub(crate) mod modules;
pub(crate) mod pileups;
pub(crate) mod reactions;
pub(crate) mod registration;
mod registries;
pub(crate) mod slices;
pub(crate) mod storages;
mod streams;
mod table;
pub(crate) mod text;
pub(crate) mod timers;
