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

mod children;
mod connection;
mod disk;
mod error;
mod files;
mod http;
mod ignored;
mod keeper;
mod launch;
mod reserved;
mod scripts;
mod session;
mod sidecar;
mod snapshot;
mod sources;
mod stale;
mod target;
mod text;
mod unseen;
#[cfg(unix)]
mod watchdog;
mod workers;

pub use error::CaptureError;
pub use files::{Destination, default_folder};
pub use keeper::SessionKeeper;
pub use launch::Launched;
pub use reserved::Reserved;
pub use session::Session;
pub use sidecar::{FilesBehind, ProcessFacts, RecordedFile, Script, Sidecar};
pub use snapshot::{CaptureMonitor, CaptureOptions, Captured, Phase, Unmonitored};
pub use target::{Target, discover, targets_at, targets_of};
pub use text::{human_bytes, plain};
pub use unseen::is_unseen;
