//! Findings that are said more softly than their rule says: trifles, and parts of what is unsure.

use heapmark_heap::{CollectionKind, NodeOrdinal, NodeSet};

use crate::evidence::Evidence;
use crate::report::Severity;
use crate::rules::growing_collection::group::GROWING;
use crate::rules::leak::Leak;
use crate::rules::leaking_instances::facts::CLOSURES;
use crate::rules::leaking_instances::facts::INSTANCES;
use crate::rules::pending_promises;
use crate::verdict::softened::{Growth, Of, is_trifle};

/// So many links lead from a thing to what is a part of it: a socket to its parser.
const MAX_PART: usize = 3;

/// Makes information of warnings that are about [trifles](crate::verdict::softened).
pub(super) fn soften_trifles(e: &Evidence, leaks: &mut [Leak]) {
    for leak in leaks {
        let growth = Growth { counts: &leak.counts, bytes: leak.growth, of: what(e, leak) };
        if is_trifle(&growth, e.snapshots()) && leak.verdict.severity == Severity::Warning {
            leak.verdict.severity = Severity::Information;
        }
    }
}

fn what(e: &Evidence, leak: &Leak) -> Of {
    let kind = leak.accumulators.first().and_then(|&node| e.heap.collection_kind(node));
    let is_table = matches!(kind, Some(CollectionKind::Map | CollectionKind::Dictionary));
    match leak.rule {
        GROWING if is_table => Of::Table,
        GROWING => Of::Collection,
        pending_promises::RULE => Of::Waiting,
        _ if is_table => Of::OtherTable,
        _ => Of::Other,
    }
}

/// In two snapshots what piles up because a collection holds more than before is judged as that
/// collection is: each connection has its parsers.
pub(super) fn downgrade_parts_of_unsure(e: &Evidence, suspects: &mut [Leak]) {
    let is_pile = |suspect: &Leak| matches!(suspect.rule, INSTANCES | CLOSURES);
    let unsure = suspects.iter().filter(|suspect| {
        suspect.rule == GROWING && suspect.verdict.severity == Severity::Information
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
