//! open-handles: connections, workers, watchers and child processes that are opened and never closed, and
//! that nothing of the program's own has any more: only what is open keeps them, with all that listens to
//! them.
//!
//! ```text
//! (Global handles) → TCP → Socket ─_events→ … → closure → Client
//! ```
//!
//! What a pool or a table still has is not told here: somebody can close it.

use heapmark_heap::NodeOrdinal;
use heapmark_source::Call;

use crate::blame::payload::{Kept, kept_by};
use crate::blame::retaining_path::{NodeKeeps, Step};
use crate::evidence::Evidence;
use crate::evidence::churn::churns;
use crate::locate::packages::package_name;
use crate::locate::statements::{Statement, Statements};
use crate::locate::{Origin, Spot};
use crate::report::fingerprint::fingerprint;
use crate::report::{Role, Rule};
use crate::rules::leak::{At, Leak};
use crate::rules::scene::Scene;
use crate::v8::open_handles::{HandleKind, OpenHandle, nodes_parts, open_handles};
use crate::v8::sites::Kind;
use crate::verdict::What;
use crate::verdict::thresholds::open_handles::{MIN_IN_ONE, MIN_UNHELD_SHARE};
use crate::verdict::trend::{Trend, seen};

pub(crate) const RULE: Rule =
    Rule::new("open-handles", "Connections, workers and the like that are opened and never closed");

/// What opens handles of a kind.
fn opening(kind: HandleKind) -> &'static [&'static str] {
    match kind {
        HandleKind::Connection => &["connect", "createConnection", "createSocket", "Socket"],
        HandleKind::Accepted | HandleKind::OfProcess => &[],
        HandleKind::Worker => &["Worker"],
        HandleKind::Watcher => &["watch", "watchFile"],
        HandleKind::Process => &["spawn", "fork", "exec", "execFile"],
    }
}

/// Handles of each kind that pile up.
pub(crate) fn find(scene: &mut Scene) -> Vec<Leak> {
    let e = scene.e;
    let open = open_handles(e.heap);
    let kinds =
        [HandleKind::Connection, HandleKind::Worker, HandleKind::Watcher, HandleKind::Process];
    let mut leaks: Vec<Leak> = kinds.into_iter().filter_map(|kind| leak(e, kind, &open)).collect();
    // Of a connection within the process the other end is open as long, and so is what a child process is
    // read by.
    if let Some(leak) = leaks.first_mut() {
        let others = [HandleKind::Accepted, HandleKind::OfProcess];
        let others = open.iter().filter(|it| others.contains(&it.kind));
        leak.accumulators.extend(others.map(|it| it.owner));
    }
    leaks
}

/// Handles that pile up.
pub(crate) struct PiledUpHandles {
    pub(crate) kind: HandleKind,
    pub(crate) trend: Trend,
    /// The class of which each keeps an instance, and the package that it is of.
    pub(crate) keeps: Option<(String, Option<String>)>,
    /// Bytes of all that they keep.
    pub(crate) retained: u64,
    /// What opens them.
    pub(crate) opened: Option<Statement>,
    pub(crate) places: Vec<At<HandlePlace>>,
}

/// What stands at a place.
#[derive(Clone, Copy)]
pub(crate) enum HandlePlace {
    /// The statement that opens them.
    Opens,
    /// The class or function that they keep alive, and how many of it are.
    Kept(u64),
}

