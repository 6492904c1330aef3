//! pending-promises, leaking-closure, leaking-instances: what piles up although no collection,
//! emitter or timer explains it.
//!
//! These look only at things that stay reachable when nobody may enter what the other rules blame:
//! whatever hangs on an explained leak is part of that leak and not a leak of its own.

pub(crate) mod http_agents;
mod weak_references;

use heapmark_heap::{Edge, NodeOrdinal, NodeSet, ScriptId};
use rustc_hash::{FxHashMap, FxHashSet};

use crate::blame::access_path::name_of;
use crate::blame::async_context::KeptStores;
use crate::blame::holding::{Blame, blame_for};
use crate::blame::node_holders::NodesOwn;
use crate::blame::payload::kept_label;
use crate::blame::retaining_path;
use crate::census::trend::{Trend, seen};
use crate::evidence::Evidence;
use crate::evidence::churn::churns;
use crate::locate::Origin;
use crate::locate::places::{place, place_of};
use crate::locate::statements::Statements;
use crate::report::fingerprint::fingerprint;
use crate::report::place_words::line_of;
use crate::report::units::{series, size};
use crate::report::{Place, Role, Rule};
use crate::rules::leak::Leak;
use crate::rules::leaking_instances::weak_references::WeakRetention;
use crate::rules::worded::Finding;
use crate::v8::sites::{Kind, SiteKey, sites_of};
use crate::verdict::{certainty, severity};

/// The share of a site's new things that must be unexplained, so that it is a leak of its own.
const UNEXPLAINED: f64 = 0.5;
/// How many sites to look at, the most numerous first.
const MAX_SITES: usize = 40;
/// Every growing site of the user's own code that nothing else explains. `unexplained` is what stays
/// reachable without the accumulators of the other rules, `explained` what those hold. `reloaded` are
/// scripts that are copies of others, and a leak themselves.
pub(crate) fn find(
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
    let mut growing: Vec<(SiteKey, Vec<u64>, Trend, Vec<NodeOrdinal>)> = at_site
        .into_iter()
        .filter_map(|(site, mut nodes)| {
            let counts = e.site_series(site);
            let seen = seen(&counts)?;
            if churns(e, &nodes, &counts) {
                return None;
            }
            nodes.retain(is_unexplained);
            let grown = counts.last()? - counts.first()?;
            if (nodes.len() as f64) < UNEXPLAINED * grown as f64 {
                return None;
            }
            let is_suspicious = match e.locator.origin(site.location) {
                Origin::Own => true,
                // What a package makes when it is first used is its own business.
                Origin::Dependency => counts[0] > 0 || matches!(seen, Trend::Growing { .. }),
                Origin::Builtin | Origin::Elsewhere => false,
            };
            is_suspicious.then_some((site, counts, seen, nodes))
        })
        .collect();
    // Frames first: a call that never ends explains everything it keeps.
    growing.sort_by_key(|(site, counts, ..)| {
        (site.kind != Kind::Frame, std::cmp::Reverse(counts.last().copied()), *site)
    });
    let mut suspects: Vec<Leak> = Vec::new();
    for (site, counts, seen, nodes) in growing.into_iter().take(MAX_SITES) {
        // What an earlier suspect dominates is a part of it.
        let free: Vec<NodeOrdinal> =
            nodes.into_iter().filter(|&node| !explained.contains(node)).collect();
        if (free.len() as f64) < UNEXPLAINED * counts.last().copied().unwrap_or(0) as f64 {
            continue;
        }
        if let Some(suspect) = suspect(e, site, counts, seen, &free) {
            explained.extend(suspect.accumulators.iter().copied());
            e.add_below(&mut explained, suspect.accumulators.iter().copied());
            suspects.push(suspect);
        }
    }
    suspects
}

