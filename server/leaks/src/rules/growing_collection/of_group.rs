//! One group of collections as a leak: what it retains, what its source says, and the places to tell it at.
//! Which collections are a group is decided in [`super`].

use heapmark_heap::CollectionKind;

use crate::blame::holding::{Blame, way_from_top};
use crate::blame::payload::{Kept, kept_by};
use crate::blame::retaining_path::{self, Step};
use crate::census::is_room;
use crate::evidence::Evidence;
use crate::locate::Holder;
use crate::locate::statements::{MAX_SHOWN, Statements};
use crate::report::fingerprint::fingerprint;
use crate::report::{Hop, Outside, Role, Rule};
use crate::rules::growing_collection::facts::{CollectionFacts, CollectionPlace, Counted, Shape};
use crate::rules::growing_collection::group::Group;
use crate::rules::growing_collection::group_members::GroupMembers;
use crate::rules::growing_collection::known_keys;
use crate::rules::growing_collection::met_again::met_again;
use crate::rules::growing_collection::statements::statements;
use crate::rules::growing_collection::unread_streams::Unread;
use crate::rules::growing_collection::weak_map_value::WeakValue;
use crate::rules::leak::{At, Leak};
use crate::rules::retained_after_close::Defunct;
use crate::v8::events::DEPENDENT;
use crate::v8::members::way_to_member;
use crate::v8::sites::Kind;
use crate::verdict::{Access, Features, Signs, What};

/// `twins` hold the same things; all together they retain so many bytes.
pub(super) fn leak(
    e: &Evidence,
    group: &Group,
    held: GroupMembers,
    twins: &[&Group],
    retained: u64,
) -> Leak {
    let nodes = group.nodes();
    let GroupMembers { members, defunct, accumulators } = held;
    let holder = group.blame.holder.as_ref();
    let statements = holder.map(|holder| statements(e, group, holder)).unwrap_or_default();
    let (counts, trend) = (group.counts(), group.seen());
    let kind = e.heap.collection_kind(group.collections[0].node);
    let signs = signs(e, group, &counts, defunct);
    let unread = statements.unread.or_else(|| group.blame.unread(e));
    let statements = Statements { unread, ..statements };
    let what = What::Collection(access(group, kind));
    let features = Features { signs, ..statements.features(what, trend) };
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
        shape: shape(group, kind),
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
        is_of_known_keys: signs.is_of_known_keys,
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

/// What the judge looks at besides the counts.
fn signs(e: &Evidence, group: &Group, counts: &[u64], defunct: Option<Defunct>) -> Signs {
    let is_of_known_keys = matches!(group.nodes()[..], [node]
        if known_keys::is_of_known_keys(e, node, counts.last().copied().unwrap_or(0)));
    Signs {
        is_defunct: defunct.is_some_and(Defunct::is_certain),
        is_of_known_keys,
        met_again: match group.nodes()[..] {
            [node] => met_again(e, node),
            _ => 0.0,
        },
        ..Signs::default()
    }
}

/// How its entries are found.
fn access(group: &Group, kind: Option<CollectionKind>) -> Access {
    match kind {
        _ if group.cache.is_some() => Access::ByKey,
        // A list holds its elements one after the other, whatever they are made of.
        _ if group.is_list() => Access::InOrder,
        None | Some(CollectionKind::Map | CollectionKind::Dictionary) => Access::ByKey,
        Some(CollectionKind::Array) => Access::InOrder,
        Some(_) => Access::ByMember,
    }
}

/// What people call it.
fn shape(group: &Group, kind: Option<CollectionKind>) -> Shape {
    match kind {
        _ if group.cache.is_some() => Shape::Collection(CollectionKind::Map),
        _ if group.is_list() => Shape::List,
        Some(kind) => Shape::Collection(kind),
        None => Shape::Object,
    }
}

/// Which of a stream's lists is full, and what these are called, differs between versions of Node.
fn fingerprint_of(e: &Evidence, rule: Rule, group: &Group, unread: Option<&Unread>) -> String {
    let holder = group.blame.holder.as_ref();
    let file = holder.map_or_else(String::new, |it| e.locator.relative(it.spot.path()));
    let declared_in = holder.map_or_else(String::new, |holder| holder.declared_in.key());
    match unread.filter(|_| holder.is_some()) {
        Some(unread) => fingerprint(rule, &[&file, &declared_in, &unread.name, "unread"]),
        None => fingerprint(rule, &[&file, &declared_in, &group.name]),
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
fn outside(e: &Evidence, group: &Group, kept: Option<&Kept>) -> Vec<Outside> {
    let of_holder = match group.blame.holder {
        None => e.locator.binding_outside(&group.blame.owner),
        Some(_) => None,
    };
    let of_kept = kept.and_then(|kept| e.locator.outside(kept.site.location));
    of_holder.into_iter().chain(of_kept).collect()
}
