//! pending-promises, leaking-closure, leaking-instances: what piles up although no collection,
//! emitter or timer explains it.
//!
//! These look only at things that stay reachable when nobody may enter what the other rules blame:
//! whatever hangs on an explained leak is part of that leak and not a leak of its own.

pub(crate) mod facts;
pub(crate) mod http_agents;
pub(crate) mod weak_references;

use heapmark_heap::{Edge, NodeOrdinal, NodeSet, ScriptId};
use rustc_hash::{FxHashMap, FxHashSet};

use crate::blame::access_path::name_of;
use crate::blame::async_context::KeptStores;
use crate::blame::holding::{Blame, blame_for};
use crate::blame::node_holders::NodesOwn;
use crate::blame::retaining_path;
use crate::evidence::Evidence;
use crate::evidence::churn::churns;
use crate::evidence::in_flight::{reacts_to_timers, waits_for_timers};
use crate::evidence::turnover::gone;
use crate::locate::statements::Statements;
use crate::locate::{Origin, Spot};
use crate::report::Role;
use crate::report::fingerprint::fingerprint;
use crate::rules::leak::{At, Leak};
use crate::rules::leaking_instances::facts::{KeptBy, Pile, PilePlace, Piled};
use crate::rules::leaking_instances::weak_references::weakly_kept;
use crate::rules::scene::Scene;
use crate::v8::sites::{Kind, SiteKey, sites_of};
use crate::verdict::thresholds::leaking_instances::MIN_UNEXPLAINED_SHARE;
use crate::verdict::trend::{Trend, seen, seen_of_large};
use crate::verdict::{Features, Signs, What};

/// A budget: so many sites are looked at, calls that wait first and then the most numerous: what piles up most
/// explains the rest.
const MAX_SITES: usize = 40;

/// Every growing site of the user's own code that nothing else explains, and agents with their sockets.
pub(crate) fn find(scene: &mut Scene) -> Vec<Leak> {
    let e = scene.e;
    let Some(residue) = &scene.residue else { return Vec::new() };
    let mut explained = scene.members();
    let mut leaks = piles(e, &residue.unexplained, explained.clone(), &scene.reloaded);
    e.add_below(&mut explained, leaks.iter().flat_map(|leak| leak.accumulators.iter().copied()));
    leaks.extend(http_agents::find(e, &residue.unexplained, &explained));
    leaks
}

/// `unexplained` is what stays reachable without the accumulators of the other rules, `explained` what
/// those hold.
fn piles(
    e: &Evidence,
    unexplained: &NodeSet,
    mut explained: NodeSet,
    reloaded: &FxHashSet<ScriptId>,
) -> Vec<Leak> {
    let mut at_site: FxHashMap<SiteKey, Vec<NodeOrdinal>> = FxHashMap::default();
    let is_candidate =
        |site: &SiteKey| site.kind != Kind::Timer && !reloaded.contains(&site.location.script);
    for (node, site) in sites_of(e.heap, e.shapes).filter(|(_, site)| is_candidate(site)) {
        at_site.entry(site).or_default().push(node);
    }
    let is_unexplained = |node: &NodeOrdinal| e.is_new(*node) && unexplained.contains(*node);
    let mut growing: Vec<Growing> = at_site
        .into_iter()
        .filter_map(|(site, mut nodes)| {
            let counts = e.site_series(site);
            let trend = seen(&counts).or_else(|| seen_of_large(&counts))?;
            if churns(e, &nodes, &counts) {
                return None;
            }
            let gone = gone(e, &nodes, &counts);
            nodes.retain(is_unexplained);
            let grown = counts.last()? - counts.first()?;
            if (nodes.len() as f64) < MIN_UNEXPLAINED_SHARE * grown as f64 {
                return None;
            }
            if seen(&counts).is_none() && !e.are_large(&nodes) {
                return None;
            }
            let is_suspicious = match e.locator.origin(site.location) {
                Origin::Own => true,
                // What a package makes when it is first used is its own business.
                Origin::Dependency => counts[0] > 0 || matches!(trend, Trend::Growing { .. }),
                Origin::Builtin | Origin::Elsewhere => false,
            };
            is_suspicious.then_some(Growing { site, counts, trend, gone, nodes })
        })
        .collect();
    // Frames first: a call that never ends explains everything it keeps.
    growing.sort_by_key(|Growing { site, counts, .. }| {
        (site.kind != Kind::Frame, std::cmp::Reverse(counts.last().copied()), *site)
    });
    let mut leaks: Vec<Leak> = Vec::new();
    for mut growing in growing.into_iter().take(MAX_SITES) {
        // What an earlier leak dominates is a part of it.
        growing.nodes.retain(|&node| !explained.contains(node));
        let all = growing.counts.last().copied().unwrap_or(0);
        if (growing.nodes.len() as f64) < MIN_UNEXPLAINED_SHARE * all as f64 {
            continue;
        }
        if let Some(leak) = leak(e, growing) {
            explained.extend(leak.accumulators.iter().copied());
            e.add_below(&mut explained, leak.accumulators.iter().copied());
            leaks.push(leak);
        }
    }
    leaks
}

/// A class or function of which there are more and more.
struct Growing {
    site: SiteKey,
    /// How many there were, oldest first.
    counts: Vec<u64>,
    trend: Trend,
    /// The part of those of before that is gone; see [`gone`].
    gone: Option<f64>,
    /// Those that are new and that nothing else explains.
    nodes: Vec<NodeOrdinal>,
}

