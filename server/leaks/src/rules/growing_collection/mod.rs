//! growing-collection: a Map, Set, Array or plain object that only grows.
//!
//! The holder is the declaration of the variable or field that keeps it; the places that add come
//! from the source ([`statements`]). Arrays of listeners are not looked at here but in
//! [`crate::rules::growing_listeners`].

pub(crate) mod facts;
mod global_object;
pub(crate) mod group;
mod held;
mod known_keys;
mod linked_entries;
mod merge_keys;
pub(crate) mod node_registries;
mod packaged_cache;
mod statements;
pub(crate) mod unread_streams;
pub(crate) mod weak_map_value;

use std::path::PathBuf;

use heapmark_heap::{CollectionKind, NodeOrdinal, NodeType};
use rustc_hash::FxHashSet;

use crate::blame::access_path::name_of;
use crate::blame::holding::{Blame, blame_for, way_from_top};
use crate::blame::payload::{Kept, kept_by};
use crate::blame::retaining_path::{self, Step};
use crate::census::is_room;
use crate::evidence::members::members;
use crate::evidence::same_members::MemberOverlap;
use crate::evidence::{Evidence, GrowingCollection, of_each};
use crate::locate::packages::is_one_place;
use crate::locate::statements::{MAX_SHOWN, Statements};
use crate::locate::{Holder, is_plain_name};
use crate::report::fingerprint::fingerprint;
use crate::report::{Hop, Role, Rule};
use crate::rules::growing_collection::facts::{CollectionFacts, CollectionPlace, Counted, Shape};
use crate::rules::growing_collection::group::Group;
use crate::rules::growing_collection::held::{Held, retained_by_each};
use crate::rules::growing_collection::linked_entries::Lists;
use crate::rules::growing_collection::merge_keys::join_keys;
use crate::rules::growing_collection::node_registries::Registry;
use crate::rules::growing_collection::packaged_cache::PackagedCache;
use crate::rules::growing_collection::statements::statements;
use crate::rules::growing_collection::unread_streams::Unread;
use crate::rules::growing_collection::weak_map_value::WeakValue;
use crate::rules::leak::{At, Leak};
use crate::rules::retained_after_close::Defunct;
use crate::rules::scene::Scene;
use crate::v8::bindings::Binding;
use crate::v8::events::DEPENDENT;
use crate::v8::linked_lists::Chain;
use crate::v8::members::way_to_member;
use crate::v8::sites::Kind;
use crate::verdict::thresholds::growing_collection::{MIN_IN_ONE, MIN_SHARE_IN_ONE};
use crate::verdict::trend::Trend;
use crate::verdict::{Access, Features, Signs, Source, What};

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
    let held = of_each(&groups, |group| Held::of(e, group, &lists));
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

