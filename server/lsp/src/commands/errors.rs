//! What a command answers that cannot be done: a code of the protocol, and one clear sentence.

use tower_lsp::jsonrpc::{Error, ErrorCode};

use crate::to_proto;

/// What was asked for makes no sense.
pub(super) fn invalid(message: &str) -> Error {
    error(ErrorCode::InvalidParams, message)
}

/// The request was fine, its work could not be done (`RequestFailed` of the specification).
pub(super) fn failed(message: &str) -> Error {
    error(ErrorCode::ServerError(-32803), message)
}

/// It was stopped.
pub(super) fn cancelled(message: &str) -> Error {
    error(ErrorCode::RequestCancelled, message)
}

/// Editors show it as it is, and a file's name may be part of it.
fn error(code: ErrorCode, message: &str) -> Error {
    Error { code, message: to_proto::message(message).into(), data: None }
}
