//! One root cause is one finding: collections that hold the same things, filled in the same file or
//! dependency, are one leak seen twice (a map and its index, an array and a set beside it). So are things
//! that pile up and are each kept by one of others that pile up (an effect and the function that it calls).

use heapmark_heap::{EdgeType, NodeOrdinal};
use heapmark_source::Workspace;
use rustc_hash::FxHashSet;

use crate::evidence::Evidence;
use crate::evidence::same_members::MemberOverlap;
use crate::locate::packages::is_one_place;
use crate::report::Role;
use crate::rules::growing_collection::group::{CHAIN, GROWING};
use crate::rules::growing_listeners;
use crate::rules::leak::Leak;
use crate::rules::leaking_instances::facts::CLOSURES;
use crate::rules::leaking_instances::facts::INSTANCES;
use crate::v8::members::all_members;
use crate::verdict::thresholds::merge::{MIN_GAINED_ALONG, MIN_SHARE};

/// Joins leaks that have one root cause. The first of each cluster leads, and the places of the others follow its own.
pub(crate) fn join(e: &Evidence, mut suspects: Vec<Leak>) -> Vec<Leak> {
    drop_copies(e, &mut suspects);
    let mut joined: Vec<(Leak, MemberOverlap)> = Vec::new();
    for suspect in suspects {
        let things = MemberOverlap::of(e, &suspect.members);
        let how = |(leader, blame): &(Leak, MemberOverlap)| {
            if are_of_one_holder(leader, &suspect) {
                return Some(Join::Same);
            }
            if !is_same_kind(leader, &suspect) {
                return None;
            }
            let is_same = leader.of.is_some() && leader.of == suspect.of
                || is_same_file(leader, &suspect) && blame.are(&things)
                || are_kept_by_each(e, leader, &suspect)
                || are_kept_by_each(e, &suspect, leader);
            if is_same {
                return Some(Join::Same);
            }
            grow_along(e, leader, &suspect).then_some(Join::Along)
        };
        let ways: Vec<Option<Join>> = joined.iter().map(how).collect();
        let first = |wanted: Join| ways.iter().position(|way| *way == Some(wanted));
        let found = first(Join::Same).map(|at| (at, Join::Same));
        match found.or_else(|| Some((first(Join::Along)?, Join::Along))) {
            Some((at, Join::Same)) => {
                let leader = &mut joined[at].0;
                let mut suspect = suspect;
                // The leak in the user's own code leads, and the one in a dependency is joined to it.
                if is_of_dependency(leader) && !is_of_dependency(&suspect) {
                    std::mem::swap(leader, &mut suspect);
                    tell_all_that_stays(leader, &suspect);
                }
                absorb(leader, suspect);
            }
            Some((at, Join::Along)) => take_along(e, &mut joined[at].0, suspect),
            None => joined.push((suspect, things)),
        }
    }
    joined.into_iter().map(|(suspect, _)| suspect).collect()
}

/// Why two are one leak.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Join {
    /// They are the same things.
    Same,
    /// The same calls add to both.
    Along,
}

/// Whether both are what one variable or field of a dependency holds, at different depths: there is one thing
/// that its makers would mend. In the user's own code each property is a thing of its own.
fn are_of_one_holder(one: &Leak, two: &Leak) -> bool {
    let is_held = |leak: &Leak| matches!(leak.rule, GROWING | CHAIN);
    let place = |leak: &Leak| leak.primary().filter(|it| it.role == Role::Holder).cloned();
    is_held(one)
        && is_held(two)
        && is_of_dependency(one)
        && place(one).zip(place(two)).is_some_and(|(one, two)| one.is_at(&two))
}

