//! Understanding texts that take longer than a key should: what was pasted, what is large, what is
//! broken at the wrong place.
//!
//! It happens on a thread of its own with a copy, while requests are answered by what is known. A text
//! that is too large or too deeply nested to be a program is not followed, which is said. What is done
//! with a text is in [`crate::live_report`].

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use crate::refresh::refresh;
use crate::session::Session;
use crate::types::MessageType;

/// While somebody types on in a text that takes long, this much is waited between two times.
const PAUSE: Duration = Duration::from_millis(100);

/// Understands the text of a file if that was not done yet, and shows what came of it. `again`: also
/// if it was given up before.
pub(crate) fn begin(session: &Arc<Session>, file: PathBuf, again: bool) {
    let Some(mut unsettled) = session.state().unsettled(&file, again) else { return };
    let session = Arc::clone(session);
    tokio::spawn(async move {
        loop {
            // It reads no files: it ends by itself, within the limits that it has.
            let settled = tokio::task::spawn_blocking(move || unsettled.settle()).await;
            let Ok(mut settled) = settled else { return };
            let is_given_up = session.state().settled(&mut settled);
            tokio::task::spawn_blocking(move || drop(settled));
            refresh(&session).await;
            if is_given_up {
                tell(&session, &file).await;
            }
            tokio::time::sleep(PAUSE).await;
            // Edited meanwhile.
            match session.state().unsettled(&file, false) {
                Some(more) => unsettled = more,
                None => return,
            }
        }
    });
}

async fn tell(session: &Session, file: &Path) {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let message = format!(
        "{name} is not followed while you edit it: to parse it would take too long (it is very large, \
         or nested very deeply). What is shown in it may stand at the wrong place until that changes."
    );
    session.log_message(MessageType::WARNING, &message).await;
    session.show_message(MessageType::INFO, message).await;
}
