//! `workspace/executeCommand`: what people and extensions ask the server to do.
//!
//! A command that fails is answered with an error whose message is one clear sentence.

mod analyze;
mod capture;
mod errors;
mod place;

use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tower_lsp::jsonrpc::Result;

use self::errors::invalid;
use crate::answers_all::bug;
use crate::jobs::{CancelFlag, CancelOnDrop};
use crate::refresh;
use crate::session::Session;
use crate::types::ExecuteCommandParams;

const ANALYZE: &str = "heapmark.server.analyze";
const CAPTURE: &str = "heapmark.server.capture";
const TARGETS: &str = "heapmark.server.targets";
const CLEAR: &str = "heapmark.server.clear";
pub(crate) const ACCEPT: &str = "heapmark.server.accept";
pub(crate) const SHOW: &str = "heapmark.server.show";

/// All of them. Editors register commands by name for all servers together: they must be ours
/// alone.
pub(crate) const NAMES: [&str; 6] = [ANALYZE, CAPTURE, TARGETS, CLEAR, ACCEPT, SHOW];

/// Does what the command says.
pub(crate) async fn execute(
    session: &Arc<Session>,
    params: ExecuteCommandParams,
) -> Result<Option<Value>> {
    let ExecuteCommandParams { command, arguments, work_done_progress_params } = params;
    let token = work_done_progress_params.work_done_token;
    let cancel = CancelFlag::default();
    let _cancel_with_request = CancelOnDrop(cancel.clone());
    // Before anything is waited for: the client may cancel it before it has begun.
    let _cancellable = token.clone().map(|it| session.progress.register(it, cancel.clone()));
    match command.as_str() {
        ANALYZE => answer(analyze::execute(session, argument(arguments)?, token, cancel).await?),
        CAPTURE => answer(capture::execute(session, argument(arguments)?, token, cancel).await?),
        TARGETS => answer(capture::targets().await),
        CLEAR => {
            refresh::clear(session).await;
            Ok(None)
        }
        ACCEPT => answer(place::accept(session, argument(arguments)?).await?),
        SHOW => place::show(session, argument(arguments)?).map(|()| None),
        unknown => Err(invalid(&format!("there is no command {unknown}"))),
    }
}

/// The first argument, or its default if there is none.
fn argument<T: DeserializeOwned + Default>(arguments: Vec<Value>) -> Result<T> {
    match arguments.into_iter().next() {
        None | Some(Value::Null) => Ok(T::default()),
        Some(argument) => serde_json::from_value(argument).map_err(|error| {
            invalid(&format!("the argument of the command cannot be read: {error}"))
        }),
    }
}

fn answer(value: impl Serialize) -> Result<Option<Value>> {
    serde_json::to_value(value).map(Some).map_err(|_| bug())
}
