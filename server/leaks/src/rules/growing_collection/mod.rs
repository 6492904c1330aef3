//! growing-collection: a Map, Set, Array or plain object that only grows.
//!
//! The holder is the declaration of the variable or field that keeps it; the places that add come
//! from the source ([`statements`]). Here is decided which collections are told together; what one such group
//! is as a leak, in [`of_group`]. Arrays of listeners are not looked at here but in
//! [`crate::rules::growing_listeners`].

pub(crate) mod facts;
mod global_object;
pub(crate) mod group;
mod group_members;
mod known_keys;
pub(crate) mod large;
mod linked_entries;
mod merge_keys;
mod met_again;
pub(crate) mod node_registries;
mod of_group;
mod packaged_cache;
mod statements;
pub(crate) mod unread_streams;
pub(crate) mod weak_map_value;

use std::path::PathBuf;

use heapmark_heap::{NodeOrdinal, NodeType};
use rustc_hash::FxHashSet;

use crate::blame::access_path::name_of;
use crate::blame::holding::{Blame, blame_for};
use crate::evidence::same_members::MemberOverlap;
use crate::evidence::{Evidence, GrowingCollection, of_each};
use crate::locate::is_plain_name;
use crate::locate::packages::is_one_place;
use crate::rules::growing_collection::group::Group;
use crate::rules::growing_collection::group_members::{GroupMembers, retained_by_each};
use crate::rules::growing_collection::linked_entries::Lists;
use crate::rules::growing_collection::merge_keys::join_keys;
use crate::rules::growing_collection::node_registries::Registry;
use crate::rules::growing_collection::of_group::leak;
use crate::rules::growing_collection::packaged_cache::PackagedCache;
use crate::rules::leak::Leak;
use crate::rules::scene::Scene;
use crate::v8::bindings::Binding;
use crate::v8::linked_lists::Chain;

/// Every collection that no other rule took.
pub(crate) fn find(scene: &mut Scene) -> Vec<Leak> {
    told(scene.e, &scene.collections, scene.lists)
}

/// Looks at every collection of `growing`. Those that one declaration holds are one finding: a field
/// of many instances, or the values of a map of arrays. What they hold may hang together in `lists`, too.
pub(crate) fn told(e: &Evidence, growing: &[GrowingCollection], lists: &[Chain]) -> Vec<Leak> {
    let mut groups: Vec<Group> = Vec::new();
    let mut suspects: Vec<Leak> = Vec::new();
    for collection in growing {
        if let Some(registry) = Registry::of(e, collection.node) {
            suspects.extend(registry.leak(e, collection));
            continue;
        }
        if e.shapes.is_global(collection.node) {
            suspects.extend(global_object::leak(e, collection));
            continue;
        }
        // What only Node or V8 hold is their own bookkeeping.
        let Some(blame) = blame_for(e, collection.node) else { continue };
        let known_as = name_of(e, &blame.owner, blame.holder.as_ref());
        let blame = better_known(e, collection.node, blame);
        if let Some(cache) = PackagedCache::around(e, collection.node, &blame) {
            add_to_cache(&mut groups, collection, blame, known_as, cache);
            continue;
        }
        // A function without a name of its own is called by where it stands.
        let has_name = blame.holder.as_ref().is_none_or(|holder| is_plain_name(&holder.spot.name));
        let name =
            if has_name { name_of(e, &blame.owner, blame.holder.as_ref()) } else { known_as };
        let place = blame
            .holder
            .as_ref()
            .map(|holder| (holder.spot.path().to_owned(), holder.spot.name_range));
        let same = groups.iter_mut().find(|group| group.name == name && group.place == place);
        match same {
            Some(group) => group.collections.push(collection),
            None => groups.push(Group {
                blame,
                name,
                place,
                collections: vec![collection],
                cache: None,
                inside: String::new(),
                beside: Vec::new(),
            }),
        }
    }
    let groups = join_keys(e, groups);
    let lists = Lists::of(lists);
    let held = of_each(&groups, |group| GroupMembers::of(e, group, &lists));
    let twins: Vec<Vec<&Group>> = twins(e, &groups, &held)
        .into_iter()
        .map(|twins| twins.into_iter().map(|twin| &groups[twin]).collect())
        .collect();
    let keepers: Vec<Vec<NodeOrdinal>> =
        held.iter().zip(&twins).map(|(held, twins)| held.keepers(twins)).collect();
    let retained = retained_by_each(e, &keepers);
    let groups = groups.iter().zip(held).zip(&twins).zip(retained);
    suspects.extend(
        groups.map(|(((group, held), twins), retained)| leak(e, group, held, twins, retained)),
    );
    suspects
}

