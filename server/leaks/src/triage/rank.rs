//! Which finding comes first, and the names by which they are told apart.

use std::path::PathBuf;

use heapmark_heap::NodeOrdinal;
use heapmark_source::{Range, Workspace};
use rustc_hash::{FxHashMap, FxHashSet};

use crate::evidence::Evidence;
use crate::report::fingerprint::fingerprint;
use crate::rules::leak::{Explanation, Leak};
use crate::rules::leaking_instances::facts::CLOSURES;
use crate::rules::leaking_instances::facts::INSTANCES;
use crate::rules::unused_capture;
use crate::verdict::thresholds::is_most;

/// A budget of words: more findings are noise.
pub(super) const MAX_FINDINGS: usize = 50;

/// Adds what explains others (unused captures, slices of long texts), and puts the most important
/// first: warnings, then what grows most.
///
/// Bytes count once: what an unused capture explains no longer speaks for the collection that keeps
/// its closures, unless that is the louder one.
pub(super) fn rank(e: &Evidence, suspects: Vec<Leak>, explanations: Vec<Explanation>) -> Vec<Leak> {
    let mut ranked: Vec<(i64, Leak)> = Vec::new();
    for mut suspect in suspects {
        let accumulators: FxHashSet<_> = suspect.accumulators.iter().copied().collect();
        // They are all kept in one way; the newest stands for all.
        let keeps = |explanation: &&Explanation| {
            let keeps = |&keeper: &NodeOrdinal| {
                accumulators.contains(&keeper) || e.is_below(keeper, &accumulators)
            };
            explanation.leak.verdict.severity <= suspect.verdict.severity
                && explanation.keepers.last().is_some_and(keeps)
        };
        if explanations.iter().any(|it| keeps(&it) && is_whole_of(e, it, &suspect)) {
            continue;
        }
        let explained: i64 = explanations.iter().filter(keeps).map(|it| weight(&it.leak)).sum();
        let left = weight(&suspect) - explained;
        if suspect.growth > 0 {
            suspect.growth = left.max(0);
        }
        ranked.push((left, suspect));
    }
    ranked.extend(explanations.into_iter().map(|it| (weight(&it.leak), it.leak)));
    ranked.sort_by(|(left_weight, left), (right_weight, right)| {
        // What a package keeps comes after what can be mended here.
        let key = |weight: &i64, leak: &Leak| {
            let place = leak.primary();
            let is_of_package = place.is_some_and(|it| Workspace::is_dependency(&it.file));
            (leak.verdict.severity, is_of_package, std::cmp::Reverse(*weight))
        };
        key(left_weight, left)
            .cmp(&key(right_weight, right))
            .then_with(|| left.fingerprint.cmp(&right.fingerprint))
    });
    ranked.truncate(MAX_FINDINGS);
    let mut leaks: Vec<Leak> = ranked.into_iter().map(|(_, leak)| leak).collect();
    make_fingerprints_unique(&mut leaks);
    leaks
}

/// Whether an unused capture is all that is to be said of closures that pile up: each is kept by the
/// variable in the scope of the next.
fn is_whole_of(e: &Evidence, capture: &Explanation, suspect: &Leak) -> bool {
    let piles_up = matches!(suspect.rule, CLOSURES | INSTANCES);
    let keepers: FxHashSet<_> = capture.keepers.iter().copied().collect();
    let in_row = || capture.keepers.iter().filter(|&&it| e.is_below(it, &keepers)).count();
    let is_row = || is_most(in_row() as u64, capture.keepers.len() as u64);
    capture.leak.rule == unused_capture::RULE && piles_up && is_row()
}

/// By how many bytes a finding counts: those it gained, or those it keeps if nobody knows.
fn weight(leak: &Leak) -> i64 {
    if leak.growth > 0 {
        leak.growth
    } else {
        i64::try_from(leak.retained_size).unwrap_or(i64::MAX)
    }
}

/// Gives each leak a fingerprint of its own: of those that share one, the first in the source keeps
/// it. Of one place only the most important is told, which stands first.
fn make_fingerprints_unique(leaks: &mut Vec<Leak>) {
    let at = |it: &Leak| it.primary().map(|place| (place.file.clone(), place.range));
    let mut told: FxHashSet<(String, Option<(PathBuf, Range)>)> = FxHashSet::default();
    leaks.retain(|leak| told.insert((leak.fingerprint.clone(), at(leak))));
    let mut in_source: Vec<usize> = (0..leaks.len()).collect();
    in_source.sort_by_key(|&index| {
        at(&leaks[index]).map(|(file, range)| (file, range.start.line, range.start.column))
    });
    let mut taken: FxHashMap<String, u32> = FxHashMap::default();
    for index in in_source {
        let leak = &mut leaks[index];
        let before = taken.entry(leak.fingerprint.clone()).or_default();
        if *before > 0 {
            let parts = [leak.fingerprint.as_str(), &before.to_string()];
            leak.fingerprint = fingerprint(leak.rule, &parts);
        }
        *before += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::growing_collection::group::GROWING;
    use crate::testing::{Ran, placed};

    #[test]
    fn of_those_that_are_as_loud_what_is_ones_own_comes_before_what_a_package_keeps() {
        let leak = |file: &str, growth: i64| Leak { growth, ..placed::leak(GROWING, file, 8) };
        let leaks = vec![
            leak("/shop/node_modules/next/server.js", 9_000),
            leak("/shop/src/small.js", 1_000),
            leak("/shop/src/large.js", 5_000),
        ];
        let ranked = Ran::file("globalThis.main = () => 1;\n").ask(|e| {
            let of = |leak: &Leak| leak.primary().map(|place| place.file.clone());
            rank(e, leaks, Vec::new()).iter().filter_map(of).collect::<Vec<_>>()
        });
        let expected =
            ["/shop/src/large.js", "/shop/src/small.js", "/shop/node_modules/next/server.js"];
        assert_eq!(ranked, expected.map(PathBuf::from));
    }
}
