//! The language server as an editor meets it: the real binary, spoken to over its pipes, with real
//! snapshots of real Node.js programs.
//!
//! Each test is one scene: open a folder, do something, see what the editor would show. The client
//! checks at the end of each that the server leaves in time, with the right exit code.

#![allow(clippy::unwrap_used, reason = "a test that cannot be set up fails, and says where")]
#![allow(clippy::needless_pass_by_value, reason = "messages are written in place: `json!({ … })`")]

mod client;
mod scene;

mod attempts;
mod commands;
mod damaged;
mod editing;
mod framing;
mod hanging;
mod leaks;
mod lifecycle;
mod long_jobs;
mod silence;
mod sources;
mod surroundings;
mod watching;
