//! Capturing a running process over its inspector, into a file of a given name.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Result;
use heapmark_capture::{CaptureOptions, Destination, Session, Target, Unmonitored};
use heapmark_lsp::files_behind_scripts_in;
use heapmark_source::Workspace;
use tokio::runtime::Runtime;

/// One inspector session.
pub struct Recorder {
    runtime: Runtime,
    session: Session,
    workspace: PathBuf,
}

impl Recorder {
    /// Connects to the inspector of a program whose sources are in `workspace`.
    ///
    /// # Errors
    /// If nothing answers there.
    pub fn connect(websocket_url: &str, workspace: &Path) -> Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let target = Target::from_websocket_url(websocket_url)?;
        let session = runtime.block_on(Session::connect(&target))?;
        Ok(Self { runtime, session, workspace: workspace.to_owned() })
    }

    /// Takes one snapshot, `FOLDER/ROLE.heapsnapshot`.
    ///
    /// # Errors
    /// If the program ends, or the file cannot be written.
    pub fn take(&mut self, folder: &Path, role: &str) -> Result<PathBuf> {
        std::fs::create_dir_all(folder)?;
        let mut options = CaptureOptions::new(Destination::File(folder.join(role)));
        options.role = Some(role.to_owned());
        let workspace = Workspace::new(vec![self.workspace.clone()]);
        options.files_behind = Some(files_behind_scripts_in(workspace));
        let captured = self.session.take_snapshot(&options, &Unmonitored, std::future::pending());
        Ok(self.runtime.block_on(captured)?.file)
    }

    /// Lets the program run.
    ///
    /// # Errors
    /// If it ends.
    pub fn wait(&mut self, duration: Duration) -> Result<()> {
        Ok(self.runtime.block_on(self.session.wait(duration))?)
    }

    /// Lets go of the program.
    pub fn close(self) {
        self.runtime.block_on(self.session.close());
    }
}
