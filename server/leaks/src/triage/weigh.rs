//! Lets every leak be judged, once all that a verdict depends on is known.

use heapmark_heap::{NodeOrdinal, NodeSet};
use rustc_hash::FxHashSet;

use crate::evidence::turnover::gone;
use crate::evidence::{Evidence, of_each};
use crate::locate::development::is_of_development;
use crate::report::Severity;
use crate::rules::growing_collection::group::{CHAIN, GROWING};
use crate::rules::leak::{Explanation, Leak};
use crate::rules::leaking_instances::facts::{CLOSURES, INSTANCES};
use crate::rules::unused_capture;
use crate::v8::members::all_members;
use crate::verdict::thresholds::is_most;
use crate::verdict::thresholds::judge::{MAX_STARTING, MIN_STARTING, OPEN};
use crate::verdict::trend::Trend;
use crate::verdict::{Features, Source, Verdict, What, judge};

/// So many links lead from a thing to what is a part of it: a socket to its parser.
const MAX_PART: usize = 3;

/// Judges all of them.
pub(super) fn weigh(e: &Evidence, leaks: &mut [Leak], explanations: &mut [Explanation]) {
    let run = Run::of(e);
    let mut all: Vec<&mut Leak> =
        leaks.iter_mut().chain(explanations.iter_mut().map(|it| &mut it.leak)).collect();
    for leak in &mut all {
        share_sources(leak);
        let is_of_development = leak.primary().is_some_and(|it| is_of_development(&it.file));
        let Leak { features, joined, along, .. } = &mut **leak;
        let others = joined.iter_mut().chain(along).map(|it| &mut it.features);
        for features in std::iter::once(features).chain(others) {
            features.is_of_development = is_of_development;
        }
    }
    let verdicts = of_each(&all, |leak| run.verdict_of_all(e, leak));
    for (leak, verdict) in all.into_iter().zip(verdicts) {
        leak.verdict = verdict;
    }
    judge_parts_by_whole(e, leaks);
    judge_captures_by_holders(e, leaks, explanations);
}

/// What takes a thing out of one of several collections takes it out of all, if all have as many: where one
/// was forgotten, that one has more.
fn share_sources(leak: &mut Leak) {
    let Leak { joined, along, counts, features, .. } = leak;
    let of_all = joined.iter().chain(along.iter()).filter(|other| other.counts == *counts);
    let sources = of_all.map(|other| other.features.source);
    let shared = sources.fold(features.source, Source::together);
    features.source = shared;
    for other in joined.iter_mut().chain(along) {
        if other.counts == *counts {
            other.features.source = Source { adds: other.features.source.adds, ..shared };
        }
    }
}

/// What is known of the run as a whole.
struct Run {
    /// Bytes by which the heap grew; the whole heap of a single snapshot.
    grown: i64,
    starting: f64,
}

impl Run {
    fn of(e: &Evidence) -> Self {
        let (first, last) = (&e.censuses[0], e.newest_census());
        let total = i64::try_from(last.total_size).unwrap_or(i64::MAX);
        if e.snapshots() == 1 {
            return Self { grown: total, starting: 0.0 };
        }
        let before = i64::try_from(first.total_size).unwrap_or(i64::MAX);
        let code = |size: u64| size.max(1) as f64;
        let more = code(last.code_size) / code(first.code_size) - 1.0;
        Self {
            grown: total - before,
            starting: ((more - MIN_STARTING) / (MAX_STARTING - MIN_STARTING)).clamp(0.0, 1.0),
        }
    }

    /// What is seen again in other places is as sure as the surest of them.
    fn verdict_of_all(&self, e: &Evidence, leak: &Leak) -> Verdict {
        let bytes = if leak.growth != 0 || leak.features.trend != Trend::Once {
            leak.growth
        } else {
            i64::try_from(leak.retained_size).unwrap_or(i64::MAX)
        };
        let mut verdict = self.verdict(e, leak, bytes);
        for other in &leak.joined {
            let seen_so = self.verdict(e, other, bytes);
            if seen_so.certainty > verdict.certainty {
                verdict = seen_so;
            }
        }
        verdict
    }

    fn verdict(&self, e: &Evidence, leak: &Leak, bytes: i64) -> Verdict {
        let share = if self.grown > 0 { bytes as f64 / self.grown as f64 } else { 0.0 };
        judge(&Features {
            bytes,
            share: share.clamp(0.0, 1.0),
            gone: leak.features.gone.or_else(|| gone(e, &counted(e, leak)?, &leak.counts)),
            starting: self.starting,
            seconds: e.seconds,
            ..leak.features.clone()
        })
    }
}

