//! `heapmark.server.accept` and `heapmark.server.show`: the commands behind the code actions.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tower_lsp::jsonrpc::Result;

use super::errors::{failed, invalid};
use crate::session::Session;
use crate::types::{Position, Range, ShowDocumentParams, Uri};

/// The argument of `accept`.
#[derive(Debug, Default, Deserialize)]
pub(super) struct AcceptArgument {
    /// Of a finding that is shown.
    fingerprint: String,
}

/// The answer to `accept`.
#[derive(Debug, Serialize)]
pub(super) struct AcceptAnswer {
    /// Path of the file in which it is listed now.
    file: String,
}

/// Puts a leak into the project's file of accepted ones.
pub(super) async fn accept(
    session: &Arc<Session>,
    argument: AcceptArgument,
) -> Result<AcceptAnswer> {
    let accepted = crate::accepted::accept(session, &argument.fingerprint).await;
    let file = accepted.map_err(|why| failed(&why))?;
    Ok(AcceptAnswer { file: file.to_string_lossy().into_owned() })
}

/// The argument of `show`.
#[derive(Debug, Default, Deserialize)]
pub(super) struct ShowArgument {
    uri: String,
    position: Position,
}

/// Puts the cursor to a place of a text.
pub(super) fn show(session: &Arc<Session>, argument: ShowArgument) -> Result<()> {
    let ShowArgument { uri, position } = argument;
    let uri: Uri = uri.parse().map_err(|_| invalid(&format!("{uri:?} is no URI")))?;
    let params = ShowDocumentParams {
        uri,
        external: Some(false),
        take_focus: Some(true),
        selection: Some(Range::new(position, position)),
    };
    // Nobody waits for the client in a handler.
    let session = Arc::clone(session);
    tokio::spawn(async move {
        if let Err(error) = session.client.show_document(params).await {
            tracing::warn!("the client does not show the place: {error}");
        }
    });
    Ok(())
}
