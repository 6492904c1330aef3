//! What the client can do, as far as it makes a difference here: read once, from `initialize`.

use crate::types::{ClientCapabilities, MarkupKind};

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
