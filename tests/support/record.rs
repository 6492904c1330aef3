//! A series of snapshots of a bundled program.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use heapmark_capture::{CaptureOptions, Destination, Session, Target, Unmonitored};

use crate::{Program, Running};

/// Snapshots before, between and after two rounds of work, in `folder`: baseline, target, final.
/// All over one connection, because V8 numbers all objects anew when a connection ends.
///
/// # Errors
/// If the program cannot be run or captured.
pub fn record(program: &Program, workspace: &Path, folder: &Path) -> Result<Vec<PathBuf>> {
    let mut running = Running::start(program, workspace)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let target = Target::from_websocket_url(running.websocket_url())?;
    let mut session = runtime.block_on(Session::connect(&target))?;
    let mut files = Vec::new();
    for (rounds, role) in ["baseline", "target", "final"].into_iter().enumerate() {
        if rounds > 0 {
            running.round().with_context(|| format!("round {rounds} failed"))?;
        }
        let options = CaptureOptions::new(Destination::File(folder.join(role)));
        let captured = session.take_snapshot(&options, &Unmonitored, std::future::pending());
        files.push(runtime.block_on(captured)?.file);
    }
    runtime.block_on(session.close());
    Ok(files)
}
