//! `heapmark.server.analyze`: analyses the files that are named, or the newest of the workspace.

use std::path::PathBuf;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tower_lsp::jsonrpc::{Error, Result};

use super::errors::{cancelled, failed, invalid};
use crate::analysis::{self, Failure, Request};
use crate::jobs::{CancelFlag, Wish};
use crate::session::Session;
use crate::types::ProgressToken;
use crate::{auto_analyze, from_proto, snapshots, summary};

/// The argument.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct AnalyzeArgument {
    /// Paths or `file:` URIs; none means the newest snapshots of the workspace.
    files: Vec<String>,
}

/// The answer.
#[derive(Debug, Serialize)]
pub(super) struct AnalyzeAnswer {
    snapshots: usize,
    outcome: &'static str,
    findings: usize,
    warnings: usize,
    summary: String,
}

pub(super) async fn execute(
    session: &Arc<Session>,
    argument: AnalyzeArgument,
    token: Option<ProgressToken>,
    cancel: CancelFlag,
) -> Result<AnalyzeAnswer> {
    let request = |files| Request {
        files,
        token,
        cancel: cancel.clone(),
        wish: Wish::Asked,
        refused: Vec::new(),
    };
    let outcome = if argument.files.is_empty() {
        auto_analyze::analyze_newest(session, request(found(session, &cancel).await?)).await
    } else {
        analysis::analyze(session, request(paths(session, &argument.files)?)).await
    };
    let report = outcome.map_err(|failure| error(&failure))?;
    Ok(AnalyzeAnswer {
        snapshots: report.snapshots.len(),
        outcome: report.outcome().name(),
        findings: report.findings.len(),
        warnings: report.leaks().count(),
        summary: summary::of(&session.state()),
    })
}

/// Every snapshot of the workspace.
async fn found(session: &Session, cancel: &CancelFlag) -> Result<Vec<PathBuf>> {
    let (folders, excluded) = {
        let state = session.state();
        (state.folders.clone(), state.settings.exclude.clone())
    };
    loop {
        let (folders, excluded) = (folders.clone(), excluded.clone());
        // As long as it takes: whoever asked can cancel it.
        let find = move || snapshots::find(&folders, &excluded);
        return match analysis::on_thread(session, &[], cancel, find).await {
            Ok(_) if cancel.is_cancelled() => Err(error(&Failure::Cancelled)),
            Ok((files, _)) => Ok(files),
            // What does not answer is known now and left out.
            Err(Failure::Silent(_)) => continue,
            Err(failure) => Err(error(&failure)),
        };
    }
}

/// Relative paths are relative to the first folder of the workspace.
fn paths(session: &Session, files: &[String]) -> Result<Vec<PathBuf>> {
    let base = session.state().folders.first().cloned().unwrap_or_default();
    files
        .iter()
        .map(|file| {
            let path = from_proto::path_or_uri(file);
            path.map(|path| base.join(path)).ok_or_else(|| {
                invalid(&format!("{file:?} is neither a path nor the URI of a file"))
            })
        })
        .collect()
}

fn error(failure: &Failure) -> Error {
    let message = failure.to_string();
    if failure.is_cancelled() { cancelled(&message) } else { failed(&message) }
}
