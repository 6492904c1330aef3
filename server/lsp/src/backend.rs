//! The protocol's methods: one line of delegation each, and what must happen before the next
//! message.
//!
//! Rules that keep a server on tower-lsp safe; each was measured to go wrong without:
//!
//! 1. No handler awaits a request to the client (only notifications): all handlers share one task
//!    with the reader of the client's answers, and enough of them waiting would stop it for good.
//! 2. Notifications that change texts or settings do so before their first `.await`: handlers are
//!    first polled in the order of arrival, and in no order afterwards.
//! 3. Work on the processor, and on disks, runs on threads of [`crate::threads`] and looks at a cancel
//!    flag; one that hangs is left behind, and no handler waits for it. A panic is an
//!    answer that says so, there and in a handler ([`crate::answers_all`]).
//! 4. Up to 64 handlers at once, see [`crate::serve`].
//! 5. `window/workDoneProgress/cancel` is no method of the library's trait: it is registered by
//!    name.
//! 6. Nothing but [`crate::transport`] writes to standard output.
//! 7. A guard of the shared state never lives across an `.await`.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use heapmark_source::{Edit, LARGEST_FILE};
use serde_json::Value;
use tower_lsp::LanguageServer;
use tower_lsp::jsonrpc::Result;

use crate::features::Features;
use crate::markup::Markup;
use crate::refresh::refresh;
use crate::session::Session;
use crate::settings::Settings;
use crate::types::{
    CodeActionParams, CodeActionResponse, ConfigurationItem, DidChangeConfigurationParams,
    DidChangeTextDocumentParams, DidChangeWatchedFilesParams,
    DidChangeWatchedFilesRegistrationOptions, DidChangeWorkspaceFoldersParams,
    DidCloseTextDocumentParams, DidOpenTextDocumentParams, DidSaveTextDocumentParams,
    ExecuteCommandParams, FileSystemWatcher, GlobPattern, Hover, HoverParams, InitializeParams,
    InitializeResult, InitializedParams, MessageType, Registration, ServerInfo,
    WorkDoneProgressCancelParams,
};
use crate::{
    accepted, actions, auto_analyze, capabilities, commands, from_proto, hover, parent, settle,
    sources,
};

/// How long the client may take to answer a question; nothing waits for it.
const CLIENT_TIMEOUT: Duration = Duration::from_secs(30);

/// The face of the server to the library.
pub(crate) struct Backend {
    session: Arc<Session>,
}

impl Backend {
    pub(crate) fn new(session: Arc<Session>) -> Self {
        Self { session }
    }

    /// `window/workDoneProgress/cancel`
    #[expect(clippy::unused_async, reason = "the library registers async methods only")]
    pub(crate) async fn cancel_progress(&self, params: WorkDoneProgressCancelParams) {
        self.session.progress.cancel(&params.token);
    }

    /// Tells the client what is shown now, without holding up the next message.
    fn publish(&self) {
        let session = Arc::clone(&self.session);
        tokio::spawn(async move { refresh(&session).await });
    }
}

impl LanguageServer for Backend {
    async fn initialize(&self, params: InitializeParams) -> Result<InitializeResult> {
        let read = params.initialization_options.as_ref().and_then(Settings::read);
        let (settings, problems) = read.unwrap_or_default();
        {
            let mut state = self.session.state();
            state.features = Features::of(&params.capabilities);
            state.folders = folders(&params);
            state.settings = settings;
        }
        tell_problems(&self.session, &problems).await;
        if let Some(process) = params.process_id {
            let session = Arc::clone(&self.session);
            tokio::spawn(async move {
                parent::gone(process).await;
                session.parent_gone.notify_one();
            });
        }
        Ok(InitializeResult {
            capabilities: capabilities::server(),
            server_info: Some(ServerInfo {
                name: "heapmark".to_owned(),
                version: Some(env!("CARGO_PKG_VERSION").to_owned()),
            }),
            offset_encoding: None,
        })
    }

    async fn initialized(&self, _: InitializedParams) {
        tokio::spawn(watch_files(Arc::clone(&self.session)));
        tokio::spawn(auto_analyze::watch(Arc::clone(&self.session)));
        self.session.look.notify_one();
        self.session.status.update(&self.session.client, |_| {}).await;
    }