/// Of each group those that hold the same things: they will be [one finding](crate::triage::merge), and what
/// both hold, only both keep.
fn twins(e: &Evidence, groups: &[Group], held: &[Held]) -> Vec<Vec<usize>> {
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
    // What two have in common with a third, all three keep together.
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

/// The large collections of a single snapshot.
pub(crate) fn large(e: &Evidence) -> Vec<GrowingCollection> {
    let large_enough = |node, entries: u64| {
        let is_large = entries >= MIN_IN_ONE
            && e.heap.retained_size(node) as f64 >= MIN_SHARE_IN_ONE * e.heap.total_size() as f64;
        is_large || Defunct::of(e, &members(e, node)).is_some()
    };
    e.collections_of_newest()
        // The global object holds all of Node.
        .filter(|&(node, entries)| !e.shapes.is_global(node) && large_enough(node, entries))
        .map(|(node, entries)| GrowingCollection::new(node, vec![entries], Trend::Once))
        .collect()
}

/// `twins` hold the same things; all together they retain so many bytes.
fn leak(e: &Evidence, group: &Group, held: Held, twins: &[&Group], retained: u64) -> Leak {
    let nodes = group.nodes();
    let Held { members, defunct, accumulators } = held;
    let holder = group.blame.holder.as_ref();
    let statements = holder.map(|holder| statements(e, group, holder)).unwrap_or_default();
    let (counts, trend) = (group.counts(), group.seen());
    let is_of_known_keys = matches!(nodes[..], [node]
        if known_keys::is_of_known_keys(e, node, counts.last().copied().unwrap_or(0)));
    let kind = e.heap.collection_kind(group.collections[0].node);
    let what = What::Collection(match kind {
        _ if group.cache.is_some() => Access::ByKey,
        // A list holds its elements one after the other, whatever they are made of.
        _ if group.is_list() => Access::InOrder,
        None | Some(CollectionKind::Map | CollectionKind::Dictionary) => Access::ByKey,
        Some(CollectionKind::Array) => Access::InOrder,
        Some(_) => Access::ByMember,
    });
    let signs = Signs {
        is_defunct: defunct.is_some_and(Defunct::is_certain),
        is_of_known_keys,
        has_begun: group.is_replaced() && counts.len() == 2 && counts[0] == 0,
    };
    let is_unread = holder.is_none() || group.blame.is_unread;
    let source = Source { is_unread, ..statements.source() };
    let features = Features { signs, ..Features::new(what, trend, source) };
    let kept = kept_by(e, &members, &[Kind::Instance, Kind::Closure, Kind::Frame]);
    let weak_value = WeakValue::of(e, &group.blame);
    let unread = Unread::of(e, &group.blame);
    let rule = group.rule(defunct);
    let fingerprint = fingerprint_of(e, rule, group, unread.as_ref());
    let of = unread.as_ref().map(|unread| unread.stream);
    let (path, steps) = path(e, group, kept.as_ref());
    let places = places(e, group, &statements, weak_value.as_ref(), unread.as_ref(), kept.as_ref());
    let is_users = places.first().is_some_and(|first| matches!(first.is, CollectionPlace::User));
    let statements = if is_users { statements.elsewhere() } else { statements };
    let facts = CollectionFacts {
        name: group.name.clone(),
        shape: match kind {
            _ if group.cache.is_some() => Shape::Collection(CollectionKind::Map),
            _ if group.is_list() => Shape::List,
            Some(kind) => Shape::Collection(kind),
            None => Shape::Object,
        },
        instances: nodes.len(),
        counted: if nodes.iter().all(|&node| is_room(e.heap, node)) {
            Counted::Room
        } else {
            Counted::Entries
        },
        trend,
        retained,
        heap_size: e.heap.total_size(),
        is_replaced: group.is_replaced(),
        is_of_known_keys,
        defunct,
        are_combined_signals: group.name.ends_with(DEPENDENT),
        twins: twins.iter().map(|twin| twin.name.clone()).collect(),
        places,
        statements,
        weak_value,
        unread,
    };
    Leak {
        shallow_size: nodes.iter().map(|&node| e.heap.self_size(node)).sum(),
        retained_size: retained,
        outside: outside(e, group, kept.as_ref()),
        path,
        steps,
        accumulators,
        members,
        of,
        ..Leak::new(rule, features, fingerprint, counts, facts)
    }
}

/// Which of a stream's lists is full, and what these are called, differs between versions of Node.
fn fingerprint_of(e: &Evidence, rule: Rule, group: &Group, unread: Option<&Unread>) -> String {
    let holder = group.blame.holder.as_ref();
    let file = holder.map_or_else(String::new, |it| e.locator.relative(it.spot.path()));
    let scope = holder.map_or("", |holder| holder.scope.as_str());
    match unread.filter(|_| holder.is_some()) {
        Some(unread) => fingerprint(rule, &[&file, scope, &unread.name, "unread"]),
        None => fingerprint(rule, &[&file, scope, &group.name]),
    }
}

/// The way from the top to one of the leaked things, and the same as people count the steps.
fn path(e: &Evidence, group: &Group, kept: Option<&Kept>) -> (Vec<Hop>, Vec<Step>) {
    let (top, mut edges) = way_from_top(e, &group.blame);
    if let Some(kept) = kept {
        // The member may be of any collection of the group; only the first has its way written out.
        edges.extend(way_to_member(e.heap, group.nodes()[0], kept.member)); // there is at least one
        edges.extend(&kept.edges);
    }
    let leaked = kept.and_then(|kept| e.locator.site(kept.site));
    let leaked = leaked.as_ref().map_or("", |spot| spot.short_name());
    let from = top.as_ref().or(group.blame.holder.as_ref());
    (retaining_path::hops(e, &edges), retaining_path::steps(e, from, &edges, leaked))
}

/// The places in the order in which they are told, the primary one first.
fn places(
    e: &Evidence,
    group: &Group,
    statements: &Statements,
    weak_value: Option<&WeakValue>,
    unread: Option<&Unread>,
    kept: Option<&Kept>,
) -> Vec<At<CollectionPlace>> {
    let mut places: Vec<At<CollectionPlace>> = Vec::new();
    let holder = group.blame.holder.as_ref();
    if let Some(holder) = holder {
        let declared = At::name_of(Role::Holder, &holder.spot, CollectionPlace::Holder);
        for add in statements.adds.iter().take(MAX_SHOWN) {
            let is_copy = group.is_replaced() && add.puts_another();
            let is = if is_copy { CollectionPlace::PutsLonger } else { CollectionPlace::Adds };
            places.push(At::statement(&holder.spot, add, is));
        }
        let puts = weak_value.map_or(&[][..], WeakValue::puts).iter();
        let puts = puts.map(|put| At::statement(&holder.spot, put, CollectionPlace::PutsValue));
        places.extend(puts.filter(|put| !put.spotted.is_at(&declared.spotted)));
        places.insert(0, declared);
    }
    if let Some((spot, kept)) = kept.and_then(|kept| Some((e.locator.site(kept.site)?, kept))) {
        let alive = e.site_series(kept.site);
        let is = CollectionPlace::Kept { name: spot.short_name().to_owned(), alive };
        places.push(At::name_of(Role::Leaked, &spot, is));
        if kept.site.kind == Kind::Closure
            && let Some(call) = spot.file.handed_over(spot.range)
        {
            let call = At::statement(&spot, &call.into(), CollectionPlace::HandsOver);
            let is_known = |place: &At<CollectionPlace>| {
                place.spotted.file == spot.path() && place.spotted.range == call.spotted.range
            };
            if !places.iter().any(is_known) {
                places.push(call);
            }
        }
    }
    if let Some(user) = group.blame.telling_user(places.iter().map(|at| at.spotted.file.as_path()))
    {
        let at = At::name_of(Role::User, &user.spot, CollectionPlace::User);
        // What a package made for the user is the user's to bound and to let go of.
        let is_users = is_made_by_package(&group.blame, user);
        places.insert(if is_users { 0 } else { places.len() }, at);
    }
    if let (Some(holder), Some(unread)) = (holder, unread) {
        let writes = unread.writes.iter().take(MAX_SHOWN);
        places.extend(writes.map(|it| At::statement(&holder.spot, it, CollectionPlace::Writes)));
    }
    places
}

/// Whether `user` declares what a package made for it.
fn is_made_by_package(blame: &Blame, user: &Holder) -> bool {
    !blame.is_far && !user.is_import() && user.is_made_by_one_call()
}

/// Where its code stands that is not in the workspace.
fn outside(e: &Evidence, group: &Group, kept: Option<&Kept>) -> Vec<String> {
    let outside = kept.and_then(|kept| e.locator.outside(kept.site.location));
    let evaluated = || match group.blame.holder {
        None => e.locator.evaluated(&group.blame.owner),
        Some(_) => None,
    };
    outside.or_else(evaluated).into_iter().collect()
}

#[cfg(test)]
mod drawn_tests;

#[cfg(test)]
mod tests;
