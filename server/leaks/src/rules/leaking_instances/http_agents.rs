//! leaking-instances of a class of Node's own: an `http.Agent` that is made for each request. With
//! `keepAlive` it keeps its sockets, and each open socket keeps it.
//!
//! ```text
//! TCP → Socket ─_events→ Object ─free→ onFree ─context→ scope ─agent→ Agent
//! ```
//!
//! The class has no place in the user's source, the call that makes them has.

use heapmark_heap::{EdgeType, NodeOrdinal, NodeSet, NodeType};
use rustc_hash::FxHashMap;

use crate::blame::holding::blame_for;
use crate::blame::node_holders::NodesOwn;
use crate::blame::retaining_path;
use crate::evidence::Evidence;
use crate::evidence::churn::churns;
use crate::locate::Origin;
use crate::locate::statements::{MAX_SHOWN, Statement, Statements};
use crate::report::fingerprint::fingerprint;
use crate::rules::leak::{At, Leak, Spotted};
use crate::v8::sites::{Kind, SiteKey};
use crate::verdict::What;
use crate::verdict::thresholds::http_agents::{MAX_IN_USE, MIN_SHARE};
use crate::verdict::trend::{Trend, seen};

/// How Node calls the class.
pub(crate) const AGENT: &str = "Agent";
/// A budget: so many are asked who holds them, a climb each; agents of one place are held alike.
const ASKED: usize = 8;
/// The agents that pile up because their sockets keep them. `unexplained` is what stays reachable without
/// what the other rules blame, `explained` is a part of what they found.
pub(crate) fn find(e: &Evidence, unexplained: &NodeSet, explained: &NodeSet) -> Vec<Leak> {
    let mut at_site: FxHashMap<SiteKey, Vec<NodeOrdinal>> = FxHashMap::default();
    let Some(name) = e.heap.find_string(AGENT) else { return Vec::new() };
    for &(node, location) in e.heap.locations() {
        if e.heap.name_index(node) == name && e.heap.node_type(node) == NodeType::Object {
            let site = SiteKey { kind: Kind::Instance, location };
            at_site.entry(site).or_default().push(node);
        }
    }
    let mut sites: Vec<(SiteKey, Vec<NodeOrdinal>)> = at_site.into_iter().collect();
    sites.retain(|(site, _)| e.locator.origin(site.location) == Origin::Builtin);
    sites.sort_unstable_by_key(|(site, _)| *site);
    let leaks = sites.into_iter().filter_map(|(site, mut agents)| {
        let counts = e.site_series(site);
        let seen = seen(&counts)?;
        if churns(e, &agents, &counts) {
            return None;
        }
        agents.retain(|&it| e.is_new(it) && unexplained.contains(it) && !explained.contains(it));
        // What the program holds itself is told there, if it is too much.
        let asked = agents.iter().step_by(agents.len().div_ceil(ASKED).max(1));
        if asked.filter(|&&agent| is_held_by_program(e, agent)).count() > MAX_IN_USE {
            return None;
        }
        let grown = counts.last()? - counts.first()?;
        let with_sockets = agents.iter().filter(|&&agent| has_sockets(e, agent)).count();
        (with_sockets as f64 >= MIN_SHARE * grown as f64).then(|| leak(e, counts, seen, agents))?
    });
    leaks.collect()
}

fn is_held_by_program(e: &Evidence, agent: NodeOrdinal) -> bool {
    let blame = blame_for(e, agent);
    let origin = blame.and_then(|blame| e.locator.binding_origin(&blame.owner));
    matches!(origin, Some(Origin::Own | Origin::Dependency))
}

/// Whether an agent has sockets, in use or free, by the names of what they lead to.
fn has_sockets(e: &Evidence, agent: NodeOrdinal) -> bool {
    ["sockets", "freeSockets"].iter().any(|table| {
        let table = e.heap.child(agent, EdgeType::Property, table);
        table.is_some_and(|table| {
            let mut names = e.heap.edges(table).filter(|it| it.edge_type == EdgeType::Property);
            names.any(|edge| !edge.is_named(e.heap, "__proto__"))
        })
    })
}

/// Agents that pile up because their sockets keep them.
pub(crate) struct PiledUpAgents {
    pub(crate) trend: Trend,
    /// Bytes.
    pub(crate) retained: u64,
    /// What makes them, also in other files than the first.
    pub(crate) made: Vec<Statement>,
    /// The first of the calls that make them.
    pub(crate) places: Vec<Spotted>,
}

fn leak(e: &Evidence, counts: Vec<u64>, trend: Trend, agents: Vec<NodeOrdinal>) -> Option<Leak> {
    let calls = e.locator.own_calls(AGENT);
    let (first, _) = calls.first()?;
    let adds = calls.iter().map(|(_, call)| Statement::from(call.clone()));
    let adds: Vec<Statement> =
        adds.map(|add| Statement { is_elsewhere: add.file != first.path(), ..add }).collect();
    let places = calls.iter().take(MAX_SHOWN);
    let places = places.map(|(spot, call)| At::statement(spot, &call.clone().into(), ()).spotted);
    let statements = Statements { adds, ..Statements::default() };
    let features = statements.features(What::Pile, trend);
    let &example = agents.iter().min_by_key(|&&agent| (e.heap.distance(agent), agent))?;
    let own = NodesOwn::of(e, None, example);
    let edges = own.as_ref().map(|own| own.edges.clone()).unwrap_or_default();
    let steps = own.as_ref().map(|own| own.steps(retaining_path::steps(e, None, &edges, AGENT)));
    let fingerprint = fingerprint(
        crate::rules::leaking_instances::facts::INSTANCES,
        &[&e.locator.relative(first.path()), AGENT],
    );
    let retained = e.retained_by(&agents);
    let facts = PiledUpAgents { trend, retained, made: statements.adds, places: places.collect() };
    Some(Leak {
        shallow_size: agents.iter().map(|&agent| e.heap.self_size(agent)).sum(),
        retained_size: retained,
        path: retaining_path::hops(e, &edges),
        steps: steps.unwrap_or_default(),
        accumulators: agents,
        ..Leak::new(
            crate::rules::leaking_instances::facts::INSTANCES,
            features,
            fingerprint,
            counts,
            facts,
        )
    })
}
