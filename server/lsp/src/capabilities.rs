//! What the client can do, read once, and what the server offers.

use crate::commands;
use crate::types::{
    ClientCapabilities, CodeActionKind, CodeActionOptions, CodeActionProviderCapability,
    ExecuteCommandOptions, HoverProviderCapability, MarkupKind, OneOf, PositionEncodingKind,
    ServerCapabilities, TextDocumentSyncCapability, TextDocumentSyncKind, TextDocumentSyncOptions,
    TextDocumentSyncSaveOptions, WorkDoneProgressOptions, WorkspaceFoldersServerCapabilities,
    WorkspaceServerCapabilities,
};

/// What of the client's capabilities makes a difference here. All `false` is a client that knows
/// only what the first version of the protocol had.
#[derive(Debug, Clone, Copy, Default)]
#[allow(clippy::struct_excessive_bools)] // They are independent switches of the client.
pub(crate) struct Features {
    /// Shows progress that the server starts by itself.
    pub(crate) progress: bool,
    /// Shows hovers as Markdown.
    pub(crate) markdown: bool,
    /// Shows the other places of a diagnostic.
    pub(crate) related_information: bool,
    /// Watches files when the server asks for it.
    pub(crate) watches_files: bool,
    /// Shows a text at a place when the server asks for it.
    pub(crate) shows_documents: bool,
    /// Answers `workspace/configuration`.
    pub(crate) configuration: bool,
}

impl Features {
    /// Picks them out of what `initialize` said.
    pub(crate) fn of(client: &ClientCapabilities) -> Self {
        let window = client.window.as_ref();
        let document = client.text_document.as_ref();
        let workspace = client.workspace.as_ref();
        Self {
            progress: window.and_then(|it| it.work_done_progress).unwrap_or(false),
            markdown: document
                .and_then(|it| it.hover.as_ref()?.content_format.as_ref())
                .is_some_and(|formats| formats.contains(&MarkupKind::Markdown)),
            related_information: document
                .and_then(|it| it.publish_diagnostics.as_ref()?.related_information)
                .unwrap_or(false),
            watches_files: workspace
                .and_then(|it| it.did_change_watched_files?.dynamic_registration)
                .unwrap_or(false),
            shows_documents: window
                .and_then(|it| Some(it.show_document.as_ref()?.support))
                .unwrap_or(false),
            configuration: workspace.and_then(|it| it.configuration).unwrap_or(false),
        }
    }
}

/// What the server offers. Diagnostics are pushed: they come from snapshots, not from typing, and
/// stand in files that are not open.
pub(crate) fn server() -> ServerCapabilities {
    ServerCapabilities {
        // V8's columns are UTF-16 units, and every client speaks it.
        position_encoding: Some(PositionEncodingKind::UTF16),
        text_document_sync: Some(TextDocumentSyncCapability::Options(TextDocumentSyncOptions {
            open_close: Some(true),
            change: Some(TextDocumentSyncKind::INCREMENTAL),
            save: Some(TextDocumentSyncSaveOptions::Supported(true)),
            ..TextDocumentSyncOptions::default()
        })),
        hover_provider: Some(HoverProviderCapability::Simple(true)),
        code_action_provider: Some(CodeActionProviderCapability::Options(CodeActionOptions {
            code_action_kinds: Some(vec![CodeActionKind::QUICKFIX]),
            ..CodeActionOptions::default()
        })),
        execute_command_provider: Some(ExecuteCommandOptions {
            commands: commands::NAMES.map(str::to_owned).to_vec(),
            work_done_progress_options: WorkDoneProgressOptions { work_done_progress: Some(true) },
        }),
        workspace: Some(WorkspaceServerCapabilities {
            workspace_folders: Some(WorkspaceFoldersServerCapabilities {
                supported: Some(true),
                change_notifications: Some(OneOf::Left(true)),
            }),
            ..WorkspaceServerCapabilities::default()
        }),
        ..ServerCapabilities::default()
    }
}
