//! The language server: what the analysis found becomes diagnostics, hovers and commands.
//!
//! It renders [`heapmark_leaks::Report`] and computes no verdict of its own. It is the only room
//! that knows the types of the Language Server Protocol.
//!
//! The way of a request: [`transport`] (bytes → [`framing`] → [`message`]) → the library, which calls
//! [`backend`] (one line a method) → a feature file (`hover`, `publish`,
//! `commands`, …) → [`to_proto`]. What the features share is in [`session`]; work that takes long is
//! a job of [`jobs`], shown to people by `progress` and `status`. `auto_analyze` watches for
//! snapshots and starts such jobs by itself. Which module stands above which is in
//! docs/architecture.md, and a test sees to it.
//!
//! [`serve`] is the only door to the server. Beside it stands [`files_behind_scripts_in`], which every
//! capture needs and only this room and the command line can give.

mod accepted;
mod actions;
mod analysis;
mod answers_all;
mod attempts;
mod auto_analyze;
mod backend;
mod capabilities;
mod commands;
mod documents;
mod escape;
mod features;
mod followed;
mod framing;
mod from_proto;
mod frozen;
mod hover;
mod jobs;
mod live_report;
mod markup;
mod message;
mod monitor;
mod on_disk;
mod parent;
mod progress;
mod publish;
mod published;
mod recorded_sources;
mod refresh;
#[cfg(test)]
mod samples;
mod serve;
mod session;
mod settings;
mod settle;
mod snapshots;
mod sources;
mod status;
mod summary;
mod threads;
mod to_proto;
mod transport;
mod types;
mod visible;

pub use recorded_sources::files_behind_scripts_in;
pub use serve::{Ending, serve};