/// What a cache of a package is made of is one finding, at the declaration that makes it. The first that is
/// met retains most, and counts.
fn add_to_cache<'a>(
    groups: &mut Vec<Group<'a>>,
    collection: &'a GrowingCollection,
    blame: Blame,
    inside: String,
    cache: PackagedCache,
) {
    let is_same = |group: &&mut Group| group.cache.as_ref().is_some_and(|it| it.is(&cache));
    match groups.iter_mut().find(is_same) {
        Some(group) if group.inside == inside => group.collections.push(collection),
        Some(group) => group.beside.push(collection.node),
        None => {
            let declared = cache.declared.clone();
            groups.push(Group {
                name: declared.spot.name.clone(),
                place: Some((declared.spot.path().to_owned(), declared.spot.name_range)),
                blame: Blame::new(blame.owner, Some(declared)),
                collections: vec![collection],
                cache: Some(cache),
                inside,
                beside: Vec::new(),
            });
        }
    }
}

/// What is known of the holder besides, once it is sure that the collection grows: where a package declares
/// a global variable, and the function that is the collection itself and stands in a table.
fn better_known(e: &Evidence, node: NodeOrdinal, blame: Blame) -> Blame {
    match &blame.owner.binding {
        Binding::Global { name } if blame.holder.is_none() => {
            let holder = e.locator.global_of_dependency(name);
            Blame { holder, ..blame }
        }
        // The variable of a function or class that is declared by its name holds nothing else.
        _ if e.heap.node_type(node) == NodeType::Closure
            && (blame.owner.edges.len() > 1 || blame.holder.is_none()) =>
        {
            let Some(holder) = e.locator.function_as_holder(node) else { return blame };
            let mut owner = blame.owner;
            owner.edges.drain(..owner.edges.len() - 1);
            Blame { owner, holder: Some(holder), ..blame }
        }
        _ => blame,
    }
}

/// For each group, the other groups that hold the same members. They become [one finding](crate::triage::merge), and
/// the members are retained by all of them together, not by one alone.
fn twins(e: &Evidence, groups: &[Group], held: &[GroupMembers]) -> Vec<Vec<usize>> {
    let things: Vec<MemberOverlap> =
        held.iter().map(|it| MemberOverlap::of(e, &it.members)).collect();
    let file = |group: &Group| group.place.as_ref().map(|(file, _)| file.clone());
    let files: Vec<Option<PathBuf>> = groups.iter().map(file).collect();
    let is_one_of = |one: &Option<PathBuf>, two: &Option<PathBuf>| {
        one.as_ref().zip(two.as_ref()).is_some_and(|(one, two)| is_one_place(one, two))
    };
    let nodes: Vec<FxHashSet<NodeOrdinal>> =
        groups.iter().map(|it| it.nodes().into_iter().collect()).collect();
    let twins_of = |one: usize| {
        let is_twin = |&other: &usize| {
            other != one
                && is_one_of(&files[one], &files[other])
                // The list of one room is a part of the lists of all rooms, not another one.
                && nodes[one].is_disjoint(&nodes[other])
                && things[one].are(&things[other])
        };
        (0..groups.len()).filter(is_twin).collect()
    };
    let direct: Vec<Vec<usize>> = (0..groups.len()).map(twins_of).collect();
    // Transitive: if A and B share members, and B and C do, then all three retain them together.
    let all = |one: usize| {
        let mut met = vec![one];
        let mut next = 0;
        while let Some(&at) = met.get(next) {
            next += 1;
            for &twin in &direct[at] {
                if !met.contains(&twin) {
                    met.push(twin);
                }
            }
        }
        met.split_off(1)
    };
    (0..groups.len()).map(all).collect()
}

#[cfg(test)]
mod drawn_tests;

#[cfg(test)]
mod tests;
