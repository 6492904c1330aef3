//! Does what a collection holds stay, or does it come and go?
//!
//! Requests that are being answered, jobs in a queue, sockets in a pool: their number may rise from
//! snapshot to snapshot by chance, but those that were there are gone. What leaks stays. Object ids
//! tell between which snapshots a thing was born.

use heapmark_heap::NodeOrdinal;

use crate::evidence::run::Evidence;
use crate::verdict::thresholds::churn::MIN_STAYING_SHARE;

/// Whether the `members` of a collection are others than those in the snapshot before. `counts` are
/// the numbers of entries, oldest first. False if nobody knows: numbers and Node's own native objects
/// have no birth, and of different processes no birth is known.
pub(crate) fn churns(e: &Evidence, members: &[NodeOrdinal], counts: &[u64]) -> bool {
    if !e.one_process {
        return false;
    }
    let Some(before) = counts.len().checked_sub(2) else { return false };
    let births: Vec<usize> = members.iter().filter_map(|&member| e.birth(member)).collect();
    // As many members as entries at least: of a map both keys and values may be seen.
    let entries = counts[counts.len() - 1] as f64;
    if births.is_empty() || (births.len() as f64) < MIN_STAYING_SHARE * entries {
        return false;
    }
    let each = births.len() as f64 / entries.max(1.0);
    let stayed = births.iter().filter(|&&birth| birth <= before).count() as f64;
    stayed < MIN_STAYING_SHARE * counts[before] as f64 * each.max(1.0)
}