    async fn shutdown(&self) -> Result<()> {
        self.session.shut_down();
        Ok(())
    }

    async fn did_open(&self, params: DidOpenTextDocumentParams) {
        let document = params.text_document;
        let file = from_proto::file_path(&document.uri);
        self.session.state().opened(document.uri, document.text);
        // From now on its diagnostics go to the client's own spelling of the file.
        self.publish();
        if let Some(file) = file {
            settle::begin(&self.session, file.clone(), false);
            sources::look_at(&self.session, vec![file]);
        }
    }

    async fn did_change(&self, params: DidChangeTextDocumentParams) {
        let (file, moved) = {
            let mut state = self.session.state();
            let uri = &params.text_document.uri;
            let Some((file, edits)) = state.documents.change(uri, params.content_changes) else {
                return;
            };
            let moved = state.edited(&file, &edits);
            (file, moved)
        };
        if moved {
            self.publish();
        }
        settle::begin(&self.session, file, false);
    }

    async fn did_save(&self, params: DidSaveTextDocumentParams) {
        let saved = self.session.state().documents.save(&params.text_document.uri);
        if let Some(file) = saved {
            settle::begin(&self.session, file, true);
        }
    }

    async fn did_close(&self, params: DidCloseTextDocumentParams) {
        let closed = self.session.state().documents.close(&params.text_document.uri);
        let Some((file, document)) = closed else { return };
        // Not here: the file may not answer, and all handlers share the reader of messages.
        let session = Arc::clone(&self.session);
        tokio::spawn(async move {
            let on_disk = session.threads.run_briefly({
                let file = file.clone();
                move || heapmark_files::read_to_string(&file, LARGEST_FILE)
            });
            // What was not saved is undone, unless the text is open again by now.
            if let Ok(Ok(text)) = on_disk.await
                && let Some(edit) = Edit::between(&document.text, &text)
            {
                {
                    let mut state = session.state();
                    if state.documents.get(&file).is_none() {
                        state.edited(&file, &[edit]);
                    }
                }
                settle::begin(&session, file, false);
            }
            refresh(&session).await;
        });
    }

    async fn did_change_watched_files(&self, params: DidChangeWatchedFilesParams) {
        let name = self.session.state().settings.accepted_file.clone();
        let paths = params.changes.iter().map(|it| from_proto::file_path(&it.uri));
        let (lists, others): (Vec<_>, Vec<_>) =
            paths.partition(|path| path.as_ref().is_some_and(|path| path.ends_with(&name)));
        if !lists.is_empty() {
            let session = Arc::clone(&self.session);
            tokio::spawn(async move { accepted::read_again(&session).await });
        }
        let (sources, others): (Vec<_>, Vec<_>) = others.into_iter().partition(|path| {
            let concerns = |file: &PathBuf| self.session.state().concerns(file);
            path.as_ref().is_some_and(|file| sources::is_source(file) || concerns(file))
        });
        if !others.is_empty() || params.changes.is_empty() {
            self.session.look.notify_one();
        }
        let sources: Vec<PathBuf> = sources.into_iter().flatten().collect();
        if !sources.is_empty() {
            sources::look_at(&self.session, sources);
        }
    }

    async fn did_change_workspace_folders(&self, params: DidChangeWorkspaceFoldersParams) {
        {
            let mut state = self.session.state();
            let gone: Vec<PathBuf> = params
                .event
                .removed
                .iter()
                .filter_map(|it| from_proto::file_path(&it.uri))
                .collect();
            state.folders.retain(|folder| !gone.contains(folder));
            for added in params.event.added.iter().filter_map(|it| from_proto::file_path(&it.uri)) {
                if !state.folders.contains(&added) {
                    state.folders.push(added);
                }
            }
        }
        self.session.look.notify_one();
    }

    async fn did_change_configuration(&self, params: DidChangeConfigurationParams) {
        match Settings::read(&params.settings) {
            Some((settings, problems)) => apply(&self.session, settings, problems),
            None if self.session.state().features.configuration => {
                tokio::spawn(ask_for_settings(Arc::clone(&self.session)));
            }
            None => {}
        }
    }