/// Whether the same calls add to both: they gain as many from snapshot to snapshot, within one dependency,
/// or they are functions that were made in the same scopes. In the user's own code there are as many
/// places to mend as there are statements that add.
fn grow_along(e: &Evidence, one: &Leak, two: &Leak) -> bool {
    if !gain_the_same(one, two) || !is_same_file(one, two) {
        return false;
    }
    let are_piles = piles_up(one) && piles_up(two);
    let are_collections = one.rule == GROWING && two.rule == GROWING;
    let (first, last) = (one.counts.first(), one.counts.last());
    let gained = last.unwrap_or(&0).saturating_sub(*first.unwrap_or(&0));
    let are_of_dependency = is_of_dependency(one) && is_of_dependency(two);
    (are_piles || are_collections) && are_of_dependency && gained >= MIN_GAINED_ALONG
        || are_piles && are_of_same_scopes(e, one, two)
}

/// Whether functions were made in the same scopes, each of one pile beside one of the other.
fn are_of_same_scopes(e: &Evidence, one: &Leak, two: &Leak) -> bool {
    let scopes = |leak: &Leak| -> FxHashSet<NodeOrdinal> {
        let scope = |&function: &NodeOrdinal| e.heap.child(function, EdgeType::Internal, "context");
        leak.accumulators.iter().filter_map(scope).collect()
    };
    let (one, two) = (scopes(one), scopes(two));
    let shared = one.intersection(&two).count() as f64;
    !two.is_empty() && shared >= MIN_SHARE * two.len() as f64
}