/// What the numbers of a leak count, if that is known: what its collections hold, or all listeners.
fn counted(e: &Evidence, leak: &Leak) -> Option<Vec<NodeOrdinal>> {
    match leak.features.what {
        // The elements of a list hold each other.
        What::Collection(_) if leak.rule == CHAIN => Some(leak.members.clone()),
        What::Collection(_) => {
            let is_collection = |&&node: &&NodeOrdinal| e.heap.collection_kind(node).is_some();
            let collections = leak.accumulators.iter().filter(is_collection);
            Some(collections.flat_map(|&it| all_members(e.heap, it)).collect())
        }
        What::Listeners => Some(leak.members.clone()),
        _ => None,
    }
}

/// What piles up because a collection holds more than before is judged as that collection is: each
/// connection has its parsers.
fn judge_parts_by_whole(e: &Evidence, leaks: &mut [Leak]) {
    let is_pile = |leak: &Leak| matches!(leak.rule, INSTANCES | CLOSURES);
    let is_unsure =
        |leak: &&Leak| leak.rule == GROWING && leak.verdict.severity == Severity::Information;
    let wholes: Vec<(NodeSet, Verdict)> =
        leaks.iter().filter(is_unsure).map(|leak| (parts(e, leak), leak.verdict.clone())).collect();
    for pile in leaks.iter_mut().filter(|leak| is_pile(leak)) {
        for (parts, of_whole) in &wholes {
            let of_parts = pile.accumulators.iter().filter(|&&it| parts.contains(it)).count();
            let others = pile.accumulators.len() - of_parts;
            if !is_most(others as u64, pile.accumulators.len() as u64)
                && of_whole.certainty < pile.verdict.certainty
            {
                pile.verdict = of_whole.clone();
            }
        }
    }
}

/// What functions keep that nobody uses goes with the functions: if all that holds them is most likely no leak,
/// neither is that.
fn judge_captures_by_holders(e: &Evidence, leaks: &[Leak], explanations: &mut [Explanation]) {
    let is_capture = |it: &&mut Explanation| it.leak.rule == unused_capture::RULE;
    let mut captures = explanations.iter_mut().filter(is_capture).peekable();
    if captures.peek().is_none() {
        return;
    }
    let holders: Vec<(FxHashSet<NodeOrdinal>, &Verdict)> = leaks
        .iter()
        .map(|leak| (leak.accumulators.iter().copied().collect(), &leak.verdict))
        .collect();
    for Explanation { leak, keepers } in captures {
        // They are all kept in one way; the newest stands for all.
        let Some(&keeper) = keepers.last() else { continue };
        let holding = holders
            .iter()
            .filter(|(nodes, _)| nodes.contains(&keeper) || e.is_below(keeper, nodes));
        let surest = holding
            .map(|(_, verdict)| *verdict)
            .max_by(|one, two| one.certainty.total_cmp(&two.certainty));
        if let Some(holder) = surest
            && f64::from(holder.certainty) < OPEN
            && holder.certainty < leak.verdict.certainty
        {
            leak.verdict = holder.clone();
        }
    }
}

/// What a collection holds and is new, and what is a part of that.
fn parts(e: &Evidence, leak: &Leak) -> NodeSet {
    let mut parts = NodeSet::new(e.heap);
    let mut level: Vec<NodeOrdinal> =
        leak.members.iter().copied().filter(|&member| e.is_new(member)).collect();
    parts.extend(level.iter().copied());
    for _ in 0..MAX_PART {
        let inside = level.iter().flat_map(|&node| e.heap.edges(node));
        let essential = inside.filter(|edge| e.heap.is_essential(edge) && e.is_new(edge.to));
        level = essential.map(|edge| edge.to).filter(|&part| parts.insert(part)).collect();
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Ran, placed};
    use crate::verdict::Reason;

    #[test]
    fn what_is_told_with_a_leak_of_a_tool_for_development_is_one_too() {
        let judged = |file: &str| {
            let mut leak = placed::leak(GROWING, file, 8);
            leak.joined.push(placed::leak(GROWING, "/shop/node_modules/other/index.js", 8));
            let mut leaks = [leak];
            Ran::file("globalThis.main = () => 1;\n").ask(|e| weigh(e, &mut leaks, &mut []));
            leaks[0].verdict.reasons.iter().any(|it| it.reason == Reason::Development)
        };
        assert!(judged("/shop/node_modules/vite/dist/node/config.js"));
        assert!(!judged("/shop/node_modules/undici/lib/agent.js"));
    }
}