    async fn hover(&self, params: HoverParams) -> Result<Option<Hover>> {
        let at = params.text_document_position_params;
        let Some(file) = from_proto::file_path(&at.text_document.uri) else { return Ok(None) };
        let (report, markdown) = {
            let state = self.session.state();
            (Arc::clone(&state.report), state.features.markdown)
        };
        let markup = if markdown { Markup::Markdown } else { Markup::Plain };
        let position = from_proto::position(at.position);
        Ok(hover::hover(&report, &file, position, markup, SystemTime::now()))
    }

    async fn code_action(&self, params: CodeActionParams) -> Result<Option<CodeActionResponse>> {
        let Some(file) = from_proto::file_path(&params.text_document.uri) else { return Ok(None) };
        let range = from_proto::range(params.range);
        let state = self.session.state();
        let Some(document) = state.documents.get(&file) else { return Ok(None) };
        let accepted_file = &state.settings.accepted_file;
        let shows = state.features.shows_documents;
        let form = |file: &Path, line| state.comment_above(file, line);
        Ok(Some(actions::actions(
            &state.report,
            &file,
            document,
            range,
            accepted_file,
            shows,
            &form,
        )))
    }

    async fn execute_command(&self, params: ExecuteCommandParams) -> Result<Option<Value>> {
        commands::execute(&self.session, params).await
    }
}

/// The folders of the workspace; clients of the first hour know only one, the root.
#[allow(deprecated)] // `root_uri`
fn folders(params: &InitializeParams) -> Vec<PathBuf> {
    match &params.workspace_folders {
        Some(folders) if !folders.is_empty() => {
            folders.iter().filter_map(|folder| from_proto::file_path(&folder.uri)).collect()
        }
        _ => params.root_uri.iter().filter_map(from_proto::file_path).collect(),
    }
}

/// Asks the client to tell of snapshots and sources that appear, change or go, and of the list of accepted
/// leaks.
async fn watch_files(session: Arc<Session>) {
    if !session.state().features.watches_files {
        return;
    }
    let accepted_file = session.state().settings.accepted_file.clone();
    let endings = heapmark_heap::snapshot_endings().map(|ending| format!("**/*{ending}"));
    let sources = format!("**/*.{{{}}}", sources::ENDINGS.join(","));
    let globs = endings.into_iter().chain([format!("**/{}", accepted_file.display()), sources]);
    let watchers =
        globs.map(|glob| FileSystemWatcher { glob_pattern: GlobPattern::String(glob), kind: None });
    let options = DidChangeWatchedFilesRegistrationOptions { watchers: watchers.collect() };
    let registration = Registration {
        id: "heapmark/snapshots".to_owned(),
        method: "workspace/didChangeWatchedFiles".to_owned(),
        register_options: serde_json::to_value(options).ok(),
    };
    let asked = session.client.register_capability(vec![registration]);
    match tokio::time::timeout(CLIENT_TIMEOUT, asked).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::warn!("the client does not watch snapshots: {error}"),
        Err(_) => tracing::warn!("the client did not say whether it watches snapshots"),
    }
}

/// The settings changed, and the client wants to be asked for them.
async fn ask_for_settings(session: Arc<Session>) {
    let item = ConfigurationItem { scope_uri: None, section: Some("heapmark".to_owned()) };
    let asked = session.client.configuration(vec![item]);
    if let Ok(Ok(answer)) = tokio::time::timeout(CLIENT_TIMEOUT, asked).await
        && let Some((settings, problems)) = answer.first().and_then(Settings::read)
    {
        apply(&session, settings, problems);
    }
}

/// Before the next message; what follows from it is for later.
fn apply(session: &Arc<Session>, settings: Settings, problems: Vec<String>) {
    session.state().settings = settings;
    session.look.notify_one();
    let session = Arc::clone(session);
    tokio::spawn(async move {
        accepted::read_again(&session).await;
        tell_problems(&session, &problems).await;
    });
}

async fn tell_problems(session: &Session, problems: &[String]) {
    if !problems.is_empty() {
        session.show_message(MessageType::WARNING, problems.join(" ")).await;
    }
}
