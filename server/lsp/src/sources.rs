//! Source files that somebody else changes: another program writes to one, or one comes that was missing.
//!
//! What changed in a file that a report speaks of is one more edit of it. If a source comes that was
//! missing, or one is gone, what is shown is analysed again, as it is in other folders
//! ([`crate::auto_analyze`]). Not here: what is open in the editor, whose text goes before that on disk.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::on_disk::OnDisk;
use crate::refresh::refresh;
use crate::session::Session;
use crate::settle;

/// How files end that Node runs, or that such are made from.
pub(crate) const ENDINGS: [&str; 8] = ["js", "cjs", "mjs", "jsx", "ts", "cts", "mts", "tsx"];

/// Whether a file is called as sources are.
pub(crate) fn is_source(file: &Path) -> bool {
    let ending = file.extension().and_then(|it| it.to_str());
    ending.is_some_and(|ending| ENDINGS.contains(&ending))
}

/// Something may have happened to these files: they were opened in the editor, or the client says so. Of
/// those that are no concern of what is shown none is touched.
pub(crate) fn look_at(session: &Arc<Session>, mut files: Vec<PathBuf>) {
    {
        let mut state = session.state();
        state.touched(&files);
        files.retain(|file| state.concerns(file));
    }
    if files.is_empty() {
        return;
    }
    let session = Arc::clone(session);
    tokio::spawn(async move {
        let read = move || {
            let all = files.into_iter().map(|file| {
                let on_disk = OnDisk::of(&file);
                (file, on_disk)
            });
            all.collect::<Vec<_>>()
        };
        let Ok(read) = session.threads.run_briefly(read).await else { return };
        let mut has_moved = false;
        for (file, on_disk) in read {
            has_moved |= session.state().changed_on_disk(&file, &on_disk);
            settle::begin(&session, file, false);
        }
        if session.state().is_outdated() {
            session.look.notify_one();
        }
        if has_moved {
            refresh(&session).await;
        }
    });
}