fn suspect(
    e: &Evidence,
    site: SiteKey,
    counts: Vec<u64>,
    seen: Trend,
    nodes: &[NodeOrdinal],
) -> Option<Leak> {
    let spot = e.locator.site(site)?;
    // The one nearest to a root is the one whose holder is found soonest.
    let &example = nodes.iter().min_by_key(|&&node| (e.heap.distance(node), node))?;
    let blame = blame_for(e, example);
    let calls = Some(nodes).filter(|_| site.kind == Kind::Frame);
    let stores = calls.and_then(|calls| KeptStores::of(e, calls));
    let mut accumulators = nodes.to_vec();
    accumulators.extend(stores.iter().flat_map(|stores| stores.nodes.iter().copied()));
    let retained = e.retained_by(&accumulators);
    let by = blame.as_ref().map(|Blame { owner, holder, .. }| name_of(e, owner, holder.as_ref()));
    let holder = blame.as_ref().and_then(|blame| blame.holder.as_ref());

    let rule = match site.kind {
        Kind::Frame => Rule::PendingPromises,
        Kind::Instance => Rule::LeakingInstances,
        Kind::Closure | Kind::Timer => Rule::LeakingClosure,
    };
    let nodes_own = NodesOwn::of(e, blame.as_ref(), example);
    let about = About { rule, name: spot.short_name(), counts: &counts, seen, retained };
    let (title, mut message, mut help) = about.words(by.as_deref(), nodes_own.as_ref());
    let weakly = blame.as_ref().and_then(|blame| WeakRetention::of(e, nodes, &blame.owner.edges));
    if let Some(weakly) = &weakly {
        message.push_str(&weakly.sentence(e));
        help = weakly.help();
    }
    let last = counts.last().copied().unwrap_or(0);
    let label = match rule {
        Rule::PendingPromises => {
            format!("{} calls have not finished", crate::report::units::number(last))
        }
        _ => kept_label(&counts),
    };
    let mut places: Vec<Place> = vec![place(Role::Leaked, &spot, label, String::new())];
    if let (Some(holder), Some(by)) = (holder, &by) {
        let leaked = line_of(&places[0]);
        let message = match rule {
            Rule::PendingPromises => format!(
                "`{by}` does not settle, and {} calls of `{}` wait for it ({leaked}).",
                crate::report::units::number(last),
                spot.short_name()
            ),
            _ => format!(
                "Keeps {} of `{}` alive ({leaked}).",
                crate::report::units::number(last),
                spot.short_name()
            ),
        };
        let label = match rule {
            Rule::PendingPromises => "does not settle".to_owned(),
            _ => "keeps them alive".to_owned(),
        };
        places.push(place(Role::Holder, &holder.spot, label, message));
    }
    if let Some(stores) = &stores {
        message.push_str(&stores.sentence());
        places.extend(stores.place(places.first()));
    }
    if let Some(weakly) = &weakly {
        places.extend(weakly.places(e, &places[0]));
    }
    if let Some(user) = blame.as_ref().and_then(|blame| blame.user.as_ref()) {
        let leaked = line_of(&places[0]);
        let label = format!("reaches what keeps `{}`", spot.short_name());
        let message = format!("`{}` {label} ({leaked}).", user.spot.name);
        places.push(place(Role::User, &user.spot, label, message));
    }
    if site.kind == Kind::Closure
        && let Some(call) = spot.file.handed_over(spot.range)
    {
        let message = format!("Hands over the closures that pile up ({}).", line_of(&places[0]));
        places.push(place_of(&spot, &call.into(), "hands it over".to_owned(), message));
    }
    let of = blame.as_ref().and_then(|blame| Some(blame.owner.edges.first()?.to));
    let edges: Vec<Edge> = match (&blame, &nodes_own) {
        (Some(blame), _) => blame.owner.edges.clone(),
        (None, Some(own)) => own.edges.clone(),
        (None, None) => Vec::new(),
    };
    let way = retaining_path::in_words(e, holder, &edges, spot.short_name());
    let file = e.locator.relative(spot.path());
    let statements = Statements::default();
    let finding = Finding {
        rule,
        severity: severity(e, seen, &statements),
        certainty: certainty(e, seen, &statements),
        fingerprint: fingerprint(rule, &[&file, &spot.name, by.as_deref().unwrap_or_default()]),
        title,
        message,
        help: help.to_owned(),
        shallow_size: nodes.iter().map(|&node| e.heap.self_size(node)).sum(),
        retained_size: retained,
        growth: 0,
        counts,
        places,
        outside: e.locator.outside(site.location).into_iter().collect(),
        path: retaining_path::hops(e, &edges),
        path_text: match &nodes_own {
            Some(own) => format!("Node's {} → {way}", own.name),
            // Nothing but the thing itself is known.
            None if edges.is_empty() => String::new(),
            None => way,
        },
    };
    Some(Leak::worded(finding, accumulators, Vec::new(), of))
}

