//! From the evidence to a list of leaks: the stages in which rules look, and what is done with what they
//! found (merging, attribution of growth, ranking).

mod attribute_growth;
mod collections;
mod cross_process;
mod merge;
mod rank;
mod weigh;

use std::thread::ScopedJoinHandle;

use heapmark_heap::Cancelled;

use crate::evidence::Evidence;
use crate::rules::leak::{Explanation, Leak};
use crate::rules::scene::{Residue, Scene};
use crate::rules::{REGISTRY, Stage, duplicate_strings};
use crate::triage::attribute_growth::{Closed, accumulators_of, share_growth};
use crate::triage::collections::suspicious_collections;
use crate::triage::merge::join;
use crate::triage::rank::{MAX_FINDINGS, rank};
use crate::triage::weigh::weigh;

/// Every leak in the evidence, the most important first; all of them, or an error. Rules leave a core idle for
/// some of their time, in which something else is done `beside` them.
pub(crate) fn detect<T: Send>(
    e: &Evidence,
    beside: impl FnOnce() -> T + Send,
) -> Result<(Vec<Leak>, T), Cancelled> {
    std::thread::scope(|scope| {
        let mut scene = look_around(e);
        let beside = scope.spawn(beside);
        let mut closed: Option<ScopedJoinHandle<Closed>> = None;
        for entry in REGISTRY {
            e.watch.go_on()?;
            match entry.stage {
                Stage::Primary(find) => {
                    let leaks = find(&mut scene);
                    scene.leaks.extend(leaks);
                }
                Stage::Residual(find) => {
                    if scene.residue.is_none() && e.snapshots() > 1 {
                        let Residue { accumulators, unexplained } = residue(e, &scene.leaks);
                        let (of, kept) = (accumulators.clone(), unexplained.clone());
                        // It will be asked for if no other rule finds more, and the rules leave a core idle.
                        closed = Some(scope.spawn(|| Closed::of(e, of, kept)));
                        scene.residue = Some(Residue { accumulators, unexplained });
                    }
                    let leaks = find(&mut scene);
                    scene.leaks.extend(leaks);
                }
                Stage::Explaining(_) => {}
            }
        }
        // How much they gained, the heap alone tells; who explains looks into sources.
        let leaks = std::mem::take(&mut scene.leaks);
        let leaks = scope.spawn(move || measured(e, leaks, closed.map(joined)));
        let mut explanations = if e.one_process { explanations(e)? } else { Vec::new() };
        let mut leaks = joined(leaks);
        weigh(e, &mut leaks, &mut explanations);
        let ranked = rank(e, leaks, explanations);
        let beside = joined(beside);
        e.watch.go_on()?;
        Ok((ranked, beside))
    })
}

/// The most important leaks: one of those that are the same, with what each gained.
fn measured(e: &Evidence, mut leaks: Vec<Leak>, closed: Option<Closed>) -> Vec<Leak> {
    leaks.sort_by_key(|leak| std::cmp::Reverse((leak.retained_size, leak.members.len())));
    leaks.truncate(2 * MAX_FINDINGS);
    let mut leaks = join(e, leaks);
    if e.snapshots() > 1 {
        share_growth(e, &mut leaks, closed);
    }
    if !e.one_process {
        leaks.retain_mut(cross_process::keep_if_conclusive);
    }
    leaks
}

/// Why what others hold is as large as it is.
fn explanations(e: &Evidence) -> Result<Vec<Explanation>, Cancelled> {
    let mut explanations = Vec::new();
    for entry in REGISTRY {
        if let Stage::Explaining(find) = entry.stage {
            e.watch.go_on()?;
            explanations.extend(find(e));
        }
    }
    Ok(explanations)
}

/// What another thread found.
fn joined<T>(thread: ScopedJoinHandle<T>) -> T {
    thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

/// What rules begin with. All rules ask who leads to a thing, and what it dominates: on two threads each is
/// there sooner.
fn look_around<'e>(e: &'e Evidence) -> Scene<'e> {
    std::thread::scope(|scope| {
        let equal_strings = scope.spawn(|| {
            e.new_nodes();
            e.heap.sort_dominated();
            duplicate_strings::strings(e.heap)
        });
        e.heap.sort_retainers();
        let collections = suspicious_collections(e);
        Scene::new(e, joined(equal_strings), collections)
    })
}

/// What is left without the leaks of the first stage, so that one cannot hide another.
fn residue(e: &Evidence, leaks: &[Leak]) -> Residue {
    let accumulators = accumulators_of(leaks);
    let unexplained = e.reachable_without(accumulators.iter().copied());
    Residue { accumulators, unexplained }
}

#[cfg(test)]
mod drawn_tests;
