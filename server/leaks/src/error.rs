//! Why there is no report.

use std::path::PathBuf;

use heapmark_heap::{Cancelled, LoadError};

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AnalyzeError {
    /// No file was named.
    #[error("there is no heap snapshot to analyse")]
    NoFiles,
    /// None of the files could be loaded; this is what is wrong with the first.
    #[error("{} {error}", file.display())]
    Load {
        /// The file.
        file: PathBuf,
        /// What is wrong with it, as a clause with the file as its subject.
        error: LoadError,
    },
    /// The monitor asked to stop.
    #[error("the analysis was cancelled")]
    Cancelled,
}

impl AnalyzeError {
    /// What the person can do about it, where there is something.
    pub fn help(&self) -> Option<String> {
        match self {
            AnalyzeError::NoFiles => Some(
                "capture one with `heapmark capture`, or with the command *Heapmark: Capture Heap \
                 Snapshot…* in the editor"
                    .to_owned(),
            ),
            AnalyzeError::Load { error, .. } => error.help().map(str::to_owned),
            AnalyzeError::Cancelled => None,
        }
    }

    /// Whether the work was stopped on request.
    pub fn is_cancelled(&self) -> bool {
        matches!(self, AnalyzeError::Cancelled)
    }
}

impl From<Cancelled> for AnalyzeError {
    fn from(_: Cancelled) -> Self {
        AnalyzeError::Cancelled
    }
}