/// What the sentences are made of.
struct About<'a> {
    rule: Rule,
    name: &'a str,
    counts: &'a [u64],
    seen: Trend,
    retained: u64,
}

impl About<'_> {
    /// Title, message and help.
    fn words(
        &self,
        by: Option<&str>,
        nodes_own: Option<&NodesOwn>,
    ) -> (String, String, &'static str) {
        let (name, counts, size) = (self.name, series(self.counts), size(self.retained));
        if self.rule == Rule::PendingPromises {
            let title =
                format!("calls of `{name}` never finish: {counts} are waiting, {size} kept");
            let waits = match by {
                Some(by) => format!("They wait for `{by}`, which does not settle."),
                None => "They wait for a promise that does not settle.".to_owned(),
            };
            let message = format!(
                "Calls of `{name}` never finish: {counts} are waiting. {waits} Together they keep {size} alive."
            );
            let help = "settle the promise in every case (also on errors and time-outs), or race it against \
                        a limit";
            return (title, message, help);
        }
        let (what, capitalised) = match self.rule {
            Rule::LeakingInstances => ("instances", "Instances"),
            _ => ("closures", "Closures"),
        };
        // What was there and stayed does not pile up any more.
        let grow = match self.seen {
            Trend::Kept { .. } => "piled up and stayed",
            Trend::Growing { .. } | Trend::Once => "pile up",
        };
        let fact = format!("of `{name}` {grow}: {counts}, {size} retained");
        let kept = match (by, nodes_own) {
            (Some(by), _) => format!(" They are kept by `{by}`."),
            (None, Some(own)) => {
                format!(" Node itself keeps them: they hang on its `{}`.", own.name)
            }
            (None, None) => String::new(),
        };
        let help = match (by, nodes_own) {
            (None, Some(own)) => own.help(),
            (None, None) => "let go of them when they are done",
            _ => "let go of them when they are done: remove them from what keeps them",
        };
        (format!("{what} {fact}"), format!("{capitalised} {fact}.{kept}"), help)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Ran;

    #[test]
    fn what_only_node_keeps_is_told_with_what_ends_it() {
        let ran = Ran::file(
            "const { MessageChannel } = require('node:worker_threads');
const ports = new MessageChannel();
ports.port1.on('message', function answer() {});
ports.port1.unref();",
        );
        let own = ran.ask(|e| NodesOwn::of(e, None, ran.closures("answer")[0]));
        let own = own.expect("the port is open");
        assert_eq!(
            (own.name.as_str(), own.help()),
            ("MessagePort", "close the port when it is done (`port.close()`)")
        );
    }

    #[test]
    fn what_stayed_does_not_pile_up_any_more() {
        let about = |seen, counts| {
            let about =
                About { rule: Rule::LeakingInstances, name: "Rule", counts, seen, retained: 3_300 };
            about.words(Some("rules"), None).1
        };
        assert_eq!(
            about(Trend::Growing { evenness: 1.0, slows: false }, &[0, 100, 200]),
            "Instances of `Rule` pile up: 0 → 100 → 200, 3.3 kB retained. They are kept by `rules`."
        );
        assert_eq!(
            about(Trend::Kept { gained: 100, times: 100.0 }, &[0, 100, 100]),
            "Instances of `Rule` piled up and stayed: 0 → 100 → 100, 3.3 kB retained. They are kept by \
             `rules`."
        );
    }
}
