//! What is worth a word of what snapshots of different processes show. How their things are told
//! apart without ids is [`crate::census::cross_process`]'s.

use crate::rules::leak::Leak;
use crate::rules::works_across_processes;
use crate::verdict::thresholds::cross_process::MIN_GROWTH;
use crate::verdict::trend::{Trend, seen};

/// Between processes only what grows in each, and by enough, is worth a word; and it is said of what
/// kind the snapshots are. Two processes may simply have had different work.
pub(crate) fn keep_if_conclusive(leak: &mut Leak) -> bool {
    let (first, last) = (leak.counts[0], leak.counts[leak.counts.len() - 1]);
    let enough = last.saturating_sub(first) >= MIN_GROWTH;
    let grows = matches!(seen(&leak.counts), Some(Trend::Growing { .. }));
    if !enough || !grows || !works_across_processes(leak.rule) {
        return false;
    }
    leak.is_of_other_processes = true;
    leak.features.of_other_processes = true;
    true
}
