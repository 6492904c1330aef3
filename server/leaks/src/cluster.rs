//! One root cause is one finding: collections that hold the same things, filled in the same file, are
//! one leak seen twice (a map and its index, an array and a set beside it).

use std::fmt::Write as _;

use heapmark_heap::{EdgeType, NodeOrdinal};

use crate::evidence::Evidence;
use crate::members::all_members;
use crate::report::{Place, Rule};
use crate::suspect::{Suspect, line_of};
use crate::things::Things;

/// Joins what is one leak. Of each cluster the first stays, with the others' places below its own.
pub(crate) fn join(e: &Evidence, mut suspects: Vec<Suspect>) -> Vec<Suspect> {
    drop_copies(e, &mut suspects);
    let mut joined: Vec<(Suspect, Things)> = Vec::new();
    for suspect in suspects {
        let things = Things::of(e, &suspect.members);
        let leader = joined.iter_mut().find(|(leader, held)| {
            is_same_kind(leader, &suspect)
                && (leader.of.is_some() && leader.of == suspect.of
                    || is_same_file(leader, &suspect) && held.are(&things))
        });
        match leader {
            Some((leader, _)) => absorb(leader, suspect),
            None => joined.push((suspect, things)),
        }
    }
    joined.into_iter().map(|(suspect, _)| suspect).collect()
}

/// An emitter may keep a second list of its listeners, to go through while somebody is added: there
/// is nothing to say of it. It goes with the first list.
fn drop_copies(e: &Evidence, suspects: &mut Vec<Suspect>) {
    let is_copy = |of: NodeOrdinal, listeners: &Suspect, copy: &Suspect| {
        let is_field = |node: NodeOrdinal| {
            let mut holders = e.heap.retainers(node);
            holders.any(|edge| edge.from == of && edge.edge_type == EdgeType::Property)
        };
        let things = |list: NodeOrdinal| Things::of(e, &all_members(e, list));
        match (&listeners.accumulators[..], &copy.accumulators[..]) {
            (&[list, ..], &[copied]) => {
                copy.finding.rule == Rule::GrowingCollection
                    && is_field(copied)
                    && things(list).are(&things(copied))
            }
            _ => false,
        }
    };
    let mut index = 0;
    while index < suspects.len() {
        let listeners = suspects.iter().position(|it| {
            it.finding.rule == Rule::GrowingListeners
                && it.of.is_some_and(|of| is_copy(of, it, &suspects[index]))
        });
        match listeners {
            None => index += 1,
            Some(listeners) => {
                let copy = suspects[index].accumulators.clone();
                suspects[listeners].accumulators.extend(copy);
                suspects.remove(index);
            }
        }
    }
}

/// What piles up may be functions here and objects there.
fn is_same_kind(one: &Suspect, two: &Suspect) -> bool {
    let kind = |suspect: &Suspect| match suspect.finding.rule {
        Rule::LeakingClosure => Rule::LeakingInstances,
        rule => rule,
    };
    kind(one) == kind(two)
}

fn is_same_file(one: &Suspect, two: &Suspect) -> bool {
    match (one.finding.primary(), two.finding.primary()) {
        (Some(one), Some(two)) => one.file == two.file,
        _ => false,
    }
}

fn absorb(leader: &mut Suspect, other: Suspect) {
    let (finding, part) = (&mut leader.finding, other.finding);
    // Of one stream or emitter there is nothing more to say.
    let is_one = leader.of.is_some() && leader.of == other.of;
    let repeats = is_one && finding.rule == Rule::GrowingCollection;
    let is_told = |place: &Place| {
        finding.places.iter().any(|it| it.file == place.file && it.range == place.range)
    };
    if let Some(place) = part.primary().filter(|place| !repeats && !is_told(place)) {
        let also = match finding.rule {
            Rule::GrowingListeners => "The same happens at",
            Rule::LeakingClosure | Rule::LeakingInstances => "With them stay",
            _ => "The same things are also kept by",
        };
        let _ = write!(finding.message, " {also} `{}` ({}).", place.name, line_of(place));
    }
    for (index, mut place) in part.places.into_iter().enumerate() {
        let known =
            finding.places.iter().any(|it| it.file == place.file && it.range == place.range);
        if !known {
            if place.message.is_empty() {
                place.message.clone_from(&part.message);
            }
            place.leads |= index == 0;
            finding.places.push(place);
        }
    }
    finding.severity = finding.severity.min(part.severity);
    finding.certainty = finding.certainty.max(part.certainty);
    finding.retained_size = finding.retained_size.max(part.retained_size);
    finding.shallow_size += part.shallow_size;
    leader.accumulators.extend(other.accumulators);
}
