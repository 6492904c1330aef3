//! What a verdict is worth that compares snapshots of different processes. How their things are told
//! apart without ids is [`crate::census::cross_process`]'s.

use crate::census::trend::{Trend, seen};
use crate::evidence::Evidence;
use crate::report::{Finding, Rule, Severity};

/// Less growth, in things counted, may be any difference in the work of two processes.
const MIN_GROWTH: u64 = 20;
/// By how much less sure a verdict is that compares different processes.
const LESS_SURE: f32 = 0.2;
/// The rules that need no births and no ids to see growth.
const RULES: [Rule; 8] = [
    Rule::GrowingCollection,
    Rule::GrowingListeners,
    Rule::UnclearedTimers,
    Rule::PendingPromises,
    Rule::RetainedAfterClose,
    Rule::ModuleReload,
    Rule::LeakingClosure,
    Rule::LeakingInstances,
];

/// Between processes only what grows in each, and by enough, is worth a word; and it is said of what
/// kind the snapshots are. Two processes may simply have had different work.
pub(crate) fn keep_if_conclusive(e: &Evidence, finding: &mut Finding) -> bool {
    let (first, last) = (finding.counts[0], finding.counts[finding.counts.len() - 1]);
    let enough = last.saturating_sub(first) >= MIN_GROWTH;
    let grows = matches!(seen(&finding.counts), Some(Trend::Growing { .. }));
    if !enough || !grows || !RULES.contains(&finding.rule) {
        return false;
    }
    finding.message.push_str(" The snapshots are of different processes.");
    finding.certainty = (finding.certainty - LESS_SURE).max(0.05);
    if e.snapshots() == 2 && finding.severity == Severity::Warning {
        finding.severity = Severity::Information;
    }
    true
}
