//! Heap snapshots of running programs, over the inspector protocol, streamed to disk.
//!
//! This room finds programs that listen for an inspector ([`discover`], [`targets_at`]), starts
//! one itself if asked to ([`Launched`]), and writes its snapshots ([`Session::take_snapshot`])
//! as `NAME.heapsnapshot`, with what only the live process knows beside it in
//! `NAME.scripts.json` ([`Sidecar`]): which scripts it runs, and in which texts.
//!
//! It does not read snapshots: that is the room `heap`. It sends nothing anywhere but to the
//! inspector that it was told to use, and follows no redirect. What it writes holds the memory
//! of a program, passwords and all, and is readable by the user alone.
//!
//! One rule of V8 shapes the interface. **The ids of objects live as long as an inspector
//! session.** When any session ends, V8 forgets all ids and the next snapshot numbers its objects
//! anew (measured on Node 20; V8's `HeapProfiler::ClearHeapObjectMap`). Snapshots that are to be
//! compared must therefore come from one [`Session`], or through one [`SessionKeeper`], and each
//! sidecar says in `identity` with which others it shares its ids.

mod disk;
mod error;
mod inspector;
mod keeper;
mod launch;
mod monitor;
mod sidecar;
mod snapshot;
mod text;
mod unseen;

pub use disk::{Destination, Reserved, default_folder};
pub use error::CaptureError;
pub use inspector::{Session, Target, discover, targets_at, targets_of};
pub use keeper::SessionKeeper;
pub use launch::Launched;
pub use monitor::{CaptureMonitor, Phase, Unmonitored};
pub use sidecar::{FilesBehind, ProcessFacts, RecordedFile, Script, Sidecar};
pub use snapshot::{CaptureOptions, Captured};
pub use text::{human_bytes, plain};
pub use unseen::is_unseen;
