//! A series of snapshots of a bundled program.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use heapmark_capture::{CaptureOptions, Destination, Session, Target, Unmonitored};
use heapmark_lsp::files_behind_scripts_in;
use heapmark_source::Workspace;

use crate::{Program, Running};

/// Before, between and after two rounds of work: what grows, grows in each.
pub const AT_WORK: [u32; 3] = [0, 1, 1];
/// As memlab's users take them: when the program has warmed up, after its work, and when it has had
/// nothing to do for a while.
pub const AND_REST: [u32; 3] = [1, 3, 0];

/// Snapshots in `folder`, taken [`AT_WORK`].
///
/// # Errors
/// If the program cannot be run or captured.
pub fn record(program: &Program, workspace: &Path, folder: &Path) -> Result<Vec<PathBuf>> {
    record_after(AT_WORK, program, workspace, folder)
}

/// Three snapshots in `folder`, baseline, target and final, each after so many rounds of work. All
/// over one connection, because V8 numbers all objects anew when a connection ends.
///
/// # Errors
/// If the program cannot be run or captured.
pub fn record_after(
    rounds: [u32; 3],
    program: &Program,
    workspace: &Path,
    folder: &Path,
) -> Result<Vec<PathBuf>> {
    let mut running = Running::start(program, workspace)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let target = Target::from_websocket_url(running.websocket_url())?;
    let mut session = runtime.block_on(Session::connect(&target))?;
    let behind = files_behind_scripts_in(Workspace::new(vec![workspace.to_owned()]));
    let mut files = Vec::new();
    for (rounds, role) in rounds.into_iter().zip(["baseline", "target", "final"]) {
        for _ in 0..rounds {
            running.round().with_context(|| format!("a round before the {role} failed"))?;
        }
        let mut options = CaptureOptions::new(Destination::File(folder.join(role)));
        options.files_behind = Some(behind.clone());
        let captured = session.take_snapshot(&options, &Unmonitored, std::future::pending());
        files.push(runtime.block_on(captured)?.file);
    }
    runtime.block_on(session.close());
    Ok(files)
}
