//! Findings that are said more softly than their rule says: trifles, tables being filled, parts of what is
//! unsure.

use heapmark_heap::{CollectionKind, NodeOrdinal, NodeSet};

use crate::evidence::Evidence;
use crate::report::{Rule, Severity};
use crate::rules::leak::Leak;

/// Bytes: less growth than this is no warning.
const MIN_GROWTH: i64 = 10_000;

/// Bytes: with two snapshots only, less growth than this is no warning.
const MIN_GROWTH_IN_TWO: i64 = 20_000;

/// With two snapshots only: fewer entries may be a table that is being filled: countries, time zones,
/// routes.
const MAX_TABLE: u64 = 300;

/// What gained as many bytes is no table, even with two snapshots and few entries,
const LARGE_GROWTH: i64 = 100_000;

/// nor is what gained so many entries and as many as it had: of the keys that there are, fewer are met
/// for the first time in each round.
const MANY_ENTRIES: u64 = 100;

/// What is so many times as large as before has only begun.
const MAX_TIMES: u64 = 5;

/// Fewer keys may all be met by and by: topics, customers, combinations of options.
const MANY_KEYS: u64 = 1_000;

/// So many links lead from a thing to what is a part of it: a socket to its parser.
const MAX_PART: usize = 3;

/// A healthy program grows a little here and there: that is information. With two snapshots only, so
/// is what was not there at all in the first one and may simply have begun, and what waits: those
/// may be other calls.
pub(super) fn soften_trifles(e: &Evidence, suspects: &mut [Leak]) {
    for suspect in suspects {
        // A table that is being filled looks the same, if it is not too large for one.
        let last = suspect.counts.last().copied().unwrap_or(0);
        let is_table = suspect.rule == Rule::GrowingCollection
            && last < MAX_TABLE
            && !grows_on(&suspect.counts, suspect.growth);
        let began = suspect.counts[0] == 0 && suspect.rule != Rule::GrowingCollection;
        let trifling = if e.snapshots() == 2 {
            began
                || is_table
                || is_met_by_and_by(e, &suspect.accumulators, &suspect.counts)
                || suspect.rule == Rule::PendingPromises
                || suspect.growth < MIN_GROWTH_IN_TWO
        } else {
            suspect.growth < MIN_GROWTH
        };
        if trifling && suspect.verdict.severity == Severity::Warning {
            suspect.verdict.severity = Severity::Information;
        }
    }
}

/// Between two snapshots: whether what was there already, and not only a little of it, gained so much
/// that it is no table, however few its entries are.
fn grows_on(counts: &[u64], growth: i64) -> bool {
    let (first, last) = (counts[0], counts[counts.len() - 1]);
    let gained = last.saturating_sub(first);
    let doubled = gained >= MANY_ENTRIES && gained >= first;
    first * MAX_TIMES >= last && (growth >= LARGE_GROWTH || doubled)
}

/// Between two snapshots: whether a table of no great size gained less than half of what it had, as one
/// does whose keys are met by and by.
fn is_met_by_and_by(e: &Evidence, accumulators: &[NodeOrdinal], counts: &[u64]) -> bool {
    let last = counts[counts.len() - 1];
    let gained = last.saturating_sub(counts[0]);
    let kind = accumulators.first().and_then(|&node| e.heap.collection_kind(node));
    matches!(kind, Some(CollectionKind::Map | CollectionKind::Dictionary))
        && last < MANY_KEYS
        && 2 * gained < counts[0]
}

/// In two snapshots what piles up because a collection holds more than before is judged as that
/// collection is: each connection has its parsers.
pub(super) fn downgrade_parts_of_unsure(e: &Evidence, suspects: &mut [Leak]) {
    let is_pile =
        |suspect: &Leak| matches!(suspect.rule, Rule::LeakingInstances | Rule::LeakingClosure);
    let unsure = suspects.iter().filter(|suspect| {
        suspect.rule == Rule::GrowingCollection && suspect.verdict.severity == Severity::Information
    });
    let mut parts = NodeSet::new(e.heap);
    for suspect in unsure {
        let mut level: Vec<NodeOrdinal> =
            suspect.members.iter().copied().filter(|&member| e.is_new(member)).collect();
        parts.extend(level.iter().copied());
        for _ in 0..MAX_PART {
            let inside = level.iter().flat_map(|&node| e.heap.edges(node));
            let essential = inside.filter(|edge| e.heap.is_essential(edge) && e.is_new(edge.to));
            level = essential.map(|edge| edge.to).filter(|&part| parts.insert(part)).collect();
        }
    }
    for pile in suspects.iter_mut().filter(|suspect| is_pile(suspect)) {
        let is_part = |&&node: &&NodeOrdinal| parts.contains(node);
        let of_parts = pile.accumulators.iter().filter(is_part).count();
        if 2 * of_parts >= pile.accumulators.len() {
            pile.verdict.severity = Severity::Information;
        }
    }
}
