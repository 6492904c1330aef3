//! Joins two rooms that know nothing of each other: what a capture writes down of the files behind the
//! scripts that it finds, it asks the workspace for.

use heapmark_capture::{FilesBehind, RecordedFile};
use heapmark_source::{RunningScript, Workspace, files_behind};

/// Tells a capture the files of `workspace` that the program's own scripts were made from.
pub fn files_behind_scripts_in(workspace: Workspace) -> FilesBehind {
    FilesBehind::new(move |scripts| {
        // Files may have come and gone since the last snapshot of a series.
        workspace.files_changed();
        let running = scripts.iter().map(|script| RunningScript {
            url: &script.url,
            source_map_url: script.source_map_url.as_deref(),
            hash: &script.hash,
            text: script.source.as_deref(),
        });
        let files = files_behind(&workspace, running).into_iter();
        files.map(|file| RecordedFile { path: file.path, text: file.text }).collect()
    })
}
