//! What the tests of the whole share: the bundled programs with their marks, running them in real
//! Node.js, and the real `heapmark` binary.
//!
//! Nothing is asserted here; helpers return errors that say what could not be done, and the tests
//! decide.

mod binary;
pub mod cases;
mod connection;
mod document;
mod editor;
#[cfg(target_os = "linux")]
mod mounts;
mod nodes;
mod process;
mod program;
mod random;
mod record;
mod running;

use std::path::Path;

pub use binary::{build, heapmark, heapmark_binary, output_of};
pub use cases::{Recorder, copy};
pub use connection::{Connection, Received, frame};
pub use document::replace_between_marks;
pub use editor::{Options, capabilities, uri};
#[cfg(target_os = "linux")]
pub use mounts::{heapmark_beside_mount_that_falls_silent, heapmark_beside_silent_mount};
pub use nodes::node_of;
pub use process::run_within;
pub use program::{Mark, OF_PAGES, Program, Workspace, marks_in};
pub use random::Random;
pub use record::{AND_REST, AT_WORK, record, record_after};
pub use running::{Running, get};

/// The folder `tests` of the repository.
pub fn tests_folder() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The Node.js that programs run in: the one that `HEAPMARK_NODE` names, else the one on the path.
pub fn node() -> std::ffi::OsString {
    std::env::var_os("HEAPMARK_NODE").unwrap_or_else(|| "node".into())
}

/// The first number of its version.
///
/// # Errors
/// If it cannot be run.
pub fn node_major() -> anyhow::Result<u32> {
    let version = output_of(std::process::Command::new(node()).arg("--version"))?;
    let major = version.trim_start_matches('v').split('.').next().unwrap_or_default();
    Ok(major.parse()?)
}