/// An emitter may keep a second list of its listeners, to go through while somebody is added: there
/// is nothing to say of it. It goes with the first list.
fn drop_copies(e: &Evidence, suspects: &mut Vec<Leak>) {
    let is_copy = |of: NodeOrdinal, listeners: &Leak, copy: &Leak| {
        let is_field = |node: NodeOrdinal| {
            let mut holders = e.heap.retainers(node);
            holders.any(|edge| edge.from == of && edge.edge_type == EdgeType::Property)
        };
        let things = |list: NodeOrdinal| MemberOverlap::of(e, &all_members(e.heap, list));
        match (&listeners.accumulators[..], &copy.accumulators[..]) {
            (&[list, ..], &[copied]) => {
                copy.rule == GROWING && is_field(copied) && things(list).are(&things(copied))
            }
            _ => false,
        }
    };
    let mut index = 0;
    while index < suspects.len() {
        let listeners = suspects.iter().position(|it| {
            it.rule == growing_listeners::RULE
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
fn is_same_kind(one: &Leak, two: &Leak) -> bool {
    let kind = |suspect: &Leak| match suspect.rule {
        CLOSURES => INSTANCES,
        rule => rule,
    };
    kind(one) == kind(two)
}

/// Whether what is told of two stands in one file, or in one dependency.
fn is_same_file(one: &Leak, two: &Leak) -> bool {
    match (one.primary(), two.primary()) {
        (Some(one), Some(two)) => is_one_place(&one.file, &two.file),
        _ => false,
    }
}

fn is_of_dependency(suspect: &Leak) -> bool {
    suspect.primary().is_none_or(|place| Workspace::is_dependency(&place.file))
}

/// Whether `parts` pile up because each is kept by one of the others, and they by as many.
fn are_kept_by_each(e: &Evidence, others: &Leak, parts: &Leak) -> bool {
    piles_up(others)
        && piles_up(parts)
        && gain_the_same(others, parts)
        && are_dominated_each(e, &others.accumulators, &parts.accumulators)
}

fn piles_up(suspect: &Leak) -> bool {
    matches!(suspect.rule, CLOSURES | INSTANCES)
}

/// Whether both gain as many from snapshot to snapshot.
fn gain_the_same(one: &Leak, two: &Leak) -> bool {
    let steps = |suspect: &Leak| -> Vec<u64> {
        suspect.counts.windows(2).map(|pair| pair[1].saturating_sub(pair[0])).collect()
    };
    let (one, two) = (steps(one), steps(two));
    !one.is_empty() && one == two
}

/// Whether `parts` are dominated each by one of `keepers`.
fn are_dominated_each(e: &Evidence, keepers: &[NodeOrdinal], parts: &[NodeOrdinal]) -> bool {
    let keepers: FxHashSet<NodeOrdinal> = keepers.iter().copied().collect();
    let kept = parts.iter().map(|&part| e.heap.dominator(part));
    let met: FxHashSet<NodeOrdinal> = kept.filter(|keeper| keepers.contains(keeper)).collect();
    met.len() as f64 >= MIN_SHARE * parts.len() as f64
}

/// Notes in the user's leak that the dependency's leak, which was joined to it, retains more: its bytes are freed
/// with the user's objects.
fn tell_all_that_stays(leader: &mut Leak, whole: &Leak) {
    let (own, all) = (leader.retained_size, whole.retained_size);
    if let Some(place) = whole.primary().filter(|_| all > own) {
        leader.together_with = Some((all, place.name.clone()));
    }
}

/// Adds a leak that grows along with `leader`, which retains most.
fn take_along(e: &Evidence, leader: &mut Leak, other: Leak) {
    leader.shallow_size += other.shallow_size;
    leader.accumulators.extend(&other.accumulators);
    leader.retained_size = e.retained_by(&leader.accumulators);
    leader.along.push(other);
}

fn absorb(leader: &mut Leak, other: Leak) {
    leader.retained_size = leader.retained_size.max(other.retained_size);
    leader.shallow_size += other.shallow_size;
    leader.accumulators.extend(&other.accumulators);
    leader.joined.push(other);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Ran, placed};

    #[test]
    fn what_one_variable_of_a_package_holds_is_one_leak_and_of_ones_own_it_may_be_several() {
        let (package, own) = ("/shop/node_modules/next/server.js", "/shop/src/state.js");
        let map = placed::leak(GROWING, package, 8);
        assert!(are_of_one_holder(&map, &placed::leak(CHAIN, package, 8)));
        assert!(!are_of_one_holder(&map, &placed::leak(CHAIN, package, 40)), "another variable");
        assert!(!are_of_one_holder(&map, &placed::leak(INSTANCES, package, 8)), "what piles up");
        assert!(!are_of_one_holder(&placed::leak(GROWING, own, 8), &placed::leak(CHAIN, own, 8)));
    }

    #[test]
    fn functions_that_one_each_keeps_are_parts_of_those() {
        let program = "
            class Effect {
                constructor(run, before) { this.run = run; this.before = before; }
            }
            function start(number) { return function redraw() { return number; }; }
            const all = function redrawAll() {};
            let own, common;
            for (let i = 0; i < 20; i++) own = new Effect(start(i), own);
            for (let i = 0; i < 20; i++) common = new Effect(all, common);
            globalThis.effects = { own, common };
        ";
        let ran = Ran::file(program);
        let (redraw, shared) = (ran.closures("redraw"), ran.closures("redrawAll"));
        assert_eq!((redraw.len(), shared.len()), (20, 1));
        ran.ask(|e| {
            let is_effect =
                |&node: &NodeOrdinal| e.heap.name(node) == "Effect" && e.heap.distance(node) > 2;
            let holds = |node: &NodeOrdinal, function: &[NodeOrdinal]| {
                e.heap.edges(*node).any(|edge| function.contains(&edge.to))
            };
            let effects: Vec<NodeOrdinal> = e.heap.nodes().filter(is_effect).collect();
            let own: Vec<NodeOrdinal> =
                effects.iter().copied().filter(|it| holds(it, &redraw)).collect();
            let common: Vec<NodeOrdinal> =
                effects.iter().copied().filter(|it| holds(it, &shared)).collect();
            assert_eq!((own.len(), common.len()), (20, 20));
            assert!(are_dominated_each(e, &own, &redraw));
            assert!(!are_dominated_each(e, &redraw, &own), "each effect is kept by the next");
            assert!(!are_dominated_each(e, &common, &redraw));
        });
    }
}
