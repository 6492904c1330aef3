//! The diagnostics that the client has, so that it is told only of what changed.
//!
//! The single place that sends them, and always those of the current state: calls may come from
//! anywhere and in any order. Which they are is decided in [`crate::publish`].

use std::collections::BTreeMap;

use tokio::sync::Mutex;
use tower_lsp::Client;

use crate::types::{Diagnostic, Uri};

/// Diagnostics by file.
pub(crate) type Diagnostics = BTreeMap<Uri, Vec<Diagnostic>>;

/// What the client was told last.
#[derive(Debug, Default)]
pub(crate) struct Published {
    shown: Mutex<Diagnostics>,
}

impl Published {
    /// Tells the client what changed: files whose diagnostics are others, and those that have none
    /// any more. `current` is asked when all that was told before has been sent.
    pub(crate) async fn update(&self, client: &Client, current: impl FnOnce() -> Diagnostics) {
        // Held until all is sent, so that an older state never overtakes a newer one.
        let mut shown = self.shown.lock().await;
        let wanted = current();
        for uri in shown.keys().filter(|uri| !wanted.contains_key(uri)) {
            client.publish_diagnostics(uri.clone(), Vec::new(), None).await;
        }
        for (uri, diagnostics) in &wanted {
            if shown.get(uri) != Some(diagnostics) {
                client.publish_diagnostics(uri.clone(), diagnostics.clone(), None).await;
            }
        }
        *shown = wanted;
    }
}
