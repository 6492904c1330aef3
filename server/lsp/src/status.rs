//! `heapmark/status`: what the server is doing and what it found, for an item in the status bar.
//!
//! Clients that do not know the notification pass over it.

use heapmark_leaks::Report;
use heapmark_leaks::report::Outcome;
use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;
use tower_lsp::Client;

use crate::to_proto;
use crate::types::notification::Notification;

/// The notification.
pub(crate) enum StatusNotification {}

impl Notification for StatusNotification {
    type Params = Status;
    const METHOD: &'static str = "heapmark/status";
}

/// What the status item shows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Status {
    /// What is going on.
    pub(crate) state: Activity,
    /// What the report that is shown comes to: `leak`, `clean` or `cannot-tell`; nothing without a report.
    pub(crate) outcome: Option<String>,
    /// Leaks and suspicions of the report that is shown.
    pub(crate) findings: usize,
    /// Those of them that are warnings.
    pub(crate) warnings: usize,
    /// One sentence: the result of the last analysis, or what went wrong with it.
    pub(crate) message: String,
}

/// What is going on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Activity {
    /// Nothing.
    #[default]
    Idle,
    /// Snapshots are being analysed.
    Analyzing,
    /// A snapshot is being taken.
    Capturing,
    /// Nothing, and the last job failed.
    Error,
}

/// The parts that a status is made of, and the last one that was sent.
#[derive(Debug, Default)]
pub(crate) struct Board {
    inner: Mutex<(Parts, Option<Status>)>,
}

/// What the jobs write down.
#[derive(Debug, Default)]
pub(crate) struct Parts {
    /// Analyses that run or wait for their turn.
    pub(crate) analyses: usize,
    /// What is said of a look around for snapshots, if it takes long.
    pub(crate) looking: Option<&'static str>,
    /// Captures that run.
    pub(crate) captures: usize,
    /// Whether the last job failed.
    pub(crate) failed: bool,
    /// See [`Status::outcome`].
    pub(crate) outcome: Option<Outcome>,
    /// See [`Status::findings`].
    pub(crate) findings: usize,
    /// See [`Status::warnings`].
    pub(crate) warnings: usize,
    /// See [`Status::message`].
    pub(crate) message: String,
}

impl Parts {
    /// That a report is shown, and what to say of it; of one without snapshots, that nothing is.
    pub(crate) fn shows(&mut self, report: &Report, message: String) {
        self.outcome = (!report.snapshots.is_empty()).then(|| report.outcome());
        self.findings = report.findings.len();
        self.warnings = report.leaks().count();
        self.message = message;
    }

    fn status(&self) -> Status {
        let state = if self.captures > 0 {
            Activity::Capturing
        } else if self.analyses > 0 || self.looking.is_some() {
            Activity::Analyzing
        } else if self.failed {
            Activity::Error
        } else {
            Activity::Idle
        };
        let outcome = self.outcome.map(|outcome| outcome.name().to_owned());
        let (findings, warnings) = (self.findings, self.warnings);
        let message = match self.looking {
            Some(looking) if self.captures == 0 && self.analyses == 0 => looking,
            _ => &self.message,
        };
        Status { state, outcome, findings, warnings, message: to_proto::message(message) }
    }
}

impl Board {
    /// Changes the parts and tells the client if that changes what it shows.
    pub(crate) async fn update(&self, client: &Client, change: impl FnOnce(&mut Parts)) {
        let mut inner = self.inner.lock().await;
        change(&mut inner.0);
        let status = inner.0.status();
        if inner.1.as_ref() != Some(&status) {
            inner.1 = Some(status.clone());
            // Sent under the lock, so that two changes cannot overtake each other.
            client.send_notification::<StatusNotification>(status).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_look_around_that_takes_long_is_shown_until_it_is_over() {
        let mut parts = Parts { message: "LEAK".to_owned(), ..Parts::default() };
        let shown = |parts: &Parts| (parts.status().state, parts.status().message);
        parts.looking = Some("Looking.");
        assert_eq!(shown(&parts), (Activity::Analyzing, "Looking.".to_owned()));
        parts.captures = 1;
        assert_eq!(shown(&parts), (Activity::Capturing, "LEAK".to_owned()));
        (parts.looking, parts.captures) = (None, 0);
        assert_eq!(shown(&parts), (Activity::Idle, "LEAK".to_owned()));
    }
}
