//! How many worker threads a program has. Each has a heap of its own, which the snapshot of the main
//! thread does not show; whoever reads it must know that they were there.
//!
//! They are only counted. Nothing is asked of them.

use crate::{error::CaptureError, inspector::Session};
use serde::Deserialize;
use serde_json::json;
use std::time::Duration;

/// The main thread knows its workers without asking them.
const MAX_TIME: Duration = Duration::from_secs(10);

impl Session {
    /// The worker threads that run now, those that the main thread started; `None` if the target has no
    /// such thing, or is a debugger's, which counts them as targets of their own.
    ///
    /// Each is attached to for a moment, as every debugger does: none is paused, also not one that
    /// starts meanwhile. After a snapshot, so that nothing of this is in it.
    pub(crate) async fn workers(&mut self) -> Result<Option<u32>, CaptureError> {
        if self.is_shared() {
            return Ok(None);
        }
        let mut count = 0;
        let wish = json!({ "waitForDebuggerOnStart": false });
        let counted = self
            .call("NodeWorker.enable", wish, MAX_TIME, |method, params| {
                count +=
                    u32::from(method == "NodeWorker.attachedToWorker" && !is_nodes_own(params));
            })
            .await;
        match counted {
            Ok(_) => {}
            // No Node.js; or it is not worth waiting for, with the snapshot at hand.
            Err(CaptureError::MethodRefused { .. } | CaptureError::Unresponsive { .. }) => {
                return Ok(None);
            }
            Err(error) => return Err(error),
        }
        self.try_call("NodeWorker.disable", json!({})).await?;
        Ok(Some(count))
    }
}

/// Whether Node.js started the worker for itself, as it does for loaders of modules
/// (`module.register`, and so tsx): nobody's program leaks there.
fn is_nodes_own(attached: &str) -> bool {
    let attached: Attached = serde_json::from_str(attached).unwrap_or_default();
    attached.worker_info.url.starts_with("node:internal/")
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Attached {
    worker_info: WorkerInfo,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct WorkerInfo {
    url: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_for_loaders_is_nodes_own() {
        let attached = |url: &str| json!({ "workerInfo": { "workerId": "1", "url": url } });
        // As Node.js 20 to 24 tell of it.
        assert!(is_nodes_own(&attached("node:internal/modules/esm/worker").to_string()));
        for own in ["", "file:///app/worker.js", "node:worker"] {
            assert!(!is_nodes_own(&attached(own).to_string()), "{own}");
        }
        assert!(!is_nodes_own("7"));
    }
}
