//! The client sees what is shown now, after it changed without an analysis: by an edit, a comment, what
//! is accepted, or because nobody wants to see it any more.

use std::sync::Arc;

use heapmark_leaks::Report;

use crate::session::Session;
use crate::{publish, summary};

/// Tells the client what changed: diagnostics and status.
pub(crate) async fn refresh(session: &Session) {
    publish::update(session).await;
    let (report, message) = {
        let state = session.state();
        (Arc::clone(&state.report), summary::of(&state))
    };
    session
        .status
        .update(&session.client, |parts| {
            if !parts.failed && !report.snapshots.is_empty() {
                parts.shows(&report, message);
            }
        })
        .await;
}

/// Takes away what is shown, and stops what would show something.
pub(crate) async fn clear(session: &Session) {
    session.jobs.cancel();
    forget(session).await;
}

/// Takes away what is shown.
pub(crate) async fn forget(session: &Session) {
    session.state().clear();
    publish::update(session).await;
    session
        .status
        .update(&session.client, |parts| {
            parts.failed = false;
            parts.shows(&Report::default(), String::new());
        })
        .await;
}
