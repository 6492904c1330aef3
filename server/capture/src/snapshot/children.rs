//! How many child processes a program keeps running. They are programs of their own, with heaps that its
//! snapshot does not show.
//!
//! They are only counted, by what Node.js tells of itself: those that the program let go (`unref`, `detached`)
//! it does not know any more.

use crate::{error::CaptureError, inspector::Session};

/// Counts what Node.js keeps its loop running for. A program may have hundreds of thousands of sockets: they
/// stay where they are.
const EXPRESSION: &str = "typeof process === 'object' && process?.getActiveResourcesInfo ? \
    process.getActiveResourcesInfo().filter((it) => it === 'ProcessWrap').length : null";

impl Session {
    /// The child processes that run now; `None` if the target does not tell. After a snapshot, so that
    /// nothing of this is in it.
    pub(crate) async fn children(&mut self) -> Result<Option<u32>, CaptureError> {
        if self.is_shared() {
            return Ok(None);
        }
        // Without the guard: V8 calls the list that this makes an effect.
        let counted = self.evaluate(EXPRESSION, false).await?;
        Ok(counted.as_u64().and_then(|count| u32::try_from(count).ok()))
    }
}