/// Looks at the handles of one kind.
fn leak(e: &Evidence, kind: HandleKind, open: &[OpenHandle]) -> Option<Leak> {
    let of_kind = open.iter().filter(|it| it.kind == kind).count();
    let all: Vec<u64> =
        e.censuses.iter().map(|it| it.handles.get(&kind).copied().unwrap_or(0)).collect();
    grown(&all)?;
    let unheld = unheld(e, kind, open);
    // What somebody has was there before, as far as anybody knows.
    let held = (of_kind - unheld.len()) as u64;
    let counts: Vec<u64> = all.iter().map(|count| count.saturating_sub(held)).collect();
    let trend = grown(&counts)?;
    let owners: Vec<NodeOrdinal> = unheld.iter().map(|it| it.owner).collect();
    let is_most = unheld.len() as f64 >= MIN_UNHELD_SHARE * of_kind as f64;
    if !is_most || churns(e, &owners, &counts) {
        return None;
    }
    let is_new = |&owner: &NodeOrdinal| trend == Trend::Once || e.is_new(owner);
    let new: Vec<NodeOrdinal> = owners.iter().copied().filter(is_new).collect();
    let accumulators: Vec<NodeOrdinal> =
        unheld.iter().flat_map(|it| [it.owner, it.handle]).collect();
    let kept = kept_by(e, &new, &[Kind::Instance]);
    let listens = kept_by(e, &new, &[Kind::Closure]);
    let opened = opened(e, kind, kept.as_ref());
    let statements = Statements {
        adds: opened.iter().map(|(_, opened)| opened.clone()).collect(),
        ..Statements::default()
    };
    let features = statements.features(What::Handles, trend);
    let mut places: Vec<At<HandlePlace>> = Vec::new();
    if let Some((spot, opened)) = &opened {
        places.push(At::statement(spot, opened, HandlePlace::Opens));
    }
    // With a class there is no need of the functions that listen for it.
    let shown = kept.as_ref().or(listens.as_ref());
    let shown = shown.and_then(|kept| Some((e.locator.site(kept.site)?, kept)));
    if let Some((spot, kept)) = &shown {
        let alive = e.site_series(kept.site).last().copied().unwrap_or(0);
        places.push(At::name_of(Role::Leaked, spot, HandlePlace::Kept(alive)));
    }
    let first = places.first().map(|at| e.locator.relative(&at.spotted.file));
    let key = fingerprint(RULE, &[&first.unwrap_or_default(), &format!("{kind:?}")]);
    let keeps = kept.as_ref().and_then(|kept| {
        let spot = e.locator.site(kept.site)?;
        Some((spot.short_name().to_owned(), package_name(spot.path())))
    });
    let retained = e.retained_by(&accumulators);
    let facts = PiledUpHandles {
        kind,
        trend,
        keeps,
        retained,
        opened: opened.map(|(_, opened)| opened),
        places,
    };
    Some(Leak {
        shallow_size: owners.iter().map(|&owner| e.heap.self_size(owner)).sum(),
        retained_size: retained,
        steps: shown.map_or_else(Vec::new, |(spot, _)| {
            vec![Step::Node(NodeKeeps::OpenHandles), Step::named(spot.short_name())]
        }),
        accumulators,
        members: owners,
        ..Leak::new(RULE, features, key, counts, facts)
    })
}

/// How the numbers grow; of a single snapshot, that there are suspiciously many.
fn grown(counts: &[u64]) -> Option<Trend> {
    match *counts {
        [alone] => (alone >= MIN_IN_ONE).then_some(Trend::Once),
        _ => seen(counts),
    }
}

/// Those of a kind of which nothing of the program's own has the object: without what is open nothing leads
/// there.
fn unheld(e: &Evidence, kind: HandleKind, open: &[OpenHandle]) -> Vec<OpenHandle> {
    let parts = open.iter().flat_map(|it| nodes_parts(e.heap, it));
    let reached = e.reachable_without(parts.chain(open.iter().map(|it| it.handle)));
    let of_kind = open.iter().filter(|it| it.kind == kind);
    of_kind.filter(|it| !reached.contains(it.owner)).copied().collect()
}

/// The call in the user's own code that opens them, if there is only one that can be meant: by its name, or
/// because it makes the class that each keeps.
fn opened(e: &Evidence, kind: HandleKind, kept: Option<&Kept>) -> Option<(Spot, Statement)> {
    let named = opening(kind).iter().flat_map(|name| e.locator.own_calls(name));
    let of_kind: Vec<(Spot, Call)> = named.collect();
    let making = || {
        let class = e.locator.site(kept?.site)?;
        let calls = e.locator.own_calls(class.short_name()).into_iter();
        let calls: Vec<_> = calls.filter(|(_, it)| it.is_new).collect();
        Some(calls)
    };
    let is_of_users = kept.is_none_or(|kept| e.locator.origin(kept.site.location) == Origin::Own);
    // What a package opens is opened for whoever makes its class.
    let mut all = if of_kind.len() == 1 && (is_of_users || kind == HandleKind::Worker) {
        of_kind
    } else {
        making().filter(|calls| !calls.is_empty()).unwrap_or(of_kind)
    };
    let (spot, call) = all.pop().filter(|_| all.is_empty())?;
    Some((spot, call.into()))
}

#[cfg(test)]
mod drawn_tests;
