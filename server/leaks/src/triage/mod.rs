//! The order in which the rules run, what one leaves for the next, and which finding comes first.

mod attribute_growth;
mod collections;
mod cross_process;
pub(crate) mod merge;
mod rank;
mod temper;

use heapmark_heap::NodeSet;

use crate::evidence::Evidence;
use crate::report::Severity;
use crate::rules::async_local_storage;
use crate::rules::detached_dom;
use crate::rules::duplicate_strings;
use crate::rules::external_memory;
use crate::rules::growing_chain;
use crate::rules::growing_collection;
use crate::rules::growing_listeners;
use crate::rules::growing_listeners::event_targets;
use crate::rules::growing_text;
use crate::rules::leak::Leak;
use crate::rules::leaking_instances;
use crate::rules::leaking_instances::http_agents;
use crate::rules::module_reload;
use crate::rules::module_reload::Reloaded;
use crate::rules::pending_promises;
use crate::rules::uncleared_timers;
use crate::triage::attribute_growth::{accumulators_of, share_growth};
use crate::triage::collections::suspicious_collections;
use crate::triage::merge::join;
use crate::triage::rank::{MAX_FINDINGS, rank};
use crate::triage::temper::{downgrade_parts_of_unsure, soften_trifles};
use crate::v8::linked_lists::chains as lists;

/// Every leak in the evidence, the most important first.
pub(crate) fn detect(e: &Evidence) -> Vec<Leak> {
    let heap = e.heap;
    let ((lists, repeated), (mut of_listeners, mut others)) = std::thread::scope(|scope| {
        // What takes the snapshot alone is done beside what takes the sources, too.
        let of_heap = scope.spawn(|| (lists(heap), duplicate_strings::strings(heap)));
        let collections = suspicious_collections(e);
        (of_heap.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)), collections)
    });
    of_listeners.extend(event_targets::growing(e, &lists));
    let (mut suspects, not_of_functions) = growing_listeners::find(e, of_listeners);
    others.extend(not_of_functions);
    suspects.extend(uncleared_timers::find(e));
    suspects.extend(pending_promises::find(e));
    let Reloaded { suspects: of_modules, scripts: reloaded } = module_reload::find(e);
    suspects.extend(of_modules);
    suspects.extend(async_local_storage::find(e));
    suspects.extend(growing_text::find(e));
    suspects.extend(external_memory::growing(e));
    let in_collections = growing_collection::find(e, &others);
    let members = in_collections.iter().flat_map(|suspect| suspect.members.iter().copied());
    let in_lists = growing_chain::find(e, &lists, &NodeSet::of(e.heap, members));
    suspects.extend(in_collections);
    suspects.extend(in_lists);

    let mut without = None;
    if e.snapshots() > 1 {
        // So that one leak cannot hide another: what is still reachable without the suspects is kept
        // by something else.
        let accumulators = accumulators_of(&suspects);
        let unexplained = e.reachable_without(accumulators.iter().copied());
        // What stands in a collection that grows is told there, also if something else keeps it too.
        let members = suspects.iter().flat_map(|s| s.members.iter().copied());
        let mut explained = NodeSet::of(e.heap, members);
        let piles = leaking_instances::find(e, &unexplained, explained.clone(), &reloaded);
        let accumulators_of_piles = piles.iter().flat_map(|it| it.accumulators.iter().copied());
        e.add_below(&mut explained, accumulators_of_piles);
        suspects.extend(piles);
        suspects.extend(http_agents::find(e, &unexplained, &explained));
        without = Some((accumulators, unexplained));
    }
    let explained = grown(e, &suspects);
    let of_pages = detached_dom::find(e, &explained, &suspects);
    suspects.extend(of_pages);
    suspects.extend(duplicate_strings::find(e, &repeated, &explained));
    let large = external_memory::large(e, &explained, &suspects);
    suspects.extend(large);
    suspects
        .sort_by_key(|suspect| std::cmp::Reverse((suspect.retained_size, suspect.members.len())));
    suspects.truncate(2 * MAX_FINDINGS);
    let mut suspects = join(e, suspects);
    if e.snapshots() > 1 {
        share_growth(e, &mut suspects, without);
        if e.snapshots() == 2 {
            downgrade_parts_of_unsure(e, &mut suspects);
        }
        soften_trifles(e, &mut suspects);
    }
    if !e.one_process {
        suspects.retain_mut(|suspect| cross_process::keep_if_conclusive(e, suspect));
    }
    rank(e, suspects)
}

/// What hangs on something that was seen to grow: that is one leak, whatever else could be said of it.
fn grown(e: &Evidence, suspects: &[Leak]) -> NodeSet {
    let grows = suspects.iter().filter(|suspect| suspect.verdict.severity == Severity::Warning);
    let members = grows.clone().flat_map(|suspect| suspect.members.iter().copied());
    let accumulators = grows.flat_map(|suspect| suspect.accumulators.iter().copied());
    let mut below = NodeSet::new(e.heap);
    // A member that something else keeps, too, is below no accumulator, but has its own below it.
    e.add_below(&mut below, accumulators.chain(members.clone()));
    below.extend(members);
    below
}
