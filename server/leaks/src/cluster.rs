//! One root cause is one finding: collections that hold the same things, filled in the same file, are
//! one leak seen twice (a map and its index, an array and a set beside it).

use std::fmt::Write as _;

use heapmark_heap::NodeOrdinal;
use rustc_hash::FxHashSet;

use crate::report::Rule;
use crate::suspect::{Suspect, line_of};

/// Two suspects hold the same if they share this much of what the smaller one holds.
const SAME: f64 = 0.8;

/// Joins what is one leak. Of each cluster the first stays, with the others' places below its own.
pub(crate) fn join(suspects: Vec<Suspect>) -> Vec<Suspect> {
    let mut joined: Vec<(Suspect, FxHashSet<NodeOrdinal>)> = Vec::new();
    for suspect in suspects {
        let members: FxHashSet<NodeOrdinal> = suspect.members.iter().copied().collect();
        let leader = joined.iter_mut().find(|(leader, held)| {
            is_same_kind(leader, &suspect)
                && (leader.of.is_some() && leader.of == suspect.of
                    || is_same_file(leader, &suspect) && is_same(held, &members))
        });
        match leader {
            Some((leader, _)) => absorb(leader, suspect),
            None => joined.push((suspect, members)),
        }
    }
    joined.into_iter().map(|(suspect, _)| suspect).collect()
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

fn is_same(one: &FxHashSet<NodeOrdinal>, two: &FxHashSet<NodeOrdinal>) -> bool {
    let smaller = one.len().min(two.len());
    let shared = one.intersection(two).count();
    smaller > 0 && shared as f64 >= SAME * smaller as f64
}

fn absorb(leader: &mut Suspect, other: Suspect) {
    let (finding, part) = (&mut leader.finding, other.finding);
    // Of one stream or emitter there is nothing more to say.
    let is_one = leader.of.is_some() && leader.of == other.of;
    let repeats = is_one && finding.rule == Rule::GrowingCollection;
    if let Some(place) = part.primary().filter(|_| !repeats) {
        let also = match finding.rule {
            Rule::GrowingListeners => "The same happens at",
            Rule::LeakingClosure | Rule::LeakingInstances => "With them stay",
            _ => "The same things are also kept by",
        };
        let _ = write!(finding.message, " {also} `{}` ({}).", place.name, line_of(place));
    }
    for mut place in part.places {
        let known =
            finding.places.iter().any(|it| it.file == place.file && it.range == place.range);
        if !known {
            if place.message.is_empty() {
                place.message.clone_from(&part.message);
            }
            finding.places.push(place);
        }
    }
    finding.severity = finding.severity.min(part.severity);
    finding.certainty = finding.certainty.max(part.certainty);
    finding.retained_size = finding.retained_size.max(part.retained_size);
    finding.shallow_size += part.shallow_size;
    leader.accumulators.extend(other.accumulators);
}