/// Looks at the unexplained things of one site.
fn leak(e: &Evidence, growing: Growing) -> Option<Leak> {
    let Growing { site, counts, trend, gone, nodes } = growing;
    let nodes = &nodes[..];
    let spot = e.locator.site(site)?;
    // The one nearest to a root is the one whose holder is found soonest.
    let &example = nodes.iter().min_by_key(|&&node| (e.heap.distance(node), node))?;
    let blame = blame_for(e, example);
    let what = Piled::of(site.kind);
    let calls = Some(nodes).filter(|_| what == Piled::Calls);
    let stores = calls.and_then(|calls| KeptStores::of(e, calls));
    let mut accumulators = nodes.to_vec();
    accumulators.extend(stores.iter().flat_map(|stores| stores.nodes.iter().copied()));
    let retained = e.retained_by(&accumulators);
    let weakly = blame.as_ref().and_then(|blame| weakly_kept(e, nodes, &blame.owner.edges));
    let (weakly, of_map) = weakly.map_or((None, Vec::new()), |(how, places)| (Some(how), places));

    let nodes_own = NodesOwn::of(e, blame.as_ref(), example);
    let by = blame.as_ref().map(|Blame { owner, holder, .. }| name_of(e, owner, holder.as_ref()));
    let places = places(&spot, what, blame.as_ref(), stores.as_ref(), of_map);
    let edges: Vec<Edge> = match (&blame, &nodes_own) {
        (Some(blame), _) => blame.owner.edges.clone(),
        (None, Some(own)) => own.edges.clone(),
        (None, None) => Vec::new(),
    };
    let holder = blame.as_ref().and_then(|blame| blame.holder.as_ref());
    let below = retaining_path::steps(e, holder, &edges, spot.short_name());
    let steps = match &nodes_own {
        Some(own) => own.steps(below),
        // Nothing but the thing itself is known.
        None if edges.is_empty() => Vec::new(),
        None => below,
    };
    let file = e.locator.relative(spot.path());
    let rule = what.rule();
    let fingerprint = fingerprint(rule, &[&file, &spot.name, by.as_deref().unwrap_or_default()]);
    let statements = bounds_of_holder(e, blame.as_ref());
    let is_timed = match what {
        Piled::Calls => waits_for_timers(e, nodes),
        Piled::Closures => reacts_to_timers(e, nodes),
        Piled::Instances => false,
    };
    let signs = Signs { is_timed, ..Signs::default() };
    let features = Features { signs, gone, ..statements.features(What::Pile, trend) };
    let facts = Pile {
        what,
        name: spot.short_name().to_owned(),
        trend,
        some_are_gone: gone.is_some_and(|gone| gone > 0.0),
        are_timed: is_timed && what == Piled::Calls,
        retained,
        kept_by: match (by, nodes_own) {
            (Some(by), _) => KeptBy::Binding(by),
            (None, Some(own)) => KeptBy::Node(own),
            (None, None) => KeptBy::Unknown,
        },
        weakly,
        stores,
        places,
    };
    Some(Leak {
        shallow_size: nodes.iter().map(|&node| e.heap.self_size(node)).sum(),
        retained_size: retained,
        outside: e.locator.outside(site.location).into_iter().collect(),
        path: retaining_path::hops(e, &edges),
        steps,
        accumulators,
        of: blame.as_ref().and_then(|blame| Some(blame.owner.edges.first()?.to)),
        ..Leak::new(rule, features, fingerprint, counts, facts)
    })
}

/// What bounds the holder of a pile, or takes out of it: a ring that was made at its full size does not
/// grow, but what it holds does until it is full. What adds to it adds other things, too.
fn bounds_of_holder(e: &Evidence, blame: Option<&Blame>) -> Statements {
    let holder = blame.and_then(|blame| blame.holder.as_ref());
    let about = |holder| Statements::about(e.locator, holder, None);
    Statements { adds: Vec::new(), ..holder.map(about).unwrap_or_default() }
}

/// The places of a pile, of which `of_map` are those of a `WeakMap` that keeps it.
fn places(
    spot: &Spot,
    what: Piled,
    blame: Option<&Blame>,
    stores: Option<&KeptStores>,
    of_map: Vec<At<PilePlace>>,
) -> Vec<At<PilePlace>> {
    let mut places = vec![At::name_of(Role::Leaked, spot, PilePlace::Leaked)];
    if let Some(holder) = blame.and_then(|blame| blame.holder.as_ref()) {
        places.push(At::name_of(Role::Holder, &holder.spot, PilePlace::Holder));
    }
    if let Some((class, alive)) = stores.and_then(|stores| stores.class.as_ref()) {
        places.push(At::name_of(Role::Leaked, class, PilePlace::Stores(*alive)));
    }
    places.extend(of_map);
    if let Some(user) = blame.and_then(|blame| blame.user.as_ref()) {
        places.push(At::name_of(Role::User, &user.spot, PilePlace::OfUser));
    }
    if what == Piled::Closures
        && let Some(call) = spot.file.handed_over(spot.range)
    {
        places.push(At::statement(spot, &call.into(), PilePlace::HandsOver));
    }
    places
}

#[cfg(test)]
mod drawn_tests;
