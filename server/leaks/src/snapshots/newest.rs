//! Which snapshots of a workspace are analysed without being asked.

use std::path::PathBuf;
use std::time::SystemTime;

use crate::locate::sidecar::Companion;

/// Of the snapshots found in a workspace, those to analyse together, oldest first: the newest one,
/// and those of the same folder that may be of the same process. At most [`MAX_IN_GROUP`].
///
/// Reads only times and what stands beside the snapshots, not the snapshots themselves.
pub fn newest_group(candidates: &[PathBuf]) -> Vec<PathBuf> {
    struct Dated<'a> {
        taken_at: SystemTime,
        file: &'a PathBuf,
        identity: Option<String>,
    }
    let mut dated: Vec<Dated> = candidates
        .iter()
        .filter_map(|file| {
            let companion = Companion::of(file);
            let taken_at = companion.taken_at(file)?;
            Some(Dated { taken_at, file, identity: companion.identity })
        })
        .collect();
    dated.sort_by_key(|it| (it.taken_at, it.file));
    let Some(newest) = dated.last() else { return Vec::new() };
    let together = |it: &&Dated| {
        // A snapshot without a companion has to be read to know.
        let known = newest.identity.is_some() && it.identity.is_some();
        let may_share_ids = !known || it.identity == newest.identity;
        it.file.parent() == newest.file.parent() && may_share_ids
    };
    let mut group: Vec<PathBuf> = dated.iter().filter(together).map(|it| it.file.clone()).collect();
    group.drain(..group.len().saturating_sub(MAX_IN_GROUP));
    group
}

/// A budget: so many snapshots, the newest ones, are analysed together without being asked; each is read whole.
pub const MAX_IN_GROUP: usize = 12;
