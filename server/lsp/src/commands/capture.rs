//! `heapmark.server.targets` and `heapmark.server.capture`: which programs can be captured, and
//! taking a snapshot of one.
//!
//! The sessions stay open between captures (see [`heapmark_capture::SessionKeeper`]): V8 gives
//! objects new ids when one ends, and snapshots without common ids cannot be compared.

use std::path::PathBuf;
use std::sync::Arc;

use heapmark_capture::{
    CaptureError, CaptureMonitor, CaptureOptions, Destination, Phase, Target, default_folder,
    discover, targets_at,
};
use heapmark_leaks::units;
use serde::{Deserialize, Serialize};
use tower_lsp::jsonrpc::{Error, Result};

use super::errors::{cancelled, failed, invalid};
use crate::answers_all::bug;
use crate::from_proto;
use crate::jobs::CancelFlag;
use crate::progress::{Progress, share};
use crate::recorded_sources::files_behind_scripts_in;
use crate::session::Session;
use crate::types::{MessageType, ProgressToken};

/// Taking the snapshot, of the 100 of the whole bar. How long writing takes nobody can tell.
const TAKING: u32 = 70;

/// The programs that listen for an inspector on this machine's usual ports.
pub(super) async fn targets() -> Vec<TargetAnswer> {
    discover().await.into_iter().map(TargetAnswer::from).collect()
}

/// One program.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct TargetAnswer {
    title: String,
    url: String,
    host: String,
    port: u16,
    websocket_url: String,
}

impl From<Target> for TargetAnswer {
    fn from(target: Target) -> Self {
        let title = target.name().to_owned();
        let Target { url, host, port, websocket_url, .. } = target;
        Self { title, url, host, port, websocket_url }
    }
}

/// The argument.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct CaptureArgument {
    host: Option<String>,
    port: Option<u16>,
    /// Tells one of several targets at a port from the others.
    websocket_url: Option<String>,
    /// A file name; the time and the process id if there is none.
    name: Option<String>,
    /// Where to put it; `.heapmark` in the first folder of the workspace if there is none.
    folder: Option<String>,
}

/// The answer.
#[derive(Debug, Serialize)]
pub(super) struct CaptureAnswer {
    file: PathBuf,
    bytes: u64,
    seconds: f64,
}

pub(super) async fn execute(
    session: &Arc<Session>,
    argument: CaptureArgument,
    token: Option<ProgressToken>,
    cancel: CancelFlag,
) -> Result<CaptureAnswer> {
    let destination = Destination::Folder {
        folder: folder(session, argument.folder.as_deref())?,
        name: argument.name.clone(),
    };
    let target = tokio::select! {
        target = target(&argument) => target?,
        () = cancel.cancelled() => return Err(cancelled("the capture was cancelled")),
    };
    // On its own: a capture that is dropped halfway takes its session, and all ids, with it.
    let job = tokio::spawn(capture(Arc::clone(session), target, destination, token, cancel));
    job.await.map_err(|_| bug())?
}

async fn capture(
    session: Arc<Session>,
    target: Target,
    destination: Destination,
    token: Option<ProgressToken>,
    cancel: CancelFlag,
) -> Result<CaptureAnswer> {
    let client = &session.client;
    session.status.update(client, |parts| parts.captures += 1).await;
    let title = format!("Capturing a heap snapshot of {}", target.name());
    let shown = session.shown(token);
    let progress = Progress::begin(client, &session.progress, shown, title, cancel.clone());
    let mut options = CaptureOptions::new(destination);
    let workspace = session.threads.run_briefly({
        let session = Arc::clone(&session);
        move || session.workspace()
    });
    options.files_behind = workspace.await.ok().map(files_behind_scripts_in);
    let monitor = Shown(&progress);
    let outcome =
        session.keeper.take_snapshot(&target, &options, &monitor, cancel.cancelled()).await;
    progress.end().await;
    session
        .status
        .update(client, |parts| {
            parts.captures -= 1;
            match &outcome {
                Ok(_) => parts.failed = false,
                Err(CaptureError::Cancelled) => {}
                Err(error) => {
                    parts.failed = true;
                    parts.message = error.to_string();
                }
            }
        })
        .await;
    let captured = outcome.map_err(|error| capture_failed(&error))?;
    // Not every client tells of files that appear in hidden folders.
    session.look.notify_one();
    if let Some(warning) = captured.git_warning() {
        session.show_message(MessageType::WARNING, warning).await;
    }
    Ok(CaptureAnswer {
        file: captured.file,
        bytes: captured.bytes,
        seconds: captured.elapsed.as_secs_f64(),
    })
}

fn folder(session: &Session, named: Option<&str>) -> Result<PathBuf> {
    let workspace = session.state().folders.first().cloned();
    match (named, workspace) {
        (Some(named), workspace) => from_proto::path_or_uri(named)
            .map(|path| workspace.unwrap_or_default().join(path))
            .filter(|path| path.is_absolute())
            .ok_or_else(|| invalid(&format!("{named:?} is not a folder for the snapshot"))),
        (None, Some(workspace)) => Ok(default_folder(&workspace)),
        (None, None) => Err(failed(
            "there is no folder to put the snapshot in: open a folder first, or name one",
        )),
    }
}

/// The one program that the argument means; if it names none, the only one that runs here.
async fn target(argument: &CaptureArgument) -> Result<Target> {
    if let Some(url) = &argument.websocket_url {
        return Target::from_websocket_url(url).map_err(|error| capture_failed(&error));
    }
    let found = match (argument.host.as_deref(), argument.port) {
        (host, Some(port)) => {
            let host = host.unwrap_or("127.0.0.1");
            targets_at(host, port).await.map_err(|error| capture_failed(&error))?
        }
        (Some(_), None) => return Err(invalid("a host needs a port")),
        (None, None) => discover().await,
    };
    let names: Vec<String> = found.iter().map(ToString::to_string).collect();
    match <[Target; 1]>::try_from(found) {
        Ok([target]) => Ok(target),
        Err(found) if found.is_empty() => Err(failed(
            "no program with an open inspector runs on this machine: start it with `node \
             --inspect app.js`",
        )),
        Err(_) => Err(invalid(&format!(
            "there are several programs ({}): name one by its websocketUrl",
            names.join(", ")
        ))),
    }
}

fn capture_failed(error: &CaptureError) -> Error {
    match error {
        CaptureError::Cancelled => cancelled(&error.to_string()),
        error => failed(&error.to_string()),
    }
}

/// The steps of a capture as progress.
struct Shown<'a>(&'a Progress);

impl CaptureMonitor for Shown<'_> {
    fn advance(&self, phase: Phase, done: u64, total: u64) {
        let message = match phase {
            Phase::Writing => format!("{phase}, {}", units::size(done)),
            _ => phase.to_string(),
        };
        let percent = match phase {
            Phase::CollectingGarbage => 0,
            Phase::Taking => share(done, total) * TAKING / 100,
            Phase::Writing => TAKING,
        };
        self.0.step(message, Some(percent));
    }
}
